"""The simulated broker: what a process is answered, through a line that may fail."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date

from simulator.world import OPEN, VenueOrder, World

from jeoul.model.portfolio import Side
from jeoul.operations.broker.port import (
    Broker,
    BrokerAccount,
    BrokerOrder,
    Footing,
    Hours,
    Ids,
    Movement,
    OrderRequest,
    OrderState,
    Watermark,
)
from jeoul.operations.errors import NotSent, Refused, Unanswered, Unreachable

AFTER_OPEN, BEFORE_CLOSE = 300, 600


class WorldClock:
    """The machine's clock: wrong by the world's offset, but it waits true seconds."""

    def __init__(self, world: World) -> None:
        self.world = world

    def now(self) -> float:
        """Return the time as the machine believes."""
        return self.world.now + self.world.offset

    def wait(self, seconds: float) -> None:
        """Let the world go on for a while."""
        self.world.advance(self.world.now + seconds)


class SimulatedBroker(Broker):
    """One process's connection to the world; after its process died nobody may ask through it."""

    kind = "paper"

    def __init__(self, world: World, line: random.Random, *, bad: bool) -> None:
        self.world, self.line, self.bad = world, line, bad
        nature = world.nature
        self.ids = (Ids.UNIQUE if nature.unique else Ids.ECHO) if nature.names else Ids.NONE
        self.visibility = 2 * nature.lag
        self.sales_first, self.fill_wait = nature.reuses, 60.0
        self.dead = False

    def _question(self) -> None:
        assert not self.dead, "a dead process asked the broker"
        if self.bad and self.line.random() < 0.01:
            raise Unreachable("the line is down")

    def hours(self, session: date) -> Hours:
        """Return whether orders can be handed over, by the machine's clock as every broker here."""
        day = self.world.session_of(session)
        now = self.world.now + self.world.offset
        if now < self.world.opens[day] + AFTER_OPEN:
            return Hours.EARLY
        return Hours.OVER if now >= self.world.closes[day] - BEFORE_CLOSE else Hours.OPEN

    def account(self) -> BrokerAccount:
        """Return what the account holds."""
        self._question()
        world = self.world
        world.journal.append(("look", world.cash, dict(world.shares)))
        days = world.market.days
        return BrokerAccount(
            dict(sorted(world.shares.items())),
            world.cash,
            {days[day]: amount for day, amount in sorted(world.unsettled.items())},
            locked=world.locked() if world.nature.tells else {},
            orderable=world.free_cash() if world.nature.tells else None,
        )

    def orders(self, session: date) -> Sequence[BrokerOrder]:
        """Return what the list of a session shows now."""
        self._question()
        day = self.world.session_of(session)
        if self.world.nature.resets and day < self.world.day:
            return []
        return [
            self._shown(order, session)
            for order in self.world.orders[-60:]
            if order.day == day and order.visible <= self.world.now
        ]

    def absent(self, request: OrderRequest, before: Watermark) -> Sequence[str]:
        """Return what speaks against an order: the list, and what it would have locked."""
        listed = self.orders(request.session)
        if any(not o.keys & before.orders and o.ticker == request.ticker for o in listed):
            return ()
        if before.footing is None or not self.world.nature.tells:
            return ("the list",)
        now = Footing.of(self.account(), request.ticker)
        moved = (now.held, now.locked, now.orderable) != (
            before.footing.held,
            before.footing.locked,
            before.footing.orderable,
        )
        return ("the list",) if moved else ("the list", "what may be ordered and sold")

    def _shown(self, order: VenueOrder, session: date) -> BrokerOrder:
        told = (order.state, order.filled, order.amount, order.fee)
        state, filled, amount, fee = order.shown if order.hidden > self.world.now else told
        return BrokerOrder(
            order_id=str(order.number),
            name=order.name,
            session=session,
            side=Side.BUY if order.buys else Side.SELL,
            ticker=order.ticker,
            shares=order.shares,
            limit=order.limit,
            state=OrderState(state),
            filled=filled,
            amount=amount,
            fee=fee if self.world.nature.fees else None,
        )

    def movements(self) -> Sequence[Movement]:
        """Return every deposit, withdrawal and corporate action, where the broker names them."""
        days = self.world.market.days
        return [
            Movement(str(number), kind, days[day], cash, ticker, shares)
            for number, (kind, day, cash, ticker, shares) in enumerate(self.world.movements)
        ]

    def submit(self, request: OrderRequest) -> str:
        """Take an order, or lose it, or lose the answer."""
        assert not self.dead, "a dead process sent an order"
        luck = self.line.random() if self.bad else 1.0
        if luck < 0.02:
            raise NotSent("too many requests")
        if luck < 0.04:
            raise Unanswered("timed out")
        number = self._accept(request)
        if luck < 0.06:
            raise Unanswered("timed out")
        return number

    def _accept(self, request: OrderRequest) -> str:
        world, buys = self.world, request.side is Side.BUY
        day = world.session_of(request.session)
        price = request.limit or world.market.closes[day - 1][request.ticker]
        world.journal.append(("submit", request.name, buys, request.ticker, request.shares, price))
        if world.nature.unique and world.nature.names:
            for known in world.orders[-40:]:
                if known.name == request.name:
                    return str(known.number)
        if world.now >= world.closes[day] or day != world.day:
            raise Refused("the session is over")
        if buys and request.shares * price > world.free_cash():
            raise Refused("not enough cash")
        if not buys and request.shares > world.shares.get(request.ticker, 0):
            raise Refused("not enough shares")
        return str(place(world, request, day, buys=buys).number)


def place(world: World, request: OrderRequest, day: int, *, buys: bool) -> VenueOrder:
    """Put an order into the world's book; one that a person typed in has no name."""
    world.numbers += 1
    typed = request.name == ""
    order = VenueOrder(
        number=world.numbers,
        name=request.name if world.nature.names and not typed else None,
        intent=None if typed else request.name,
        day=day,
        buys=buys,
        ticker=request.ticker,
        shares=request.shares,
        limit=request.limit,
        visible=world.now + world.nature.lag,
        state=OPEN,
    )
    world.orders.append(order)
    price = request.limit or world.market.closes[max(day - 1, 0)][request.ticker]
    wanted = (buys, request.ticker, request.shares, price)
    world.journal.append(("accepted", order.key, request.name, *wanted))
    return order
