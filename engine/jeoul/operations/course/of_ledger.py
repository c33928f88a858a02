"""The course of an account whose ledger is there: its postings folded session by session."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

import numpy as np

from jeoul.errors import DataError, Problem
from jeoul.market.market import Market
from jeoul.model.calendar import Calendar, Days
from jeoul.model.days import count_until
from jeoul.model.portfolio import Side
from jeoul.operations.course.assembly import assembled
from jeoul.operations.course.bookings import booked, postings_of
from jeoul.operations.course.record import AccountCourse, CourseFill
from jeoul.operations.course.splits import on_their_day
from jeoul.operations.desk.intents import reason_from
from jeoul.operations.ledger import Ledger

# The account was last compared with its broker when the newest of these was written.
_LOOKED = """
SELECT MAX(session) AS session FROM (
    SELECT MAX(session) AS session FROM transactions
    UNION ALL SELECT MAX(session) FROM runs
    UNION ALL SELECT MAX(session) FROM notes WHERE kind = 'outcome'
) AS newest  -- a name that PostgreSQL before 16 asks for
"""
_FILLS = """
SELECT i.intent AS intent, i.run_id AS run_id, i.side AS side, i.ticker AS ticker,
       i.reason AS reason, r.executed AS session, SUM(f.shares) AS shares,
       SUM(f.amount) AS amount, SUM(f.fee) AS fee
FROM intents i JOIN runs r USING (run_id) LEFT JOIN fills f USING (intent)
GROUP BY i.seq, i.intent, i.run_id, i.side, i.ticker, i.reason, r.executed ORDER BY i.seq
"""
_RESOLVED = "SELECT intent, filled AS shares, amount, fee FROM resolutions ORDER BY seq"


def course_of(ledger: Ledger, *, account: str, market: Market, calendar: Calendar) -> AccountCourse:
    """Return the course of the account of a ledger, to the last session of a market.

    ``account`` is its name in the course: a ledger is of one account. The course begins with the
    first session of the books; a booking between two sessions counts in the later one, and
    bookings after the market's last session are not in it. A split counts on its day
    (:mod:`jeoul.operations.course.splits`). Nothing is written.

    Raises :class:`DataError` where the market does not reach from the first session of the books
    on, :class:`LedgerError` for an empty ledger, and for books in another currency than the prices.
    """
    along = market.sessions(calendar.name)
    tables = [table for table in market.prices if table.exchange == calendar.name]
    rows = postings_of(ledger, tables[0].currency)
    first = np.datetime64(min(row["session"] for row in rows))
    sessions = sessions_from(first, along, account, market.source)
    (newest,) = ledger.rows(_LOOKED)
    looked = count_until(sessions, newest["session"]) - 1
    found = on_their_day(booked(rows, sessions), tables, sessions, looked)
    return assembled(account, found, tables, sessions, tuple(_fills(ledger, sessions)))


def sessions_from(first: np.datetime64, along: Days, account: str, source: str) -> Days:
    """Return the sessions of a market, ``along``, from the first day of an account on.

    Raises :class:`DataError` where the market, from ``source``, does not cover that day.
    """
    if not along[0] <= first <= along[-1]:
        reason = f"has prices from {along[0]} to {along[-1]}, and {account} begins on {first}"
        remedy = "name the market folder that the account was run with, or fetch newer prices"
        raise DataError([Problem(source, reason, remedy=remedy)])
    return along[np.searchsorted(along, first) :]


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
