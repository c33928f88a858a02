"""From a snapshot to the panel of one universe: chained returns, proxies, cash, signals.

Every row depends only on what was known at the close of its session, and every clock entry only
on what was known at its New York close, so the history of a shorter snapshot is a prefix of the
history of a longer one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
from numpy.typing import NDArray

from jeoul.errors import DataError, UsageError
from jeoul.model.calendar import Calendar, Days, Instants, Reals
from jeoul.model.history import History, Origin
from jeoul.model.instrument import Member, Proxy, ProxyKind, Universe
from jeoul.model.series import PriceTable, Series
from jeoul.model.snapshot import Snapshot

PATIENCE = 5  # sessions without a price after which the next source of a return takes over
POLICY_RATE = {"KRW": "bok_base_rate", "USD": "fedfunds"}
EXCHANGE_RATE = {("USD", "KRW"): "usdkrw"}
_DAY = np.timedelta64(1, "D")
_ANNUALISED_OVER = date(2005, 1, 1), date(2024, 12, 31)  # one convention for every decision


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """The sessions that a history covers, and what was known when."""

    snapshot: Snapshot
    exchange: str
    sessions: Days
    closes: Instants
    days: Reals  # calendar days since the row before


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
    rows = _Rows(
        snapshot,
        universe.calendar,
        calendar.sessions[:count],
        calendar.closes[:count],
        np.diff(calendar.sessions[:count], prepend=calendar.sessions[:1]) / _DAY,
    )
    chained = [_chain(_sources(rows, member, universe)) for member in universe.members]
    returns = np.column_stack([found for found, _ in chained])
    origin = np.column_stack([where for _, where in chained])
    codes = tuple(dict.fromkeys(code for member in universe.members for code in member.codes))
    ticks = int(np.searchsorted(clock.closes, snapshot.decided_at, side="right"))
    return History(
        calendar=universe.calendar,
        currency=universe.currency,
        sessions=calendar.sessions[:count],
        executed=calendar.sessions[1 : count + 1],
        decided=decision_instants(calendar)[:count],
        members=tuple(member.name for member in universe.members),
        level=_level(returns),
        returns=returns,
        origin=origin,
        codes=codes,
        prices=np.column_stack([_closes(rows, code) for code in codes]),
        cash_rate=_accrued(rows, POLICY_RATE[universe.currency]),
        clock=clock.sessions[:ticks],
        clock_known=clock.closes[:ticks],
        clock_row=np.searchsorted(rows.closes, clock.closes[:ticks], side="right"),
        signals={
            name: _observed(series, clock.closes[:ticks])
            for name, series in snapshot.series.items()
        },
        sessions_per_year=calendar.sessions_per_year(*_ANNUALISED_OVER),
    )


@cache
def decision_instants(calendar: Calendar) -> Instants:
    """Return, for every session but the last, when the decision on its close is made."""
    return np.array(
        [calendar.decision_instant(calendar.label(row)) for row in range(len(calendar) - 1)],
        dtype=np.int64,
    )


def _sources(rows: _Rows, member: Member, universe: Universe) -> list[tuple[Origin, Reals]]:
    """Return total-return levels on the rows, in order of preference; NaN where not observed."""
    found = [
        (Origin.FUND if place == 0 else Origin.SUBSTITUTE, _fund_level(rows, code))
        for place, code in enumerate(member.codes)
    ]
    found += [(Origin.PROXY, _proxy_level(rows, p, universe)) for p in member.proxies]
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


def _level(returns: Reals) -> Reals:
    """Return the total-return index of each column, NaN before its first return, else carried."""
    level: Reals = np.cumprod(1.0 + np.nan_to_num(returns), axis=0, dtype=np.float64)
    begun = np.maximum.accumulate(np.isfinite(returns), axis=0)
    # The row before the first return is the base of the index.
    begun[:-1] |= begun[1:]
    level[~begun] = np.nan
    return level


def _table_of(snapshot: Snapshot, code: str) -> tuple[PriceTable, int] | None:
    for table in snapshot.prices:
        if code in table.tickers:
            return table, table.tickers.index(code)
    return None


def _place_in(rows: _Rows, table: PriceTable, values: Reals) -> Reals:
    """Return the values of a table of the deciding exchange on the rows, by session label.

    Labels of one exchange are the same days; those of another would not be.
    """
    if table.exchange != rows.exchange:
        raise DataError(
            f"funds of a universe on {rows.exchange} are priced on {table.exchange} here; "
            "name the file of their own exchange in the manifest"
        )
    found = np.full(len(rows.sessions), np.nan)
    found[np.searchsorted(rows.sessions, table.sessions)] = values
    return found


def _closes(rows: _Rows, code: str) -> Reals:
    place = _table_of(rows.snapshot, code)
    if place is None:
        return np.full(len(rows.closes), np.nan)
    table, column = place
    return _place_in(rows, table, table.close[:, column])


def _fund_level(rows: _Rows, code: str) -> Reals:
    place = _table_of(rows.snapshot, code)
    if place is None:
        return np.full(len(rows.closes), np.nan)
    table, column = place
    return _place_in(rows, table, total_return(table, column))


def total_return(table: PriceTable, column: int) -> Reals:
    """Return one ticker's total-return index on the table's rows, NaN where there is no price.

    Adjusted closes are such an index already. A raw close grows by
    ``split x (close + dividend) / close before``, the dividend being per share after the split;
    events on a session without a price are carried to the next one with a price.
    """
    close = table.close[:, column]
    if table.dividends is None or table.splits is None:
        return close
    seen = np.flatnonzero(np.isfinite(close))
    if len(seen) == 0:
        return close
    units = np.cumprod(table.splits[:, column])
    paid = np.nan_to_num(table.dividends[:, column]) * units
    held = np.concatenate(([0.0], np.cumsum(paid)))
    income = held[seen[1:] + 1] - held[seen[:-1] + 1]
    growth = (close[seen[1:]] * units[seen[1:]] + income) / (close[seen[:-1]] * units[seen[:-1]])
    index = np.full(len(close), np.nan)
    index[seen] = close[seen[0]] * np.concatenate(([1.0], np.cumprod(growth)))
    return index


def _proxy_level(rows: _Rows, proxy: Proxy, universe: Universe) -> Reals:
    if proxy.kind in (ProxyKind.CONVERTED, ProxyKind.HEDGED):
        return _foreign_level(rows, proxy, universe)
    series = rows.snapshot.series.get(proxy.column)
    if series is None:
        return np.full(len(rows.closes), np.nan)
    if proxy.kind is ProxyKind.RATE:
        return _level(_accrued(rows, proxy.column)[:, np.newaxis])[:, 0]
    observed = _observed(series, rows.closes)
    if proxy.kind is ProxyKind.PAR_BOND:
        return _par_bond_level(observed / 100.0, rows.days, proxy.maturity or 10.0)
    return observed


def _foreign_level(rows: _Rows, proxy: Proxy, universe: Universe) -> Reals:
    place = _table_of(rows.snapshot, proxy.column)
    if place is None:
        return np.full(len(rows.closes), np.nan)
    table, column = place
    index = total_return(table, column)
    seen = np.isfinite(index)
    price = Series(
        proxy.column, table.currency, table.sessions[seen], index[seen], table.known_at[seen]
    )
    # Both legs are the newest known at the close; a session that brings neither has no level.
    level, new = price.at(rows.closes), np.isfinite(_observed(price, rows.closes))
    if proxy.kind is ProxyKind.CONVERTED and table.currency != universe.currency:
        rate = _exchange_rate(rows.snapshot, table.currency, universe.currency)
        if rate is None:
            return np.full(len(rows.closes), np.nan)
        level = level * rate.at(rows.closes)
        new |= np.isfinite(_observed(rate, rows.closes))
    level[~new] = np.nan
    ended = _silence(price.known_at, rows.closes) > PATIENCE * 86_400 * 2
    level[ended] = np.nan
    return level


def _exchange_rate(snapshot: Snapshot, foreign: str, own: str) -> Series | None:
    if (foreign, own) not in EXCHANGE_RATE:
        raise DataError(
            f"no series gives the price of {foreign} in {own}; use a proxy in {own} or a hedged one"
        )
    return snapshot.series.get(EXCHANGE_RATE[foreign, own])


def _silence(known_at: Instants, when: Instants) -> NDArray[np.int64]:
    """Return the seconds since the newest row known at each instant, huge where there is none."""
    rows = np.searchsorted(known_at, when, side="right") - 1
    since = np.full(len(when), np.iinfo(np.int64).max)
    since[rows >= 0] = when[rows >= 0] - known_at[rows[rows >= 0]]
    return since


def _observed(series: Series, when: Instants) -> Reals:
    """Return the newest value known at each instant, NaN where no new row came since the last."""
    rows = np.searchsorted(series.known_at, when, side="right") - 1
    new = rows > np.concatenate(([-1], rows[:-1]))
    found = np.full(len(when), np.nan)
    found[new] = series.values[rows[new]]
    return found


def _accrued(rows: _Rows, name: str) -> Reals:
    """Return the interest of each row at the rate known at the close before, in percent a year.

    Simple interest on actual days over 365. NaN where no rate was known.
    """
    series = rows.snapshot.series.get(name)
    found = np.full(len(rows.closes), np.nan)
    if series is not None:
        found[1:] = series.at(rows.closes[:-1]) / 100.0 * rows.days[1:] / 365.0
    return found


def _par_bond_level(yields: Reals, days: Reals, maturity: float) -> Reals:
    """Return the index of a bond bought at par each session, sold at the next yield observed.

    Semi-annual coupons: the bond bought at yield ``y0`` is worth, at yield ``y``,
    ``y0 / y x (1 - v) + v`` with ``v = (1 + y / 2) ** (-2 x maturity)``, plus ``y0 x days / 365``.
    """
    seen = np.flatnonzero(np.isfinite(yields))
    index = np.full(len(yields), np.nan)
    if len(seen) == 0:
        return index
    elapsed = np.cumsum(days)
    bought, sold = yields[seen[:-1]], yields[seen[1:]]
    left = 2.0 * (maturity - (elapsed[seen[1:]] - elapsed[seen[:-1]]) / 365.0)
    discount = (1.0 + sold / 2.0) ** -left
    value = bought / sold * (1.0 - discount) + discount
    income = bought * (elapsed[seen[1:]] - elapsed[seen[:-1]]) / 365.0
    index[seen] = np.concatenate(([1.0], np.cumprod(value + income)))
    return index
