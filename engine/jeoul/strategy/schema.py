"""What a strategy file may say: one strict model per table, unknown keys refused."""

from __future__ import annotations

from collections.abc import Iterator
from math import floor
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from jeoul.files.toml import Faults, Found

Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
Positive = Annotated[float, Field(gt=0.0)]
Count = Annotated[int, Field(ge=1)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
LatchName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,23}$")]
Classes = Annotated[list[Name], Field(min_length=1)]

PROFILES = ("conservative", "balanced", "growth")


class Table(BaseModel):
    """A table of a strategy file: strict types, no unknown keys, frozen."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, populate_by_name=True)


class Title(Table):
    """The strategy's name for people, in both languages."""

    ko: str
    en: str


class Equilibrium(Table):
    """Means that make the universe's reference weights optimal at this risk aversion."""

    kind: Literal["equilibrium"]
    risk_aversion: Positive = 2.5


class ViewRule(Table):
    """An opinion: the mix ``of`` members is expected to return ``expected`` above cash a year.

    Weights that sum to 1 make an absolute view, to 0 a relative one. ``confidence`` 0.5 weighs the
    view like the equilibrium's own uncertainty about the mix, 1 holds it for certain.
    """

    of: dict[Name, float]
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


class BlackLitterman(Table):
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


class ShrunkMean(Table):
    """Historical means shrunk to that of the minimum-variance portfolio (Bayes-Stein)."""

    kind: Literal["shrunk"]


class ConstantCorrelation(Table):
    """Sample covariance shrunk towards constant correlation (Ledoit-Wolf)."""

    kind: Literal["constant-correlation"]


class Factor(Table):
    """Statistical factor model: this many leading components, plus each member's own variance."""

    kind: Literal["factor"]
    factors: Count = 3


class LedoitWolf(Table):
    """Sample covariance shrunk towards a multiple of the identity."""

    kind: Literal["ledoit-wolf"]


class Ewma(Table):
    """Exponentially weighted covariance; ``half_life`` in sessions."""

    kind: Literal["ewma"]
    half_life: Positive


class Sample(Table):
    """The sample covariance, ``ddof=1``."""

    kind: Literal["sample"]


class EstimateRules(Table):
    """How means and covariances come from history."""

    lookback: Annotated[int, Field(ge=60)] = 756
    min_history: Annotated[int, Field(ge=20)] = 252
    mean: Annotated[Equilibrium | BlackLitterman | ShrunkMean, Field(discriminator="kind")] = (
        Equilibrium(kind="equilibrium")
    )
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


class MeanVariance(Table):
    """Strictly convex program inside bands around the profile's class weights.

    ``min-variance`` leaves the means out, ``tracking`` stays closest in risk to the strategic
    weights. ``min_position`` is the least weight of a fund that is held at all, ``max_positions``
    how many may be held, ``turnover_max`` half the sum of weight changes at one date.
    """

    kind: Literal["mean-variance", "min-variance", "tracking"]
    max_weight: Annotated[float, Field(gt=0.0, le=1.0)] = 0.40
    class_band: Fraction = 0.05
    turnover: Annotated[float, Field(ge=0.0, le=0.1)] = 0.002
    min_position: Annotated[float, Field(gt=0.0, lt=1.0)] | None = None
    max_positions: Count | None = None
    turnover_max: Annotated[float, Field(gt=0.0, le=1.0)] | None = None


class Strategic(Table):
    """The profile's class weights as they stand, split within a class by the reference weights."""

    kind: Literal["strategic"]


class Weighing(Table):
    """A weighing that needs no means: over the members of the profile's classes, bands aside."""

    kind: Literal["risk-parity", "inverse-volatility", "equal-weight"]


class VolatilityBand(Table):
    """Annualised volatility: ``max`` binds where a program is solved, ``min`` only alerts."""

    min: Fraction = 0.0
    max: Positive

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min >= self.max:
            raise ValueError(f"volatility min {self.min} is not below max {self.max}; swap them")
        return self


class ProfileRules(Table):
    """One investor profile: strategic class weights (shares of what is not cash) and its limits."""

    classes: dict[Name, Fraction]
    risk_aversion: Positive = 5.0
    volatility: VolatilityBand | None = None
    loss_limit: Annotated[float, Field(gt=0.0, lt=1.0)] | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        total = sum(self.classes.values())
        if abs(total - 1.0) > 1e-9:
            raise ValueError(f"class weights sum to {total:.6g}, not 1; correct them")
        return self


class Threshold(Table):
    """A level and how many consecutive valid closes it takes."""

    at: float
    closes: Count = 1


class LatchRule(Table):
    """A latch on a level: on at ``enter`` (or ``panic``), off again at ``exit``."""

    enter: Threshold
    panic: Threshold | None = None
    exit: Threshold
    scale: Fraction

    @model_validator(mode="after")
    def _hysteresis(self) -> Self:
        if self.exit.at >= self.enter.at:
            raise ValueError(
                f"exit at {self.exit.at} is not below enter at {self.enter.at}; "
                "a latch needs room between them"
            )
        if self.panic is not None and self.panic.at <= self.enter.at:
            raise ValueError(
                f"panic at {self.panic.at} is not above enter at {self.enter.at}; raise it"
            )
        return self


class TrendRule(Table):
    """The risk sleeve against its own moving average, with a band on both sides."""

    sessions: Annotated[int, Field(ge=2)] = 200
    band: Annotated[float, Field(gt=0.0, lt=0.5)] = 0.02
    scale: Fraction = 0.50


class LossRule(Table):
    """The loss limit: exposure slope x (1 - drawdown / limit), moved in steps."""

    slope: Positive = 1.5
    window: Annotated[int, Field(ge=2)] = 252
    step: Fraction = 0.10


class Reentry(Table):
    """How risk comes back: at most ``step`` every ``every`` sessions, ``cooldown`` after a cut."""

    step: Annotated[float, Field(gt=0.0, le=1.0)] = 0.25
    every: Count = 5
    cooldown: Annotated[int, Field(ge=0)] = 5


class LevelOf(Table):
    """A series as it is: VIX in points, a credit spread or a rate in percent."""

    kind: Literal["level"]
    series: Name


class ChangeOf(Table):
    """The relative change of a series over a number of its own observations: 0.05 is 5 %."""

    kind: Literal["change"]
    series: Name
    observations: Count


class DifferenceOf(Table):
    """The difference of a series over a number of its observations, in its own units."""

    kind: Literal["difference"]
    series: Name
    observations: Count


class RatioOf(Table):
    """One series over another, on sessions that bring both."""

    kind: Literal["ratio"]
    over: Name
    under: Name


class VolatilityOf(Table):
    """The realised volatility of the risk classes over a number of sessions, a year."""

    kind: Literal["volatility"]
    sessions: Annotated[int, Field(ge=5)]


class DrawdownOf(Table):
    """How far a series lies below its highest value of a number of observations: 0.2 is 20 %."""

    kind: Literal["drawdown"]
    series: Name
    observations: Annotated[int, Field(ge=2)]


SignalOf = Annotated[
    LevelOf | ChangeOf | DifferenceOf | RatioOf | VolatilityOf | DrawdownOf,
    Field(discriminator="kind"),
]


class ScaleEffect(Table):
    """While on, these classes keep this share of their weight; the rest goes to the refuge."""

    kind: Literal["scale"]
    classes: Classes
    scale: Fraction


class FloorEffect(Table):
    """While on, a class has at least this weight, taken from the others in proportion."""

    kind: Literal["floor"]
    asset_class: Name
    weight: Fraction


class HoldEffect(Table):
    """While on, nothing of these classes is sold."""

    kind: Literal["hold"]
    classes: Classes


class NotifyEffect(Table):
    """Watched and reported; the weights do not change."""

    kind: Literal["notify"]


EffectOf = Annotated[
    ScaleEffect | FloorEffect | HoldEffect | NotifyEffect, Field(discriminator="kind")
]


class WatchRule(Table):
    """A latch on any signal, and what it does while it is on.

    ``above`` latches go on at readings at or above ``enter``, the others at or below it. One that
    is not ``active`` is shown with its reading and changes nothing; ``evidence`` says why.
    """

    title: Title
    topic: Literal["rates", "inflation", "fx", "equity", "volatility", "credit", "oil"]
    signal: SignalOf
    above: bool = True
    enter: Threshold
    exit: Threshold
    effect: EffectOf
    active: bool = True
    profiles: list[Literal["conservative", "balanced", "growth"]] | None = None
    evidence: Title | None = None

    @model_validator(mode="after")
    def _hysteresis(self) -> Self:
        apart = self.enter.at - self.exit.at
        if (apart <= 0.0) if self.above else (apart >= 0.0):
            side = "below" if self.above else "above"
            raise ValueError(
                f"exit at {self.exit.at} is not {side} enter at {self.enter.at}; "
                "a latch needs room between them"
            )
        return self


class OverlayRules(Table):
    """What scales the risk classes down, and how they come back. An absent table is off."""

    risk_classes: list[Name]
    refuge: dict[Name, Fraction]
    grid: Annotated[float, Field(gt=0.0, le=1.0)] = 0.05
    both: Fraction | None = None
    stale: Annotated[int, Field(ge=0)] = 3
    vix: LatchRule | None = None
    trend: TrendRule | None = None
    loss: LossRule | None = None
    reentry: Reentry = Reentry()
    watch: dict[LatchName, WatchRule] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        found = [*self._misnamed(), *self._off_grid()]
        if found:
            raise Faults(found)
        return self

    def _misnamed(self) -> Iterator[Found]:
        total = sum(self.refuge.values())
        if abs(total - 1.0) > 1e-9:
            yield ("refuge",), f"shares sum to {total:.6g}, not 1", "correct them"
        overlap = sorted(set(self.refuge) & set(self.risk_classes))
        if overlap:
            yield ("refuge",), f"{', '.join(overlap)} is a risk class as well", "choose one"
        for name in sorted({"vix", "trend", "loss"} & set(self.watch)):
            yield ("watch", name), "has the name of a built-in latch", "rename it"
        if self.both is not None and (self.vix is None or self.trend is None):
            yield ("both",), "needs overlay.vix and overlay.trend", "add them or drop both"

    def _off_grid(self) -> Iterator[Found]:
        """Yield the scales that the grid would round, and a grid that does not reach 1."""
        grid = self.grid
        if not _divides(grid, 1.0):
            yield ("grid",), f"{grid:.6g} does not divide 1", "use 0.05, 0.1 or 0.25, say"
            return
        scales: dict[tuple[str, ...], float | None] = {
            ("both",): self.both,
            ("vix", "scale"): None if self.vix is None else self.vix.scale,
            ("trend", "scale"): None if self.trend is None else self.trend.scale,
            ("reentry", "step"): self.reentry.step,
        }
        for key, value in scales.items():
            if value is not None and not _divides(grid, value):
                below = floor(value / grid) * grid
                remedy = f"use {below:.6g} or {below + grid:.6g}, or a finer grid"
                yield key, f"{value:.6g} is no multiple of grid {grid:.6g}", remedy


def _divides(step: float, whole: float) -> bool:
    return abs(whole / step - round(whole / step)) < 1e-9


class RebalanceRules(Table):
    """When to trade, and what trading costs."""

    calendar: Literal["monthly", "quarterly", "yearly", "never"] = "monthly"
    band: Annotated[float, Field(gt=0.0, le=1.0)] = 0.05
    cash: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.02
    min_trade: Annotated[int, Field(ge=0)] = 50_000
    cost: Annotated[float, Field(ge=0.0, le=0.05)] = 0.001


class Strategy(Table):
    """A whole strategy file."""

    format: Literal[1] = Field(alias="schema")
    name: Name
    title: Title
    universe: Name
    calendar: Literal["XKRX", "XNYS"]
    estimate: EstimateRules = EstimateRules()
    allocate: Annotated[MeanVariance | Strategic | Weighing, Field(discriminator="kind")]
    profiles: dict[Literal["conservative", "balanced", "growth"], ProfileRules]
    overlay: OverlayRules | None = None
    rebalance: RebalanceRules = RebalanceRules()

    @model_validator(mode="after")
    def _profiles_fit(self) -> Self:
        loss = self.overlay.loss if self.overlay else None
        for name, rules in self.profiles.items():
            if rules.loss_limit is not None and loss is None:
                raise ValueError(
                    f"profiles.{name}.loss_limit needs an [overlay.loss] table; add it"
                )
        return self

    @model_validator(mode="after")
    def _floors_fit(self) -> Self:
        watches = self.overlay.watch.items() if self.overlay else ()
        for name, watch in watches:
            if not isinstance(watch.effect, FloorEffect):
                continue
            raised = watch.effect.asset_class
            for profile in watch.profiles or self.profiles:
                if profile in self.profiles and not self.profiles[profile].classes.get(raised):
                    raise ValueError(
                        f"overlay.watch.{name} raises {raised}, of which profile {profile} holds "
                        "nothing; give the class a weight there or name other profiles"
                    )
        return self

    def without_overlay(self) -> Strategy:
        """Return the strategy without anything that cuts: the same allocation, simply held."""
        overlay = self.overlay
        if overlay is not None:
            overlay = overlay.model_copy(
                update={"vix": None, "trend": None, "loss": None, "both": None, "watch": {}}
            )
        profiles = {
            name: rules.model_copy(update={"loss_limit": None})
            for name, rules in self.profiles.items()
        }
        return self.model_copy(update={"overlay": overlay, "profiles": profiles})

    def replace(self, key: str, value: Any) -> Strategy:
        """Return the strategy with one key changed, ``"overlay.vix.scale"`` say.

        The whole is validated again. Raises ``KeyError`` if a table on the way is absent and
        pydantic's ``ValidationError`` if the value does not fit.
        """
        document = self.model_dump(by_alias=True)
        *tables, last = key.split(".")
        place = document
        for table in tables:
            place = place[table]
            if not isinstance(place, dict):
                raise KeyError(key)
        place[last] = value
        return Strategy.model_validate(document)
