"""When a row becomes known: the rule a manifest gives, and the instants that follow from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
from numpy.typing import NDArray

from jeoul.errors import BeyondData
from jeoul.files.faults import shown
from jeoul.model.calendar import Calendar, Days, Instants

# Used where a calendar has no session to ask: before it begins. Close of a full day's trading.
REGULAR_CLOSE = {
    "XNYS": (time(16, 0), "America/New_York"),
    "XKRX": (time(15, 30), "Asia/Seoul"),
}

LONGEST_LAG = 3660  # days: a figure that comes ten years late is a slip of the pen

_CLOSE = re.compile(r"([A-Z]{4}) close")
_CLOCK = re.compile(r"(\d{2}):(\d{2}) (\S+)")


@dataclass(frozen=True, slots=True)
class Known:
    """The instant ``at`` on the row's date, plus ``lag`` calendar days.

    Either ``exchange`` is set (the close of that exchange's session), or ``clock`` and ``zone``
    are (a local wall-clock time), or none of them (known in advance).
    """

    exchange: str | None = None
    clock: time | None = None
    zone: str | None = None
    lag: int = 0

    @property
    def in_advance(self) -> bool:
        """Return whether rows of this rule are known before their date, as a holiday flag is."""
        return self.exchange is None and self.clock is None


def parse_known(at: str, lag: int = 0) -> Known:
    """Return the rule that a manifest writes as ``{ at = "XNYS close", lag = 0 }``.

    Raises ``ValueError`` with what is wrong for any other text, an unknown exchange or time zone.

    >>> parse_known("12:00 America/New_York").clock
    datetime.time(12, 0)
    >>> parse_known("XKRX close", 1).exchange
    'XKRX'
    """
    if at == "in advance":
        return Known()
    if found := _CLOSE.fullmatch(at):
        if found[1] not in REGULAR_CLOSE:
            raise ValueError(
                f"{shown(found[1])} is not an exchange of jeoul ({', '.join(REGULAR_CLOSE)})"
            )
        return Known(exchange=found[1], lag=lag)
    if found := _CLOCK.fullmatch(at):
        if int(found[1]) > 23 or int(found[2]) > 59:
            raise ValueError(f"{shown(at)} names no time of day")
        if found[3] not in _zones():
            raise ValueError(f"{shown(found[3])} is not a time zone")
        return Known(clock=time(int(found[1]), int(found[2])), zone=found[3], lag=lag)
    raise ValueError(f"{shown(at)} is not an instant")


@cache
def _zones() -> frozenset[str]:
    """Return the names of all time zones; asking for them reads a folder of hundreds of files."""
    return frozenset(available_timezones())


def on_session(calendar: Calendar, days: Days) -> NDArray[np.bool_]:
    """Return for each day whether the calendar has it as a session."""
    place = np.searchsorted(calendar.sessions, days)
    place = np.minimum(place, len(calendar) - 1)
    return np.asarray(calendar.sessions[place] == days)


def month_ends(days: Days) -> Days:
    """Return the last day of the month of each day: the label of a monthly figure.

    >>> month_ends(np.array(["2024-02-01"], dtype="datetime64[D]")).astype(str).tolist()
    ['2024-02-29']
    """
    following = (days.astype("datetime64[M]") + np.timedelta64(1, "M")).astype("datetime64[D]")
    return np.asarray(following - np.timedelta64(1, "D"), dtype="datetime64[D]")


def known_instants(
    rule: Known, days: Days, calendars: Mapping[str, Calendar]
) -> tuple[Instants, NDArray[np.bool_]]:
    """Return when the row of each day becomes known, and which rows belong to a session.

    A close is the session's own, so half days count; ``lag`` days are added on the local wall
    clock of the exchange. Days that are no session get the regular close time and ``False``,
    except before the calendar begins, where nothing is known about holidays and they count.
    Rules with a wall clock belong to no exchange: all their rows count. A local time that a clock
    change repeats is taken at its later instant.

    ``days`` ascend. Raises :class:`BeyondData` for an exchange rule and a day after the last
    session of its calendar, and ``ValueError`` for a rule known in advance.
    """
    if rule.in_advance:
        raise ValueError("rows known in advance have no instant")
    if rule.exchange is None:
        assert rule.clock is not None
        assert rule.zone is not None
        return _local(days, rule.clock, rule.zone, rule.lag), np.ones(len(days), dtype=np.bool_)

    calendar = calendars[rule.exchange]
    if len(days) and days[-1] > calendar.sessions[-1]:
        raise BeyondData(
            str(days[-1]),
            str(calendar.sessions[-1]),
            f"the {calendar.name} calendar has no later session; update data/calendars",
        )
    clock, zone = REGULAR_CLOSE[rule.exchange]
    found = _local(days, clock, zone, rule.lag)
    session = on_session(calendar, days)
    closes = calendar.closes[np.searchsorted(calendar.sessions, days[session])]
    found[session] = _shifted(closes, zone, rule.lag)
    return found, session | (days < calendar.sessions[0])


def _local(days: Days, clock: time, zone: str, lag: int) -> Instants:
    seconds = (clock.hour * 60 + clock.minute) * 60
    wall = days.astype("datetime64[s]").astype(np.int64) + lag * 86_400 + seconds
    return _to_instants(wall, zone)


def _shifted(closes: Instants, zone: str, lag: int) -> Instants:
    if lag == 0:
        return closes
    import pandas as pd

    utc = pd.DatetimeIndex(closes.astype("datetime64[s]"), tz="UTC")
    wall = utc.tz_convert(ZoneInfo(zone)).tz_localize(None).to_numpy().astype("datetime64[s]")
    return _to_instants(wall.astype(np.int64) + lag * 86_400, zone)


def _to_instants(wall: NDArray[np.int64], zone: str) -> Instants:
    """Return the instants of local wall-clock times, given as seconds since 1970-01-01T00:00."""
    import pandas as pd  # here: calendars load without it, and they share this package

    local = pd.DatetimeIndex(wall.astype("datetime64[s]")).tz_localize(
        ZoneInfo(zone),
        ambiguous=np.zeros(len(wall), dtype=np.bool_),  # not daylight time: the later one
        nonexistent="shift_forward",
    )
    utc = local.tz_convert("UTC").tz_localize(None).to_numpy()
    return utc.astype("datetime64[s]").astype(np.int64)
