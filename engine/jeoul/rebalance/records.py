"""How an account trades, and what a plan of trades holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from jeoul.errors import UsageError
from jeoul.model.given import exact, whole
from jeoul.model.portfolio import Order, Reason, Side
from jeoul.model.shown import Shown
from jeoul.rebalance.costs import Tariff
from jeoul.rebalance.milp import SharesCertificate
from jeoul.rebalance.problem import Counts, SharesProblem
from jeoul.rebalance.ticks import CENT_TICKS, Ticks

_SMALL = 100  # an account need not make trades below this part of its value


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class TradeRules(Shown):
    """How an account trades. Money in the currency's smallest unit, rates as decimal fractions.

    Every order pays the fee of its side, at least ``min_fee``, and ``fixed_fee`` on top; ``spread``
    is the width between bid and ask as a share of the price, of which each side pays half.
    ``buffer`` is cash that buys leave untouched; ``min_trade`` the smallest order;
    ``max_trades`` how many instruments are traded at once. Without ``spend_proceeds`` buys are paid
    from settled cash alone. ``ticks`` round the prices of orders: buys up, sells down.
    """

    buy_fee: Decimal = Decimal(0)
    sell_fee: Decimal = Decimal(0)
    min_fee: int = 0
    fixed_fee: int = 0
    spread: Decimal = Decimal(0)
    lot: int = 1
    ticks: Ticks = CENT_TICKS
    buffer: int = 0
    min_trade: int = 0
    max_trades: int | None = None
    spend_proceeds: bool = True

    def __post_init__(self) -> None:
        for name in ("buy_fee", "sell_fee", "spread"):
            if type(getattr(self, name)) is not Decimal:
                object.__setattr__(self, name, exact(name, getattr(self, name)))
        for name in ("min_fee", "fixed_fee", "lot", "buffer", "min_trade", "max_trades"):
            given = getattr(self, name)
            if type(given) is not int and given is not None:
                object.__setattr__(self, name, whole(name, given))
        lowest = {
            "buy_fee": 0,
            "sell_fee": 0,
            "min_fee": 0,
            "fixed_fee": 0,
            "spread": 0,
            "lot": 1,
            "buffer": 0,
            "min_trade": 0,
        }
        faults = [
            f"{key} is below {least}" for key, least in lowest.items() if getattr(self, key) < least
        ]
        if max(self.buy_fee, self.sell_fee, self.spread) >= 1:
            faults.append("a fee rate or spread of 1 or more")
        if self.max_trades is not None and self.max_trades < 0:
            faults.append("max_trades is below 0")
        if faults:
            raise UsageError(
                f"these trading rules cannot be used: {'; '.join(faults)}; correct them"
            )

    def tariff(self, side: Side) -> Tariff:
        """Return how orders of a side are charged."""
        rate = self.buy_fee if side is Side.BUY else self.sell_fee
        return Tariff(rate, self.min_fee, self.fixed_fee, self.spread)

    def smallest(self, value: int) -> int:
        """Return the smallest order of an account: ``min_trade``, at most a hundredth of it.

        >>> TradeRules(min_trade=50_000).smallest(1_000_000)
        10000
        """
        return min(self.min_trade, value // _SMALL)

    def cost(self, order: Order) -> int:
        """Return what an order costs at its price, spread included."""
        return self.tariff(order.side).costs(order.shares * order.price).total


@dataclass(frozen=True, slots=True, eq=False)
class Searched:
    """An account as numbers, and the trades that were found for it."""

    problem: SharesProblem
    trades: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlan:
    """Orders, sells first, and what they lead to.

    ``cash`` is the money left after all orders and their costs (``fees``, spread included),
    proceeds and money on its way included; ``objective`` the distance from the target as a fraction
    of ``value`` (:func:`~jeoul.rebalance.problem.cost_of`); ``kept`` explains the holdings that
    were not traded because they are frozen or have no price; ``certificate`` is there when the best
    was proven. ``searched`` is the problem that the orders answer.
    """

    orders: tuple[Order, ...]
    cash: int
    fees: int
    value: int
    objective: float
    kept: tuple[Reason, ...]
    certificate: SharesCertificate | None
    searched: Searched = field(compare=False, repr=False)
