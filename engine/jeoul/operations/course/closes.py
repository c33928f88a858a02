"""The closes of some tickers along sessions, as an account values its shares with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jeoul.account.price_events import PriceEvents
from jeoul.model.calendar import Days, Reals
from jeoul.model.series import PriceTable
from jeoul.model.whole_prices import units_along
from jeoul.operations.course.record import Flags


@dataclass(frozen=True, slots=True, eq=False)
class Closes:
    """Newest closes by session and ticker in the smallest unit, NaN before a ticker's first.

    ``traded`` says which of them are closes of the session itself.
    """

    prices: Reals
    traded: Flags


def closes_along(
    tables: Sequence[PriceTable], tickers: Sequence[str], sessions: Days, unit: int
) -> Closes:
    """Return the closes of tickers along sessions, each the one that an order would have met.

    Where a session has no close the newest one before it counts, divided by the splits since, as
    :meth:`~jeoul.account.price_events.PriceEvents.last_close` says. A ticker of no table has none.

    >>> days = np.array(["2026-06-01", "2026-06-02"], dtype="datetime64[D]")
    >>> none = np.zeros(2, dtype=np.int64)
    >>> close = np.array([[40_000.0], [np.nan]])
    >>> table = PriceTable("XKRX", "KRW", "raw", ("069500",), days, none, close, None, None)
    >>> found = closes_along([table], ["069500", "005930"], days, 1)
    >>> found.prices.tolist(), found.traded.tolist()
    ([[40000.0, nan], [40000.0, nan]], [[True, False], [False, False]])
    """
    prices = np.full((len(sessions), len(tickers)), np.nan)
    traded = np.zeros(prices.shape, dtype=np.bool_)
    for table in tables:
        events = PriceEvents((table,), unit)
        places = {ticker: column for column, ticker in enumerate(table.tickers)}
        for number, ticker in enumerate(tickers):
            if ticker in places:
                found = _column(table, places[ticker], sessions, events)
                prices[:, number], traded[:, number] = found
    return Closes(prices, traded)


def _column(
    table: PriceTable, column: int, sessions: Days, events: PriceEvents
) -> tuple[Reals, Flags]:
    close = table.close[:, column]
    known = np.flatnonzero(~np.isnan(close))
    days = table.sessions[known]
    rows = np.searchsorted(days, sessions, side="right") - 1
    prices = np.full(len(sessions), np.nan)
    seen = rows >= 0
    prices[seen] = units_along(close[known[rows[seen]]], events.unit)
    traded = np.zeros(len(sessions), dtype=np.bool_)
    traded[seen] = days[rows[seen]] == sessions[seen]
    for place in _split_since(table, column, known, rows, sessions):
        session = sessions[place].astype(object)
        prices[place] = events.last_close(table.tickers[column], session)
    return prices, traded


def _split_since(
    table: PriceTable, column: int, known: np.ndarray, rows: np.ndarray, sessions: Days
) -> np.ndarray:
    """Return the sessions between whose newest close and themselves the ticker was split."""
    if table.splits is None:
        return np.array([], dtype=np.int64)
    split = np.nan_to_num(table.splits[:, column], nan=1.0) != 1.0
    counts = np.concatenate([[0], np.cumsum(split)])
    now = counts[np.searchsorted(table.sessions, sessions, side="right")]
    then = np.where(rows >= 0, counts[np.append(known, 0)[rows] + 1], now)
    return np.flatnonzero(now != then)
