"""A market in which funds that were listed later have prices before: those of their proxies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import numpy as np

from jeoul.market import Market, assemble
from jeoul.market.calendars import load_calendar
from jeoul.model.calendar import Reals
from jeoul.model.instrument import Universe
from jeoul.model.series import PriceTable


def lengthened(market: Market, universe: Universe, until: date) -> tuple[Market, tuple[str, ...]]:
    """Return the market with prices of a universe's funds before their first, and which those are.

    Before its first price a fund follows the chained return of its place in the universe, as a
    backtest of the model does: its substitutes, then its proxies. Where these have none either it
    has no price. ``until`` is the last session that matters; only funds without a price by the
    sessions before it are lengthened.
    """
    calendars = {name: load_calendar(name) for name in ("XKRX", "XNYS")}
    calendar = universe.calendar
    history = assemble(market.newest(calendar), universe, calendars)
    place_of = {
        code: place for place, member in enumerate(universe.members) for code in member.codes
    }
    tables, found = [], []
    for table in market.prices:
        if table.exchange != calendar:
            tables.append(table)
            continue
        close = table.close.copy()
        # A day after the last one stands at the last one's row, and is not that day.
        rows = np.minimum(np.searchsorted(history.sessions, table.sessions), len(history) - 1)
        inside = history.sessions[rows] == table.sessions
        for column in _late(table, place_of, until):
            level = np.full(len(table.sessions), np.nan)
            level[inside] = history.level[rows[inside], place_of[table.tickers[column]]]
            if _fill(close, column, level):
                found.append(table.tickers[column])
        tables.append(replace(table, close=close))
    return market.with_prices(tables), tuple(sorted(found))


def _late(table: PriceTable, known: Iterable[str], until: date) -> list[int]:
    """Return the columns of known funds whose first price comes after a day."""
    names = set(known)
    found = []
    for column, ticker in enumerate(table.tickers):
        seen = np.flatnonzero(np.isfinite(table.close[:, column]))
        if ticker in names and len(seen) and table.sessions[seen[0]] > np.datetime64(until):
            found.append(column)
    return found


def _fill(close: Reals, column: int, level: Reals) -> bool:
    """Write prices before a column's first one; return whether there were any to write."""
    first = np.flatnonzero(np.isfinite(close[:, column]))[0]
    if not np.isfinite(level[first]):
        return False
    before = close[first, column] * level[:first] / level[first]
    close[:first, column] = before
    return bool(np.isfinite(before).any())
