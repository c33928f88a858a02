"""Accounts and profiles measured, and the files of a pack, from courses written out by hand."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from math import isnan, nan, sqrt
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from made_course import DAYS, FRI, MON, NEXT, THU, TUE, bought, course
from scipy.stats import linregress

from jeoul.errors import DataError, ShortHistory
from jeoul.model.portfolio import Reason, Side
from jeoul.model.quarter import Quarter
from jeoul.operations.testbed import measured, sheets
from jeoul.operations.testbed.account import last_session, until, weights_on
from jeoul.operations.testbed.benchmark import Measure
from jeoul.operations.testbed.figures import Yardsticks, composite, path_figures, rows_of
from jeoul.operations.testbed.measured import (
    backtest_paths,
    ledger_paths,
    measures_over,
    rows,
)

QUARTER = Quarter(2026, 2)


def days_of(*days: date) -> Any:
    return np.array(days, dtype="datetime64[D]")


# --- figures --------------------------------------------------------------------------------------


def yardsticks(*benchmark: float, cash: float = 0.0) -> Yardsticks:
    unit = np.array(benchmark)
    return Yardsticks(unit, unit**2, np.array([9.0] + [cash] * (len(benchmark) - 1)))


def test_two_returns_have_a_deviation_and_three_a_beta_with_its_error() -> None:
    """The first cash is of a session before the span."""
    unit = np.array([1.0, 1.1, 1.1, 1.4])
    against = yardsticks(1.0, 1.2, 1.1, 1.3, cash=0.01)
    found = path_figures(unit, against, 4.0)
    own, other = (each[1:] / each[:-1] - 1.01 for each in (unit, against.benchmark))
    line = linregress(other, own)
    assert (found.beta.value, found.beta.error) == pytest.approx((line.slope, line.stderr))
    apart = own - other
    ratio = apart.mean() / apart.std(ddof=1)
    assert found.information_ratio.value == pytest.approx(2 * ratio)
    assert found.information_ratio.error == pytest.approx(2 * sqrt((1 + ratio**2 / 2) / 3))
    assert found.deviation.error == pytest.approx(found.deviation.value / sqrt(2 * 2))
    assert found.tracking_error.error == pytest.approx(apart.std(ddof=1) * 2 / sqrt(2 * 2))
    assert found.sessions == 3
    assert found.total == pytest.approx(0.4)
    assert (found.benchmark, found.max_drawdown) == pytest.approx((0.3, 0.0))
    short = path_figures(unit[:3], yardsticks(1.0, 1.2, 1.1), 4.0)
    assert short.deviation.error == pytest.approx(short.deviation.value / sqrt(2))
    assert not isnan(short.beta.value)
    assert isnan(short.beta.error)


def test_one_value_alone_has_no_figure_but_a_return_of_nothing() -> None:
    found = path_figures(np.array([1.0]), yardsticks(1.0), 4.0)
    assert (found.sessions, found.total) == (0, 0.0)
    assert isnan(found.information_ratio.error)
    assert isnan(path_figures(np.array([1.0, 1.1]), yardsticks(1.0, 1.2), 4.0).deviation.error)


def test_a_benchmark_that_stands_still_has_no_slope() -> None:
    found = path_figures(np.array([1.0, 1.1, 1.1, 1.4]), yardsticks(1.0, 1.0, 1.0, 1.0), 4.0)
    assert isnan(found.beta.error)
    none = replace(yardsticks(1.0, 1.2, 1.1, 1.3), market=None)
    bare = path_figures(np.array([1.0, 1.1, 1.1, 1.4]), none, 4.0)
    assert isnan(bare.market_beta.value)
    assert isnan(bare.market_beta.error)


def test_sessions_are_found_among_others_or_are_not_there() -> None:
    known = days_of(TUE, THU, FRI)
    assert rows_of(known, days_of(MON, TUE, date(2026, 6, 3), FRI, NEXT)).tolist() == [
        -1, 0, -1, 2, -1,
    ]  # fmt: skip
    values = np.array([[100.0, 0.0], [110.0, 90.0], [55.0, 90.0]])
    flows = np.array([[100.0, 0.0], [0.0, 100.0], [0.0, 0.0]])
    assert composite(values, flows).tolist() == pytest.approx([1.0, 200 / 200, 145 / 200])


# --- paths ----------------------------------------------------------------------------------------

LEVEL = [1.0, 1.1, 1.2, 1.5, 1.8]


def measure(first: int = 0) -> Measure:
    level = np.array(LEVEL[first:])
    return Measure(
        sessions=days_of(*DAYS[first:]),
        benchmark=level,
        market=level**2,
        cash=np.zeros(len(level)),
        sessions_per_year=246.0,
    )


def account(name: str, value: Sequence[int], profile: str = "balanced", **more: Any) -> Any:
    days = DAYS[len(DAYS) - len(value) :]
    paid = [value[0], *([0] * (len(value) - 1))]
    own = course({}, cash=value, days=days, **{"paid_in": paid, **more})
    mandate = SimpleNamespace(profile=profile, name=name)
    return SimpleNamespace(name=name, course=own, mandate=mandate, group=(profile, own.currency))


def test_each_account_has_its_path_and_each_profile_one_of_all_its_accounts() -> None:
    late = account("late", [500, 500, 550])
    early = account("early", [100, 110, 120, 90, 99])
    other = account("other", [10, 10], profile="growth")
    asked: list[str] = []

    def measures(mandate: Any) -> Measure:
        asked.append(mandate.name)
        return measure()

    found = ledger_paths([late, other, early], measures)
    assert [(each.name, each.scope, each.profile, each.source) for each in found] == [
        ("late", "account", "balanced", "ledger"),
        ("other", "account", "growth", "ledger"),
        ("early", "account", "balanced", "ledger"),
        ("balanced", "profile", "balanced", "ledger"),
        ("growth", "profile", "growth", "ledger"),
    ]
    assert asked == ["late", "other", "early", "early", "other"]
    assert found[2].unit.tolist() == pytest.approx([1.0, 1.1, 1.2, 0.9, 0.99])
    together = [1.0, 1.1, 1.1 * 620 / 610, 1.1 * 590 / 610, 1.1 * 649 / 610]
    assert found[3].unit.tolist() == pytest.approx(together)
    assert found[3].sessions.tolist() == list(DAYS)


def test_a_path_begins_once_its_benchmark_is_invested() -> None:
    (own, *_) = ledger_paths([account("a", [100, 110, 120, 90, 99])], lambda _: measure(2))
    assert own.sessions.tolist() == [THU, FRI, NEXT]
    assert own.unit.tolist() == pytest.approx([1.0, 90 / 120, 99 / 120])


def spans(source: str, *days: date) -> list[tuple[str, date, date, int, float]]:
    unit = np.array([1.0, 1.1, 1.2, 1.5, 1.8][: len(days)])
    against = replace(measure(), sessions=days_of(*days), benchmark=unit, market=unit,
                      cash=np.zeros(len(days)))  # fmt: skip
    path = measured.MeasuredPath("a", "account", "p", "KRW", source, days_of(*days), unit, against)
    return [
        (row.span, row.start, row.end, row.figures.sessions, round(row.figures.total, 9))
        for row in rows([path], QUARTER)
    ]


def test_the_figures_of_a_quarter_begin_with_the_close_before_it() -> None:
    old, last = date(2026, 3, 30), date(2026, 3, 31)
    first, later = date(2026, 4, 1), date(2026, 6, 30)
    assert spans("ledger", old, last, first, later) == [
        ("quarter", last, later, 2, round(1.5 / 1.1 - 1, 9)),
        ("since_start", old, later, 3, 0.5),
    ]
    assert spans("ledger", first, later) == [
        ("quarter", first, later, 1, 0.1),
        ("since_start", first, later, 1, 0.1),
    ]
    assert spans("ledger", later) == []
    assert spans("backtest", old, last, first) == [("before", old, first, 2, 0.2)]


def test_a_measure_is_made_once_for_each_benchmark(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setattr(measured, "benchmark_of", lambda mandate: mandate)
    monkeypatch.setattr(measured, "content_of", lambda each: SimpleNamespace(digest=each[0]))

    def measure_of(mandate: str, _: object) -> str:
        made.append(mandate)
        return mandate

    monkeypatch.setattr(measured, "measure", measure_of)
    found = measures_over(cast(Any, lambda mandate: mandate))
    assert [cast(Any, found)(each) for each in ("a1", "b1", "a2")] == ["a1", "b1", "a1"]
    assert made == ["a1", "b1"]


def test_rules_are_tested_up_to_the_first_day_of_their_accounts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ends: list[tuple[str, date]] = []

    def backtest(mandate: Any, history: Any, *, end: date) -> Any:
        ends.append((mandate.name, end))
        if mandate.profile == "young":
            raise ShortHistory("too short")
        strategy = SimpleNamespace(name=f"s-{mandate.name}")
        return SimpleNamespace(
            mandate=SimpleNamespace(strategy=strategy, account="general"),
            sessions=days_of(*DAYS),
            nav=np.array([100.0, 110.0, 120.0, 90.0, 99.0]),
        )

    monkeypatch.setattr(measured, "content_of", lambda each: SimpleNamespace(digest=each.profile))
    monkeypatch.setattr(measured, "backtest", backtest)
    accounts = [
        account("late", [10, 10], profile="b"),
        account("early", [10, 10, 10], profile="b"),
        account("new", [10], profile="young"),
        account("z", [10], profile="a"),
        account("y", [10], profile="a"),
    ]
    found = backtest_paths(accounts, cast(Any, lambda _: None), lambda _: measure(1))
    assert ends == [("early", THU), ("new", NEXT), ("y", NEXT)]
    assert [(each.name, each.scope, each.source) for each in found] == [
        ("s-early/b/general", "rules", "backtest"),
        ("s-y/a/general", "rules", "backtest"),
    ]
    assert found[0].unit.tolist() == pytest.approx([1.0, 120 / 110, 90 / 110, 99 / 110])


# --- courses --------------------------------------------------------------------------------------


def test_a_course_up_to_a_day_has_that_day_and_nothing_after() -> None:
    whole = course(
        {"A": (1, 2, 3, 4, 5)},
        cash=(5, 6, 7, 8, 9),
        fills=(bought(MON, "A", 1, 1), bought(THU, "A", 1, 1), bought(FRI, "A", 1, 1)),
    )
    found = until(whole, THU)
    assert (found.sessions.tolist(), found.cash.tolist()) == ([MON, TUE, THU], [5, 6, 7])
    assert found.shares.tolist() == [[1], [2], [3]]
    assert [each.session for each in found.fills] == [MON, THU]
    assert until(whole, date(2026, 6, 3)).last == TUE


@pytest.mark.parametrize(
    ("day", "found"),
    [
        (TUE, {"A": 0.5, "CASH": 0.5}),
        (NEXT, {"CASH": 1.0}),
        (date(2026, 6, 3), None),  # no session
        (date(2026, 6, 9), None),  # after the last
        (date(2026, 5, 29), None),
        (MON, None),  # worth nothing
    ],
)
def test_weights_are_those_after_the_close(day: date, found: dict[str, float] | None) -> None:
    own = course(
        {"A": (0, 2, 2, 2, 0), "B": (0, 0, 0, 0, 1)},
        {"A": (100,) * 5, "B": (nan,) * 5},
        cash=(0, 200, 200, 200, 1),
    )
    assert weights_on(own, day) == found


@pytest.mark.parametrize(
    ("newest", "at_or_before", "fits"),
    [
        (date(2026, 6, 30), date(2026, 6, 30), True),
        (date(2026, 6, 29), date(2026, 6, 30), False),
        (date(2026, 7, 3), date(2026, 4, 1), True),
        (date(2026, 7, 3), date(2026, 3, 31), False),  # a calendar that does not reach the quarter
    ],
)
def test_a_quarter_is_stated_once_the_market_has_all_of_it(
    newest: date, at_or_before: date, *, fits: bool
) -> None:
    market: Any = SimpleNamespace(last_session=lambda _: newest)
    calendar: Any = SimpleNamespace(name="XKRX", at_or_before=lambda _: at_or_before)
    if fits:
        assert last_session(market, calendar, QUARTER) == at_or_before
    else:
        with pytest.raises(DataError, match="before the end of 2026Q2"):
            last_session(market, calendar, QUARTER)


# --- sheets ---------------------------------------------------------------------------------------


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_each_day_of_a_path_has_the_amounts_of_its_own_session() -> None:
    own = account(
        "a", [100, 110, 120, 90, 99], taken_out=(1, 2, 3, 4, 5), fees=(10, 20, 30, 40, 50),
        taxes=(6, 7, 8, 9, 11), dividends=(12, 13, 14, 15, 16), interest=(17, 18, 19, 21, 22),
        paid_in=(101, 2, 3, 4, 5),
    )  # fmt: skip
    found = read(sheets.daily([own], ledger_paths([own], lambda _: measure(2))))
    mine = [row for row in found if row["scope"] == "account"]
    names = ("value", "paid_in", "taken_out", "fees", "taxes", "dividends", "interest", "unpriced")
    assert [tuple(row[name] for name in ("session", *names)) for row in mine] == [
        ("2026-06-04", "120", "3", "3", "30", "8", "14", "19", "false"),
        ("2026-06-05", "90", "4", "4", "40", "9", "15", "21", "false"),
        ("2026-06-08", "99", "5", "5", "50", "11", "16", "22", "false"),
    ]
    units = own.course.unit / own.course.unit[2]
    assert [float(row["unit"]) for row in mine] == pytest.approx(units[2:].tolist())
    grown = [0.0, units[3] - 1, units[4] / units[3] - 1]
    assert [float(row["return"]) for row in mine] == pytest.approx(grown, abs=1e-11)
    assert [float(row["benchmark"]) for row in mine] == pytest.approx([1.0, 1.25, 1.5])
    assert [float(row["market"]) for row in mine] == pytest.approx([1.0, 1.5625, 2.25])
    (other, *_) = [row for row in found if row["scope"] == "profile"]
    assert (other["value"], other["unpriced"], other["unit"]) == ("", "", "1")
    before = read(sheets.backtests(ledger_paths([own], lambda _: measure(2))))
    assert [float(row["benchmark"]) for row in before[:3]] == pytest.approx([1.0, 1.25, 1.5])
    assert [float(row["market"]) for row in before[:3]] == pytest.approx([1.0, 1.5625, 2.25])


def run_of(name: str, session: date, executed: date, weights: dict[str, float]) -> Any:
    kept = {
        "profile": "balanced", "snapshot": "s", "state": "ok", "scale": 1.0, "due": True,
        "value": 5, "reasons": [], "weights": weights, "rules": {"digest": "d"},
    }  # fmt: skip
    return SimpleNamespace(
        run_id=name, session=session, executed=executed, at=0, inputs_id="in", document=kept
    )


def test_the_gap_is_half_of_what_the_weights_are_away_before_and_after() -> None:
    own = account("a", [200] * 5)
    own.course = course({"A": (0, 0, 2, 2, 2)}, cash=(400, 400, 200, 200, 200))
    first = run_of("one", TUE, THU, {"A": 0.75, "B": 0.25})
    own.runs = [first, run_of("two", NEXT, date(2026, 6, 9), {"A": 0.5, "CASH": 0.5})]
    own.ordered = {"one": 3}
    found = read(sheets.runs([own], "en"))
    names = ("run", "orders", "gap_before", "gap_after", "decided_at", "rules")
    assert [tuple(row[name] for name in names) for row in found] == [
        ("one", "3", "1", "0.5", "1970-01-01T00:00:00+00:00", "d"),
        ("two", "0", "0", "", "1970-01-01T00:00:00+00:00", "d"),
    ]


def test_orders_and_their_events_are_listed_by_account() -> None:
    planned = SimpleNamespace(
        side=Side.BUY, ticker="A", shares=5, price=9, limit=None, reason=Reason.of("place.first")
    )
    intent = SimpleNamespace(
        name="one.01", executed=THU, order=planned, filled=3, amount=30, fee=1, state="closed"
    )
    states = [("sending", {}), ("sending", {"why": "w"}), ("closed", {"by": "kim"})]
    events = [
        SimpleNamespace(seq=7 + place, at=60 * place, state=state, detail=detail)
        for place, (state, detail) in enumerate(states)
    ]
    order = SimpleNamespace(
        run=run_of("one", TUE, THU, {}), intent=intent, events=events, missing=2, slippage=None,
        cause="open", detail={"filled": 3, "shares": 5, "state": "closed"},
    )  # fmt: skip
    own = SimpleNamespace(name="a", orders=[order], attended=[])
    (row,) = read(sheets.rebalancing(cast(Any, [own]), "en"))
    assert (row["sent"], row["missing"], row["limit"], row["slippage"]) == ("2", "2", "", "")
    listed = read(sheets.events(cast(Any, [own])))
    assert [(each["row"], each["state"], each["said"]) for each in listed] == [
        ("7", "sending", ""),
        ("8", "sending", "w"),
        ("9", "closed", "kim"),
    ]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (True, "true"), (False, "false"), (nan, ""), (None, ""), (0.1, "0.1"),
        (1 / 3, "0.333333333333"), (7, "7"), ("=1+1", "'=1+1"), ("+x", "'+x"), ("-x", "'-x"),
        ("@x", "'@x"), ("x=", "x="),
    ],
)  # fmt: skip
def test_a_cell_is_what_a_reader_can_compute_with(cell: Any, text: str) -> None:
    assert sheets.sheet(["a", "b"], [["x", cell]]) == f"a,b\nx,{text}\n".encode()
