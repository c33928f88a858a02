"""Money that a person moved and traded with by hand before the books saw it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

FEES = Decimal("0.01")
"""The part of a trade at a known price that fees and a rounded average cost may come to."""
GUESS = Decimal("0.05")
"""The part by which a close may miss the price at which a person traded."""


class MovedMoney(NamedTuple):
    """Money that came from a bank, below 0 for what went there, and how far off that may be."""

    money: int = 0
    slack: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HandTrades:
    """What an account has beyond its books: money, and shares that a person traded by hand.

    ``cash`` is in the smallest unit, of which ``unit`` make a main one; ``shares`` are by ticker,
    below 0 where they were sold. ``held`` are those of the books. ``costs`` are what the broker
    says that a share cost on average, in the main unit; ``close`` is a fund's last close in the
    smallest unit, None where nobody knows it.
    """

    cash: int
    shares: Mapping[str, int]
    held: Mapping[str, int]
    close: Callable[[str], int | None]
    costs: Mapping[str, Decimal] = field(default_factory=dict)
    unit: int = 1

    def moved(self) -> MovedMoney:
        """Return the money that moved between the account and a bank.

        It is the change of cash and what the shares cost that were bought, less what those brought
        that were sold. A fund that the account did not have cost what the broker says; others are
        valued at their close, with a slack. Nothing where that may be all fees and guesses, where a
        price is missing, and for shares without money of which nobody knows the cost: they may be a
        split, or have come from another broker.
        """
        money, fees, slack = Decimal(self.cash), Decimal(0), Decimal(0)
        known = self.cash != 0
        for code, shares in self.shares.items():
            paid = self._paid(code)
            price = self._closed(code) if paid is None else paid
            if price is None:
                return MovedMoney()
            known = known or paid is not None
            money += shares * price
            if paid is None:
                slack += abs(shares * price) * GUESS
            else:
                fees += abs(shares * price) * FEES
        moves = known and abs(money) > fees + slack
        return MovedMoney(round(money), round(slack)) if moves else MovedMoney()

    def _paid(self, ticker: str) -> Decimal | None:
        """Return what a share cost of a fund that the account did not have before."""
        cost = None if self.held.get(ticker) else self.costs.get(ticker)
        return None if cost is None else cost * self.unit

    def _closed(self, ticker: str) -> Decimal | None:
        close = self.close(ticker)
        return None if close is None else Decimal(close)
