"""What orders cost in whole units of money, and what an amount of cash can buy."""

from __future__ import annotations

from collections.abc import Iterable
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
    """How an order is charged, in whole units of money: the one record of fees and spread.

    ``rate`` is of the value traded. An order pays at least ``min_fee``, and ``fixed_fee`` on top;
    ``spread`` is the width between bid and ask as a share of the price, of which an order pays
    half.
    """

    rate: Decimal = Decimal(0)
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


ONLINE = Tariff(Decimal("0.000140527"))
"""What a Korean broker charges an order placed online (2026), where nothing else is known."""


class Affordable(NamedTuple):
    """The most whole shares that cash can buy, the fee of that order, and the cash left."""

    shares: int
    fee: int
    left: int


def order_fee(amount: int, rate: Decimal) -> int:
    """Return the fee of an order: amount x rate, fractions of the smallest unit dropped.

    >>> order_fee(490_000, Decimal("0.000140527")), order_fee(0, Decimal("0.000140527"))
    (68, 0)
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


def affordable_buys(
    buys: Iterable[tuple[int, int]], cash: int, tariff: Tariff, *, smallest: int = 0
) -> list[int]:
    """Return how many shares of each buy (shares, price) cash pays, in turn, with their costs.

    So the last ones are cut, and a later one may get what an earlier one could not use. A buy
    that is cut to an amount below ``smallest`` is left out.

    >>> affordable_buys([(30, 1_000), (30, 1_000), (5, 100)], 50_000, Tariff(Decimal("0.01")))
    [30, 19, 5]
    """
    counts = []
    for shares, price in buys:
        count, amount = shares, shares * price
        if amount + tariff.costs(amount).total > max(cash, 0):
            count = min(shares, affordable_shares(max(cash, 0), price, tariff).shares)
            amount = count * price
        if count < shares and amount < smallest:
            count = amount = 0
        cash -= amount + tariff.costs(amount).total
        counts.append(count)
    return counts
