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
