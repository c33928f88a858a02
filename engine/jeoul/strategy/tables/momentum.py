"""``[allocate] kind = "momentum"``: funds chosen by their past returns, with canaries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from jeoul.strategy.tables.base import Count, Fraction, Label, StrategyTable

Members = Annotated[list[Label], Field(min_length=1)]


class ReturnScore(StrategyTable):
    """The return over a number of months."""

    kind: Literal["return"]
    months: Annotated[int, Field(ge=1, le=36)] = 12

    @property
    def reads(self) -> int:
        """Return how many month-end closes the score reads."""
        return self.months + 1


class WeightedScore(StrategyTable):
    """13612W: the mean of the returns over 1, 3, 6 and 12 months, each taken to a year."""

    kind: Literal["13612w"]

    @property
    def reads(self) -> int:
        """Return how many month-end closes the score reads."""
        return 13


class AverageScore(StrategyTable):
    """The newest month-end close over the average of the newest ``closes``, less 1."""

    kind: Literal["average"]
    closes: Annotated[int, Field(ge=2, le=37)] = 13

    @property
    def reads(self) -> int:
        """Return how many month-end closes the score reads."""
        return self.closes


Score = Annotated[ReturnScore | WeightedScore | AverageScore, Field(discriminator="kind")]


class MemberCanary(StrategyTable):
    """Bad while the score of a member is not above 0, or not above that of ``against``."""

    kind: Literal["member"]
    member: Label
    score: Score = WeightedScore(kind="13612w")
    against: Label | None = None

    @property
    def members(self) -> tuple[str, ...]:
        """Return the members that it looks at."""
        return (self.member,) if self.against is None else (self.member, self.against)


class SeriesCanary(StrategyTable):
    """Bad while the newest observation lies on one side of the average of the newest ``values``."""

    kind: Literal["series"]
    series: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    values: Annotated[int, Field(ge=2, le=60)] = 12
    bad: Literal["above", "below"] = "above"


Canary = Annotated[MemberCanary | SeriesCanary, Field(discriminator="kind")]


class Momentum(StrategyTable):
    """The best of a list of funds by momentum, or of a defensive list while canaries are bad.

    Read at month ends, from closes up to then. ``core`` are funds held always, with their shares;
    the rest, the sleeve, is split equally over the ``top`` of ``offensive`` with the highest
    ``score``, or over the ``top_defensive`` of ``defensive`` once ``breadth`` canaries are bad. A
    canary that has stopped counts as bad; one on a fund without enough month ends is left out while
    another counts. A defensive fund that scores below ``floor`` is replaced by it. All lists name
    members of the universe.
    """

    kind: Literal["momentum"]
    offensive: Members
    defensive: Members
    core: dict[Label, Fraction] = Field(default_factory=dict)
    score: Score = ReturnScore(kind="return")
    top: Count = 1
    top_defensive: Count = 1
    floor: Label | None = None
    canaries: dict[Label, Canary] = Field(default_factory=dict)
    breadth: Count = 1

    @property
    def held(self) -> tuple[str, ...]:
        """Return the members that may be held, each once, in order."""
        floor = () if self.floor is None else (self.floor,)
        return tuple(dict.fromkeys((*self.core, *self.offensive, *self.defensive, *floor)))

    @property
    def series(self) -> tuple[str, ...]:
        """Return the series that canaries read."""
        found = (each for each in self.canaries.values() if isinstance(each, SeriesCanary))
        return tuple(dict.fromkeys(canary.series for canary in found))

    @property
    def reads(self) -> int:
        """Return how many month-end closes the longest score reads."""
        own = [each.score for each in self.canaries.values() if isinstance(each, MemberCanary)]
        return max(score.reads for score in (self.score, *own))

    def named(self) -> Iterator[tuple[str, ...]]:
        """Yield every member that is named, behind the keys that name it."""
        for key in ("core", "offensive", "defensive"):
            for name in getattr(self, key):
                yield (key, name)
        if self.floor is not None:
            yield ("floor", self.floor)
        for label, canary in self.canaries.items():
            if isinstance(canary, MemberCanary):
                yield ("canaries", label, "member", canary.member)
                if canary.against is not None:
                    yield ("canaries", label, "against", canary.against)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if sum(self.core.values()) >= 1.0:
            raise ValueError(
                "core takes the whole portfolio, so no momentum is left; lower its shares"
            )
        for key, listed in (("top", self.offensive), ("top_defensive", self.defensive)):
            if getattr(self, key) > len(listed):
                raise ValueError(f"{key} is above the {len(listed)} funds of its list; lower it")
        if self.breadth > max(1, len(self.canaries)):
            raise ValueError(
                f"breadth is {self.breadth} with {len(self.canaries)} canaries, so the sleeve "
                "would never be defensive; lower it"
            )
        return self
