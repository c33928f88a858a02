"""Records in a notebook: short as text, tables, pictures and files, in the reader's language."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from IPython.lib.pretty import pretty

import jeoul
from jeoul import assets
from jeoul.errors import UsageError
from jeoul.market import Market
from jeoul.messages import LANGUAGES
from jeoul.model.shown import Brief, Drawn, Shown

LONGEST = 500
START, END = "2024-01-02", "2025-06-30"


@pytest.fixture(scope="module")
def made(sample: Market) -> dict[str, Any]:
    """One object of every public record, from the sample."""
    snapshot = sample.as_of(sample.last_session())
    proposal = jeoul.propose("managed", "balanced", "isa", snapshot)
    decision = jeoul.place(proposal, {"069500": 30, "CASH": 3_000_000})
    run = jeoul.backtest("static", "balanced", sample, start=START, end=END)
    other = jeoul.backtest("sixty-forty", "balanced", sample, start=START, end=END)
    whole = jeoul.calendars()["XKRX"]
    calendar = dataclasses.replace(
        whole, sessions=whole.sessions[:99], opens=whole.opens[:99], closes=whole.closes[:99]
    )
    answers = jeoul.load_answers(assets.root() / "configs" / "answers-example.toml")
    file = assets.root() / "configs" / "account-example.toml"
    solved = jeoul.solve(
        pd.Series([0.06, 0.02], index=["shares", "bonds"]),
        np.diag([0.04, 0.0025]),
        risk_aversion=4.0,
    )
    found = [
        sample,
        snapshot,
        proposal,
        proposal.memory,
        decision,
        decision.orders[0],
        decision.reasons[0],
        run,
        run.history,
        run.mandate,
        run.mandate.strategy,
        jeoul.summarise(run),
        jeoul.compare(other, run),
        jeoul.account_backtest("static", "balanced", sample, file, start="2025-07-01"),
        jeoul.frontier("static", "balanced", snapshot, points=5),
        jeoul.report("static", snapshot, "balanced"),
        solved,
        solved.solution,
        answers,
        jeoul.classify(answers),
        jeoul.suitable("balanced"),
        jeoul.load_universe("krx-core"),
        jeoul.load_universe("krx-core").instruments["069500"],
        calendar,
        jeoul.TradeRules(),
        jeoul.Portfolio({f"{code:06}": 1 for code in range(200)}, 5),
        jeoul.Holdings("mine.csv", {"069500": 3}, None, "KRW"),
    ]
    return {type(record).__name__: record for record in found}


@pytest.fixture(autouse=True)
def korean_again() -> Iterator[None]:
    yield
    jeoul.set_language("ko")


def records() -> list[str]:
    named = {name: getattr(jeoul, name) for name in jeoul.__all__}
    return [
        name
        for name, found in named.items()
        if isinstance(found, type) and name != "AccountKind"  # its members are texts
    ]


RECORDS = records()
DRAWN = [name for name in RECORDS if issubclass(getattr(jeoul, name), Drawn)]


def inside(record: Any, depth: int, seen: set[int]) -> Iterator[Any]:
    """Yield a record and the records of jeoul that it holds."""
    if id(record) in seen or depth < 0:
        return
    seen.add(id(record))
    if isinstance(record, dict | tuple | list):
        items = record.values() if isinstance(record, dict) else record
        for item in list(items)[:10]:
            yield from inside(item, depth - 1, seen)
    if not type(record).__module__.startswith("jeoul."):
        return
    yield record
    if dataclasses.is_dataclass(record):
        for field in dataclasses.fields(record):
            yield from inside(getattr(record, field.name), depth - 1, seen)


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_is_one_short_line(made: dict[str, Any], name: str) -> None:
    record = made[name]
    for text in (repr(record), str(record), pretty(record)):
        assert text.startswith(f"{name}(")
        assert len(text) <= LONGEST
        assert "\n" not in text


def test_so_are_the_records_inside_of_them(made: dict[str, Any]) -> None:
    seen: set[int] = set()
    found = [part for record in made.values() for part in inside(record, 4, seen)]
    assert len({type(part) for part in found}) > 40
    assert {type(part).__name__ for part in found if len(repr(part)) > LONGEST} == set()


def test_a_short_record_still_says_how_it_is_made() -> None:
    portfolio = jeoul.Portfolio({"069500": 30}, 1_000_000)
    assert eval(repr(portfolio), {"Portfolio": jeoul.Portfolio}) == portfolio


class Cells(HTMLParser):
    """The texts of a table by row; every tag is closed in its order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.rows: list[list[str]] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {"script", "img", "link", "iframe"}
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1] in {"td", "th"}:
            self.rows[-1][-1] += data


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", RECORDS)
def test_a_record_is_a_table_in_a_notebook(made: dict[str, Any], name: str, language: str) -> None:
    jeoul.set_language(language)
    text = made[name]._repr_html_()
    rows = Cells(text).rows
    assert f'lang="{language}"' in text
    assert len(text) < 20_000
    assert all(len(row) == len(rows[0]) for row in rows)
    assert "title_" not in text


def test_a_text_of_somebody_else_is_never_a_tag() -> None:
    hostile = "<script>alert(1)</script>"
    reason = jeoul.Reason.of("frame.unused", symbols=hostile)
    assert Cells(reason._repr_html_()).rows[1][1] == hostile


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_is_a_frame_with_unique_rows(made: dict[str, Any], name: str) -> None:
    frame = made[name].to_frame()
    assert isinstance(frame, pd.DataFrame)
    assert len(frame) > 0
    assert frame.columns.is_unique


def test_a_frame_has_the_numbers_themselves(made: dict[str, Any]) -> None:
    proposal, run, decision = (made[name] for name in ("Proposal", "Backtest", "Decision"))
    assert proposal.to_frame()["weight"].to_dict() == proposal.weights
    assert run.to_frame()["nav"].to_numpy().tolist() == run.nav.tolist()
    orders = decision.to_frame()
    assert (orders["shares"] * orders["price"]).equals(orders["amount"])
    account = made["AccountRun"]
    assert account.to_frame()["worth"].iloc[-1] == account.days[-1].worth


def test_a_table_says_the_weight_of_the_proposal(made: dict[str, Any]) -> None:
    jeoul.set_language("en")
    rows = Cells(made["Proposal"]._repr_html_()).rows
    heads = rows[0]
    shown = {row[0]: row[heads.index("Weight")] for row in rows[1:]}
    assert shown == {code: f"{w:.1%}" for code, w in made["Proposal"].weights.items()}


def test_the_sample_says_that_it_is_simulated(made: dict[str, Any]) -> None:
    found = ("Market", "Snapshot", "Proposal", "Decision", "Report", "Backtest", "Comparison")
    for name in (*found, "Frontier", "AccountRun", "History"):
        assert "모의" in made[name]._repr_html_()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", DRAWN)
def test_a_record_is_a_picture(made: dict[str, Any], name: str, language: str) -> None:
    from matplotlib import pyplot

    axes = made[name].plot(lang=language)
    axes.figure.canvas.draw()  # a sign that the font lacks is a warning, and so an error
    assert axes.get_title()
    assert axes.has_data()
    assert made[name].plot(axes, lang=language) is axes
    pyplot.close("all")


READERS: dict[str, Callable[[Path], pd.DataFrame]] = {
    "csv": lambda file: pd.read_csv(file, index_col=0, dtype={"ticker": str}),
    "parquet": pd.read_parquet,
    "xlsx": lambda file: pd.read_excel(file, index_col=0),
}


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
def test_a_file_holds_the_frame(made: dict[str, Any], ending: str, tmp_path: Path) -> None:
    for name in ("Proposal", "Backtest", "Calendar"):
        file, frame = tmp_path / f"{name}.{ending}", made[name].to_frame()
        made[name].export(file)
        read = READERS[ending](file)
        assert list(read.columns) == list(frame.columns)
        assert len(read) == len(frame)
        if name == "Proposal":
            assert list(read.index) == list(frame.index)  # 069500 keeps its zero
            assert read["weight"].tolist() == pytest.approx(frame["weight"].tolist(), abs=1e-15)


def test_a_report_is_written_as_its_page(made: dict[str, Any], tmp_path: Path) -> None:
    jeoul.set_language("en")
    made["Report"].export(tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text("utf-8") == made["Report"].html("en")
    made["Proposal"].export(str(tmp_path / "weights.html"))
    assert "Target weights" in (tmp_path / "weights.html").read_text("utf-8")


def test_another_ending_is_refused(made: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"weights\.docx ends in none of"):
        made["Proposal"].export(tmp_path / "weights.docx")
    assert not list(tmp_path.iterdir())


def test_a_language_that_nobody_speaks_is_refused() -> None:
    with pytest.raises(UsageError, match="'de' is not a language"):
        jeoul.set_language("de")


MISSING = """\
import sys
sys.modules["matplotlib"] = None
import importlib.util, jeoul
found = importlib.util.find_spec
GONE = ("openpyxl", "pyarrow")
importlib.util.find_spec = lambda name, *a: None if name in GONE else found(name, *a)
solved = jeoul.solve({"a": 0.06, "b": 0.02}, {"a": {"a": 0.04, "b": 0}, "b": {"a": 0, "b": 0.01}},
                     risk_aversion=4.0)
solved._repr_html_(), solved.to_frame()
for use in (
    solved.plot, lambda: solved.export("a.xlsx"), lambda: solved.export("a.parquet")
):
    try:
        use()
    except jeoul.errors.UsageError as error:
        print(error)
"""


def test_a_library_that_is_missing_is_one_sentence(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", MISSING], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert ran.stdout.splitlines() == [
        "a picture needs matplotlib, which is not installed; pip install 'jeoul[plot]'",
        "an Excel file needs openpyxl, which is not installed; pip install 'jeoul[export]'",
        "a Parquet file needs pyarrow, which is not installed; pip install 'jeoul[export]'",
    ]


def test_every_public_record_is_one_of_three_kinds() -> None:
    assert all(issubclass(getattr(jeoul, name), Shown) for name in RECORDS)
    assert issubclass(Drawn, Shown)
    assert issubclass(Shown, Brief)
    assert {"Proposal", "Decision", "Backtest", "Frontier", "AccountRun"} <= set(DRAWN)


@pytest.mark.parametrize(("lang", "unit"), [("ko", "%p"), ("en", " pp")])
def test_the_difference_of_two_percentages_is_in_points(
    made: dict[str, Any], lang: str, unit: str
) -> None:
    jeoul.set_language(lang)
    rows = made["Comparison"]._repr_html_().split("<tr>")
    apart = {
        name: row.split("<td")[-1] for row in rows for name in ("cagr", "sharpe") if name in row
    }
    assert f"{unit}</td>" in apart["cagr"]
    assert "%" not in apart["sharpe"]
    assert "pp" not in apart["sharpe"]
