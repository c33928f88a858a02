"""Session labels as people write them."""

from __future__ import annotations

import re
from datetime import date

from jeoul.errors import UsageError

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_session(text: str) -> date:
    """Return the date that ``text`` names, written as ``2024-06-28``.

    Raises :class:`UsageError` for anything else, such as ``28.06.2024``, a week or a date with a
    time.

    >>> parse_session("2024-06-28")
    datetime.date(2024, 6, 28)
    """
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise UsageError(f"{text!r} is not a date; write it as 2024-06-28")


def refuse_reversed(
    start: date | None, end: date | None, names: tuple[str, str] = ("start", "end")
) -> None:
    """Raise :class:`UsageError` for a span that begins after it ends.

    >>> refuse_reversed(date(2024, 6, 28), date(2024, 1, 2))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    jeoul.errors.UsageError: start 2024-06-28 is after end 2024-01-02: the dates are reversed; ...
    """
    if start is not None and end is not None and start > end:
        first, last = names
        raise UsageError(
            f"{first} {start} is after {last} {end}: the dates are reversed; swap them"
        )
