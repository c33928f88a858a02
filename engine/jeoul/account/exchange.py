"""The currency leg of an account whose owner counts in another money than it trades in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from jeoul.errors import UsageError
from jeoul.model.money import UNITS


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyExchange:
    """Money of the owner (``owner``) turned into the account's (``account``) and back.

    ``rates`` are by session, units of the owner's currency per unit of the account's, as known
    after its close; money that moves at the open of a session is exchanged at the rate of the
    session before. ``spread`` is the width between the bank's two rates as a share of the middle,
    of which every exchange pays half.
    """

    owner: str
    account: str
    rates: Mapping[date, Decimal]
    before: Mapping[date, Decimal]
    spread: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        if not 0 <= self.spread < 1:
            raise UsageError(f"a spread of {self.spread}; give a fraction from 0 to below 1")

    def home(self, amount: int, session: date) -> int:
        """Return what the account's money is worth to the owner after a session, rounded down.

        >>> day = date(2024, 6, 28)
        >>> rates = {day: Decimal(1380)}
        >>> exchange = CurrencyExchange(owner="KRW", account="USD", rates=rates, before=rates)
        >>> exchange.home(10_000, day)
        138000
        """
        return _whole(amount * self._cents(self.rates[session]), ROUND_FLOOR)

    def away(self, amount: int, session: date) -> int:
        """Return the owner's money in the account's at the middle rate of an open."""
        return _whole(amount / self._cents(self.before[session]), ROUND_FLOOR)

    def bought(self, amount: int, session: date) -> int:
        """Return what the owner's money buys at the open of a session.

        >>> day = date(2024, 6, 28)
        >>> before = {day: Decimal(1380)}
        >>> bank = CurrencyExchange(
        ...     owner="KRW", account="USD", rates={}, before=before, spread=Decimal("0.02")
        ... )
        >>> bank.away(1_380_000, day), bank.bought(1_380_000, day)
        (100000, 99009)
        """
        ask = self._cents(self.before[session]) * (1 + self.spread / 2)
        return _whole(amount / ask, ROUND_FLOOR)

    def sold(self, amount: int, session: date) -> int:
        """Return what the account's money brings the owner at the open of a session.

        >>> day = date(2024, 6, 28)
        >>> before = {day: Decimal(1380)}
        >>> bank = CurrencyExchange(
        ...     owner="KRW", account="USD", rates={}, before=before, spread=Decimal("0.02")
        ... )
        >>> bank.sold(100_000, day), bank.cost(1_366_200, day)
        (1366200, 100000)
        """
        bid = self._cents(self.before[session]) * (1 - self.spread / 2)
        return _whole(amount * bid, ROUND_FLOOR)

    def cost(self, amount: int, session: date) -> int:
        """Return what the account must give for an amount of the owner's money."""
        bid = self._cents(self.before[session]) * (1 - self.spread / 2)
        return _whole(amount / bid, ROUND_CEILING)

    def _cents(self, rate: Decimal) -> Decimal:
        """Return a rate between the smallest units of both currencies."""
        return rate * UNITS[self.owner] / UNITS[self.account]


def _whole(amount: Decimal, rounding: str) -> int:
    return int(amount.to_integral_value(rounding))
