"""Order fees in whole units of money, and what an amount of cash can buy."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal
from typing import NamedTuple

from jeoul.errors import UsageError


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


def affordable_shares(cash: int, price: int, fee: Decimal) -> Affordable:
    """Return how many shares cash can buy at a price, with the order's fee paid from it too.

    >>> affordable_shares(500_000, 10_000, Decimal("0.000140527"))
    Affordable(shares=49, fee=68, left=9932)
    """
    if price <= 0:
        raise UsageError(f"the price is {price}; give a positive whole number")
    shares = max(int(cash // (price * (1 + fee))), 0)
    while (shares + 1) * price + order_fee((shares + 1) * price, fee) <= cash:
        shares += 1  # the dropped fraction of the fee can pay for one share more
    paid = order_fee(shares * price, fee)
    return Affordable(shares, paid, cash - shares * price - paid)
