"""``[estimate]``: how means and covariances come from history."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from jeoul.strategy.tables.base import Count, Label, Name, Positive, StrategyTable


class Equilibrium(StrategyTable):
    """Means that make the universe's reference weights optimal at this risk aversion."""

    kind: Literal["equilibrium"]
    risk_aversion: Positive = 2.5


class Implied(StrategyTable):
    """``share`` of the means that make the profile's strategic weights optimal for its aversion.

    What is left out of 1 is risk that nobody is expected to be paid for, so that a fund whose risk
    rises loses weight.
    """

    kind: Literal["implied"]
    share: Annotated[float, Field(gt=0.0, le=1.0)] = 0.9


class ViewRule(StrategyTable):
    """An opinion: the mix ``of`` members is expected to return ``expected`` above cash a year.

    Weights that sum to 1 make an absolute view, to 0 a relative one. ``confidence`` 0.5 weighs the
    view like the equilibrium's own uncertainty about the mix, 1 holds it for certain.
    """

    of: dict[Label, float]
    expected: Annotated[float, Field(gt=-1.0, lt=1.0)]
    confidence: Annotated[float, Field(gt=0.0, le=1.0)] = 0.5

    @model_validator(mode="after")
    def _a_mix(self) -> Self:
        if not any(self.of.values()):
            raise ValueError("of gives no member a weight; name at least one")
        total = sum(self.of.values())
        if min(abs(total), abs(total - 1.0)) > 1e-9:
            raise ValueError(
                f"of sums to {total:.6g}; make it 1 for an expected return of the mix or 0 for "
                "that of one side over the other"
            )
        return self

    @property
    def direction(self) -> tuple[tuple[str, float], ...]:
        """Return the mix up to its size: views of one direction are about the same return."""
        mix = sorted((name, weight) for name, weight in self.of.items() if weight)
        return tuple((name, round(weight / mix[0][1], 9)) for name, weight in mix)


class BlackLitterman(StrategyTable):
    """Equilibrium means moved by views."""

    kind: Literal["black-litterman"]
    risk_aversion: Positive = 2.5
    views: dict[Name, ViewRule]

    @model_validator(mode="after")
    def _certain_once(self) -> Self:
        certain: dict[tuple[tuple[str, float], ...], str] = {}
        for name, view in self.views.items():
            other = certain.setdefault(view.direction, name) if view.confidence == 1.0 else name
            if other != name:
                raise ValueError(
                    f"views.{other} and views.{name} are both certain of the same mix; give one of "
                    "them a confidence below 1, or drop it"
                )
        return self


class ShrunkMean(StrategyTable):
    """Historical means shrunk to that of the minimum-variance portfolio (Bayes-Stein)."""

    kind: Literal["shrunk"]


class ConstantCorrelation(StrategyTable):
    """Sample covariance shrunk towards constant correlation (Ledoit-Wolf)."""

    kind: Literal["constant-correlation"]


class Factor(StrategyTable):
    """Statistical factor model: this many leading components, plus each member's own variance."""

    kind: Literal["factor"]
    factors: Count = 3


class LedoitWolf(StrategyTable):
    """Sample covariance shrunk towards a multiple of the identity."""

    kind: Literal["ledoit-wolf"]


class Ewma(StrategyTable):
    """Exponentially weighted covariance; ``half_life`` in sessions."""

    kind: Literal["ewma"]
    half_life: Positive


class Sample(StrategyTable):
    """The sample covariance, ``ddof=1``."""

    kind: Literal["sample"]


class EstimateRules(StrategyTable):
    """How means and covariances come from history."""

    lookback: Annotated[int, Field(ge=60)] = 756
    min_history: Annotated[int, Field(ge=20)] = 252
    mean: Annotated[
        Equilibrium | Implied | BlackLitterman | ShrunkMean, Field(discriminator="kind")
    ] = Equilibrium(kind="equilibrium")
    covariance: Annotated[
        LedoitWolf | ConstantCorrelation | Ewma | Factor | Sample, Field(discriminator="kind")
    ] = LedoitWolf(kind="ledoit-wolf")

    @model_validator(mode="after")
    def _history_fits(self) -> Self:
        if self.min_history > self.lookback:
            raise ValueError(
                f"min_history {self.min_history} exceeds lookback {self.lookback}; shorten it"
            )
        return self
