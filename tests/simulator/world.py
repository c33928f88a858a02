"""The outside world of one account: time, an exchange, and the broker's own books.

Nothing here knows the engine's ledger. What truly happens is written into a journal, from which the
oracle keeps its own books.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from simulator.market import SimulatedMarket

FEE = (140_527, 1_000_000_000)  # of the amount traded, as the config says it too
SETTLES = 2  # sessions after a trade on which its money arrives

OPEN, FILLED, DONE = "open", "filled", "closed"


@dataclass(slots=True)
class VenueOrder:
    """An order at the broker: what is true of it, and what its list shows until ``hidden``."""

    number: int
    name: str | None  # the name that the broker keeps
    intent: str | None  # whose order it is; None for one that a person typed in
    day: int
    buys: bool
    ticker: str
    shares: int
    limit: int | None
    visible: float
    state: str = OPEN
    filled: int = 0
    amount: int = 0
    fee: int = 0
    price: int = 0  # of its newest fill
    hidden: float = 0.0
    shown: tuple[str, int, int, int] = (OPEN, 0, 0, 0)

    @property
    def key(self) -> tuple[int, int]:
        """Return what names it across sessions."""
        return self.day, self.number


@dataclass(frozen=True, slots=True)
class Nature:
    """How the broker of one life behaves.

    ``names`` says that it keeps our names, ``resets`` that it starts afresh every night: numbers
    from one, names forgotten, the list of earlier sessions gone. ``movements`` says that it names
    deposits and corporate actions, ``fees`` that it reports them,
    ``tells`` what may be ordered for and what is locked in open orders. ``lag`` is the time until
    an accepted order is listed, ``depth`` the part of an order that finds a counterparty.
    ``reuses`` says that buys spend the proceeds of filled sales, and are refused before.
    """

    names: bool
    unique: bool
    resets: bool
    movements: bool
    fees: bool
    tells: bool
    lag: float
    depth: float
    reuses: bool = False


@dataclass
class World:
    """Everything outside the engine, moved on by :meth:`advance` alone."""

    seed: str
    market: SimulatedMarket
    opens: Sequence[int]
    closes: Sequence[int]
    nature: Nature
    cash: int
    now: float = 0.0
    offset: float = 0.0  # of the machine's clock against the true time
    day: int = -1
    shares: dict[str, int] = field(default_factory=dict)
    unsettled: dict[int, int] = field(default_factory=dict)
    orders: list[VenueOrder] = field(default_factory=list)
    movements: list[tuple[str, int, int, str | None, int]] = field(default_factory=list)
    journal: list[tuple[Any, ...]] = field(default_factory=list)
    numbers: int = 0
    booked: int = -1  # the last session whose corporate actions are in the account
    late: bool = False  # whether today's corporate actions reach the account later than the open
    acted: bool = False  # whether the last session's corporate actions touched the account
    nooned: int = -1

    def __post_init__(self) -> None:
        self.journal.append(("deposit", 0, self.cash))

    # Time

    def advance(self, to: float) -> None:
        """Let time pass: nights, openings, the middle of the session and its close."""
        while True:
            following = self.day + 1
            if self.day >= 0 and self.nooned < self.day and self.noon <= to:
                self.now = max(self.now, self.noon)
                self.nooned = self.day
                self._match(noon=True)
            elif following < len(self.opens) and self.opens[following] <= to:
                self._end_of_day()
                self.now = max(self.now, float(self.opens[following]))
                self._begin(following)
            else:
                break
        self.now = max(self.now, to)
        if self.day >= 0 and self.now >= self.closes[self.day]:
            self._end_of_day()

    @property
    def noon(self) -> float:
        """Return the middle of today's session."""
        return (self.opens[self.day] + self.closes[self.day]) / 2

    def _begin(self, day: int) -> None:
        self.day = day
        self.cash += self.unsettled.pop(day, 0)
        self.journal.append(("day", day))
        if self.nature.resets:
            self.numbers = 0
            for order in self.orders[-40:]:
                order.name = None
        if not self.late:
            self.book_actions()

    def _end_of_day(self) -> None:
        if self.day >= 0:
            self.book_actions()
            if any(o.state == OPEN for o in self.orders[-40:]):
                self._match(noon=False)

    # The exchange

    def _match(self, *, noon: bool) -> None:
        for order in self.orders[-40:]:
            if order.state != OPEN or order.day > self.day:
                continue
            draw = random.Random(f"{self.seed}/{order.day}/{order.number}/{noon}")
            close = self.market.closes[self.day][order.ticker]
            left = order.shares - order.filled
            if noon:
                price = max(int(close * draw.uniform(0.995, 1.005)), 1)
                wanted = draw.choice((0, left // 2, left // 3, left))
            else:
                price = close
                wanted = left if draw.random() < self.nature.depth else left // 2
            self.fill(order, wanted, price)
            if order.filled == order.shares:
                self._over(order, FILLED)
            elif not noon:
                self._over(order, DONE)

    def _over(self, order: VenueOrder, state: str) -> None:
        order.state = state
        self.journal.append(("over", order.key))

    def fill(self, order: VenueOrder, wanted: int, price: int) -> int:
        """Fill part of an order as far as its limit, the cash and the shares allow."""
        if order.limit is not None and (price > order.limit if order.buys else price < order.limit):
            return 0
        if order.buys:
            while wanted > 0 and self._costs(order, wanted, price) > self.money:
                wanted = min(wanted - 1, self.money // price)
        else:
            wanted = min(wanted, self.shares.get(order.ticker, 0))
        if wanted > 0:
            self._move(order, wanted, wanted * price)
            order.price = price
        return max(wanted, 0)

    def cancel(self, order: VenueOrder) -> None:
        """Close an open order, as a person does on the broker's screen."""
        self._over(order, DONE)

    def change(self, order: VenueOrder, shares: int) -> None:
        """Let an open order be for another number of shares, as a person changes it."""
        order.shares = shares
        self.journal.append(("changed", order.key, shares))

    def correct(self, order: VenueOrder, shares: int) -> None:
        """Take part of a fill back, as an exchange does that busts a trade."""
        self._move(order, -shares, -shares * order.price)
        if order.state == FILLED:
            order.state = DONE

    def _costs(self, order: VenueOrder, shares: int, price: int) -> int:
        return shares * price + fee_of(order.amount + shares * price) - order.fee

    def _move(self, order: VenueOrder, shares: int, amount: int) -> None:
        fee = fee_of(order.amount + amount) - order.fee
        order.filled += shares
        order.amount += amount
        order.fee += fee
        held = self.shares.get(order.ticker, 0) + (shares if order.buys else -shares)
        self.shares[order.ticker] = held
        if not held:
            del self.shares[order.ticker]
        due = order.day + SETTLES
        if order.buys:
            self._take(amount + fee)
        elif due > self.day and (amount > 0 or not self.nature.reuses):
            self.unsettled[due] = self.unsettled.get(due, 0) + amount - fee
        elif due > self.day:
            self._take(fee - amount)
        else:
            self.cash += amount - fee
        self.journal.append(("fill", order.key, shares, amount, fee))

    @property
    def money(self) -> int:
        """Return what buys may spend, before what open ones are promised."""
        return self.cash + (sum(self.unsettled.values()) if self.nature.reuses else 0)

    def _take(self, amount: int) -> None:
        """Pay with the latest proceeds first where they may be reused, then with settled cash."""
        for due in sorted(self.unsettled, reverse=True) if self.nature.reuses else ():
            part = max(min(amount, self.unsettled[due]), 0)
            self.unsettled[due] -= part
            amount -= part
            if not self.unsettled[due]:
                del self.unsettled[due]
        self.cash -= amount

    # What else moves money and shares

    def pay(self, amount: int) -> None:
        """Put money in, or take it out where it is negative."""
        self.cash += amount
        self._name("deposit" if amount > 0 else "withdrawal", amount, None, 0)
        self.journal.append(("deposit", self.day, amount))

    def book_actions(self) -> None:
        """Bring today's corporate actions into the account, once."""
        if self.booked >= self.day:
            return
        self.booked = self.day
        self.late = False
        found = self.market.events.openings(self.market.days[self.day], self.shares)
        self.journal.append(("actions", self.day))
        for action in found:
            self.cash += action.cash
            held = self.shares.get(action.ticker, 0) + action.shares
            self.shares[action.ticker] = held
            if not held:
                del self.shares[action.ticker]
            self._name(action.kind, action.cash, action.ticker, action.shares)
        self.acted = bool(found)

    def _name(self, kind: str, cash: int, ticker: str | None, shares: int) -> None:
        if self.nature.movements:
            self.movements.append((kind, self.day, cash, ticker, shares))

    def free_cash(self) -> int:
        """Return the cash that no open purchase is promised, as a broker lets one withdraw.

        An order without a limit is promised the close that it was taken at: today's is not known.
        """
        known = self.market.closes
        promised = sum(
            self._costs(o, o.shares - o.filled, o.limit or known[max(o.day - 1, 0)][o.ticker])
            for o in self.orders[-40:]
            if o.state == OPEN and o.buys
        )
        return max(self.money - promised, 0)

    def locked(self) -> dict[str, int]:
        """Return the shares that open sales hold."""
        found: dict[str, int] = {}
        for order in self.orders[-40:]:
            if order.state == OPEN and not order.buys and order.ticker in self.shares:
                left = order.shares - order.filled
                found[order.ticker] = found.get(order.ticker, 0) + left
        return {code: min(count, self.shares[code]) for code, count in found.items()}

    def session_of(self, day: date) -> int:
        """Return the place of a session in this life."""
        return self.market.days.index(day)


def fee_of(amount: int) -> int:
    """Return the fee of an amount traded, fractions dropped."""
    return amount * FEE[0] // FEE[1]
