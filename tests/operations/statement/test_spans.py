"""The figures of a span are those of its own sessions, from the close before it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from math import isnan

import numpy as np
import pytest
from scipy.optimize import brentq

from jeoul.operations.statement.spans import figures_between, months_before, windows_to
from jeoul.operations.statement.worth import AccountsWorth
from jeoul.reporting.statement.facts import SpanFigures

MON, TUE, WED, THU, NEXT = (date(2026, 6, day) for day in (1, 2, 3, 4, 8))
DAYS = (MON, TUE, WED, THU, NEXT)
VALUE = (100, 112, 150, 141, 170)
PAID_IN, TAKEN_OUT = (100, 0, 30, 0, 11), (0, 0, 7, 3, 0)


def worth(
    days: Sequence[date] = DAYS,
    value: Sequence[int] = VALUE,
    paid_in: Sequence[int] = PAID_IN,
    taken_out: Sequence[int] = TAKEN_OUT,
    **before: Sequence[int],
) -> AccountsWorth:
    """Accounts in won of which every amount of every session is another one."""
    flow = [came - went for came, went in zip(paid_in, taken_out, strict=True)]
    powers = [2**place for place in range(len(days))]
    rows = {
        "value": value,
        "paid_in": paid_in,
        "taken_out": taken_out,
        "fees": powers,
        "taxes": [100 * each for each in powers],
        "dividends": [1_000 * each for each in powers],
        "interest": [10_000 * each for each in powers],
        "adopted": [-each for each in powers],
        "before_value": before.get("before_value", value),
        "before_flow": before.get("before_flow", flow),
    }
    arrays = {name: np.array(row, dtype=np.int64) for name, row in rows.items()}
    return AccountsWorth(sessions=np.array(days, dtype="datetime64[D]"), **arrays)


def rise(start: date, end: date) -> float:
    """A hundredth a day, so that the days of a span can be read off it."""
    return 0.01 * (end - start).days


def figures(start: date | None, end: date) -> SpanFigures:
    found = figures_between(worth(), start, end, rise)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("start", "end", "opening", "places", "begun", "days"),
    [
        (None, NEXT, 0, (0, 1, 2, 3, 4), MON, 7),
        (MON, NEXT, 0, (0, 1, 2, 3, 4), MON, 7),
        (date(2026, 5, 1), TUE, 0, (0, 1), MON, 1),
        (TUE, WED, 100, (1, 2), TUE, 2),
        (WED, THU, 112, (2, 3), WED, 2),
        (WED, date(2026, 6, 7), 112, (2, 3), WED, 5),
        (THU, THU, 150, (3,), THU, 1),
        (date(2026, 6, 6), NEXT, 141, (4,), date(2026, 6, 6), 3),
        (None, MON, 0, (0,), MON, 0),
    ],
)
def test_a_span_has_the_sums_of_its_sessions(
    start: date | None, end: date, opening: int, places: tuple[int, ...], begun: date, days: int
) -> None:
    found = figures(start, end)
    powers = sum(2**place for place in places)
    assert (found.start, found.end, found.opening) == (begun, end, opening)
    assert found.value == VALUE[places[-1]]
    assert found.paid_in == sum(PAID_IN[place] for place in places)
    assert found.taken_out == sum(TAKEN_OUT[place] for place in places)
    assert (found.costs, found.taxes) == (powers, 100 * powers)
    assert (found.distributions, found.interest) == (1_000 * powers, 10_000 * powers)
    assert found.unexplained == -powers
    assert found.returns.days == days
    assert found.returns.inflation == pytest.approx(0.01 * days)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2026, 6, 5), date(2026, 6, 7)),  # between two sessions
        (date(2026, 6, 9), date(2026, 6, 9)),  # after the last
        (None, date(2026, 5, 31)),  # before the first
        (WED, TUE),
    ],
)
def test_a_span_without_a_session_has_no_figures(start: date | None, end: date) -> None:
    assert figures_between(worth(), start, end, rise) is None


def test_figures_are_whole_won_that_json_can_write() -> None:
    found = asdict(figures(WED, THU))
    del found["returns"], found["start"], found["end"]
    assert json.loads(json.dumps(found)) == found


def test_the_return_of_a_span_is_that_of_its_units() -> None:
    """100 grew to 112; with 23 more it was 150, and 3 less 141."""
    returns = figures(TUE, THU).returns
    assert returns.total_return == pytest.approx(112 / 100 * 150 / 135 * 141 / 147 - 1.0)
    assert isnan(returns.time_weighted)
    assert isnan(returns.money_weighted)
    assert figures(None, MON).returns.total_return == pytest.approx(0.0)


def test_the_rate_of_the_owner_s_money_counts_each_flow_from_its_day() -> None:
    """100 at the close of Monday, 23 more on Wednesday, 3 less on Thursday, 141 at the end."""

    def short(daily: float) -> float:
        return float(100 * (1 + daily) ** 3 + 23 * (1 + daily) - 3 - 141)

    daily = brentq(short, -0.5, 0.5)
    assert figures(TUE, THU).returns.money_return == pytest.approx((1 + daily) ** 3 - 1.0)


def test_rates_of_a_year_and_more_are_yearly() -> None:
    days = (date(2023, 1, 2), date(2024, 1, 2), date(2025, 1, 1), date(2026, 1, 1))
    long = worth(days, (100, 110, 240, 300), (100, 0, 100, 0), (0, 0, 0, 0))
    found = figures_between(long, date(2024, 1, 3), days[-1], rise)
    assert found is not None
    returns = found.returns
    years = (days[-1] - days[1]).days / 365.2425
    assert returns.total_return == pytest.approx(240 / 210 * 300 / 240 - 1.0)
    assert returns.time_weighted == pytest.approx((300 / 210) ** (1 / years) - 1.0)

    def short(rate: float) -> float:
        return float(110 * (1 + rate) ** (730 / 365) + 100 * (1 + rate) ** (365 / 365) - 300)

    assert (days[-1] - days[1]).days == 730
    assert returns.money_weighted == pytest.approx(brentq(short, 0.0, 1.0))


@pytest.mark.parametrize(
    ("value", "flow", "gain"),
    [
        ((0, 0, 0, 0), (0, 0, 0, 0), 0),
        ((9, 0, 0, 0), (0, 0, 0, 0), 0),  # before the span
        ((0, 5, 3, 0), (0, 0, 0, 0), 8),
        ((0, 5, 3, 0), (0, 0, 2, 0), 6),  # of 23 won that came in 2 are the rate's
        ((0, 0, 0, 9), (0, 0, 0, 0), 0),  # after it
    ],
)
def test_what_the_rate_made_is_what_a_kept_rate_would_not_have(
    value: tuple[int, ...], flow: tuple[int, ...], gain: int
) -> None:
    """Money and flows at the rate of the session before are less by what the rate made of them."""
    flows = [came - went for came, went in zip(PAID_IN, TAKEN_OUT, strict=True)]
    moved = worth(
        before_value=[there - more for there, more in zip(VALUE, (*value, 0), strict=True)],
        before_flow=[there - more for there, more in zip(flows, (*flow, 0), strict=True)],
    )
    found = figures_between(moved, TUE, WED, rise)
    assert found is not None
    assert (found.currency_gain, type(found.currency_gain)) == (gain, int)


def test_the_rate_s_part_of_a_return_is_what_is_left_of_it() -> None:
    """At kept rates 100 would have become 106 and, with 22 more, 112 of 144."""
    moved = worth(before_value=(100, 106, 144, 141, 170), before_flow=(100, 0, 22, -3, 11))
    found = figures_between(moved, TUE, WED, rise)
    assert found is not None
    steady = 106 / 100 * 144 / (112 + 22)
    whole = 112 / 100 * 150 / 135
    assert found.returns.currency == pytest.approx(whole / steady - 1.0)
    nothing = worth(before_value=(100, 0, 0, 141, 170))
    lost = figures_between(nothing, TUE, WED, rise)
    assert lost is not None
    assert isnan(lost.returns.currency)


# --- the usual spans ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2024, 3, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 12, 15), 12, date(2025, 12, 15)),
        (date(2026, 12, 31), 1, date(2026, 11, 30)),
        (date(2026, 6, 8), 5, date(2026, 1, 8)),
        (date(2026, 6, 8), 6, date(2025, 12, 8)),
        (date(2026, 5, 31), 3, date(2026, 2, 28)),
        (date(2026, 6, 1), 60, date(2021, 6, 1)),
        (date(2026, 1, 31), 2, date(2025, 11, 30)),
    ],
)
def test_an_earlier_month_has_the_same_day_or_its_last(
    day: date, months: int, before: date
) -> None:
    assert months_before(day, months) == before


def test_the_usual_spans_begin_with_the_close_of_the_same_day_before() -> None:
    days = [date(2021, 6, 8), date(2023, 6, 8), date(2025, 6, 8), date(2025, 12, 31)]
    days += [date(2026, 5, 8), date(2026, 6, 8)]
    value = (100, 110, 132, 165, 198, 297)
    nothing = (0,) * 6
    long = worth(days, value, (100, *nothing[1:]), nothing)
    found = windows_to(long, days[-1], rise)
    assert [(each.name, each.start) for each in found] == [
        ("1m", date(2026, 5, 8)),
        ("ytd", date(2025, 12, 31)),
        ("1y", date(2025, 6, 8)),
        ("3y", date(2023, 6, 8)),
        ("5y", date(2021, 6, 8)),
        ("all", date(2021, 6, 8)),
    ]
    grown = [None if each.returns is None else each.returns.total_return for each in found]
    assert grown == pytest.approx([0.5, 0.8, 1.25, 1.7, 1.97, 1.97])
    spans = [None if each.returns is None else each.returns.days for each in found]
    assert spans == [31, 159, 365, 1_096, 1_826, 1_826]


def test_a_span_from_before_the_first_session_has_no_return() -> None:
    days = [date(2026, 5, 9), date(2026, 6, 8)]
    short = worth(days, (100, 120), (100, 0), (0, 0))
    found = {each.name: each.returns for each in windows_to(short, days[-1], rise)}
    whole = found.pop("all")
    assert whole is not None
    assert whole.total_return == pytest.approx(0.2)
    assert set(found.values()) == {None}
    assert windows_to(short, days[-1], rise)[-1].start == days[0]


def test_the_money_of_a_session_was_there_before_it() -> None:
    first = figures(None, TUE).returns
    assert first.total_return == pytest.approx(112 / 100 - 1.0)
    assert (TUE - timedelta(days=first.days)) == MON
