"""What the ledger of an account decided against what was done, and how far it has drifted since."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from jeoul.model.days import count_until
from jeoul.model.portfolio import CASH
from jeoul.operations.course import AccountCourse
from jeoul.operations.ledger import Ledger
from jeoul.reporting.statement.facts import DecisionsDone, Drift, Missed, Weight
from jeoul.reporting.text import Text

_ORDERS = """
SELECT i.intent AS intent, i.run_id AS run_id, r.executed AS session, i.side AS side,
       i.ticker AS ticker, i.shares AS shares, i.price AS price,
       SUM(f.shares) AS filled, SUM(f.amount) AS amount
FROM intents i JOIN runs r USING (run_id) LEFT JOIN fills f USING (intent)
GROUP BY i.seq, i.intent, i.run_id, r.executed, i.side, i.ticker, i.shares, i.price ORDER BY i.seq
"""
_STATES = "SELECT intent, state FROM order_events ORDER BY seq"
_RESOLVED = "SELECT intent, filled, amount FROM resolutions ORDER BY seq"
_RUNS = "SELECT run_id, session, executed, plan FROM runs ORDER BY seq"
_DEPOSITS = """
SELECT t.session AS session, SUM(-p.amount) AS amount
FROM postings p JOIN transactions t USING (txn)
WHERE t.kind = 'deposit' AND p.account = 'equity:external' AND p.amount < 0
GROUP BY t.session ORDER BY t.session
"""


@dataclass(frozen=True, slots=True)
class DecidedOrder:
    """One order that was decided, and what came of it; amounts in the smallest unit.

    ``executed`` is the session on which it was to be filled.
    """

    run_id: str
    executed: date
    side: str
    ticker: str
    shares: int
    price: int
    filled: int
    amount: int
    state: str


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest decision: the session it was made on, and what was kept of it."""

    session: date
    run_id: str
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Decisions:
    """Every order of an account, oldest first, the sessions its runs trade on, and the newest.

    ``deposits`` are what the broker named as deposits, by session, in the smallest unit.
    """

    orders: tuple[DecidedOrder, ...]
    runs: tuple[date, ...]
    newest: Newest | None
    deposits: Mapping[date, int]


def decisions_of(ledger: Ledger, until: date) -> Decisions:
    """Return what an account decided up to a session; nothing is written."""
    states = {row["intent"]: row["state"] for row in ledger.rows(_STATES)}
    said = {row["intent"]: row for row in ledger.rows(_RESOLVED)}
    runs = [row for row in ledger.rows(_RUNS) if row["session"] <= until.isoformat()]
    orders = []
    for row in ledger.rows(_ORDERS):
        became = said.get(row["intent"], row)
        orders.append(
            DecidedOrder(
                run_id=row["run_id"],
                executed=date.fromisoformat(row["session"]),
                side=row["side"],
                ticker=row["ticker"],
                shares=row["shares"],
                price=row["price"],
                filled=became["filled"] or 0,
                amount=became["amount"] or 0,
                state=states.get(row["intent"], "new"),
            )
        )
    newest = None
    if runs:
        last = runs[-1]
        newest = Newest(
            date.fromisoformat(last["session"]), last["run_id"], json.loads(last["plan"])
        )
    executed = tuple(date.fromisoformat(row["executed"]) for row in runs)
    deposits = {date.fromisoformat(r["session"]): r["amount"] for r in ledger.rows(_DEPOSITS)}
    return Decisions(tuple(orders), executed, newest, deposits)


def done_between(
    decisions: Decisions, start: date, end: date, won: float, names: Mapping[str, Text]
) -> DecisionsDone:
    """Return what was decided for the sessions of a span against what was done.

    ``won`` is what the smallest unit of the account's money is worth at the end of the span.
    """
    orders = [each for each in decisions.orders if start <= each.executed <= end]
    return DecisionsDone(
        runs=sum(start <= day <= end for day in decisions.runs),
        orders=len(orders),
        whole=sum(each.filled == each.shares for each in orders),
        planned=round(sum(each.shares * each.price for each in orders) * won),
        filled=round(sum(each.amount for each in orders) * won),
        slippage=round(sum(map(_slippage, orders)) * won),
        missed=tuple(
            Missed(
                session=each.executed,
                side=each.side,
                code=each.ticker,
                name=name_of(each.ticker,
                names),
                planned=each.shares,
                filled=each.filled, state=each.state,
            )
            for each in orders
            if each.filled != each.shares
        ),
    )  # fmt: skip


def drift_of(
    decisions: Decisions, course: AccountCourse, place: int, names: Mapping[str, Text]
) -> Drift | None:
    """Return how far an account is from its newest decision after a session, at ``place``.

    None without a decision, and for an account without anything in it.
    """
    newest, value = decisions.newest, int(course.value[place])
    if newest is None or value <= 0:
        return None
    held = dict(zip(course.tickers, course.shares[place].tolist(), strict=True))
    now = _weights(held, _prices(course, place), value)
    with_others = "household" in newest.document
    target = newest.document["weights"]
    if with_others:
        target = _after(newest, decisions.orders, course)
    codes = sorted({*now, *target} - {CASH})
    rows = [(code, target.get(code, 0.0), now.get(code, 0.0)) for code in (*codes, CASH)]
    return Drift(
        session=newest.session,
        drift=0.5 * sum(abs(wanted - there) for _, wanted, there in rows),
        weights=tuple(
            Weight(code, name_of(code, names), wanted, there)
            for code, wanted, there in rows
            if wanted or there
        ),
        with_others=with_others,
    )


def name_of(code: str, names: Mapping[str, Text]) -> Text:
    """Return the name of a security, its code where nobody knows one."""
    return names.get(code, Text(code, code))


def _slippage(order: DecidedOrder) -> int:
    beyond = order.amount - order.filled * order.price
    return beyond if order.side == "BUY" else -beyond


def _after(
    newest: Newest, orders: Iterable[DecidedOrder], course: AccountCourse
) -> dict[str, float]:
    """Return the weights that the orders of a plan would have made of the account.

    A security that the account never held has no price in its course: that of its order counts.
    """
    shares, ordered = dict(newest.document["portfolio"]["shares"]), {}
    for order in (each for each in orders if each.run_id == newest.run_id):
        more = order.shares if order.side == "BUY" else -order.shares
        shares[order.ticker] = shares.get(order.ticker, 0) + more
        ordered[order.ticker] = float(order.price)
    place = count_until(course.sessions, newest.session) - 1
    return _weights(shares, {**ordered, **_prices(course, place)}, newest.document["value"])


def _prices(course: AccountCourse, place: int) -> Mapping[str, float]:
    found = zip(course.tickers, course.prices[place].tolist(), strict=True)
    return {code: price for code, price in found if not np.isnan(price)}


def _weights(
    shares: Mapping[str, int], prices: Mapping[str, float], value: int
) -> dict[str, float]:
    found = {code: count * prices[code] / value for code, count in shares.items() if code in prices}
    return {**found, CASH: 1.0 - sum(found.values())}
