"""Total-return levels on the sessions of a history: of a fund, a proxy, a rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jeoul.errors import DataError
from jeoul.market.charges import charged
from jeoul.model.blocks import blocks_of
from jeoul.model.calendar import Days, Instants, Reals
from jeoul.model.instrument import Proxy, ProxyKind, Universe
from jeoul.model.series import PriceTable, Series
from jeoul.model.snapshot import Snapshot

PATIENCE = 5  # sessions without a price after which the next source of a return takes over
EXCHANGE_RATE = {("USD", "KRW"): "usdkrw"}


class TableColumns(NamedTuple):
    """The closes of each ticker of a table in a row, and which have a distribution or a split.

    In a table of hundreds the closes of one ticker lie in as many places of the memory as there
    are sessions, and they are read again and again.
    """

    close: Reals
    eventful: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class LevelRows:
    """The sessions that a history covers, and what was known when."""

    snapshot: Snapshot
    exchange: str
    sessions: Days
    closes: Instants
    days: Reals  # calendar days since the row before
    places: dict[PriceTable, NDArray[np.int64]] = field(default_factory=dict)  # of its sessions
    columns: dict[PriceTable, TableColumns] = field(default_factory=dict)
    places_of: dict[str, tuple[PriceTable, int]] = field(default_factory=dict)  # of tickers

    def find(self, code: str) -> tuple[PriceTable, int] | None:
        """Return the first table that has a ticker, and its column there."""
        if not self.places_of:
            for table in reversed(self.snapshot.prices):
                for at, ticker in reversed([*enumerate(table.tickers)]):
                    self.places_of[ticker] = table, at
        return self.places_of.get(code)

    def columns_of(self, table: PriceTable) -> TableColumns:
        """Return the columns of a table, which are laid out once."""
        if table not in self.columns:
            self.columns[table] = columns_of(table)
        return self.columns[table]


def columns_of(table: PriceTable) -> TableColumns:
    """Return the columns of a table, each in one piece of the memory."""
    closes = np.empty(table.close.shape[::-1])
    for part in blocks_of(len(closes)):
        closes[part] = table.close[:, part].T
    if table.dividends is None or table.splits is None:
        return TableColumns(closes, np.zeros(len(closes), dtype=np.bool_))
    quiet = (table.splits == 1.0) & (table.dividends == 0.0)
    return TableColumns(closes, ~quiet.all(axis=0))


def _place_in(rows: LevelRows, table: PriceTable, values: Reals) -> Reals:
    """Return the values of a table of the deciding exchange on the rows, by session label.

    Labels of one exchange are the same days; those of another would not be.
    """
    if table.exchange != rows.exchange:
        raise DataError(
            f"funds of a universe on {rows.exchange} are priced on {table.exchange} here; "
            "name the file of their own exchange in the manifest"
        )
    if table not in rows.places:
        rows.places[table] = np.searchsorted(rows.sessions, table.sessions)
    found = np.full(len(rows.sessions), np.nan)
    found[rows.places[table]] = values
    return found


def closes_of(rows: LevelRows, code: str) -> Reals:
    """Return the closes of a fund on the rows, NaN where there are none."""
    place = rows.find(code)
    if place is None:
        return np.full(len(rows.closes), np.nan)
    table, column = place
    return _place_in(rows, table, rows.columns_of(table).close[column])


def navs_of(rows: LevelRows, codes: Sequence[str]) -> Reals | None:
    """Return the net asset values of funds on the rows, a column each; None where none has any."""
    if all(table.nav is None for table in rows.snapshot.prices):
        return None
    found = np.full((len(rows.closes), len(codes)), np.nan)
    for place, code in enumerate(codes):
        there = rows.find(code)
        if there is not None and there[0].nav is not None:
            found[:, place] = _place_in(rows, there[0], there[0].nav[:, there[1]])
    return None if np.isnan(found).all() else found


def fund_level(rows: LevelRows, code: str) -> Reals:
    """Return the total-return level of a fund on the rows, NaN where it has no price."""
    place = rows.find(code)
    if place is None:
        return np.full(len(rows.closes), np.nan)
    table, column = place
    return _place_in(rows, table, total_return(table, column, columns=rows.columns_of(table)))


def total_return(
    table: PriceTable, column: int, kept: float = 1.0, *, columns: TableColumns | None = None
) -> Reals:
    """Return one ticker's total-return index on the table's rows, NaN where there is no price.

    Of a distribution the part ``kept`` is reinvested; adjusted closes reinvest all of it.

    Adjusted closes are such an index already. A raw close grows by
    ``split x (close + dividend) / close before``, the dividend being per share after the split;
    events on a session without a price are carried to the next one with a price.
    """
    columns = columns_of(table) if columns is None else columns
    close: Reals = columns.close[column]
    if table.dividends is None or table.splits is None:
        return close
    seen = np.flatnonzero(np.isfinite(close))
    if len(seen) == 0:
        return close
    if not columns.eventful[column]:
        growth = close[seen[1:]] / close[seen[:-1]]
        return _index(close, seen, growth)
    units = np.cumprod(table.splits[:, column])
    paid = np.nan_to_num(table.dividends[:, column]) * units * kept
    held = np.concatenate(([0.0], np.cumsum(paid)))
    income = held[seen[1:] + 1] - held[seen[:-1] + 1]
    growth = (close[seen[1:]] * units[seen[1:]] + income) / (close[seen[:-1]] * units[seen[:-1]])
    return _index(close, seen, growth)


def _index(close: Reals, seen: NDArray[np.int64], growth: Reals) -> Reals:
    index = np.full(len(close), np.nan)
    index[seen] = close[seen[0]] * np.concatenate(([1.0], np.cumprod(growth)))
    return index


def proxy_level(rows: LevelRows, proxy: Proxy, universe: Universe) -> Reals:
    """Return the level of a proxy on the rows, NaN where nothing new was known of it.

    Its charges are taken off: the tax on distributions from each of them where the folder has them,
    else from the yields of the universe file.

    Raises :class:`DataError` if it is priced in a currency that no series converts.
    """
    level, charges = _level(rows, proxy, universe), proxy.charges
    if charges is None:
        return level
    place = rows.find(proxy.column)
    withheld = place is not None and place[0].dividends is not None
    return charged(level, rows.sessions, rows.days, charges, withheld=withheld)


def _level(rows: LevelRows, proxy: Proxy, universe: Universe) -> Reals:
    if proxy.kind in (ProxyKind.CONVERTED, ProxyKind.HEDGED):
        return _foreign_level(rows, proxy, universe)
    series = rows.snapshot.series.get(proxy.column)
    if series is None:
        return np.full(len(rows.closes), np.nan)
    if proxy.kind is ProxyKind.RATE:
        return level_of(accrued(rows, proxy.column)[:, np.newaxis])[:, 0]
    observed = observed_at(series, rows.closes)
    if proxy.kind is ProxyKind.PAR_BOND:
        return _par_bond_level(observed / 100.0, rows.days, proxy.maturity or 10.0)
    return observed


def _foreign_level(rows: LevelRows, proxy: Proxy, universe: Universe) -> Reals:
    place = rows.find(proxy.column)
    if place is None:
        return np.full(len(rows.closes), np.nan)
    table, column = place
    kept = 1.0 if proxy.charges is None else proxy.charges.kept
    index = total_return(table, column, kept, columns=rows.columns_of(table))
    seen = np.isfinite(index)
    price = Series(
        name=proxy.column,
        unit=table.currency,
        dates=table.sessions[seen],
        values=index[seen],
        known_at=table.known_at[seen],
    )
    # Both legs are the newest known at the close; a session that brings neither has no level.
    level, new = price.at(rows.closes), np.isfinite(observed_at(price, rows.closes))
    if proxy.kind is ProxyKind.CONVERTED and table.currency != universe.currency:
        rate = _exchange_rate(rows.snapshot, table.currency, universe.currency)
        if rate is None:
            return np.full(len(rows.closes), np.nan)
        level = level * rate.at(rows.closes)
        new |= np.isfinite(observed_at(rate, rows.closes))
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


def observed_at(series: Series, when: Instants) -> Reals:
    """Return the newest value known at each instant, NaN where no new row came since the last."""
    rows = np.searchsorted(series.known_at, when, side="right") - 1
    new = rows > np.concatenate(([-1], rows[:-1]))
    found = np.full(len(when), np.nan)
    found[new] = series.values[rows[new]]
    return found


def accrued(rows: LevelRows, name: str) -> Reals:
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


def level_of(returns: Reals) -> Reals:
    """Return the total-return index of each column, NaN before its first return, else carried."""
    level = np.empty(returns.shape)
    for part in blocks_of(returns.shape[1]):
        seen = returns[:, part]
        grown = np.cumprod(1.0 + np.nan_to_num(seen), axis=0, dtype=np.float64)
        begun = np.maximum.accumulate(np.isfinite(seen), axis=0)
        # The row before the first return is the base of the index.
        begun[:-1] |= begun[1:]
        grown[~begun] = np.nan
        level[:, part] = grown
    return level
