"""Whole shares, money in whole units, and orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

from jeoul.errors import BadValue
from jeoul.model.shown import Shown

CASH = "CASH"

Weights = dict[str, float]
"""Weight by ticker, and CASH; they sum to 1 within 1e-9."""


Proceeds = Literal["settled", "reuse"]
"""When buys may spend what sales bring: once it has settled, or on the same day."""

SETTLED: Proceeds = "settled"
"""What is assumed where nobody says otherwise, by every command, file and function alike."""


class Side(StrEnum):
    """Which way an order goes."""

    BUY = "BUY"
    SELL = "SELL"


@dataclass(frozen=True, slots=True, repr=False)
class Portfolio(Shown):
    """One customer's account: whole shares by ticker and cash in the currency's smallest unit.

    ``cash`` is settled and can be spent; ``unsettled`` maps a settlement date to money on its way.
    Numbers may be of numpy, ``Decimal`` or text, and ``shares`` a Series; what is not a whole
    number raises :class:`~jeoul.errors.BadValue`.

    >>> Portfolio({"069500": "30"}, 1_000_000.0)
    Portfolio(shares={'069500': 30}, cash=1000000, currency='KRW', unsettled={})
    """

    shares: Mapping[str, int]
    cash: int
    currency: str = "KRW"
    unsettled: Mapping[date, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        plain = type(self.cash) is int and _is_counted(self.shares)
        if not (plain and _is_counted(self.unsettled)):
            self._convert()

    def _convert(self) -> None:
        """Take the numbers of a notebook; numpy is loaded for them alone."""
        from jeoul.model.given import counts, whole

        if not isinstance(self.unsettled, Mapping):
            raise BadValue(f"unsettled is {self.unsettled!r}; map each day to money")
        due = {day: whole(f"the money of {day}", sum_) for day, sum_ in self.unsettled.items()}
        object.__setattr__(self, "cash", whole("cash", self.cash))
        object.__setattr__(self, "shares", counts("the shares", self.shares))
        object.__setattr__(self, "unsettled", due)

    @property
    def incoming(self) -> int:
        """Return the money on its way."""
        return sum(self.unsettled.values()) if self.unsettled else 0

    @property
    def money(self) -> int:
        """Return all money: settled cash and what is on its way.

        >>> Portfolio({}, 10, unsettled={date(2026, 12, 29): 5}).money
        15
        """
        return self.cash + self.incoming

    def value(self, prices: Mapping[str, int]) -> int:
        """Return all money and the holdings at their prices; one without a price counts nothing.

        >>> Portfolio({"069500": 3, "148070": 1}, 10_000).value({"069500": 20_000})
        70000
        """
        value = self.money
        for code, count in self.shares.items():  # a third of the time of a sum: it is asked often
            if code in prices:
                value += count * prices[code]
        return value


def _is_counted(given: object) -> bool:
    """Return whether a mapping has Python's own whole numbers, so that nothing is to convert."""
    return isinstance(given, Mapping) and all(type(count) is int for count in given.values())


@dataclass(frozen=True, slots=True, repr=False)
class Reason(Shown):
    """Why something was decided: a message id of the catalogues and what fills it in."""

    kind: str
    detail: tuple[tuple[str, str], ...] = ()

    @staticmethod
    def of(kind: str, **detail: object) -> Reason:
        """Return a reason with its details as text.

        >>> Reason.of("trade.calendar", session="2024-07-01")
        Reason(kind='trade.calendar', detail=(('session', '2024-07-01'),))
        """
        return Reason(kind, tuple((key, str(value)) for key, value in detail.items()))


@dataclass(frozen=True, slots=True, repr=False)
class Order(Shown):
    """A whole-share order at the price it was sized with, in the smallest unit of the currency.

    ``limit`` is the worst price at which it may be filled, None for an order without one.
    """

    side: Side
    ticker: str
    shares: int
    price: int
    reason: Reason
    limit: int | None = None

    def _brief(self) -> Mapping[str, object]:
        found = {name: getattr(self, name) for name in ("side", "ticker", "shares", "price")}
        return found | ({} if self.limit is None else {"limit": self.limit})


def signed_amount(order: Order) -> int:
    """Return the money that an order moves out of the account before costs, negative of a sale."""
    amount = order.shares * order.price
    return amount if order.side is Side.BUY else -amount
