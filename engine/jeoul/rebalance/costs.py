"""What orders cost in whole units of money, and what an amount of cash can buy."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

from jeoul.errors import UsageError


class Costs(NamedTuple):
    """What an order costs: fees, and half of the spread between bid and ask."""

    fee: int
    spread: int

    @property
    def total(self) -> int:
        """Return both together."""
        return self.fee + self.spread


class Tariff(NamedTuple):
    """How orders of one side are charged: a rate of the value traded, in whole units of money.

    An order pays at least ``min_fee``, and ``fixed_fee`` on top; ``spread`` is the width between
    bid and ask as a share of the price, of which an order pays half.
    """

    rate: Decimal
    min_fee: int = 0
    fixed_fee: int = 0
    spread: Decimal = Decimal(0)

    def costs(self, amount: int) -> Costs:
        """Return what an order of an amount costs; the spread is rounded up.

        >>> Tariff(Decimal("0.001"), min_fee=5, spread=Decimal("0.002")).costs(1_001)
        Costs(fee=5, spread=2)
        """
        if not amount:
            return Costs(0, 0)
        fee = max(order_fee(amount, self.rate), self.min_fee) + self.fixed_fee
        lost = (amount * self.spread / 2).to_integral_value(ROUND_CEILING)
        return Costs(fee, int(lost))


class Affordable(NamedTuple):
    """The most whole shares that cash can buy, the fee of that order, and the cash left."""

    shares: int
    fee: int
    left: int


def order_fee(amount: int, rate: Decimal) -> int:
    """Return the fee of an order: amount x rate, fractions of the smallest unit dropped.

    >>> order_fee(490_000, Decimal("0.000140527"))
    68
    """
    if amount < 0 or rate < 0:
        raise UsageError(f"a fee of {rate} on {amount} makes no sense; give values of 0 or more")
    return int((amount * rate).to_integral_value(ROUND_FLOOR))


def affordable_shares(cash: int, price: int, fee: Decimal | Tariff) -> Affordable:
    """Return how many shares cash can buy at a price, with the order's costs paid from it too.

    ``fee`` is a rate of the value traded, or all that an order pays; the fee of the answer then
    holds the spread too.

    >>> affordable_shares(500_000, 10_000, Decimal("0.000140527"))
    Affordable(shares=49, fee=68, left=9932)
    >>> affordable_shares(500_000, 10_000, Tariff(Decimal(0), min_fee=15_000)).shares
    48
    """
    if price <= 0:
        raise UsageError(f"the price is {price}; give a positive whole number")
    tariff = fee if isinstance(fee, Tariff) else Tariff(fee)
    wide = 1 + tariff.spread / 2
    by_rate = (cash - tariff.fixed_fee) // (price * (wide + tariff.rate))
    by_least = (cash - tariff.fixed_fee - tariff.min_fee) // (price * wide)
    # One more than both bounds, because the dropped fraction of a fee can pay for it.
    shares = max(int(min(by_rate, by_least)) + 1, 0)
    while shares and shares * price + tariff.costs(shares * price).total > cash:
        shares -= 1
    paid = tariff.costs(shares * price).total
    return Affordable(shares, paid, cash - shares * price - paid)
