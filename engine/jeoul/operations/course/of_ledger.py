"""The course of an account whose ledger is there: its postings folded session by session."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from jeoul.database import Row
from jeoul.errors import DataError, Problem
from jeoul.market.market import Market
from jeoul.model.calendar import Calendar, Days
from jeoul.model.money import UNITS
from jeoul.model.portfolio import Side
from jeoul.operations.course.closes import closes_along
from jeoul.operations.course.record import Amounts, Course, CourseFill
from jeoul.operations.desk.intents import reason_from
from jeoul.operations.errors import LedgerError
from jeoul.operations.ledger import Ledger
from jeoul.operations.ledger.books import (
    CASH,
    DIVIDENDS,
    EXTERNAL,
    FEES,
    SHARES,
    TAXES,
    UNSETTLED,
)

UNEXPLAINED = "adopted"
INTEREST = "interest"

# Money that becomes settled moves nothing in or out of an account; what a corporate action takes
# is what its other leg gives.
_POSTINGS = """
SELECT t.seq AS seq, t.kind AS kind, t.session AS session,
       p.account AS account, p.commodity AS commodity, p.amount AS amount
FROM transactions t JOIN postings p USING (txn)
WHERE t.kind <> 'settlement' AND p.account NOT IN ('trading', 'equity:corporate-actions')
ORDER BY t.seq, p.seq
"""
_FILLS = """
SELECT i.intent AS intent, i.run_id AS run_id, i.side AS side, i.ticker AS ticker,
       i.reason AS reason, r.executed AS session, SUM(f.shares) AS shares,
       SUM(f.amount) AS amount, SUM(f.fee) AS fee
FROM intents i JOIN runs r USING (run_id) LEFT JOIN fills f USING (intent)
GROUP BY i.intent ORDER BY i.seq
"""
_RESOLVED = "SELECT intent, filled AS shares, amount, fee FROM resolutions ORDER BY seq"


@dataclass(slots=True)
class _Booked:
    """Sums of postings by session, and what crossed the border of the account, by transaction."""

    cash: Amounts
    fees: Amounts
    taxes: Amounts
    dividends: Amounts
    interest: Amounts
    shares: Mapping[str, Amounts]
    crossed: Mapping[int, _Crossed]


@dataclass(slots=True)
class _Crossed:
    """One transaction with the outside: its session's place, its money and shares, who explains."""

    place: int
    unexplained: bool
    money: int = 0
    shares: dict[str, int] = field(default_factory=dict)


def course_of(ledger: Ledger, *, account: str, market: Market, calendar: Calendar) -> Course:
    """Return the course of the account of a ledger, to the last session of a market.

    ``account`` is its name in the course: a ledger is of one account. The course begins with the
    first session of the books; a booking between two sessions counts in the later one, and
    bookings after the market's last session are not in it. Nothing is written.

    Raises :class:`DataError` where the market does not reach from the first session of the books
    on, :class:`LedgerError` for an empty ledger, and for books in another currency than the prices.
    """
    tables = [table for table in market.prices if table.exchange == calendar.name]
    along = market.sessions(calendar.name)
    currency = tables[0].currency
    rows = ledger.rows(_POSTINGS)
    if not rows:
        raise LedgerError(f"the ledger {ledger.path} has no bookings; `jeoul run` makes them")
    _refuse_foreign(rows, currency, ledger)
    first = np.datetime64(min(row["session"] for row in rows))
    if not along[0] <= first <= along[-1]:
        reason = f"has prices from {along[0]} to {along[-1]}, and {account} begins on {first}"
        remedy = "name the market folder that the account was run with, or fetch newer prices"
        raise DataError([Problem(market.source, reason, remedy=remedy)])
    sessions = along[np.searchsorted(along, first) :]
    booked = _booked(rows, sessions)
    tickers = tuple(sorted(booked.shares))
    closes = closes_along(tables, tickers, sessions, UNITS[currency])
    shares = _by_ticker(booked.shares, tickers, len(sessions))
    priced = np.nan_to_num(closes.prices, nan=0.0).astype(np.int64)
    paid_in, taken_out, adopted = _flows(booked.crossed.values(), tickers, priced)
    cash = np.cumsum(booked.cash)
    used = [ticker for ticker in tickers if booked.shares[ticker].any()]
    return Course(
        account=account,
        currency=currency,
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
        fills=tuple(_fills(ledger, sessions)),
        approximate=any(
            table.adjusted != "raw" and not set(used).isdisjoint(table.tickers) for table in tables
        ),
    )


def _refuse_foreign(rows: Iterable[Row], currency: str, ledger: Ledger) -> None:
    found = {row["commodity"] for row in rows if _is_money(row["account"])} - {currency}
    if found:
        foreign = ", ".join(sorted(found))
        raise LedgerError(f"the ledger {ledger.path} counts in {foreign}, its prices in {currency}")


def _is_money(account: str) -> bool:
    return account in (CASH, FEES, TAXES, DIVIDENDS) or account.startswith(UNSETTLED)


def _booked(rows: Iterable[Row], sessions: Days) -> _Booked:
    count = len(sessions)
    sums: dict[str, Amounts] = defaultdict(lambda: np.zeros(count, dtype=np.int64))
    shares: dict[str, Amounts] = defaultdict(lambda: np.zeros(count, dtype=np.int64))
    crossed: dict[int, _Crossed] = {}
    places: dict[str, int] = {}
    for row in rows:
        day = row["session"]
        if day not in places:
            places[day] = int(np.searchsorted(sessions, np.datetime64(day)))
        place = places[day]
        if place == count:
            continue
        account, amount = row["account"], row["amount"]
        if account == SHARES:
            shares[row["commodity"]][place] += amount
        elif account == EXTERNAL and row["kind"] != INTEREST:
            _cross(crossed.setdefault(row["seq"], _Crossed(place, row["kind"] == UNEXPLAINED)), row)
        else:
            name = CASH if account.startswith(UNSETTLED) else account
            sums[INTEREST if account == EXTERNAL else name][place] += amount
    return _Booked(
        cash=sums[CASH],
        fees=sums[FEES],
        taxes=sums[TAXES],
        dividends=-sums[DIVIDENDS],
        interest=-sums[INTEREST],
        shares=shares,
        crossed=crossed,
    )


def _cross(crossed: _Crossed, row: Row) -> None:
    if row["commodity"] in UNITS:
        crossed.money -= row["amount"]
    else:
        had = crossed.shares.get(row["commodity"], 0)
        crossed.shares[row["commodity"]] = had - row["amount"]


def _by_ticker(moves: Mapping[str, Amounts], tickers: tuple[str, ...], count: int) -> Amounts:
    if not tickers:
        return np.zeros((count, 0), dtype=np.int64)
    found: Amounts = np.cumsum(np.stack([moves[ticker] for ticker in tickers], axis=1), axis=0)
    return found


def _flows(
    crossed: Iterable[_Crossed], tickers: tuple[str, ...], prices: Amounts
) -> tuple[Amounts, Amounts, Amounts]:
    """Return what came in, what went out, and the net of what nobody explained, by session."""
    columns = {ticker: column for column, ticker in enumerate(tickers)}
    paid_in, taken_out, adopted = (np.zeros(len(prices), dtype=np.int64) for _ in range(3))
    for each in crossed:
        worth = each.money + sum(
            count * int(prices[each.place, columns[ticker]])
            for ticker, count in each.shares.items()
        )
        (paid_in if worth > 0 else taken_out)[each.place] += abs(worth)
        if each.unexplained:
            adopted[each.place] += worth
    return paid_in, taken_out, adopted


def _fills(ledger: Ledger, sessions: Days) -> Iterator[CourseFill]:
    """Yield what was filled of each order; what a person said of one counts instead."""
    said = {row["intent"]: row for row in ledger.rows(_RESOLVED)}
    for row in ledger.rows(_FILLS):
        became = said.get(row["intent"], row)
        day = date.fromisoformat(row["session"])
        if became["shares"] and np.datetime64(day) <= sessions[-1]:
            yield CourseFill(
                session=day,
                side=Side(row["side"]),
                ticker=row["ticker"],
                shares=became["shares"],
                amount=became["amount"],
                fee=became["fee"],
                reason=reason_from(json.loads(row["reason"])),
                run_id=row["run_id"],
            )
