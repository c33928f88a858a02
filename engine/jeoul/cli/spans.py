"""The span of ``--from`` and ``--to``: in order, and from a session to a session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from jeoul.cli.talk import notice
from jeoul.errors import UsageError

if TYPE_CHECKING:
    from jeoul.model.calendar import Calendar


@dataclass(frozen=True, slots=True)
class AskedSpan:
    """The first and the last day asked for; None leaves an end to the data."""

    start: date | None
    end: date | None

    def on(self, calendar: Calendar, lang: str) -> AskedSpan:
        """Return the span moved inwards to sessions of a calendar, and say on stderr what moved.

        Raises :class:`UsageError` for a span without any session.
        """
        from jeoul.messages import say

        start, end = self.start, self.end
        covered = calendar.label(0), calendar.label(len(calendar) - 1)
        if start is not None and covered[0] <= start <= covered[1]:
            start = start if calendar.is_session(start) else calendar.after(start)
        if end is not None and covered[0] <= end <= covered[1]:
            end = calendar.at_or_before(end)
        if start is not None and end is not None and start > end:
            raise UsageError(
                f"{calendar.name} has no session from {self.start} to {self.end}; "
                "choose a longer span"
            )
        for given, used, kind in ((self.start, start, "begins"), (self.end, end, "ends")):
            if given != used:
                detail = {"given": given, "calendar": calendar.name, "used": used}
                notice(say(lang, f"span.{kind}", detail))
        return AskedSpan(start, end)


def read_span(start: str | None, end: str | None) -> AskedSpan:
    """Return the span of two dates as they were written, or refuse one that is reversed."""
    from jeoul.model.session import parse_session, refuse_reversed

    first = None if start is None else parse_session(start)
    last = None if end is None else parse_session(end)
    refuse_reversed(first, last, ("--from", "--to"))
    return AskedSpan(first, last)
