"""Sales first, then the buys that they pay for, at a broker that refuses a buy before.

A plan with ``proceeds = "reuse"`` is carried out in two steps. Its sales are handed over and their
fills are watched; each buy follows in the plan's order as soon as it is paid for as a whole. A buy
is paid for when its worst price and its fees are within all of these:

- what the broker says can be ordered just before the order is sent, less the buys of ours that it
  may not count yet because they were sent a moment ago,
- all money in the books, less what open buys of ours may still take,

and leave the account's reserve. The second bound needs no question to the broker, so that a balance
that lags cannot spend the same money twice. What is not paid for stays in the ledger as an order
that was never sent: the next run of the session goes on with it, and after the close it lapses.
"""

from __future__ import annotations

from collections.abc import Callable

from jeoul.model.money import UNITS
from jeoul.model.portfolio import SETTLED, Side
from jeoul.operations.broker.port import BrokerAccount, Hours
from jeoul.operations.desk.fills import collect
from jeoul.operations.desk.intents import Intent, Run, intents_of, open_cost, open_intents
from jeoul.operations.desk.lapsing import UNSENT
from jeoul.operations.desk.order_desk import OrderDesk
from jeoul.operations.desk.protocol import LONGEST, PAUSE, hand_over, hand_over_one
from jeoul.operations.desk.traces import sent_at
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

    Returns when no buy waits any more, no sale can pay for one, the broker's ``fill_wait`` is over
    or the run is ``stopped``; then what was not sent stays so. Raises what
    :func:`~jeoul.operations.desk.protocol.hand_over` raises.
    """
    for intent in intents_of(desk.ledger, run.run_id):
        if intent.order.side is Side.SELL:
            hand_over_one(desk, intent)
    waited, most = 0.0, desk.broker.fill_wait
    while True:
        collect(desk, run.executed)
        _buy(desk, run, stopped)
        intents = intents_of(desk.ledger, run.run_id)
        waits = any(i.order.side is Side.BUY and i.state in UNSENT for i in intents)
        over = waited >= most or stopped() or desk.broker.hours(run.executed) is not Hours.OPEN
        if not (waits and _is_selling(intents)) or over:
            return
        pause = min(max(PAUSE, waited), LONGEST, most - waited)
        desk.clock.wait(pause)
        waited += pause


def _buy(desk: OrderDesk, run: Run, stopped: Callable[[], bool]) -> None:
    """Hand over the buys of a run that are paid for now, in the plan's order.

    While sales can still bring money, nothing overtakes a buy that waits for it.
    """
    intents = intents_of(desk.ledger, run.run_id)
    purse = _Purse(desk, run.document["reserve"] * UNITS[desk.currency])
    for intent in intents:
        if stopped():
            return
        if intent.order.side is Side.BUY and intent.state in UNSENT:
            purse.buy(intent)
            if purse.is_short and _is_selling(intents):
                return


def _is_selling(intents: list[Intent]) -> bool:
    return any(i.order.side is Side.SELL and not i.done for i in intents)


class _Purse:
    """The money of one round of buys; ``reserve`` of it is never spent."""

    def __init__(self, desk: OrderDesk, reserve: int) -> None:
        self.desk, self.reserve = desk, reserve
        self.left: int | None = None
        self.is_short = False
        """Whether a buy was not paid for."""

    def buy(self, intent: Intent) -> None:
        """Hand a buy over if it is paid for."""
        cost = open_cost(intent, self.desk.fees)

        def payable(account: BrokerAccount) -> bool:
            orderable = account.cash if account.orderable is None else account.orderable
            if self.left is None:
                self.left = self._money(orderable)
            pays = cost <= min(self.left, orderable - self.reserve)
            self.is_short |= not pays
            return pays

        after = hand_over_one(self.desk, intent, payable)
        if self.left is not None and after.state not in UNSENT:
            self.left -= cost

    def _money(self, orderable: int) -> int:
        """Return what this round may spend, by what can be ordered now and by the books."""
        open_buys = [i for i in open_intents(self.desk.ledger) if i.order.side is Side.BUY]
        sent = [i for i in open_buys if i.state not in UNSENT]
        promised = sum(open_cost(i, self.desk.fees) for i in sent)
        fresh = sum(open_cost(i, self.desk.fees) for i in sent if self._is_fresh(i))
        books = portfolio(self.desk.ledger, self.desk.currency).money
        return min(orderable - fresh, books - promised) - self.reserve

    def _is_fresh(self, intent: Intent) -> bool:
        """Return whether a buy was sent so lately that the broker may not count it yet."""
        passed = self.desk.clock.now() - sent_at(self.desk.ledger, intent)
        return not passed >= self.desk.broker.visibility
