"""When a timer starts the run: at the scheduled time, and for some accounts before the close again.

A run can leave buys unsent: they wait for the money of sales, or for a lower premium. The next run
of the session goes on with them, and they lapse at the close where none comes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from jeoul.model.calendar import Calendar, moment
from jeoul.operations.setup.config import Config, ScheduleSettings, Settings

BEFORE_CLOSE = timedelta(minutes=40)
"""How long before the close the second start is: half an hour before orders are taken no more."""
MONDAY = date(2026, 1, 5)
MONDAYS = tuple(MONDAY + timedelta(weeks=n) for n in range(52))
"""All Mondays of that year: clocks are moved in some of its weeks."""
WORKDAYS = (0, 1, 2, 3, 4)

_RECENT = 250  # sessions whose most frequent close is the usual one
_HALF_DAY = timedelta(hours=12)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WeeklyStart:
    """A start on weekdays, Monday is 0, at a local time."""

    at: time
    days: tuple[int, ...] = WORKDAYS


@dataclass(frozen=True, slots=True)
class SecondStart:
    """The start before the close, as a time at the exchange."""

    at: time
    zone: str

    def on(self, session: date) -> datetime:
        """Return the instant of the start on a session."""
        return datetime.combine(session, self.at, ZoneInfo(self.zone))

    def weekly(self, zone: str) -> WeeklyStart:
        """Return the start in another zone, at the offset from UTC that puts it earliest.

        A timer that keeps to it is never late: where clocks are moved in summer it is early then.

        >>> SecondStart(time(14, 50), "Asia/Seoul").weekly("America/Los_Angeles")
        WeeklyStart(at=datetime.time(21, 50), days=(6, 0, 1, 2, 3))
        """
        local = min(
            self.on(each).astimezone(ZoneInfo(zone)).replace(tzinfo=None) - (each - MONDAY)
            for each in MONDAYS
        )
        moved = (local.date() - MONDAY).days
        return WeeklyStart(local.time(), tuple((day + moved) % 7 for day in WORKDAYS))


@dataclass(frozen=True, slots=True)
class TimerNeeds:
    """What a timer needs beside its first start.

    ``second`` is the start before the close, None without one; ``watched`` are the seconds for
    which one run may watch the sales of all its accounts.
    """

    second: SecondStart | None = None
    watched: float = 0.0


def timer_needs(configs: Sequence[Config], calendar: Calendar) -> TimerNeeds:
    """Return what a timer for some accounts needs.

    It has a second start where a run can leave buys of an account unsent, and where its first start
    is at most half a day before.
    """
    watched = sum(_watched(config.settings) for config in configs)
    holding = [c for c in configs if c.settings.broker.may_hold_buys(c.settings.cash.proceeds)]
    second = _before_close(calendar)
    follows = any(_follows(second, config.settings.schedule) for config in holding)
    return TimerNeeds(second if follows else None, watched)


def _watched(settings: Settings) -> float:
    return settings.broker.sales_watched if settings.cash.proceeds == "reuse" else 0.0


def _before_close(calendar: Calendar) -> SecondStart:
    """Return the start before the usual close of an exchange."""
    zone = ZoneInfo(calendar.timezone)
    closes = (moment(each).astimezone(zone).time() for each in calendar.closes[-_RECENT:])
    usual, _ = Counter(closes).most_common(1)[0]
    return SecondStart((datetime.combine(MONDAY, usual) - BEFORE_CLOSE).time(), calendar.timezone)


def _follows(second: SecondStart, schedule: ScheduleSettings) -> bool:
    """Return whether a second start is later than the first one of the same session."""
    first = datetime.combine(MONDAY, time.fromisoformat(schedule.at), ZoneInfo(schedule.timezone))
    return timedelta() < (second.on(MONDAY) - first) % _DAY <= _HALF_DAY
