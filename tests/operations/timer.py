"""A clock that a test sets, as the timer of an account would find it."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from jeoul.model.calendar import Calendar


class TimerClock:
    """The machine's clock; it stands still but for what a run waits."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> float:
        return self.at

    def wait(self, seconds: float) -> None:
        self.at += seconds

    def start(self, calendar: Calendar, session: date) -> None:
        """Go to 09:10 in Seoul on the session after one, never back."""
        moment = datetime.combine(calendar.after(session), time(9, 10), ZoneInfo("Asia/Seoul"))
        self.at = max(self.at, moment.timestamp())
