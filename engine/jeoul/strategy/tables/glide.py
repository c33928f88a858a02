"""``[glide]``: how the profiles are mixed on the way to a goal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from jeoul.model.years import DAYS_A_YEAR
from jeoul.strategy.tables.base import Fraction, StrategyTable
from jeoul.strategy.tables.profile import PROFILES

_NEAR = 1e-9

Mix = dict[Literal["conservative", "balanced", "growth"], Fraction]


class GlidePoint(StrategyTable):
    """The mix of profiles when so many ``years`` are left; shares sum to 1."""

    years: Annotated[float, Field(ge=-60.0, le=60.0)]
    mix: Mix

    @model_validator(mode="after")
    def _whole(self) -> Self:
        total = sum(self.mix.values())
        if abs(total - 1.0) > _NEAR:
            raise ValueError(
                f"the shares of a mix add up to {total:.6g}; change them to add up to 1"
            )
        return self


class GlideRules(StrategyTable):
    """The path to a goal: points from the farthest to the nearest, and the goal's date."""

    by: date
    points: Annotated[list[GlidePoint], Field(min_length=2, max_length=40)]

    @model_validator(mode="after")
    def _falling(self) -> Self:
        for far, near in pairwise(self.points):
            if far.years <= near.years:
                raise ValueError(
                    f"the point at {near.years:g} years comes after the one at {far.years:g}; "
                    "list the farthest first, each year once"
                )
        return self

    def years_left(self, day: date) -> float:
        """Return the years of 365.2425 days from a day to the goal, negative after it."""
        return (self.by - day).days / DAYS_A_YEAR

    def mix(self, years: float) -> Mapping[str, float]:
        """Return the share of each profile with so many years left, only those above 0.

        In proportion between two points, level outside them.

        >>> far = GlidePoint(years=10.0, mix={"growth": 1.0})
        >>> near = GlidePoint(years=0.0, mix={"balanced": 1.0})
        >>> GlideRules(by=date(2040, 1, 1), points=[far, near]).mix(2.5)
        {'balanced': 0.75, 'growth': 0.25}
        """
        far, near, done = self._around(years)
        shares = {
            name: (1.0 - done) * far.mix.get(name, 0.0) + done * near.mix.get(name, 0.0)  # type: ignore[call-overload]
            for name in PROFILES
        }
        return {name: share for name, share in shares.items() if share > 0.0}

    def _around(self, years: float) -> tuple[GlidePoint, GlidePoint, float]:
        """Return the points before and after, and how far the second one is reached."""
        if years >= self.points[0].years:
            return self.points[0], self.points[0], 0.0
        for far, near in pairwise(self.points):
            if years >= near.years:
                return far, near, (far.years - years) / (far.years - near.years)
        return self.points[-1], self.points[-1], 0.0

    def mix_for(self, profile: str, years: float) -> Mapping[str, float]:
        """Return the mix for an investor of a profile: what is bolder counts as the own profile.

        The time to a goal lowers the risk of an investor, and never raises it.

        >>> far = GlidePoint(years=10.0, mix={"growth": 1.0})
        >>> near = GlidePoint(years=0.0, mix={"conservative": 1.0})
        >>> GlideRules(by=date(2040, 1, 1), points=[far, near]).mix_for("balanced", 5.0)
        {'balanced': 0.5, 'conservative': 0.5}
        """
        own, found = PROFILES.index(profile), dict[str, float]()
        for name, share in self.mix(years).items():
            kept = name if PROFILES.index(name) <= own else profile
            found[kept] = found.get(kept, 0.0) + share
        return dict(sorted(found.items()))

    def profiles_for(self, profile: str) -> tuple[str, ...]:
        """Return every profile that an investor of a profile may hold a part of, boldest last."""
        named = {name for point in self.points for name in point.mix if point.mix[name] > 0.0}
        own = PROFILES.index(profile)
        kept = {name if PROFILES.index(name) <= own else profile for name in named}
        return tuple(name for name in PROFILES if name in kept)
