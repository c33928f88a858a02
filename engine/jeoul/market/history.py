"""From a snapshot to the panel of one universe: chained returns, proxies, cash, signals.

Every row depends only on what was known at the close of its session, and every clock entry only
on what was known at its New York close, so the history of a shorter snapshot is a prefix of the
history of a longer one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from jeoul.errors import UsageError
from jeoul.market.levels import (
    PATIENCE,
    LevelRows,
    accrued,
    closes_of,
    fund_level,
    level_of,
    navs_of,
    observed_at,
    proxy_level,
)
from jeoul.model.blocks import blocks_of
from jeoul.model.calendar import DECISION_TIME, Calendar, Instants, Reals
from jeoul.model.history import History, Origin
from jeoul.model.instrument import Member, Universe
from jeoul.model.snapshot import Snapshot
from jeoul.model.zones import utc_offsets

POLICY_RATE = {"KRW": "bok_base_rate", "USD": "fedfunds"}
_DAY = np.timedelta64(1, "D")
_ANNUALISED_OVER = date(2005, 1, 1), date(2024, 12, 31)  # one convention for every decision


def assemble(snapshot: Snapshot, universe: Universe, calendars: Mapping[str, Calendar]) -> History:
    """Return the history of a universe as a snapshot shows it.

    A member's return of a session comes from the first of its sources that has a price then and
    had one in the ``PATIENCE`` sessions before: the preferred fund, its substitutes, its proxies.
    A foreign series stands on the first session at whose close it was known, multiplied by the
    exchange rate known then. ``calendars`` holds the deciding calendar and ``XNYS``, whose sessions
    are the overlay's clock.
    """
    if snapshot.calendar != universe.calendar:
        raise UsageError(
            f"the snapshot is of {snapshot.calendar}, universe {universe.name} decides on "
            f"{universe.calendar}; take it with as_of(day, {universe.calendar!r})"
        )
    calendar, clock = calendars[universe.calendar], calendars["XNYS"]
    count = calendar.index(snapshot.as_of) + 1
    rows = LevelRows(
        snapshot=snapshot,
        exchange=universe.calendar,
        sessions=calendar.sessions[:count],
        closes=calendar.closes[:count],
        days=np.diff(calendar.sessions[:count], prepend=calendar.sessions[:1]) / _DAY,
    )
    returns = np.empty((count, len(universe.members)))
    origin = np.empty(returns.shape, dtype=np.int8)
    # A few columns at once: one alone is written to as many places of the memory as it has rows.
    for part in blocks_of(len(universe.members)):
        made = [_chain(_sources(rows, member, universe)) for member in universe.members[part]]
        returns[:, part] = np.array([each for each, _ in made]).T
        origin[:, part] = np.array([each for _, each in made]).T
    codes = tuple(dict.fromkeys(code for member in universe.members for code in member.codes))
    prices = np.empty((count, len(codes)))
    for part in blocks_of(len(codes)):
        prices[:, part] = np.array([closes_of(rows, code) for code in codes[part]]).T
    ticks = int(np.searchsorted(clock.closes, snapshot.decided_at, side="right"))
    return History(
        calendar=universe.calendar,
        currency=universe.currency,
        sessions=calendar.sessions[:count],
        executed=calendar.sessions[1 : count + 1],
        decided=decision_instants(calendar)[:count],
        members=tuple(member.name for member in universe.members),
        level=level_of(returns),
        returns=returns,
        origin=origin,
        codes=codes,
        prices=prices,
        cash_rate=accrued(rows, POLICY_RATE[universe.currency]),
        clock=clock.sessions[:ticks],
        clock_known=clock.closes[:ticks],
        clock_row=np.searchsorted(rows.closes, clock.closes[:ticks], side="right"),
        signals={
            name: observed_at(series, clock.closes[:ticks])
            for name, series in snapshot.series.items()
        },
        sessions_per_year=calendar.sessions_per_year(*_ANNUALISED_OVER),
        simulated=snapshot.simulated,
        nav=navs_of(rows, codes),
    )


@cache
def decision_instants(calendar: Calendar) -> Instants:
    """Return, for every session but the last, when the decision on its close is made."""
    following = calendar.sessions[1:]
    if not len(following):
        return np.zeros(0, dtype=np.int64)
    ahead = utc_offsets(following, ZoneInfo(calendar.timezone))
    clock = DECISION_TIME.hour * 3600 + DECISION_TIME.minute * 60
    return following.astype("datetime64[s]").astype(np.int64) + clock - ahead


def _sources(rows: LevelRows, member: Member, universe: Universe) -> list[tuple[Origin, Reals]]:
    """Return total-return levels on the rows, in order of preference; NaN where not observed."""
    found = [
        (Origin.FUND if place == 0 else Origin.SUBSTITUTE, fund_level(rows, code))
        for place, code in enumerate(member.codes)
    ]
    found += [(Origin.PROXY, proxy_level(rows, p, universe)) for p in member.proxies]
    return found


def _chain(sources: list[tuple[Origin, Reals]]) -> tuple[Reals, NDArray[np.int8]]:
    """Return each row's return and where it comes from, the first live source leading.

    While a source is silent for up to ``PATIENCE`` sessions nothing is recorded: its return over
    the gap stands on the session that ends it. After that the next source takes over with its
    returns from then on; what it earned during the wait is not counted.
    """
    count = len(sources[0][1])
    returns = np.full(count, np.nan)
    origin = np.zeros(count, dtype=np.int8)
    undecided = np.ones(count, dtype=bool)
    place = np.arange(count)
    for kind, level in sources:
        seen = np.isfinite(level)
        newest = np.maximum.accumulate(np.where(seen, place, -1))
        before = np.concatenate(([-1], newest[:-1]))
        alive = undecided & (before >= 0) & (place - before <= PATIENCE)
        taken = alive & seen
        returns[taken] = level[taken] / level[before[taken]] - 1.0
        origin[taken] = kind
        undecided &= ~alive
    return returns, origin
