"""Which sessions a run looks at, which of them were missed, and what an old timer looks like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Literal

from jeoul.model.calendar import Calendar
from jeoul.model.days import count_until

Rhythm = Literal["week", "month"]

RECENT = 4
"""Runs that are enough to tell a rhythm from chance."""


def runs_on(calendar: Calendar, after: date) -> Iterator[date]:
    """Yield the sessions on which a run looks at the session before, later than a date.

    Ends where the exchange's holidays are not known.
    """
    first = count_until(calendar.sessions, after)
    for place in range(max(first, 1), len(calendar)):
        day = calendar.label(place)
        if day > calendar.confirmed:
            return
        yield day


def missed(calendar: Calendar, last: date, session: date) -> list[date]:
    """Return the sessions between two decided ones, which no run decided on."""
    place = calendar.index(last) + 1
    return [calendar.label(each) for each in range(place, calendar.index(session))]


def rhythm(calendar: Calendar, decided: Sequence[date]) -> Rhythm | None:
    """Return the rhythm of runs that came once a week or once a month, None for any other.

    ``decided`` are the sessions that were decided on, oldest first; the newest few are looked at.
    A timer for every weekday that failed now and then leaves two of them in one week.
    """
    newest = decided[-RECENT:]
    if len(newest) < RECENT:
        return None
    executed = [calendar.after(day) for day in newest]
    months = [day.year * 12 + day.month for day in executed]
    if all(later - earlier == 1 for earlier, later in pairwise(months)):
        return "month"
    weeks = [(day.toordinal() - 1) // 7 for day in executed]
    return "week" if all(later - earlier == 1 for earlier, later in pairwise(weeks)) else None
