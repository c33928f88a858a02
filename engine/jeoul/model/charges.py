"""What is taken off a proxy, so that it earns no more than a fund in its place would have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyCorrection:
    """A constant that an overlap with the fund has shown, with what it was measured on.

    ``yearly`` is added to the return of a year, so it is negative where the proxy earned more.
    ``error`` is the standard error of the difference, ``start`` and ``end`` the first and the last
    session that both were known on. It is a constant of the universe file, and a decision
    does not estimate it again, not even one before ``end``.
    """

    yearly: float
    error: float
    start: date
    end: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Charges:
    """What a proxy pays a year as decimal fractions of its level.

    ``withholding`` is the rate of the tax that the United States keep of a distribution, ``taxed``
    the part of the distributions that this tax is due on, ``yields`` what was distributed in each
    year, of the price, in order of the years. ``fee`` is the yearly fee of the fund that the proxy
    stands in for.
    """

    withholding: float = 0.0
    taxed: float = 1.0
    yields: tuple[tuple[int, float], ...] = ()
    fee: float = 0.0
    correction: ProxyCorrection | None = None

    @property
    def kept(self) -> float:
        """Return the part of a distribution that reaches the fund.

        >>> Charges(withholding=0.15, taxed=0.5).kept
        0.925
        """
        return 1.0 - self.withholding * self.taxed

    @property
    def steady(self) -> float:
        """Return what a year takes whatever was distributed: the fee less the correction."""
        return self.fee - (0.0 if self.correction is None else self.correction.yearly)

    def withheld(self, year: int) -> float:
        """Return the tax of a year, from the yield of the newest year before it that is known.

        That yield was known when the year began, so no later distribution decides an earlier
        return. Before the second year of ``yields`` it is that of the first.

        >>> charges = Charges(withholding=0.15, yields=((2020, 0.02), (2022, 0.01)))
        >>> [round(charges.withheld(year), 6) for year in (2019, 2021, 2022, 2030)]
        [0.003, 0.003, 0.003, 0.0015]
        """
        if not self.yields:
            return 0.0
        before = [paid for known, paid in self.yields if known < year]
        paid = before[-1] if before else self.yields[0][1]
        return paid * (1.0 - self.kept)
