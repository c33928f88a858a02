"""Sales first, then the buys that they pay for, at a broker that refuses a buy before.

A plan with ``proceeds = "reuse"`` is carried out in two steps. Its sales are handed over and their
fills are watched; each buy follows in the plan's order as soon as it is paid for as a whole. A buy
is paid for when its worst price and its fees are within all of these:

- what the broker says can be ordered just before the order is sent, less the buys of ours that it
  may not count yet because they were sent a moment ago,
- all money in the books, less what open buys of ours may still take,

and leave the account's reserve. The second bound needs no question to the broker, so that a balance
that lags cannot spend the same money twice. The watch goes on while a sale is open, and while the
books pay for a buy and the broker cannot be paid for it yet: the money of a filled sale is seconds
or minutes away from what can be ordered. What is not paid for stays in the ledger as an order that
was never sent: the next run of the session goes on with it, and after the close it lapses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jeoul.model.money import UNITS
from jeoul.model.portfolio import SETTLED, Side
from jeoul.operations.broker.port import BrokerAccount, Hours
from jeoul.operations.desk.buy_terms import SELLING, SHORT, UNREADY, BuyTerms
from jeoul.operations.desk.fills import collect
from jeoul.operations.desk.intents import Intent, Run, intents_of, open_cost, open_intents
from jeoul.operations.desk.lapsing import UNSENT, is_selling
from jeoul.operations.desk.order_desk import OrderDesk, tried
from jeoul.operations.desk.protocol import LONGEST, PAUSE, hand_over, hand_over_one
from jeoul.operations.desk.traces import footing_then, sent_at
from jeoul.operations.ledger import portfolio


def place_orders(desk: OrderDesk, run: Run, stopped: Callable[[], bool]) -> None:
    """Hand over the orders of a run in the way that its broker takes them, and book their fills.

    ``stopped`` says whether the kill switch is on: it is asked while sales are watched, too. Raises
    what :func:`~jeoul.operations.desk.protocol.hand_over` raises.
    """
    if desk.broker.sales_first and run.document.get("proceeds", SETTLED) == "reuse":
        hand_over_in_steps(desk, run, stopped)
    else:
        hand_over(desk, run.run_id)
    desk.broker.catch_up(run.executed)
    collect(desk, run.executed)


def hand_over_in_steps(desk: OrderDesk, run: Run, stopped: Callable[[], bool]) -> None:
    """Hand over the sales of a run, then each buy that is paid for, and book what is filled.

    Returns when no buy waits any more, no money is on its way to one, the broker's ``fill_wait`` is
    over or the run is ``stopped``; then what was not sent stays so. Raises what
    :func:`~jeoul.operations.desk.protocol.hand_over` raises.
    """
    for intent in intents_of(desk.ledger, run.run_id):
        if intent.order.side is Side.SELL:
            hand_over_one(desk, intent)
    waited, most = 0.0, desk.broker.fill_wait
    counted: set[str] = set()
    while True:
        collect(desk, run.executed)
        purse = _Purse(desk, run.document["reserve"] * UNITS[desk.currency], counted)
        _buy(desk, run, stopped, purse)
        intents = intents_of(desk.ledger, run.run_id)
        waits = any(i.order.side is Side.BUY and i.state in UNSENT for i in intents)
        over = waited >= most or stopped() or desk.broker.hours(run.executed) is not Hours.OPEN
        if not (waits and (purse.is_late or is_selling(intents))) or over:
            return
        pause = min(max(PAUSE, waited), LONGEST, most - waited)
        desk.clock.wait(pause)
        waited += pause


def _buy(desk: OrderDesk, run: Run, stopped: Callable[[], bool], purse: _Purse) -> None:
    """Hand over the buys of a run that are paid for now, in the plan's order.

    While sales can still bring money, nothing overtakes a buy that waits for it.
    """
    intents = intents_of(desk.ledger, run.run_id)
    selling, blocked = is_selling(intents), False
    for intent in intents:
        if stopped():
            return
        if intent.order.side is not Side.BUY or intent.state not in UNSENT:
            continue
        if blocked:
            purse.leave(intent, SELLING)
            continue
        purse.buy(intent, SELLING if selling else SHORT)
        blocked = selling and purse.is_short


class _Purse:
    """The money of one round of buys; ``reserve`` of it is never spent.

    ``counted`` are the buys of ours that what can be ordered was seen to be lower by; it grows.
    """

    def __init__(self, desk: OrderDesk, reserve: int, counted: set[str]) -> None:
        self.desk, self.reserve, self.counted = desk, reserve, counted
        self.orderable: int | None = None
        """What this round may still spend of what can be ordered, None before the first look."""
        self.books: int
        """What this round may still spend by the books, from the first look on."""
        self.is_short = self.is_late = False
        """Whether a buy was not paid for; whether it was not although the books pay for it."""

    def leave(self, intent: Intent, why: str) -> None:
        """Keep why a buy is not handed over in this round."""
        tried(self.desk, intent, BuyTerms(intent.order.limit, why))

    def buy(self, intent: Intent, short: str) -> None:
        """Hand a buy over if it is paid for; ``short`` is why it is not where the books do not."""
        cost = open_cost(intent, self.desk.fees)
        pays, why = False, ""

        def payable(account: BrokerAccount) -> bool:
            nonlocal pays, why
            orderable = account.cash if account.orderable is None else account.orderable
            left = self._look(orderable)
            covered = cost <= self.books
            pays = covered and cost <= min(left, orderable - self.reserve)
            self.is_short |= not pays
            why = "" if pays else UNREADY if covered else short
            if covered and not pays:
                self.is_late = True
                self.books -= cost  # a later buy does not spend what this one waits for
            return pays

        after = hand_over_one(self.desk, intent, payable)
        if after.state in UNSENT:
            if why:
                self.leave(after, why)
        elif self.orderable is not None:
            # Sent now, or found at the broker: no later buy of this round spends its money.
            self.books -= cost
            self.orderable -= cost

    def _look(self, orderable: int) -> int:
        """Return what this round may spend of what the broker says can be ordered now."""
        waiting = open_intents(self.desk.ledger)
        sent = [i for i in waiting if i.order.side is Side.BUY and i.state not in UNSENT]
        fresh = [i for i in sent if i.name not in self.counted and self._is_fresh(i)]
        self._count(fresh, orderable)
        if self.orderable is None:
            fees = self.desk.fees
            late = sum(open_cost(i, fees) for i in fresh if i.name not in self.counted)
            promised = sum(open_cost(i, fees) for i in sent)
            money = portfolio(self.desk.ledger, self.desk.currency).money
            self.orderable = orderable - late - self.reserve
            self.books = money - promised - self.reserve
        return self.orderable

    def _count(self, fresh: Sequence[Intent], orderable: int) -> None:
        """Keep which buys the broker counts: what can be ordered has fallen since they were sent.

        It counts an order as a whole, and the first one first; filled sales only raise it.
        """
        before = footing_then(self.desk.ledger, fresh[0]) if fresh else None
        if before is None or before.orderable is None:
            return
        fallen = before.orderable - orderable
        for intent in fresh:
            if fallen <= 0:
                return
            self.counted.add(intent.name)
            fallen -= open_cost(intent, self.desk.fees)

    def _is_fresh(self, intent: Intent) -> bool:
        """Return whether a buy was sent so lately that the broker may not count it yet."""
        passed = self.desk.clock.now() - sent_at(self.desk.ledger, intent)
        return not passed >= self.desk.broker.visibility
