"""The day of a command that asks for today: the calendar of Seoul, or the day that was given."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo


def day_of(as_of: str | None) -> date:
    """Return the day of ``--as-of``, or today in Seoul."""
    from jeoul.model.session import parse_session

    if as_of is None:
        return datetime.now(ZoneInfo("Asia/Seoul")).date()  # noqa: TID251
    return parse_session(as_of)
