"""Each order exactly once, through crashes, silence and brokers without client order ids.

1. The plan and all its intents are frozen in one transaction before anything is sent.
2. An intent is marked ``sending`` and committed, then handed over, then ``acknowledged`` with the
   broker's number.
3. Whatever is still ``sending`` after a crash or an unanswered request is unknown. The broker is
   asked first. Where it keeps our name for an order, that finds it. Where it does not, the orders
   that were not there before sending, are not bound to another intent and have the same side,
   ticker, shares and limit are candidates: one is ours, several need a person. None proves
   nothing, because lists lag: the order is sent again only where the broker would not take its
   name twice, or shows two independent signs that it never arrived; else it stays ``sending``,
   a person is asked, and so is the broker in the next run. A broker that takes a name once for a
   while is handed the same order again at once, by the process that got no answer: whether the
   first one arrived or not, it gives the number of the only one.
4. Before anything is sent, an order of the same ticker and side that nobody here knows stops the
   run: it was typed in by hand, or sent by a copy or an older state of this ledger.
5. Fills are booked from running totals, so that seeing one twice books it once.

Named steps (:data:`STEPS`) are reported to a callback, so that tests can kill the process there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from jeoul.operations.broker.port import (
    BrokerAccount,
    BrokerOrder,
    Footing,
    Hours,
    Ids,
    OrderState,
    is_like,
)
from jeoul.operations.desk.buy_terms import HELD, BuyTerms, buy_terms
from jeoul.operations.desk.fills import collect
from jeoul.operations.desk.intents import (
    Intent,
    RunPlan,
    bound_orders,
    compact,
    freeze,
    intents_of,
    one_intent,
    open_intents,
    plan_name,
)
from jeoul.operations.desk.lapsing import UNSENT, supersede_inside, why_over
from jeoul.operations.desk.order_desk import OrderDesk, listed, record, tried
from jeoul.operations.desk.traces import by_key, request_of, untraced, watermark
from jeoul.operations.errors import Ambiguous, NotSent, Refused, Unanswered, Unreachable

ATTEMPTS = 3  # hand-overs of one order in one run, where the broker provably did not take it
PAUSE = 1.0  # seconds before the next question and after a request that was turned away unread
LONGEST = 15.0  # seconds between two questions at most, when an order does not show for long
PROOFS = 2  # independent signs of absence after which an unanswered order may be sent again

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


def freeze_plan(desk: OrderDesk, plan: RunPlan) -> None:
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
    if not waiting:
        return
    for intent in waiting:
        if intent.state == "sending":
            _resolve(desk, intent)
    _recognise(desk, [intent for intent in waiting if intent.state in UNSENT])
    # Only now: an order that was just found can have fills that nobody has booked.
    for session in sorted({intent.executed for intent in waiting}):
        collect(desk, session)
    _look_for_strangers(desk, [i for i in open_intents(desk.ledger) if i.state in UNSENT])
    for intent in open_intents(desk.ledger):
        if intent.state in UNSENT:
            _expire_if_over(desk, intent)


def hand_over(desk: OrderDesk, run_id: str) -> None:
    """Hand over every order of a run that the broker does not have yet, sells first.

    Raises :class:`Ambiguous` or :class:`Unreachable` where a person has to look; whatever was
    acknowledged until then stays so, and the next run goes on from there.
    """
    for intent in intents_of(desk.ledger, run_id):
        hand_over_one(desk, intent)


def hand_over_one(
    desk: OrderDesk, intent: Intent, payable: Callable[[BrokerAccount], bool] | None = None
) -> Intent:
    """Hand over one order that the broker does not have yet; return it with what became of it.

    ``payable`` says whether the account, as it is just before the order would be sent, pays for it;
    an order that it does not pay for, or that :mod:`~jeoul.operations.desk.buy_terms` holds back,
    stays as it is. Raises what :func:`hand_over` raises.
    """
    desk.checkpoint("before-order")
    current = intent
    if current.state == "sending":
        current = _resolve(desk, current)
    for _ in range(ATTEMPTS):
        if current.state not in UNSENT or _expire_if_over(desk, current):
            return current
        before = current
        current = _send(desk, before, payable)
        if current is before:
            return current
    if current.state == "absent":
        raise Unreachable(
            f"order {current.name} could not be handed over in {ATTEMPTS} attempts; "
            "the broker provably does not have it. Run again while the session lasts"
        )
    return current


def finish(desk: OrderDesk, run_id: str, detail: Mapping[str, object]) -> None:
    """Record that every order of a run is over."""
    desk.checkpoint("before-finish")
    with desk.ledger.transaction():
        desk.ledger.append(
            "run_events", desk.at(), run_id=run_id, event="finished", detail=compact(detail)
        )
        desk.checkpoint("inside-finish")
    desk.checkpoint("after-finish")


def _send(
    desk: OrderDesk, intent: Intent, payable: Callable[[BrokerAccount], bool] | None
) -> Intent:
    # Before anything is marked or sent: what is listed now cannot be the order that follows.
    orders = listed(desk, intent.executed)
    desk.checkpoint("after-watermark")
    bound = _bound(desk, orders)
    ours = [order for order in orders if order.name == intent.name]
    # Our name without our mark: a copy or an older state of this ledger sent the order.
    if desk.broker.ids.listed and ours:
        return _acknowledge(desk, intent, _only(intent, ours))
    _stop_for_strangers(desk, intent, orders, bound)
    traced = desk.broker.ids is not Ids.UNIQUE
    account = desk.broker.account() if traced or payable is not None else None
    terms = _terms(desk, intent, account, payable)
    if terms is None:
        return intent
    footing = _footing(desk, intent, account) if traced else {}
    changed = {} if terms.limit == intent.order.limit else {"limit": terms.limit}
    before = {"watermark": sorted(order.key for order in orders), **footing, **changed}
    sent = record(desk, intent, "sending", before, "inside-sending")
    desk.checkpoint("after-sending")
    try:
        number = desk.broker.submit(request_of(sent))
    except Refused as error:
        return record(desk, intent, "refused", {"why": str(error)})
    except NotSent as error:
        found = record(desk, intent, "absent", {"why": str(error)})
        desk.clock.wait(PAUSE)
        return found
    except Unanswered:
        # Read again: the newest event holds the watermark, which tells our order from others.
        unknown = one_intent(desk.ledger, intent.name)
        return _by_name(desk, unknown) or _resolve(desk, unknown)
    desk.checkpoint("after-submit")
    return _bind(desk, intent, f"{intent.executed.isoformat()}/{number}")


def _terms(
    desk: OrderDesk,
    intent: Intent,
    account: BrokerAccount | None,
    payable: Callable[[BrokerAccount], bool] | None,
) -> BuyTerms | None:
    """Return what an order is sent with, None for one that waits: for money or a better price."""
    if payable is not None and (account is None or not payable(account)):
        return None
    terms = buy_terms(desk.ledger, desk.broker, desk.buy_rules, intent)
    found = tried(desk, intent, terms)
    return None if found.did == HELD else found


def _by_name(desk: OrderDesk, intent: Intent) -> Intent | None:
    """Return an order without an answer, handed over again under a name that is taken once.

    None where the broker has no such names, or where nothing but the list can tell any more. The
    time counts from before the order was sent, by the clock and by the waits of this process. What
    else is answered here, a refusal too, says nothing about the first one.
    """
    if desk.broker.ids is not Ids.KEY:
        return None
    before = watermark(desk.ledger, intent)
    sent, waited, pause = before.at, 0.0, PAUSE
    for _ in range(ATTEMPTS):
        desk.clock.wait(pause)
        waited, pause = waited + pause, 2 * pause
        passed = desk.clock.now() - sent
        # A clock that was set back or forward must not stretch the time for which a name is kept.
        if not 0.0 <= passed < desk.broker.name_lasts or waited >= desk.broker.name_lasts:
            return None
        if before.host is not None:
            # While the machine slept, its clock may not have moved: the host's time counts too.
            listed(desk, intent.executed)
            host = desk.broker.host_time()
            if host is None or not 0.0 <= host - before.host < desk.broker.name_lasts:
                return None
        try:
            number = desk.broker.submit(request_of(intent))
        except (Refused, NotSent, Unanswered):
            continue
        desk.checkpoint("after-submit")
        return _bind(desk, intent, f"{intent.executed.isoformat()}/{number}")
    return None


def _resolve(desk: OrderDesk, intent: Intent) -> Intent:
    """Return what became of an order whose hand-over was not answered or not recorded.

    The visibility window is waited out here from the first question on: the wall clock may have
    been moved since the order was sent. Raises :class:`Ambiguous` where nobody can tell.
    """
    waited = 0.0
    while True:
        candidates = _candidates(desk, intent)
        if candidates:
            return _acknowledge(desk, intent, _only(intent, candidates))
        if waited >= desk.broker.visibility:
            return _absent(desk, intent)
        # Longer each time, so that a list that lags is not asked without end.
        pause = min(max(PAUSE, waited), LONGEST, desk.broker.visibility - waited)
        desk.clock.wait(pause)
        waited += pause


def _recognise(desk: OrderDesk, unsent: Sequence[Intent]) -> None:
    """Acknowledge what the broker lists under the names of orders that this ledger never sent.

    A copy or an older state of the ledger sent them. The money and the shares that they bind would
    otherwise speak against the very plan they belong to.
    """
    if not desk.broker.ids.listed:
        return
    for session in sorted({intent.executed for intent in unsent}):
        if desk.broker.hours(session) is Hours.EARLY:
            continue
        orders = listed(desk, session)
        for intent in unsent:
            ours = [order for order in orders if order.name == intent.name]
            if intent.executed == session and ours:
                _acknowledge(desk, intent, _only(intent, ours))


def _look_for_strangers(desk: OrderDesk, unsent: Sequence[Intent]) -> None:
    """Stop for an open order that could be one of ours, at a broker whose list shows no names.

    A copy or an older state of the ledger may have sent it: the plan would lapse for what it binds,
    and another one be sent beside it. What such an order was filled for is not explained by the
    books, and a person is asked about that.
    """
    if desk.broker.ids.listed:
        return
    for session in sorted({intent.executed for intent in unsent}):
        if desk.broker.hours(session) is not Hours.OPEN:
            continue
        orders = listed(desk, session)
        waiting = [order for order in orders if order.state is OrderState.OPEN]
        for intent in (each for each in unsent if each.executed == session):
            _stop_for_strangers(desk, intent, waiting, _bound(desk, orders))


def _absent(desk: OrderDesk, intent: Intent) -> Intent:
    """Record that an order which is not listed never arrived, if that is proven."""
    why: dict[str, object] = {"why": "not in the broker's list"}
    if desk.broker.ids is not Ids.UNIQUE:
        if not _lists_all(desk, intent.executed):
            raise untraced(intent)
        collect(desk, intent.executed)  # what our other orders brought says where the account is
        proofs = list(desk.broker.absent(request_of(intent), watermark(desk.ledger, intent)))
        if len(proofs) < PROOFS:
            raise untraced(intent)
        why["proofs"] = proofs
    return record(desk, intent, "absent", why)


def _lists_all(desk: OrderDesk, session: date) -> bool:
    """Return whether the broker lists what it has acknowledged: a list that lags proves nothing."""
    ours = {i.order_id for i in open_intents(desk.ledger) if i.executed == session and i.order_id}
    return not ours or ours <= by_key(listed(desk, session)).keys()


def _footing(desk: OrderDesk, intent: Intent, account: BrokerAccount | None) -> dict[str, object]:
    """Return where the account stands before an order that only its traces could find again.

    With it the broker's own time, because this machine's clock may be moved meanwhile.
    """
    if account is None:
        return {}
    footing = Footing.of(account, intent.order.ticker)
    found: dict[str, object] = {"footing": [footing.held, footing.locked, footing.orderable]}
    host = desk.broker.host_time()
    return found if host is None else found | {"host": host}


def _candidates(desk: OrderDesk, intent: Intent) -> list[BrokerOrder]:
    orders = listed(desk, intent.executed)
    if desk.broker.ids.listed:
        return [order for order in orders if order.name == intent.name]
    known = _bound(desk, orders) | set(intent.detail["watermark"])
    return [order for order in orders if is_like(order, request_of(intent), known)]


def _bound(desk: OrderDesk, orders: Sequence[BrokerOrder]) -> frozenset[str]:
    return bound_orders(desk.ledger, {key for order in orders for key in order.keys})


def _only(intent: Intent, orders: Sequence[BrokerOrder]) -> BrokerOrder:
    if len(orders) > 1:
        numbers = ", ".join(order.order_id for order in orders)
        raise Ambiguous(
            f"the broker lists several orders that could be {intent.name} ({intent.order}): "
            f"{numbers}. Cancel the ones that are not meant, then run again"
        )
    (found,) = orders
    return found


def _stop_for_strangers(
    desk: OrderDesk, intent: Intent, orders: Sequence[BrokerOrder], bound: frozenset[str]
) -> None:
    strangers = [
        order.order_id
        for order in orders
        if order.ticker == intent.order.ticker
        and order.side is intent.order.side
        and not order.keys & bound
        # One that ended without a fill can no longer change what the account holds.
        and not (order.filled == 0 and order.state in (OrderState.REJECTED, OrderState.CLOSED))
    ]
    if strangers:
        raise Ambiguous(
            f"before sending {intent.name} ({intent.order}) the "
            f"broker already lists {', '.join(strangers)}, which this ledger did not send; was it "
            "typed in by hand, or sent from a copy of this ledger? Cancel it, or leave this "
            f"session out with `jeoul run CONFIG --reject {plan_name(desk.ledger, intent.run_id)}`"
        )


def _acknowledge(desk: OrderDesk, intent: Intent, order: BrokerOrder) -> Intent:
    return _bind(desk, intent, order.key)


def _bind(desk: OrderDesk, intent: Intent, order_id: str) -> Intent:
    found = record(desk, intent, "acknowledged", {}, "inside-acknowledged", order_id)
    desk.checkpoint("after-acknowledged")
    return found


def _expire_if_over(desk: OrderDesk, intent: Intent) -> bool:
    """Record that an order was never sent and its session is over; return whether it is."""
    hours = desk.broker.hours(intent.executed)
    if hours is Hours.OVER:
        record(desk, intent, "expired", {"why": why_over(desk.ledger, intent)})
        return True
    # Too early to send: nothing is recorded, and a later run sends it.
    return hours is Hours.EARLY
