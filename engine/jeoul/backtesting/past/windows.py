"""Returns over the spans that end today: month, year to date, 1, 3, 5 and 10 years, everything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from jeoul import metrics
from jeoul.model.calendar import Days, Reals
from jeoul.model.days import count_until

SPANS = (("month", 1), ("year_to_date", 0), ("1y", 12), ("3y", 36), ("5y", 60), ("10y", 120))
"""The spans with their months; 0 counts from the end of the last year."""
_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True, slots=True)
class PastWindow:
    """One span that ends on the last session: ``start`` is the session that it counts from.

    ``total`` is the return of the span and ``yearly`` that of a year, None for a span of up to a
    year. All three are None where the path begins later than the span.
    """

    name: str
    start: date | None
    total: float | None = None
    yearly: float | None = None


def windows(sessions: Days, nav: Reals) -> tuple[PastWindow, ...]:
    """Return the spans of :data:`SPANS` and ``all``, the path as a whole.

    A span counts from the last session at or before its first day: a month before the last
    session, or the last day of the year before.

    >>> days = np.array(["2023-12-28", "2024-05-31", "2024-06-28"], dtype="datetime64[D]")
    >>> found = windows(days, np.array([1.0, 1.0, 1.1]))
    >>> [(each.name, each.total and round(each.total, 3)) for each in found[:3]]
    [('month', 0.1), ('year_to_date', 0.1), ('1y', None)]
    """
    last = sessions[-1]
    named = [(name, _first(last, months)) for name, months in SPANS]
    spans = [_window(name, sessions, nav, day) for name, day in named]
    return (*spans, _window("all", sessions, nav, sessions[0]))


def _first(last: np.datetime64, months: int) -> np.datetime64:
    """Return the day from which a span counts; a month without that day has its last instead."""
    if not months:
        found: np.datetime64 = last.astype("datetime64[Y]").astype("datetime64[D]") - _DAY
        return found
    month = last.astype("datetime64[M]")
    day = last - month.astype("datetime64[D]")
    begun = (month - np.timedelta64(months, "M")).astype("datetime64[D]")
    longest = (month - np.timedelta64(months - 1, "M")).astype("datetime64[D]") - _DAY
    return min(begun + day, longest)


def _window(name: str, sessions: Days, nav: Reals, day: np.datetime64) -> PastWindow:
    row = count_until(sessions, day) - 1
    if row < 0 or row == len(sessions) - 1:
        return PastWindow(name, None)
    yearly = metrics.growth_rate(sessions[row:], nav[row:])
    long = sessions[-1] - sessions[row] > np.timedelta64(366, "D")
    return PastWindow(
        name,
        sessions[row].astype(object),
        metrics.total_return(nav[row:]),
        yearly if long else None,
    )
