"""What happens to an account in a scenario, and when."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from simulator import cells
from simulator.broker import place
from simulator.cells import STEPS_OF
from simulator.market import FUNDS
from simulator.world import DONE, OPEN, VenueOrder

from jeoul.model.portfolio import Side
from jeoul.operations.broker.port import OrderRequest

if TYPE_CHECKING:
    from simulator.life import Life

BEYOND_FEES = 100_000  # a difference as small as fees are the engine books as fees
HOUR, DAY = 3600.0, 86_400.0
SHIFTS = (-2 * HOUR, -DAY, -400 * DAY, 6 * HOUR, DAY, 365 * DAY)
OUTSIDE = (cells.LATE, cells.CORRECTED, cells.WITHDRAWAL, cells.CORPORATE)
"""What the world does by itself, also while a process is at work."""


class Happenings:
    """The scenarios of one life."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.draw = life.draw
        self.phase = ""

    # When

    def before(self) -> None:
        """Let today's scenario happen before there is a plan."""
        self.phase = cells.BEFORE
        self._now(cells.BEFORE)

    def on_the_way(self, phase: str) -> None:
        """Arrange for today's scenario while a plan waits, or while its orders are sent."""
        self.phase = phase
        life = self.life
        if phase == cells.PLANNED and life.approval and self._event != cells.CRASH:
            life.waiting = self._waited
            return
        inside = self._event in OUTSIDE and self.draw.random() < 0.6
        self._hook(STEPS_OF[phase], self._action(), crash=not inside)

    def _waited(self) -> None:
        if self._action()():
            self.life.happened()

    def partly(self, wanted: bool) -> None:
        """Look at the account in the middle of the session, where orders are partly filled."""
        self.phase = cells.PARTLY
        self.by_hand()
        if not wanted:
            self.life.drive()
            return
        if not any(0 < o.filled < o.shares for o in self._today()):
            return
        if self._event == cells.CRASH:
            self._now(cells.PARTLY)
            self.life.drive()
            return
        self.life.drive()
        self._now(cells.PARTLY)
        self.life.drive()

    def closed(self, wanted: bool) -> None:
        """Look at the account after the close."""
        self.phase = cells.CLOSED
        if wanted and self._event == cells.CRASH:
            self._now(cells.CLOSED)
        self.life.drive()
        if wanted and self._event != cells.CRASH and self._today():
            self._now(cells.CLOSED)
            self.life.drive()

    def _now(self, phase: str) -> None:
        if self._event == cells.CRASH:
            self._hook(STEPS_OF[phase], self._action(), crash=True)
        elif self._action()():
            self.life.happened()

    def _hook(self, steps: tuple[str, ...], action: Callable[[], bool], *, crash: bool) -> None:
        from simulator.life import Hook

        self.life.hook = Hook(
            (self.draw.choice(steps),), crash, action, skip=self.draw.choice((0, 0, 1))
        )

    # What

    @property
    def _event(self) -> str:
        assert self.life.cell is not None
        return self.life.cell.event

    def _action(self) -> Callable[[], bool]:
        return {
            cells.CRASH: lambda: True,
            cells.LATE: self.late_fill,
            cells.CORRECTED: self.corrected_fill,
            cells.WITHDRAWAL: self.withdrawal,
            cells.STRATEGY: self.strategy_change,
            cells.CORPORATE: self.corporate_action,
            cells.SECOND: self.second_plan,
            cells.APPROVAL: self.approval,
            cells.CLOCK: self.clock_moved,
        }[self._event]

    def _today(self) -> list[VenueOrder]:
        world = self.life.world
        return [order for order in world.orders[-20:] if order.day == world.day]

    def late_fill(self) -> bool:
        """Let the list hide a fill until tomorrow, or bring one for an order that was closed."""
        world = self.life.world
        for order in self._today():
            if order.state == OPEN and order.filled and order.hidden <= world.now:
                order.shown = (OPEN, 0, 0, 0)
                order.hidden = world.opens[world.day + 1] + 300.0
                if self.phase == cells.PARTLY:
                    order.shown = (order.state, order.filled, order.amount, order.fee)
                return True
        for order in reversed(world.orders[-30:]):
            left = order.shares - order.filled
            if order.state == DONE and left and order.limit is None:
                return (
                    world.fill(
                        order, max(left // 2, 1), world.market.closes[order.day][order.ticker]
                    )
                    > 0
                )
            if order.state == DONE and left and order.limit is not None:
                return world.fill(order, max(left // 2, 1), order.limit) > 0
        return False

    def corrected_fill(self) -> bool:
        """Take back a part of the newest purchase, or of a sale whose money is still there."""
        world = self.life.world
        filled = [o for o in reversed(world.orders[-30:]) if o.filled and o.price]
        if self.phase == cells.PARTLY:
            filled = [o for o in filled if o.day == world.day]
        for order in filled:
            shares = self.draw.randint(1, order.filled)
            if order.amount - shares * order.price < 0 or (
                order.filled == shares and order.amount != shares * order.price
            ):
                continue
            if order.buys and world.shares.get(order.ticker, 0) < shares:
                continue
            if not order.buys and world.cash < shares * order.price:
                continue
            world.correct(order, shares)
            return True
        return False

    def withdrawal(self) -> bool:
        """Take out a part of the free cash, now and then all of it."""
        world = self.life.world
        free = min(world.free_cash(), world.cash)  # proceeds are not paid out before they settle
        amount = free if self.draw.random() < 0.3 else int(free * self.draw.random())
        done = amount > BEYOND_FEES
        if done:
            world.pay(-amount)
        if self.draw.random() < 0.5:
            self._deposit_later()
        return done

    def _deposit_later(self) -> None:
        """Keep the account worth trading in."""
        self.life.world.pay(self.draw.randint(1, 50) * 100_000)

    def strategy_change(self) -> bool:
        """Change a key of the strategy file."""
        life = self.life
        life.strategy = "static-wide" if life.strategy == "static" else "static"
        return True

    def corporate_action(self) -> bool:
        """Let today's splits and dividends reach the account."""
        self.life.world.book_actions()
        return self.life.world.acted

    def second_plan(self) -> bool:
        """Start another config over the same state folder, once or twice."""
        life = self.life
        report = life.attempt(life.request(), "other")
        if report is not None:
            from simulator import person

            said = person.answer(report)
            if said.verb in (person.ACCEPT, person.APPROVE):
                more = {"accept": said.about, "by": "person"} if said.verb == person.ACCEPT else {}
                more = more or {"approve": said.about}
                life.attempt(life.request(**more), "other")
        return True

    def approval(self) -> bool:
        """Approve too late, twice, or what does not exist."""
        life = self.life
        if not life.approval or not life.last_run:
            return False
        if self.phase == cells.PLANNED and self.draw.random() < 0.5:
            world = life.world
            world.advance(world.now + 3.1 * HOUR)
        run = (
            life.last_run
            if self.phase != cells.BEFORE
            else f"main.static.{life.world.market.days[life.world.day - 1]}"
        )
        life.attempt(life.request(approve=run))
        life.attempt(life.request(approve=run))
        return True

    def clock_moved(self) -> bool:
        """Let one run see another time; the machine's clock is right again after it, or not."""
        life = self.life
        life.world.offset = self.draw.choice(SHIFTS)
        life.attempt(life.request())
        if life.world.offset > 0 or self.draw.random() < 0.5:
            life.world.offset = 0.0
        return True

    # What a person does at the broker's screen

    def by_hand(self) -> None:
        """Now and then a person trades by hand, or changes an order of ours."""
        world = self.life.world
        chance = self.draw.random()
        if chance < 0.03 and world.shares:
            code = self.draw.choice(sorted(world.shares))
            request = OrderRequest("", world.market.days[world.day], Side.SELL, code, 1, None)
            place(world, request, world.day, buys=False)
        elif chance < 0.06 and world.free_cash() > world.market.closes[world.day][FUNDS[0]] * 2:
            request = OrderRequest("", world.market.days[world.day], Side.BUY, FUNDS[0], 1, None)
            place(world, request, world.day, buys=True)
        ours = [order for order in self._today() if order.intent and order.state == OPEN]
        if ours and chance > 0.9:
            order = self.draw.choice(ours)
            more = self.draw.choice((-order.shares // 3, 1)) if not order.buys else -1
            world.change(order, max(order.filled + 1, order.shares + more))

    def cancel_typed(self) -> bool:
        """Cancel every open order that a person typed in; return whether there was one."""
        typed = [o for o in self._today() if o.intent is None and o.state == OPEN]
        for order in typed:
            self.life.world.cancel(order)
        return bool(typed)
