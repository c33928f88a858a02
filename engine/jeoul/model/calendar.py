"""Trading sessions of an exchange, and the instants at which they open and close."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from jeoul.errors import BeyondData, NotASession, UsageError
from jeoul.model.days import count_before, count_until
from jeoul.model.shown import Shown
from jeoul.model.years import DAYS_A_YEAR

Days = NDArray[np.datetime64]  # dtype datetime64[D], tz-naive session labels of one exchange
Instants = NDArray[np.int64]  # seconds since 1970-01-01T00:00:00Z
Reals = NDArray[np.float64]

DECISION_TIME = time(8, 30)  # local time of the exchange, on the session after the one decided on


def instant(moment: datetime) -> int:
    """Return a tz-aware moment as whole seconds since 1970-01-01T00:00:00Z.

    >>> instant(datetime(2024, 6, 28, 6, 30, tzinfo=UTC))
    1719556200
    """
    if moment.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return int(moment.timestamp())


def moment(seconds: int) -> datetime:
    """Return an instant as a tz-aware UTC datetime, the inverse of :func:`instant`.

    >>> moment(1719556200).isoformat()
    '2024-06-28T06:30:00+00:00'
    """
    return datetime.fromtimestamp(int(seconds), UTC)


class Session(NamedTuple):
    """One trading session: its tz-naive label and the instants at which it opens and closes."""

    label: date
    opens: int
    closes: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Calendar(Shown):
    """The sessions of one exchange, in order.

    ``sessions`` are tz-naive labels; ``opens`` and ``closes`` the matching instants. ``confirmed``
    is the last date up to which the exchange's own holidays are known: nothing is scheduled later.
    """

    name: str
    timezone: str
    sessions: Days
    opens: Instants
    closes: Instants
    confirmed: date

    def __len__(self) -> int:
        return len(self.sessions)

    def is_session(self, day: date) -> bool:
        """Return whether the exchange trades on ``day``."""
        place = count_before(self.sessions, day)
        return place < len(self) and self.label(place) == day

    def label(self, index: int) -> date:
        """Return the session at a position, as a date."""
        found: date = self.sessions[index].astype(object)
        return found

    def session(self, index: int) -> Session:
        """Return the session at a position, with its instants."""
        return Session(self.label(index), int(self.opens[index]), int(self.closes[index]))

    def index(self, day: date) -> int:
        """Return the position of a session; raise :class:`NotASession` or :class:`BeyondData`."""
        place = count_before(self.sessions, day)
        if place < len(self) and self.label(place) == day:
            return place
        if day < self.label(0) or day > self.label(len(self) - 1):
            raise BeyondData(
                day.isoformat(),
                self.label(len(self) - 1).isoformat(),
                f"the {self.name} calendar covers {self.label(0)} to {self.label(len(self) - 1)}",
            )
        raise NotASession(
            day.isoformat(),
            self.name,
            f"the sessions around it are {self.label(place - 1)} and {self.label(place)}",
        )

    def after(self, day: date) -> date:
        """Return the first session later than ``day``, which need not be a session itself."""
        place = count_until(self.sessions, day)
        if place >= len(self):
            raise BeyondData(
                day.isoformat(),
                self.label(len(self) - 1).isoformat(),
                f"the {self.name} calendar has no later session; update data/calendars",
            )
        return self.label(place)

    def at_or_before(self, day: date) -> date:
        """Return the newest session that is not later than ``day``."""
        place = count_until(self.sessions, day)
        if place == 0:
            first = self.label(0).isoformat()
            raise BeyondData(day.isoformat(), first, f"the {self.name} calendar begins then")
        return self.label(place - 1)

    def decision_instant(self, as_of: date) -> int:
        """Return when a decision on the close of ``as_of`` is made: 08:30 local, next session."""
        following = self.after(as_of)
        return instant(datetime.combine(following, DECISION_TIME, ZoneInfo(self.timezone)))

    def last_closed(self, when: int) -> date:
        """Return the newest session whose close is at or before an instant.

        Raises :class:`BeyondData` before the first close, and from the midnight (local time) on
        which the last covered day ends: whether a newer session has closed by then is not known.
        """
        place = int(np.searchsorted(self.closes, when, side="right")) - 1
        last = self.label(len(self) - 1)
        if place < 0:
            raise BeyondData(
                moment(when).isoformat(),
                last.isoformat(),
                f"the {self.name} calendar begins on {self.label(0)}",
            )
        if place == len(self) - 1 and when >= self._end():
            raise BeyondData(
                moment(when).isoformat(),
                last.isoformat(),
                f"the {self.name} calendar does not know later sessions; update data/calendars",
            )
        return self.label(place)

    def closed_since(self, day: date, when: int) -> int:
        """Return how many sessions later than ``day`` have closed by an instant."""
        later = self.closes[count_until(self.sessions, day) :]
        return int(np.searchsorted(later, when, side="right"))

    def _end(self) -> int:
        covered = max(self.confirmed, self.label(len(self) - 1))
        midnight = datetime.combine(covered + timedelta(days=1), time(), ZoneInfo(self.timezone))
        return instant(midnight)

    def sessions_per_year(self, start: date, end: date) -> float:
        """Return the average number of sessions in a year of 365.2425 days, from start to end.

        Counted from the first session at or after ``start`` to the last one at or before ``end``,
        so that days outside sessions at either end do not bend the figure: from the first of ``n``
        closes to the last lie ``n - 1`` returns. Raises :class:`UsageError` if fewer than two
        sessions lie between.
        """
        first = count_before(self.sessions, start)
        last = count_until(self.sessions, end) - 1
        if last <= first:
            raise UsageError(
                f"{start} to {end} holds fewer than two sessions of {self.name}, which covers "
                f"{self.label(0)} to {self.label(len(self) - 1)}; give a longer span"
            )
        days = (self.label(last) - self.label(first)) / timedelta(days=1)
        return (last - first) / (days / DAYS_A_YEAR)
