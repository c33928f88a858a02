"""``[allocate]``: how the weights are chosen."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from jeoul.strategy.tables.base import Count, Fraction, Label, StrategyTable


class MeanVariance(StrategyTable):
    """Strictly convex program inside bands around the profile's class weights.

    ``min-variance`` leaves the means out, ``tracking`` stays closest in risk to the strategic
    weights. ``pull`` draws every allocation towards the strategic weights: a fund that is d away
    from its own costs pull/2 d^2 a year. ``turnover`` draws it towards the allocation before, and
    through it towards where the data begin: the target of a day then depends on more than the day.
    A table that gives ``turnover`` alone, as those of 0.1.0 do, has no pull.
    ``min_position`` is the least weight of a fund that is held at all, ``max_positions`` how many
    may be held, ``turnover_max`` half the sum of weight changes at one date, which yields where the
    other rules take more. ``engine`` says what solves it: the direct path, or cvxpy with Clarabel,
    which is slower. ``risk_shares`` caps the share of the variance that the funds of a class bring.
    ``min_weight`` is the least weight of every fund of a class with a strategic weight, and
    ``tracking_band`` how far any fund may lie from its own strategic weight.
    """

    kind: Literal["mean-variance", "min-variance", "tracking"]
    max_weight: Annotated[float, Field(gt=0.0, le=1.0)] = 0.40
    class_band: Fraction = 0.05
    pull: Annotated[float, Field(ge=0.0, le=10.0)] = 0.05
    turnover: Annotated[float, Field(ge=0.0, le=0.1)] = 0.0
    min_position: Annotated[float, Field(gt=0.0, lt=1.0)] | None = None
    max_positions: Count | None = None
    turnover_max: Annotated[float, Field(gt=0.0, le=1.0)] | None = None
    min_weight: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.0
    tracking_band: Annotated[float, Field(gt=0.0, le=1.0)] | None = None
    engine: Literal["direct", "cvxpy"] = "direct"
    risk_shares: dict[Label, Annotated[float, Field(gt=0.0, le=1.0)]] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _drawn_once(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("turnover") and "pull" not in given:
            return {**given, "pull": 0.0}
        return given

    @model_validator(mode="after")
    def _convex_or_whole(self) -> Self:
        if self.risk_shares and (self.min_position is not None or self.max_positions is not None):
            raise ValueError(
                "risk_shares do not go with min_position or max_positions; leave one of them out"
            )
        return self


class MaxSharpe(StrategyTable):
    """The highest ratio of expected return above cash to volatility, inside the same bands."""

    kind: Literal["max-sharpe"]
    max_weight: Annotated[float, Field(gt=0.0, le=1.0)] = 0.40
    class_band: Fraction = 0.05


class MinCvar(StrategyTable):
    """The smallest mean loss in the worst sessions of the lookback, inside the same bands.

    ``level`` is the share of sessions that are not the worst.
    """

    kind: Literal["min-cvar"]
    max_weight: Annotated[float, Field(gt=0.0, le=1.0)] = 0.40
    class_band: Fraction = 0.05
    level: Annotated[float, Field(ge=0.5, le=0.99)] = 0.95


Programmed = MeanVariance | MaxSharpe | MinCvar
"""The kinds that solve a program inside bands around the class weights."""


def program_rules(settings: Programmed) -> MeanVariance:
    """Return the rules of the program behind a kind.

    >>> program_rules(MinCvar(kind="min-cvar", class_band=0.1)).class_band
    0.1
    """
    if isinstance(settings, MeanVariance):
        return settings
    return MeanVariance(
        kind="mean-variance" if isinstance(settings, MaxSharpe) else "min-variance",
        max_weight=settings.max_weight,
        class_band=settings.class_band,
        pull=0.0,
    )


class Strategic(StrategyTable):
    """The profile's class weights as they stand, split within a class by the reference weights."""

    kind: Literal["strategic"]


class Weighing(StrategyTable):
    """A weighing that needs no means: over the members of the profile's classes, bands aside."""

    kind: Literal["risk-parity", "inverse-volatility", "equal-weight"]
