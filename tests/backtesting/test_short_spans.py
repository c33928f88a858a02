"""What a span shorter than a year came to is never shown as a year's figure."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from jeoul import metrics
from jeoul.backtesting import prepare, simulated, summarise
from jeoul.backtesting.figures import figures
from jeoul.cli.backtest import backtest
from jeoul.cli.compare import compare
from jeoul.messages import LANGUAGES
from jeoul.reporting.document import summary_document
from jeoul.reporting.formats import Formats
from jeoul.reporting.text import Text
from jeoul.reporting.tracks import tracks

YEARLY = {"cagr", "turnover", "cost"}
SHORT = ("--from", "2024-01-02", "--to", "2024-06-28")
LONG = ("--from", "2022-01-03", "--to", "2024-06-28")


def days(*texts: str) -> Any:
    return np.array(texts, dtype="datetime64[D]")


@pytest.mark.parametrize(
    ("end", "short"), [("2024-01-03", True), ("2025-01-01", True), ("2025-01-02", False)]
)
def test_a_year_has_365_days(end: Any, short: Any) -> None:
    span, nav = days("2024-01-03", end), np.array([1.0, 1.1])
    assert metrics.is_short(span) == short
    assert np.isnan(metrics.growth_rate(span, nav)) == short
    assert np.isnan(metrics.a_year(0.5, span)) == short
    assert metrics.total_return(nav) == pytest.approx(0.1)


def test_a_rate_of_money_needs_a_year_as_well() -> None:
    paid, value = np.array([100.0]), 110.0
    half = metrics.money_weighted(days("2024-01-03"), paid, np.datetime64("2024-07-03"), value)
    whole = metrics.money_weighted(days("2024-01-03"), paid, np.datetime64("2025-01-02"), value)
    assert np.isnan(half)
    assert whole == pytest.approx(0.10)


@pytest.fixture(scope="module")
def prepared(sample: Any, desk: Any) -> Any:
    model = desk.model(sample, date(2024, 6, 28), "managed", "balanced")
    return prepare(model.mandate, model.history)


@pytest.mark.parametrize(("start", "short"), [(date(2024, 1, 2), True), (date(2023, 6, 29), False)])
def test_the_figures_of_a_span_are_its_own(prepared: Any, start: Any, short: Any) -> None:
    run = simulated(prepared, start=start, end=date(2024, 6, 28))
    document = summary_document(summarise(run))
    assert {name for name in YEARLY if document[name] is None} == (YEARLY if short else set())
    assert np.isnan(figures(run)["calmar"]) == short
    assert document["total_return"] == pytest.approx(run.nav[-1] / run.nav[0] - 1.0)
    assert document["total_turnover"] == pytest.approx(run.turnover[1:].sum())
    assert document["total_cost"] == pytest.approx(run.cost[1:].sum())


def test_a_page_shows_what_the_span_came_to(prepared: Any) -> None:
    run = simulated(prepared, start=date(2024, 1, 2), end=date(2024, 6, 28))
    own, cash = tracks(Text("k", "e"), run, {})
    formats = Formats("en", "Asia/Seoul")
    for track in (own, cash):
        assert formats.yearly(track.cagr, track.total_return).endswith("% over the span")
    assert formats.interval(own.cagr_range) == "less than a year"
    assert formats.interval(own.year_range) == "less than a year"
    assert formats.yearly(own.turnover) == "less than a year"
    assert own.total_return == pytest.approx(run.nav[-1] / run.nav[0] - 1.0)


def asked(tmp_path: Any, command: Any, *words: Any) -> Any:
    args = ["managed", *words, "--profile", "balanced", "--trials", str(tmp_path / "t.sqlite")]
    found = CliRunner().invoke(command, args, catch_exceptions=False)
    assert found.exit_code == 0
    return found.stdout


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("command", "more"), [(backtest, ()), (compare, ("--set", "rebalance.cost=0.02"))]
)
def test_people_read_the_return_of_the_span(
    tmp_path: Any, lang: Any, command: Any, more: Any
) -> None:
    yearly, plain = (
        ("연 수익률", "기간 수익률") if lang == "ko" else ("Return a year", "Return over")
    )
    short = asked(tmp_path, command, *SHORT, *more, "--lang", lang)
    long = asked(tmp_path, command, *LONG, *more, "--lang", lang)
    assert (yearly in short, plain in short) == (False, True)
    assert (yearly in long, plain in long) == (True, False)
    assert "nan" not in short


def test_an_account_and_a_comparison_say_null_in_json(tmp_path: Any) -> None:
    file = tmp_path / "account.toml"
    file.write_text('schema = 1\nname = "mine"\ncash = 20_000_000\n', "utf-8")
    account = json.loads(asked(tmp_path, backtest, *SHORT, "--account-file", str(file), "--json"))[
        "account_run"
    ]
    for name in ("time_weighted", "money_weighted", "turnover"):
        assert account[name] is None
    assert account["total_return"] == pytest.approx(account["gain"] / 20_000_000)
    text = asked(tmp_path, compare, *SHORT, "--set", "rebalance.cost=0.02", "--json")
    assert "NaN" not in text
    found = json.loads(text)
    assert found["cagr"] is None
    for way in (found["first"], found["second"]):
        assert {name for name in YEARLY if way[name] is None} == YEARLY
        assert -1.0 < way["total_return"] < 1.0
