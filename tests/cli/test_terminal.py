"""Lines fit the terminal, in both languages; in a pipe they are plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from jeoul import api, assets, pipeline
from jeoul.cli import backtest, guard, tables
from jeoul.cli.evidence_tables import COLUMNS as EVIDENCE
from jeoul.cli.tables import Grid, styled_lines, table_lines
from jeoul.cli.terminal import folded, room
from jeoul.household.explaining.answer import Questions
from jeoul.market import Market
from jeoul.messages import say
from jeoul.reporting.columns import COLUMNS, width
from jeoul.reporting.household.text import household_lines
from jeoul.workspace.household import household_answer

CONFIGS = assets.root() / "configs"
WIDTHS = (60, 80)
QUICK = (
    ("config",),
    ("products",),
    ("products", "미국"),
    ("products", "069500"),
    ("glossary", "ELS"),
    ("ask",),
    ("plan", CONFIGS / "person-example.toml"),
    ("profile", CONFIGS / "answers-example.toml"),
    ("els",),
    ("check", CONFIGS / "paper.toml"),
    ("import", CONFIGS / "household-example" / "general.csv"),
)
COMPUTED = (
    ("data",),
    ("decide", "static", "--profile", "balanced", "--cash", "10000000", "--collar", "0.02"),
    ("guard", "--profile", "balanced", "--from", "2026-06-26"),
    ("guard", "--profile", "balanced", "--events", "--from", "2025-06-01"),
    ("compare-accounts", "--years", "2"),
)
KOREAN = re.compile("[가-힣]")


def too_long(lines: Iterator[str] | list[str], columns: int) -> list[str]:
    """Return the lines beyond a width; a path, an address or a formula stays whole."""
    return [
        line
        for line in lines
        if width(line) > columns and max(map(width, line.split())) < columns - 16
    ]


@pytest.mark.parametrize("words", QUICK, ids=lambda words: str(words[0]))
@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("columns", WIDTHS)
def test_every_line_of_a_command_fits(
    jeoul: Any, monkeypatch: pytest.MonkeyPatch, words: tuple[Any, ...], lang: str, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("JEOUL_LANG", lang)
    done = jeoul(*words)
    assert done.code == 0, done.err
    assert not too_long(f"{done.out}\n{done.err}".splitlines(), columns)


_MODELS: dict[str, Any] = {}


@pytest.fixture
def one_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the model of a strategy once for all languages and tables."""
    run = pipeline.run_model

    def once(mandate: Any, history: Any, **more: Any) -> Any:
        name = mandate.strategy.name
        if name not in _MODELS:
            _MODELS[name] = run(mandate, history, **more)
        return _MODELS[name]

    monkeypatch.setattr(pipeline, "run_model", once)


@pytest.mark.parametrize("words", COMPUTED, ids=lambda words: " ".join(words[:2]))
def test_every_table_fits_and_the_lines_around_it(
    jeoul: Any,
    monkeypatch: pytest.MonkeyPatch,
    sample: Market,
    one_model: None,
    words: tuple[str, ...],
) -> None:
    """Each answer is computed once; its tables are laid out for every width."""
    read, shown = api.open_market, list[Grid]()
    monkeypatch.setattr(api, "open_market", lambda place=None, **_: read(place) or sample)
    monkeypatch.setattr(tables, "show", shown.append)
    for lang in ("ko", "en"):
        done = jeoul(*words, "--lang", lang)
        assert (done.code, bool(shown)) == (0, True), done.err
        assert bool(KOREAN.search(str(shown[0].heads))) == (lang == "ko")
        for columns in WIDTHS:
            lines = [line for grid in shown for line in table_lines(grid, columns)]
            lines += [
                part for line in done.out.splitlines() for part in folded(line, columns).split("\n")
            ]
            assert not too_long(lines, columns)
        shown.clear()


@pytest.fixture(scope="module")
def answered() -> Any:
    home = CONFIGS / "household-example.toml"
    return household_answer(home, Questions(seconds=0.0), None, None, ({}, {}))


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("columns", WIDTHS)
def test_the_plan_of_a_household_fits(answered: Any, lang: str, columns: int) -> None:
    token = COLUMNS.set(columns)
    try:
        assert not [line for line in household_lines(answered, lang) if width(line) > columns]
    finally:
        COLUMNS.reset(token)


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("columns", [60, 80, 120])
def test_the_widest_table_fits_with_every_figure_whole(lang: str, columns: int) -> None:
    figures = ["4.9%", "3.5%", "-5.2%", "0.44", "0.16", "89%", "11/13", "+0.1%", "-0.1% +0.3%"]
    verdict = f"{say(lang, 'evidence.verdict_no_evidence')} (+0.5)"
    row = (say(lang, "evidence.way_literal"), *figures, "+0.2%", "0.80", verdict, "36.8")
    lines = table_lines(Grid([say(lang, f"evidence.{name}") for name in EVIDENCE], [row]), columns)
    assert max(map(width, lines)) <= columns
    text = "\n".join(lines)
    assert all(figure in text for figure in (*figures, verdict))


def test_columns_that_do_not_fit_continue_below_the_first_column() -> None:
    grid = Grid(("종목", "수량", "금액"), [("KODEX 200", "1,200", "43,512,000원")])
    assert table_lines(grid, 23) == [
        *("종목        수량", "KODEX 200  1,200", ""),
        *("종목               금액", "KODEX 200  43,512,000원"),
    ]


def test_a_note_goes_below_its_row_where_it_does_not_fit_beside_it() -> None:
    grid = Grid(
        ("종목", "수량", "사유"), [("069500", "12", "목표 대비 부족")], frozenset({0, 2}), note=True
    )
    assert table_lines(grid, None)[1] == "069500    12  목표 대비 부족"
    assert table_lines(grid, 20)[1:] == ["069500    12", "    목표 대비 부족"]


def test_a_pipe_gets_one_plain_line_for_each_row(jeoul: Any) -> None:
    out = jeoul("products", "미국", "--lang", "ko").out
    assert not re.search("[\x1b─│┃━]", out)
    heads, *rows = out.partition("펀드 ")[2].splitlines()[1:]
    assert heads.split()[:2] == ["종목코드", "종목명"]
    assert len([row for row in rows if re.match(r"\w{6}  ", row)]) == 20


@pytest.mark.parametrize(("value", "is_styled"), [(None, True), ("1", False)])
def test_no_color_takes_the_styles_away(
    monkeypatch: pytest.MonkeyPatch, value: str | None, is_styled: bool
) -> None:
    monkeypatch.setattr(tables, "is_terminal", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if value is not None:
        monkeypatch.setenv("NO_COLOR", value)
    assert tables.is_styled() == is_styled
    lines = "".join(styled_lines(Grid(("a",), [("b",)]), 80, is_styled=tables.is_styled()))
    assert ("\x1b" in lines) == is_styled


def test_a_path_stays_whole_and_what_follows_is_indented() -> None:
    path = "/home/kim/" + "a" * 40
    assert folded(f"  {path} is written", 30) == f"  {path}\n    is written"


def test_the_variable_counts_before_the_terminal() -> None:
    assert room(environment={"COLUMNS": "64"}) == 64
    assert room(environment={"COLUMNS": "0"}) is None


def test_small_costs_have_two_decimals() -> None:
    assert backtest.written("cost", 0.0002) == "0.02%"
    assert backtest.written("cagr", 0.0512) == "5.1%"


def test_states_are_words_of_the_language() -> None:
    assert [guard.state_word("DEFENSE", lang) for lang in ("ko", "en")] == [
        "방어",
        "Defence",
    ]
