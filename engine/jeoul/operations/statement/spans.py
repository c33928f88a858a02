"""The figures of one span, by the definitions of a backtest, and the spans that people look at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np

from jeoul import metrics
from jeoul.model.calendar import Reals
from jeoul.model.days import count_before, count_until
from jeoul.operations.statement.worth import AccountsWorth
from jeoul.reporting.statement.facts import Returns, ReturnWindow, SpanFigures

Rise = Callable[[date, date], float | None]
"""The rise of prices from one day to another, None where it is not known."""

_MONTHS = {"1m": 1, "1y": 12, "3y": 36, "5y": 60}


def figures_between(
    worth: AccountsWorth, start: date | None, end: date, rise: Rise
) -> SpanFigures | None:
    """Return the figures from the close before ``start`` to the close of ``end``, or the newest.

    Without ``start``, or where it lies before the first session, the span begins with nothing.
    The opening then is 0 and the first money is paid in. A yearly rate counts the days from the day
    before ``start``, or from the first session. None where no session lies in the span.
    """
    sessions = worth.sessions
    last = count_until(sessions, end)
    begun: date = sessions[0].astype(object)
    begin = begun if start is None else max(start, begun)
    first = count_before(sessions, begin)
    if first >= last:
        return None
    opening = int(worth.value[first - 1]) if first else 0
    whole = slice(first, last)
    return SpanFigures(
        start=begin,
        end=end,
        opening=opening,
        value=int(worth.value[last - 1]),
        paid_in=int(worth.paid_in[whole].sum()),
        taken_out=int(worth.taken_out[whole].sum()),
        costs=int(worth.fees[whole].sum()),
        taxes=int(worth.taxes[whole].sum()),
        distributions=int(worth.dividends[whole].sum()),
        interest=int(worth.interest[whole].sum()),
        unexplained=int(worth.adopted[whole].sum()),
        currency_gain=_currency_gain(worth, whole),
        returns=_returns(worth, whole, opening, begin - timedelta(days=bool(first)), end, rise),
    )


def windows_to(worth: AccountsWorth, end: date, rise: Rise) -> tuple[ReturnWindow, ...]:
    """Return the returns of the usual spans up to a day, None for those before the first session.

    A month or years begin with the close of the same day of an earlier month, its last day where it
    has no such day; the year to date with the last day of the year before.
    """
    found = []
    begun: date = worth.sessions[0].astype(object)
    for name in ("1m", "ytd", "1y", "3y", "5y", "all"):
        before = begun if name == "all" else _base(name, end)
        start = None if name == "all" else before + timedelta(days=1)
        figures = None
        if before >= begun:
            figures = figures_between(worth, start, end, rise)
        found.append(ReturnWindow(name, before, None if figures is None else figures.returns))
    return tuple(found)


def _base(name: str, end: date) -> date:
    if name == "ytd":
        return date(end.year - 1, 12, 31)
    return months_before(end, _MONTHS[name])


def months_before(day: date, months: int) -> date:
    """Return the same day of an earlier month, its last day where it has no such day.

    >>> months_before(date(2024, 3, 31), 1), months_before(date(2024, 2, 29), 12)
    (datetime.date(2024, 2, 29), datetime.date(2023, 2, 28))
    """
    place = day.year * 12 + day.month - 1 - months
    after = date((place + 1) // 12, (place + 1) % 12 + 1, 1)
    last = after - timedelta(days=1)
    return last.replace(day=min(day.day, last.day))


def units_between(worth: AccountsWorth, whole: slice, opening: int) -> Reals:
    """Return what one unit is worth after each session of a span, 1 before it."""
    value, flow = worth.value[whole].astype(np.float64), worth.flow[whole].astype(np.float64)
    return metrics.unit_values(value, flow, float(opening))


def _returns(
    worth: AccountsWorth, whole: slice, opening: int, base: date, end: date, rise: Rise
) -> Returns:
    days = worth.sessions[whole]
    flows = worth.flow[whole].astype(np.float64)
    unit = np.append(1.0, units_between(worth, whole, opening))
    ends = np.array([base, end], dtype="datetime64[D]")
    value = float(worth.value[whole][-1])
    owner = np.append(ends[:1], days), np.append(float(opening), flows), ends[1], value
    total = metrics.total_return(unit)
    steady = _without_currency(worth, whole, opening)
    return Returns(
        time_weighted=metrics.growth_rate(ends, unit),
        total_return=total,
        money_weighted=metrics.money_weighted(*owner),
        money_return=metrics.money_return(*owner),
        currency=float(unit[-1]) / steady - 1.0 if steady > 0.0 else float("nan"),
        inflation=rise(base, end),
        days=(end - base).days,
    )


def _without_currency(worth: AccountsWorth, whole: slice, opening: int) -> float:
    """Return what one unit would be worth if every session had kept the rate of the one before."""
    before = np.append(float(opening), worth.value[whole][:-1])
    flows = worth.before_flow[whole].astype(np.float64)
    steady = worth.before_value[whole].astype(np.float64)
    return float(np.prod(metrics.growth_between(before, flows, steady)))


def _currency_gain(worth: AccountsWorth, whole: slice) -> int:
    moved = worth.value[whole] - worth.before_value[whole]
    return int((moved - (worth.flow[whole] - worth.before_flow[whole])).sum())
