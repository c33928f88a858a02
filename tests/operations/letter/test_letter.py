"""The letter of a quarter: its parts add up, it is filed once, and both languages say it."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from datetime import date
from math import isnan
from pathlib import Path
from typing import Any

import pytest
from bench import DAY, NEXT, Bench
from click.testing import CliRunner
from harness import proposal, sessions, tape

from jeoul import api
from jeoul.cli.audit import audit
from jeoul.cli.letter import letter
from jeoul.errors import DataError, UsageError
from jeoul.model.quarter import parse_quarter
from jeoul.operations.letter.filing import file_letter, filed
from jeoul.operations.told.newest import last_close
from jeoul.reporting.letter.facts import LetterFacts
from jeoul.reporting.letter.page import render_letter
from jeoul.reporting.letter.text import letter_lines
from jeoul.workspace.letter import letter_at

QUARTER = f"{DAY.year}Q{(DAY.month + 2) // 3}"
CUT = {"069500": 0.15, "114260": 0.5, "360750": 0.15}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A paper account of ten sessions, in which risk assets are cut on the fifth."""
    found = Bench(tmp_path_factory.mktemp("bench"))
    days = sessions(10)
    for day in days[4:]:
        found.plans[day] = replace(proposal(day, CUT, due=day == days[4]), scale=0.5)
    for day in days:
        found.run(day)
    return found


@pytest.fixture(scope="module")
def facts(bench: Bench) -> LetterFacts:
    return letter_at(str(bench.folder / "config.toml"), parse_quarter(QUARTER))


def call(bench: Bench, *words: str) -> str:
    found = CliRunner().invoke(
        letter, [str(bench.folder / "config.toml"), *words], standalone_mode=False
    )
    if found.exception is not None:
        raise found.exception
    return found.stdout


def test_the_gain_is_the_value_freed_of_what_came_and_went(facts: LetterFacts) -> None:
    figures = facts.statement.figures
    assert (figures.opening, figures.paid_in) == (0, 50_000_000)
    assert figures.gain == figures.value - figures.opening - figures.paid_in + figures.taken_out


def test_classes_and_currencies_are_two_ways_to_cut_the_same_money(facts: LetterFacts) -> None:
    for parts in (facts.by_class, facts.by_currency):
        assert sum(part.now for part in parts) == pytest.approx(1.0)
        assert sum(part.before for part in parts) == 0.0  # the account began in the quarter
    assert sum(each.value for each in facts.holdings) == pytest.approx(
        facts.statement.figures.value, abs=len(facts.holdings)
    )
    shares = {part.key: part.now for part in facts.by_currency}
    assert set(shares) == {"KRW", "USD"}
    (dollars,) = (each.share for each in facts.holdings if each.code == "360750")
    assert shares["USD"] == pytest.approx(dollars)  # TIGER 미국S&P500 is not hedged


def test_trades_are_the_fills_of_the_ledger(bench: Bench, facts: LetterFacts) -> None:
    with closing(bench.ledger()) as ledger:
        rows = ledger.rows(
            "SELECT SUM(amount) AS amount, SUM(fee) AS fee, COUNT(*) AS n FROM fills"
        )
    (row,) = rows
    assert len(facts.traded) == row["n"]
    assert facts.trades.bought + facts.trades.sold == row["amount"]
    assert facts.costs.trading == row["fee"]
    mean = facts.costs.mean_value
    assert facts.trades.turnover == pytest.approx(0.5 * row["amount"] / mean)


def test_the_expense_ratio_is_that_of_what_was_held_on_average(facts: LetterFacts) -> None:
    instruments = api.universe_of("krx-core").instruments
    held = {each.code: each.share for each in facts.holdings}
    known = [instruments[code].expense_ratio for code in held if code in instruments]
    assert all(ratio is not None for ratio in known)
    assert 0.0 < facts.costs.funds_rate < max(ratio for ratio in known if ratio is not None)
    assert facts.costs.unknown == 0.0
    assert isnan(facts.costs.trading_rate)  # the account began in the quarter
    assert isnan(facts.trades.turnover_rate)


def test_a_cut_of_risk_assets_is_in_the_course(facts: LetterFacts) -> None:
    (managed,) = facts.managed
    (scaled,) = managed.scaled
    assert (scaled.session, scaled.before, scaled.now) == (sessions(10)[4], 1.0, 0.5)
    assert managed.scale == 0.5
    assert managed.lived > managed.missed > 0
    said = "\n".join(letter_lines(facts, "en"))
    assert f"{scaled.session}: risk assets cut from 100% to 50%" in said


def test_returns_and_tracking_error_are_those_of_the_audit_pack(
    bench: Bench, facts: LetterFacts, tmp_path: Path
) -> None:
    words = [str(bench.folder / "config.toml"), "--quarter", QUARTER, "--out", str(tmp_path / "p")]
    assert CliRunner().invoke(audit, words, standalone_mode=False).exception is None
    head, *rows = (tmp_path / "p" / "figures.csv").read_text("utf-8").splitlines()
    row = dict(zip(head.split(","), rows[0].split(","), strict=True))
    (compared,) = facts.managed[0].compared  # began in the quarter: no span but since the start
    assert compared.span == "start"
    assert compared.own == pytest.approx(float(row["return"]))
    assert compared.benchmark == pytest.approx(float(row["benchmark_return"]))
    assert compared.tracking_error == pytest.approx(float(row["tracking_error"]))
    assert facts.statement.figures.returns.total_return == pytest.approx(compared.own)


def test_both_languages_have_every_section_and_say_that_data_are_simulated(
    facts: LetterFacts,
) -> None:
    for language, word in (("ko", "총보수·비용 비율"), ("en", "Total expense ratio")):
        page = render_letter(facts, language)
        assert render_letter(facts, language) == page
        for section in ("overview", "course", "composition", "costs", "trades", "rules", "notes"):
            assert f'<section id="{section}"' in page
        assert 'class="banner"' in page
        assert word in page
        assert max(map(_width, letter_lines(facts, language))) <= 80


def _width(line: str) -> int:
    from jeoul.reporting.columns import width

    return width(line)


def test_a_changed_rule_is_told_with_who_accepted_it(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "home")
    bench.folder.mkdir()
    bench.run()
    strategy = bench.mandate.strategy.replace("rebalance.band", 0.08)
    bench.mandate = replace(bench.mandate, strategy=strategy)
    asked = bench.run(NEXT)
    bench.run(NEXT, accept=asked.document["rules"]["now"], by="lee")
    found = letter_at(str(bench.folder / "config.toml"), parse_quarter(QUARTER))
    (changed,) = found.changed
    assert changed.keys == (("rebalance.band", "–", "0.08"),)
    assert (changed.session, changed.by, changed.promoted) == (NEXT, "lee", False)


# -- filing ---------------------------------------------------------------------------------------


@pytest.mark.posix
def test_a_letter_is_filed_once_and_listed(bench: Bench, tmp_path: Path) -> None:
    with closing(bench.ledger()) as ledger:
        before = ledger.head()
    for _ in range(2):
        call(bench, "--quarter", QUARTER, "--lang", "ko")
    call(bench, "--quarter", QUARTER, "--lang", "en")
    listed = json.loads(call(bench, "--list", "--json="))["letters"]
    assert [(row["language"], row["edition"]) for row in listed] == [("en", 1), ("ko", 1)]
    for row in listed:
        path = Path(row["file"])
        assert path.parent == bench.folder / "state" / "letters"
        assert path.stat().st_mode & 0o077 == 0
        assert row["sha256"] in call(bench, "--list")
    with closing(bench.ledger()) as ledger:
        assert ledger.head() == before


def test_what_was_filed_is_never_replaced(tmp_path: Path) -> None:
    first = file_letter(tmp_path, "2024Q2", "ko", "one", None)
    assert file_letter(tmp_path, "2024Q2", "ko", "one", None) == first
    second = file_letter(tmp_path, "2024Q2", "ko", "two", None)
    assert second.path.name == "2024Q2-ko.2.html"
    assert first.path.read_text("utf-8") == "one"
    file_letter(tmp_path, "2024Q1", "ko", "one", None)
    assert [each.name for each in filed(tmp_path)] == [
        "2024Q1-ko.html", "2024Q2-ko.html", "2024Q2-ko.2.html",
    ]  # fmt: skip


def test_other_files_of_the_folder_are_left_alone(tmp_path: Path) -> None:
    file_letter(tmp_path, "2024Q2", "ko", "one", None)
    for name in ("notes.html", "2024Q2-ko.html.partial", "2024Q7-ko.html"):
        (tmp_path / "letters" / name).write_text("mine", "utf-8")
    assert [each.name for each in filed(tmp_path)] == ["2024Q2-ko.html"]


def test_out_and_json_file_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "home")
    bench.folder.mkdir()
    bench.run()
    call(bench, "--quarter", QUARTER, "--out", str(tmp_path / "page.html"))
    assert "<!doctype html>" in (tmp_path / "page.html").read_text("utf-8")
    document = json.loads(call(bench, "--quarter", QUARTER, "--json="))
    assert document["schema"] == "jeoul.letter/1"
    assert document["simulated"] is True
    assert json.loads(call(bench, "--list", "--json="))["letters"] == []


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ((), "give a quarter with --quarter"),
        (("--list", "--quarter", "2024Q2"), "--list cannot be combined"),
        (("--quarter", "2024"), "is not a quarter"),
    ],
)
def test_a_quarter_or_the_list_is_asked_for(bench: Bench, words: Any, error: str) -> None:
    with pytest.raises(UsageError, match=error):
        call(bench, *words)


def test_a_quarter_that_is_not_over_in_the_data_is_refused(bench: Bench) -> None:
    with pytest.raises(DataError, match=r"the market data end on .*, before the end of 2026Q3"):
        call(bench, "--quarter", "2026Q3")


def test_a_quarter_before_the_account_is_refused(bench: Bench) -> None:
    for quarter in ("2019Q1", "1990Q1"):
        with pytest.raises(UsageError, match=f"begin on .*, after {quarter}; name a later quarter"):
            call(bench, "--quarter", quarter)


def test_closes_value_what_is_held(facts: LetterFacts) -> None:
    end = facts.statement.figures.end
    for each in facts.holdings:
        close = tape().close(each.code, end) if each.code != "CASH" else None
        if close is not None:
            assert each.value % close == 0


def test_a_quarter_begins_at_the_close_before_its_first_session(bench: Bench) -> None:
    """2025-04-01 is a session: what moved on it is a part of the quarter."""
    found = letter_at(str(bench.folder / "config.toml"), parse_quarter("2025Q2"))
    snapshot = api.open_market().as_of(date(2025, 3, 31), "XKRX")
    held = bench.books()
    worth = {c: n * (last_close(snapshot, c, "KRW") or 0) for c, n in held.shares.items()}
    before = {part.key: part.before for part in found.by_currency}
    assert before["USD"] == pytest.approx(worth["360750"] / (sum(worth.values()) + held.money))
