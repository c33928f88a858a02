"""The truth at a broker behind a loopback: orders, holdings, money, and what shows when."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Placed:
    """An order, or the instruction to cancel or change another one (``of``)."""

    number: int
    side: str
    ticker: str
    shares: int
    limit: int
    at: float
    day: str
    name: str | None = None
    kind: str = "order"
    of: int = 0
    filled: int = 0
    amount: int = 0
    ended: str = ""

    @property
    def left(self) -> int:
        return 0 if self.ended or self.kind == "cancel" else self.shares - self.filled


@dataclass
class Truth:
    """``now`` is the time in seconds; lags hide what is newer."""

    now: Callable[[], float] = lambda: 0.0
    today: str = "20260304"
    holdings: dict[str, int] = field(default_factory=dict)
    pledged: dict[str, int] = field(default_factory=dict)
    deposits: list[int] = field(default_factory=lambda: [10_000_000] * 3)
    placed: list[Placed] = field(default_factory=list)
    list_lag: float = 0.0  # seconds until an order is listed
    balance_lag: float = 0.0  # seconds until an order binds cash or shares
    hidden_questions: int = 0  # lists of orders that do not show the newest order yet

    def __post_init__(self) -> None:
        self.lock = threading.Lock()

    def accept(
        self, side: str, ticker: str, shares: int, limit: int, name: str | None = None
    ) -> Placed:
        with self.lock:
            found = Placed(
                len(self.placed) + 1, side, ticker, shares, limit, self.now(), self.today, name
            )
            self.placed.append(found)
        return found

    def by_hand(self, side: str, ticker: str, shares: int, limit: int) -> None:
        self.accept(side, ticker, shares, limit)

    def sent(self) -> list[tuple[str, int]]:
        """The orders that arrived, as fund and shares."""
        return [(each.ticker, each.shares) for each in self.placed if each.kind == "order"]

    def arrived(self) -> list[tuple[str, str, str]]:
        """The orders that arrived, as day, side and fund."""
        found = [each for each in self.placed if each.kind == "order"]
        return [(each.day, each.side, each.ticker) for each in found]

    def waiting(self) -> list[tuple[int, int, int]]:
        """What is open, as number, shares left and limit."""
        live = [each for each in self.placed if each.left and each.day == self.today]
        return [(each.number, each.left, each.limit) for each in live]

    def fill(self, number: int, shares: int, price: int) -> None:
        """Let an order find a counterparty: the deposit of T+2 moves at once, T+1 does not."""
        order = self.placed[number - 1]
        order.filled += shares
        order.amount += shares * price
        sign = 1 if order.side == "BUY" else -1
        self.holdings[order.ticker] = self.holdings.get(order.ticker, 0) + sign * shares
        self.deposits[2] -= sign * shares * price

    def cancel(self, number: int) -> Placed | None:
        order = self.placed[number - 1]
        if not order.left:
            return None
        found = self.accept(order.side, order.ticker, order.left, 0)
        found.kind, found.of, order.ended = "cancel", number, "cancelled"
        return found

    def change(self, number: int, shares: int, price: int) -> Placed:
        """Change an order by hand: one of its own takes its place."""
        order = self.placed[number - 1]
        order.ended = "replaced"
        found = self.accept(order.side, order.ticker, shares, price)
        found.kind, found.of = "change", number
        return found

    def shown(self, day: str) -> list[Placed]:
        """What the list of a day shows by now."""
        found = [
            each
            for each in self.placed
            if each.day == day and each.at + self.list_lag <= self.now()
        ]
        if self.hidden_questions:
            self.hidden_questions -= 1
            found = found[:-1]
        return found

    def bound(self, side: str) -> dict[str, int]:
        """Shares by fund, or won by fund for buys, that open orders bind by now."""
        found: dict[str, int] = {}
        for each in self.placed:
            bound = each.day == self.today and each.at + self.balance_lag <= self.now()
            if bound and each.side == side:
                amount = each.left * (each.limit if side == "BUY" else 1)
                found[each.ticker] = found.get(each.ticker, 0) + amount
        return found

    def free(self, ticker: str) -> int:
        """How many shares can be sold now."""
        held, fixed = self.holdings.get(ticker, 0), self.pledged.get(ticker, 0)
        return held - fixed - self.bound("SELL").get(ticker, 0)

    def orderable(self) -> int:
        """What the broker says that a buy may cost: proceeds of filled sales are in it."""
        return self.deposits[2] - sum(self.bound("BUY").values())

    def is_unpaid(self, side: str, shares: int, limit: int) -> bool:
        """Whether an order is refused for lack of cash: the broker itself does not lag."""
        open_buys = (each for each in self.placed if each.side == "BUY" and each.day == self.today)
        free = self.deposits[2] - sum(each.left * each.limit for each in open_buys)
        return side == "BUY" and shares * limit > free
