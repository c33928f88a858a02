"""Each order exactly once, through crashes, silence and brokers without client order ids.

1. The plan and all its intents are frozen in one transaction before anything is sent.
2. An intent is marked ``sending`` and committed, then handed over, then ``acknowledged`` with the
   broker's number.
3. Whatever is still ``sending`` after a crash or an unanswered request is unknown. The broker is
   asked first. Where it keeps our name for an order, that finds it. Where it does not, the orders
   that were not there before sending, are not bound to another intent and have the same side,
   ticker, shares and limit are candidates: one is ours, none after the visibility window means
   that the order never arrived, several need a person.
4. Before anything is sent, an order of the same ticker and side that nobody here knows stops the
   run: it was typed in by hand, or sent by a copy or an older state of this ledger.
5. Fills are booked from running totals, so that seeing one twice books it once.

Named steps (:data:`STEPS`) are reported to a callback, so that tests can kill the process there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from jeoul.operations.broker.port import (
    Broker,
    BrokerOrder,
    Hours,
    Ids,
    OrderRequest,
    OrderState,
    checked,
)
from jeoul.operations.desk.intents import (
    Intent,
    Plan,
    bound_orders,
    compact,
    freeze,
    intents_of,
    one_intent,
    open_intents,
)
from jeoul.operations.desk.lapsing import UNSENT, supersede_inside
from jeoul.operations.errors import Ambiguous, NotSent, Refused, Unanswered, Unreachable
from jeoul.operations.ledger import Fill, Ledger, Transaction, book
from jeoul.operations.ledger.books import fill_legs
from jeoul.operations.setup.clock import Clock
from jeoul.rebalance import Tariff

ATTEMPTS = 3  # hand-overs of one order in one run, where the broker provably did not take it
PAUSE = 1.0  # seconds between questions and after a request that was turned away unread

STEPS = (
    "before-plan",
    "inside-plan",
    "after-plan",
    "before-recovery",
    "before-order",
    "after-watermark",
    "inside-sending",
    "after-sending",
    "after-submit",
    "inside-acknowledged",
    "after-acknowledged",
    "before-fills",
    "inside-fill",
    "after-fill",
    "inside-close",
    "after-close",
    "before-finish",
    "inside-finish",
    "after-finish",
)

Checkpoint = Callable[[str], None]


def unwatched(step: str) -> None:
    """Let a step pass; what a run uses when nobody wants to know where it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDesk:
    """Where orders are handed over: ledger, broker, clock, fees and settlement of one account.

    ``fees`` are used where the broker does not tell them; ``settles`` maps a session to the date on
    which its trades settle.
    """

    ledger: Ledger
    broker: Broker
    clock: Clock
    currency: str
    fees: Tariff
    settles: Callable[[date], date]
    checkpoint: Checkpoint = unwatched

    def at(self) -> int:
        """Return the time as the ledger keeps it."""
        return int(self.clock.now())


def freeze_plan(desk: OrderDesk, plan: Plan) -> None:
    """Make a plan and all its intents durable, before anything is sent; older plans lapse."""
    desk.checkpoint("before-plan")
    with desk.ledger.transaction():
        supersede_inside(desk.ledger, desk.at(), plan)
        freeze(desk.ledger, desk.at(), plan)
        desk.checkpoint("inside-plan")
    desk.checkpoint("after-plan")


def recover(desk: OrderDesk) -> None:
    """Find out what became of every intent that an earlier run left behind, and book its fills.

    Intents that were never sent stay as they are while their session lasts, and expire after it.
    """
    desk.checkpoint("before-recovery")
    waiting = open_intents(desk.ledger)
    for intent in waiting:
        if intent.state == "sending":
            _resolve(desk, intent)
    for session in sorted({intent.executed for intent in waiting}):
        collect(desk, session)
    for intent in open_intents(desk.ledger):
        if intent.state in UNSENT:
            _expire_if_over(desk, intent)


def hand_over(desk: OrderDesk, run_id: str) -> None:
    """Hand over every order of a run that the broker does not have yet, sells first.

    Raises :class:`Ambiguous` or :class:`Unreachable` where a person has to look; whatever was
    acknowledged until then stays so, and the next run goes on from there.
    """
    for intent in intents_of(desk.ledger, run_id):
        desk.checkpoint("before-order")
        current = intent
        if current.state == "sending":
            current = _resolve(desk, current)
        for _ in range(ATTEMPTS):
            if current.state not in UNSENT or _expire_if_over(desk, current):
                break
            current = _send(desk, current)
        else:
            if current.state == "absent":
                raise Unreachable(
                    f"order {current.name} could not be handed over in {ATTEMPTS} attempts; "
                    "the broker provably does not have it. Run again while the session lasts"
                )


def collect(desk: OrderDesk, session: date) -> None:
    """Book what the broker has filled of our orders of a session, and close what is over."""
    mine = [i for i in open_intents(desk.ledger) if i.executed == session and i.order_id]
    if not mine:
        return
    desk.checkpoint("before-fills")
    listed = {_key(order): order for order in _listed(desk, session)}
    missing = [intent for intent in mine if intent.order_id not in listed]
    if missing:
        desk.clock.wait(desk.broker.visibility)
        listed = {_key(order): order for order in _listed(desk, session)}
    for intent in mine:
        order = listed.get(intent.order_id or "")
        if order is None:
            raise Unreachable(
                f"the broker acknowledged order {intent.order_id} ({intent.name}) and does not "
                f"list it; run again, or look at the broker's own screen and {_way_out(intent)}"
            )
        _book_fill(desk, intent, order)
        _close(desk, intent, order)


def finish(desk: OrderDesk, run_id: str, detail: Mapping[str, object]) -> None:
    """Record that every order of a run is over."""
    desk.checkpoint("before-finish")
    with desk.ledger.transaction():
        desk.ledger.append(
            "run_events", desk.at(), run_id=run_id, event="finished", detail=compact(detail)
        )
        desk.checkpoint("inside-finish")
    desk.checkpoint("after-finish")


def _send(desk: OrderDesk, intent: Intent) -> Intent:
    orders = _listed(desk, intent.executed)
    desk.checkpoint("after-watermark")
    bound = bound_orders(desk.ledger)
    ours = [order for order in orders if order.name == intent.name]
    if desk.broker.ids is not Ids.NONE and ours:
        return _acknowledge(desk, intent, _only(intent, ours))
    _stop_for_strangers(intent, orders, bound)
    watermark = sorted(_key(order) for order in orders)
    _event(desk, intent, "sending", {"watermark": watermark}, "inside-sending")
    desk.checkpoint("after-sending")
    request = OrderRequest(
        name=intent.name,
        session=intent.executed,
        side=intent.order.side,
        ticker=intent.order.ticker,
        shares=intent.order.shares,
        limit=intent.order.limit,
    )
    try:
        number = desk.broker.submit(request)
    except Refused as error:
        return _event(desk, intent, "refused", {"why": str(error)})
    except NotSent as error:
        found = _event(desk, intent, "absent", {"why": str(error)})
        desk.clock.wait(PAUSE)
        return found
    except Unanswered:
        return _resolve(desk, one_intent(desk.ledger, intent.name))
    desk.checkpoint("after-submit")
    return _bind(desk, intent, f"{intent.executed.isoformat()}/{number}")


def _resolve(desk: OrderDesk, intent: Intent) -> Intent:
    """Return what became of an order whose hand-over was not answered or not recorded.

    The visibility window is waited out here from the first question on: the wall clock may have
    been moved since the order was sent.
    """
    waited = 0.0
    while True:
        candidates = _candidates(desk, intent)
        if candidates:
            return _acknowledge(desk, intent, _only(intent, candidates))
        if waited >= desk.broker.visibility:
            return _event(desk, intent, "absent", {"why": "not in the broker's list"})
        pause = min(PAUSE, desk.broker.visibility - waited)
        desk.clock.wait(pause)
        waited += pause


def _candidates(desk: OrderDesk, intent: Intent) -> list[BrokerOrder]:
    orders = _listed(desk, intent.executed)
    if desk.broker.ids is not Ids.NONE:
        return [order for order in orders if order.name == intent.name]
    known = bound_orders(desk.ledger) | set(intent.detail["watermark"])
    ours = intent.order
    wanted = (ours.side, ours.ticker, ours.shares, ours.limit)
    return [
        order
        for order in orders
        if _key(order) not in known
        and (order.side, order.ticker, order.shares, order.limit) == wanted
    ]


def _only(intent: Intent, orders: Sequence[BrokerOrder]) -> BrokerOrder:
    if len(orders) == 1:
        return orders[0]
    numbers = ", ".join(order.order_id for order in orders)
    raise Ambiguous(
        f"the broker lists several orders that could be {intent.name} ({intent.order}): {numbers}. "
        "Cancel the ones that are not meant, then run again"
    )


def _stop_for_strangers(
    intent: Intent, orders: Sequence[BrokerOrder], bound: frozenset[str]
) -> None:
    strangers = [
        order.order_id
        for order in orders
        if order.ticker == intent.order.ticker
        and order.side is intent.order.side
        and _key(order) not in bound
        and not (order.filled == 0 and order.state in (OrderState.REJECTED, OrderState.CLOSED))
    ]
    if strangers:
        raise Ambiguous(
            f"before sending {intent.name} ({intent.order}) the "
            f"broker already lists {', '.join(strangers)}, which this ledger did not send; was it "
            "typed in by hand, or sent from a copy of this ledger? Cancel it, or leave this "
            "session out with `jeoul run CONFIG --reject RUN_ID`"
        )


def _acknowledge(desk: OrderDesk, intent: Intent, order: BrokerOrder) -> Intent:
    return _bind(desk, intent, _key(order))


def _bind(desk: OrderDesk, intent: Intent, order_id: str) -> Intent:
    found = _event(desk, intent, "acknowledged", {}, "inside-acknowledged", order_id)
    desk.checkpoint("after-acknowledged")
    return found


def _event(
    desk: OrderDesk,
    intent: Intent,
    state: str,
    detail: Mapping[str, object],
    step: str | None = None,
    order_id: str | None = None,
) -> Intent:
    with desk.ledger.transaction():
        desk.ledger.append(
            "order_events",
            desk.at(),
            intent=intent.name,
            state=state,
            order_id=order_id,
            detail=compact(detail),
        )
        if step is not None:
            desk.checkpoint(step)
    return one_intent(desk.ledger, intent.name)


def _expire_if_over(desk: OrderDesk, intent: Intent) -> bool:
    """Record that an order was never sent and its session is over; return whether it is."""
    hours = desk.broker.hours(intent.executed)
    if hours is Hours.OVER:
        _event(desk, intent, "expired", {"why": "the session is over"})
        return True
    return hours is Hours.EARLY


def _book_fill(desk: OrderDesk, intent: Intent, order: BrokerOrder) -> None:
    shares, amount = order.filled - intent.filled, order.amount - intent.amount
    if shares == 0 and amount == 0:
        return
    if shares <= 0 or amount <= 0 or order.filled > intent.order.shares:
        raise Unreachable(
            f"the broker now says {order.filled} shares for {order.amount} of order "
            f"{order.order_id}, after {intent.filled} for {intent.amount} and of "
            f"{intent.order.shares} ordered; compare with the broker's own screen, then "
            f"{_way_out(intent)}"
        )
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
    txn = f"fill:{intent.name}:{order.filled}"
    with desk.ledger.transaction():
        legs = fill_legs(fill, desk.currency)
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


def _way_out(intent: Intent) -> str:
    return (
        f"say what became of it: `jeoul resolve CONFIG --order {intent.name} --cancelled`, or "
        "`--filled N --at PRICE`"
    )


def _close(desk: OrderDesk, intent: Intent, order: BrokerOrder) -> None:
    state = _final_state(order.state)
    if state is not None:
        _event(desk, intent, state, {"filled": order.filled}, "inside-close")
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


def _listed(desk: OrderDesk, session: date) -> tuple[BrokerOrder, ...]:
    return checked(desk.broker.orders(session))


def _key(order: BrokerOrder) -> str:
    """Return a number that is unique across sessions: brokers start from one every day."""
    return f"{order.session.isoformat()}/{order.order_id}"
