"""A clock that stands where a test sets it."""

from __future__ import annotations

from datetime import UTC, date, datetime


class SetClock:
    """The machine's clock at one instant; a run that waits by it fails."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    @classmethod
    def after(cls, session: date) -> SetClock:
        """08:45 in Seoul on the morning after a session."""
        return cls(datetime(session.year, session.month, session.day, 23, 45, tzinfo=UTC))

    def now(self) -> float:
        return self.at.timestamp()

    def wait(self, seconds: float) -> None:
        raise AssertionError("nothing waits here")
