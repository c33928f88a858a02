"""When orders of a session can be handed over, by the calendar and the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from jeoul.model.calendar import Calendar, moment
from jeoul.model.days import count_before
from jeoul.operations.broker.port import Hours
from jeoul.operations.setup.clock import Clock


@dataclass(frozen=True, slots=True)
class OrderWindow:
    """The part of a session in which orders are handed over.

    ``after_open`` and ``before_close`` are seconds left out at both ends: liquidity providers of
    ETFs quote from five minutes after the open to ten before the close.
    """

    calendar: Calendar
    clock: Clock
    after_open: int = 300
    before_close: int = 600

    def hours(self, session: date) -> Hours:
        """Return whether a session has not begun for orders, takes them, or is over."""
        place = self.calendar.index(session)
        now = self.clock.now()
        if now < int(self.calendar.opens[place]) + self.after_open:
            return Hours.EARLY
        if now >= int(self.calendar.closes[place]) - self.before_close:
            return Hours.OVER
        return Hours.OPEN

    def today(self) -> date:
        """Return the day at the exchange."""
        return moment(int(self.clock.now())).astimezone(ZoneInfo(self.calendar.timezone)).date()

    def is_past(self, session: date) -> bool:
        """Return whether the close of a session is past."""
        place = count_before(self.calendar.sessions, session)
        closed = self.clock.now() >= int(self.calendar.closes[place])
        return closed and self.hours(session) is Hours.OVER
