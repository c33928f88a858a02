"""Whether the dates of a file are those of its sessions, or a day early or late."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jeoul.model.calendar import Calendar, Days

FEWEST = 2  # weeks; a single row on a Sunday beside a missing Friday can be chance

_MONDAY = 3  # days from Thursday, 1970-01-01, back to the Monday before it


class Shift(NamedTuple):
    """A weekday without trading that rows stand on, and the trading day that they leave out.

    ``away`` are the days from the first to the second, in the week that both belong to.
    """

    weekday: int
    away: int
    wrong: str


_SHIFTS = (
    Shift(
        6,
        5,
        "has rows on Sundays and none on the Fridays after them: its dates are a day early, so "
        "that each close would be known a day too early",
    ),
    Shift(
        5,
        -5,
        "has rows on Saturdays and none on the Mondays before them: its dates are a day late, so "
        "that each close would be known a day too late",
    ),
)
REMEDY = "label each row with the date of its session where the exchange is, not in UTC"


class Shifted(NamedTuple):
    """The first row with a shifted date, and what is wrong."""

    row: int
    wrong: str


def shifted(calendar: Calendar, days: Days, filled: NDArray[np.bool_]) -> Shifted | None:
    """Return where the dates of a file begin to lie beside the sessions, None if they do not.

    ``filled`` marks the rows with a value. A week whose dates are a day early (a bar stamped in UTC
    begins on the day before in Seoul) runs from Sunday to Thursday, one a day late from Tuesday to
    Saturday. Two such weeks settle it, if they are at least half of those with such a row.
    """
    held = days[filled]
    if not len(held):
        return None
    weekday = (days.astype(np.int64) + _MONDAY) % 7
    for shift in _SHIFTS:
        rows = np.flatnonzero(filled & (weekday == shift.weekday))
        if not len(rows):  # nearly every file; each look-up below reads the whole calendar
            continue
        rows = rows[~np.isin(days[rows], calendar.sessions)]
        left_out = days[rows] + np.timedelta64(shift.away, "D")
        inside = (left_out > held[0]) & (left_out < held[-1])
        usual = inside & np.isin(left_out, calendar.sessions)
        due = usual & ~np.isin(left_out, held)
        if np.count_nonzero(due) >= max(FEWEST, np.count_nonzero(usual) / 2):
            return Shifted(int(rows[due][0]), shift.wrong)
    return None
