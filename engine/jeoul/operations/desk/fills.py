"""What the broker has filled of our orders; seeing a running total twice books it once."""

from __future__ import annotations

from datetime import date
from typing import assert_never

from jeoul.operations.broker.port import BrokerOrder, OrderState
from jeoul.operations.desk.estimated_fees import TOLD
from jeoul.operations.desk.intents import Intent, open_intents
from jeoul.operations.desk.order_desk import OrderDesk, listed, record
from jeoul.operations.desk.traces import by_key
from jeoul.operations.errors import Unreachable
from jeoul.operations.ledger import Fill, Transaction, book
from jeoul.operations.ledger.books import legs_beside_others


def collect(desk: OrderDesk, session: date) -> None:
    """Book what the broker has filled of our orders of a session, and close what is over."""
    waiting = (i for i in open_intents(desk.ledger) if i.executed == session)
    mine = [(i.order_id, i) for i in waiting if i.order_id]
    if not mine:
        return
    desk.checkpoint("before-fills")
    found = by_key(listed(desk, session))
    if any(number not in found for number, _ in mine):
        # Lists lag: an order that was acknowledged a moment ago may not show yet.
        desk.clock.wait(desk.broker.visibility)
        found = by_key(listed(desk, session))
    for number, intent in mine:
        order = found.get(number)
        if order is None:
            raise Unreachable(
                f"the broker acknowledged order {number} ({intent.name}) and does not "
                f"list it; run again, or look at the broker's own screen and {_way_out(intent)}"
            )
        _close(desk, intent, order, _book_fill(desk, intent, order))


def _book_fill(desk: OrderDesk, intent: Intent, order: BrokerOrder) -> int:
    """Book what is news in an order's running total, and return its fees as they are booked."""
    shares, amount = order.filled - intent.filled, order.amount - intent.amount
    if shares == 0 and amount == 0:
        return intent.fee
    if shares <= 0 or amount <= 0 or order.filled > intent.order.shares:
        raise Unreachable(
            f"the broker now says {order.filled} shares for {order.amount} of order "
            f"{order.order_id}, after {intent.filled} for {intent.amount} and of "
            f"{intent.order.shares} ordered; compare with the broker's own screen, then "
            f"{_way_out(intent)}"
        )
    # Of the running total: a least fee is charged once for an order, not for each of its fills.
    total = desk.fees.costs(order.amount).fee if order.fee is None else order.fee
    fill = Fill(
        side=intent.order.side,
        ticker=intent.order.ticker,
        shares=shares,
        amount=amount,
        fee=total - intent.fee,
        session=intent.executed,
        settles=desk.settles(intent.executed),
    )
    # Named by the running total, so that the same fill cannot be booked under two names.
    txn = f"fill:{intent.name}:{order.filled}"
    with desk.ledger.transaction():
        legs = legs_beside_others(desk.ledger, fill, desk.currency, desk.proceeds)
        booked = Transaction(
            txn=txn, kind="fill", session=fill.session, legs=legs, note=order.order_id
        )
        book(desk.ledger, desk.at(), booked)
        desk.checkpoint("inside-fill")
        desk.ledger.append(
            "fills",
            desk.at(),
            intent=intent.name,
            txn=txn,
            filled=order.filled,
            shares=shares,
            amount=amount,
            fee=fill.fee,
            session=fill.session.isoformat(),
        )
    desk.checkpoint("after-fill")
    return total


def _way_out(intent: Intent) -> str:
    return (
        f"say what became of it: `jeoul resolve CONFIG --order {intent.name} --cancelled`, or "
        "`--filled N --at PRICE`"
    )


def _close(desk: OrderDesk, intent: Intent, order: BrokerOrder, fee: int) -> None:
    """Record how an order ended, and whether the ``fee`` that is booked is what the broker told."""
    state = _final_state(order.state)
    if state is not None:
        # Where the broker tells the fee after the fill was booked, the fill keeps its estimate.
        told = {"fee": TOLD} if order.fee == fee else {}
        record(desk, intent, state, {"filled": order.filled, **told}, "inside-close")
        desk.checkpoint("after-close")


def _final_state(state: OrderState) -> str | None:
    """Return how an intent ends with its order in a state, None while the order is open."""
    match state:
        case OrderState.OPEN:
            return None
        case OrderState.FILLED:
            return "filled"
        case OrderState.CLOSED:
            return "closed"
        case OrderState.REJECTED:
            return "refused"
        case _:
            assert_never(state)
