"""Bookings and closes become a course: holdings, value and flows of every session."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from jeoul.model.calendar import Days
from jeoul.model.money import UNITS
from jeoul.model.series import PriceTable
from jeoul.operations.course.bookings import UNEXPLAINED, Booked, BookedMove
from jeoul.operations.course.closes import closes_along
from jeoul.operations.course.record import AccountCourse, Amounts, CourseFill, CoursePayment


def assembled(
    account: str,
    booked: Booked,
    tables: Sequence[PriceTable],
    sessions: Days,
    fills: tuple[CourseFill, ...],
) -> AccountCourse:
    """Return the course of bookings along sessions, valued with the closes of price tables."""
    tickers = tuple(sorted(booked.shares))
    closes = closes_along(tables, tickers, sessions, UNITS[tables[0].currency])
    shares = _by_ticker(booked.shares, tickers, len(sessions))
    priced: Amounts = np.nan_to_num(closes.prices, nan=0.0).astype(np.int64)
    outside = [move for move in booked.moves if not move.corporate]
    paid_in, taken_out, adopted = _flows(outside, tickers, priced)
    cash: Amounts = np.cumsum(booked.cash)
    adjusted = (table for table in tables if table.adjusted != "raw")
    return AccountCourse(
        account=account,
        currency=tables[0].currency,
        sessions=sessions,
        value=cash + (shares * priced).sum(axis=1),
        cash=cash,
        paid_in=paid_in,
        taken_out=taken_out,
        adopted=adopted,
        fees=booked.fees,
        taxes=booked.taxes,
        dividends=booked.dividends,
        interest=booked.interest,
        tickers=tickers,
        shares=shares,
        prices=closes.prices,
        traded=closes.traded,
        unpriced=((shares != 0) & np.isnan(closes.prices)).any(axis=1),
        fills=fills,
        approximate=any(not set(tickers).isdisjoint(table.tickers) for table in adjusted),
        payments=tuple(
            CoursePayment(sessions[place].astype(object), ticker, amount)
            for place, ticker, amount in booked.payments
        ),
    )


def _by_ticker(moves: Mapping[str, Amounts], tickers: tuple[str, ...], count: int) -> Amounts:
    if not tickers:
        return np.zeros((count, 0), dtype=np.int64)
    found: Amounts = np.cumsum(np.stack([moves[ticker] for ticker in tickers], axis=1), axis=0)
    return found


def _flows(
    moves: Iterable[BookedMove], tickers: tuple[str, ...], prices: Amounts
) -> tuple[Amounts, Amounts, Amounts]:
    """Return what came in, what went out, and the net of what nobody explained, by session."""
    columns = {ticker: column for column, ticker in enumerate(tickers)}
    paid_in, taken_out, adopted = (np.zeros(len(prices), dtype=np.int64) for _ in range(3))
    for move in moves:
        worth = move.money + sum(
            count * prices[move.place, columns[ticker]] for ticker, count in move.shares.items()
        )
        paid_in[move.place] += max(worth, 0)
        taken_out[move.place] += max(-worth, 0)
        if move.kind == UNEXPLAINED:
            adopted[move.place] += worth
    return paid_in, taken_out, adopted
