"""How risky the products of an investor may be, as one record that every stage reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from jeoul.model.shown import Shown

Mode = Literal["product", "portfolio"]
OnBreach = Literal["constrain", "report"]

PROFILE_TYPES = {"conservative": "stability_seeking", "balanced": "neutral", "growth": "active"}
"""The investor type that a profile is for, where no answers say one."""

RISKIEST = 1
"""The grade of a fund whose own is unknown: the cautious end."""


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class GradeLimit(Shown):
    """The riskiest product grade of an investor type: 1 very high risk to 6 very low.

    ``type`` and ``matrix`` say whose limit it is, and by which firm's matrix. By ``product`` every
    fund has a grade of ``riskiest`` or above; by ``portfolio`` the mean grade does, weighted by
    money with cash left out. What breaches it is taken out with ``constrain`` and named with
    ``report``.
    """

    type: str
    matrix: str
    riskiest: int
    mode: Mode
    on_breach: OnBreach

    @property
    def binds(self) -> bool:
        """Return whether the limit changes weights and orders."""
        return self.on_breach == "constrain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """A limit together with the grades of a universe, by code."""

    limit: GradeLimit
    grades: Mapping[str, int]

    def grade(self, code: str) -> int:
        """Return the grade of a fund, the riskiest where it is unknown."""
        return self.grades.get(code, RISKIEST)

    def too_risky(self, code: str) -> bool:
        """Return whether a fund alone is riskier than the limit."""
        return self.grade(code) < self.limit.riskiest

    def mean(self, amounts: Mapping[str, float]) -> float | None:
        """Return the mean grade of funds by the money in them, None without any.

        >>> limit = GradeLimit(
        ...     type="neutral", matrix="kiwoom", riskiest=4, mode="portfolio", on_breach="constrain"
        ... )
        >>> Graded(limit=limit, grades={"A": 2, "B": 6}).mean({"A": 0.25, "B": 0.75})
        5.0
        """
        total = sum(amounts.values())
        if total <= 0.0:
            return None
        return sum(amount * self.grade(code) for code, amount in amounts.items()) / total

    def holds(self, amounts: Mapping[str, float]) -> bool:
        """Return whether funds with money in them are within the limit."""
        held = {code: amount for code, amount in amounts.items() if amount > 0.0}
        if self.limit.mode == "product":
            return not any(map(self.too_risky, held))
        mean = self.mean(held)
        return mean is None or mean >= self.limit.riskiest - _ROUNDING


_ROUNDING = 1e-9
