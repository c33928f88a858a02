"""The day of a command that asks for today: the calendar of Seoul, or the day that was given."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo


def today() -> date:
    """Return today in Seoul."""
    return datetime.now(ZoneInfo("Asia/Seoul")).date()  # noqa: TID251


def day_of(as_of: str | None) -> date:
    """Return the day of ``--as-of``, or today."""
    from jeoul.model.session import parse_session

    return today() if as_of is None else parse_session(as_of)
