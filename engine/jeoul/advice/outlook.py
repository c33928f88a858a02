"""What a managed portfolio may come to: a range, never one number."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

_Z90 = 1.6448536269514722  # 5 % of a normal distribution lie below minus this, 5 % above it


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What the engine expects of a profile's portfolio, a year, as fractions, before tax.

    ``riskless`` is the policy rate, ``excess`` what the portfolio is expected to earn above it,
    ``volatility`` its standard deviation, and ``cost`` the funds' fees.
    """

    riskless: float
    excess: float
    volatility: float
    cost: float

    @property
    def expected(self) -> float:
        """Return the expected return a year after costs."""
        return self.riskless + self.excess - self.cost

    def after_tax(self, tax_rate: float) -> float:
        """Return the expected return a year after costs and a tax on the gain."""
        return self.expected * (1.0 - tax_rate) if self.expected > 0.0 else self.expected


@dataclass(frozen=True, slots=True, kw_only=True)
class WonRange:
    """Won after tax: nine of ten outcomes lie from ``low`` to ``high``, half below ``middle``.

    ``loss`` is the probability that less is left than was paid in.
    """

    low: int
    middle: int
    high: int
    loss: float


def outcome_range(
    outlook: Outlook, *, amount: int, months: int, tax: Callable[[int], int]
) -> WonRange:
    """Return the range that a portfolio's expected return and volatility give.

    Log growth is taken as normal: middle exp((m - v^2/2) T), and 1.645 v sqrt(T) to either side,
    where m = log(1 + expected). The whole gain is realised at the end, as fund income, and ``tax``
    says what is due on it; a loss saves no tax. Real markets fall further than a normal
    distribution says.

    >>> outlook = Outlook(riskless=0.03, excess=0.02, volatility=0.10, cost=0.002)
    >>> found = outcome_range(outlook, amount=10_000_000, months=12,
    ...                       tax=lambda gain: gain * 154 // 1000)
    >>> found.low, found.middle, found.high, round(found.loss, 2)
    (8846158, 10361860, 11939088, 0.34)
    """
    years = months / 12.0
    drift = (math.log1p(outlook.expected) - outlook.volatility**2 / 2.0) * years
    spread = outlook.volatility * math.sqrt(years)
    low, middle, high = (
        _taxed(amount, math.exp(drift + z * spread), tax) for z in (-_Z90, 0.0, _Z90)
    )
    return WonRange(low=low, middle=middle, high=high, loss=_below(-drift, spread))


def _taxed(amount: int, growth: float, tax: Callable[[int], int]) -> int:
    gain = math.floor(amount * (growth - 1.0))
    return amount + gain - (tax(gain) if gain > 0 else 0)


def _below(limit: float, spread: float) -> float:
    if spread == 0.0:
        return 1.0 if limit > 0.0 else 0.0
    return 0.5 * (1.0 + math.erf(limit / spread / math.sqrt(2.0)))
