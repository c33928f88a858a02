"""Which sessions a schedule runs after, and which of them were missed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal

import numpy as np

from jeoul.model.calendar import Calendar

Every = Literal["session", "week", "month"]


def runs_on(calendar: Calendar, every: Every, after: date) -> Iterator[date]:
    """Yield the sessions on which a schedule starts a run, later than a date.

    ``session`` is every one, ``week`` and ``month`` the first of each: the day on which a monthly
    strategy's orders are filled. Ends where the exchange's holidays are not known.
    """
    first = int(np.searchsorted(calendar.sessions, np.datetime64(after), side="right"))
    for place in range(max(first, 1), len(calendar)):
        day = calendar.label(place)
        if day > calendar.confirmed:
            return
        if _starts(every, calendar.label(place - 1), day):
            yield day


def missed(calendar: Calendar, every: Every, last: date, session: date) -> list[date]:
    """Return the sessions that a schedule would have decided on between two that were.

    ``last`` and ``session`` are decided sessions; a decision is made on the session after it.
    """
    found = []
    for day in runs_on(calendar, every, calendar.after(last)):
        decided = calendar.label(calendar.index(day) - 1)
        if decided >= session:
            break
        found.append(decided)
    return found


def _starts(every: Every, before: date, day: date) -> bool:
    if every == "session":
        return True
    if every == "week":
        return before.isocalendar()[:2] != day.isocalendar()[:2]
    return (before.year, before.month) != (day.year, day.month)
