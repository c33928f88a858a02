"""``[overlay.watch.NAME]`` adds a latch on any signal: when it goes on and off, its effect."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from jeoul.strategy.tables.base import (
    Classes,
    Count,
    Fraction,
    Label,
    Name,
    StrategyTable,
    Threshold,
    Title,
)


class SignalTable(StrategyTable):
    """What is read at every New York close."""

    unit: ClassVar[Literal["percent", "points"]] = "points"
    """``percent`` for a signal in decimal fractions, as people read it."""
    reads: ClassVar[tuple[str, ...]] = ()
    """The keys that name series."""

    @property
    def followed(self) -> tuple[str, ...]:
        """Return the series that the signal reads, none for one that reads prices."""
        return tuple(getattr(self, key) for key in self.reads)


class LevelOf(SignalTable):
    """A series as it is: VIX in points, a credit spread or a rate in percent."""

    reads = ("series",)
    kind: Literal["level"]
    series: Name


class ChangeOf(SignalTable):
    """The relative change of a series over a number of its own observations: 0.05 is 5 %."""

    unit = "percent"
    reads = ("series",)
    kind: Literal["change"]
    series: Name
    observations: Count


class DifferenceOf(SignalTable):
    """The difference of a series over a number of its observations, in its own units."""

    reads = ("series",)
    kind: Literal["difference"]
    series: Name
    observations: Count


class RatioOf(SignalTable):
    """One series over another, on sessions that bring both."""

    reads = ("over", "under")
    kind: Literal["ratio"]
    over: Name
    under: Name


class VolatilityOf(SignalTable):
    """The realised volatility of the risk classes over a number of sessions, a year."""

    unit = "percent"
    kind: Literal["volatility"]
    sessions: Annotated[int, Field(ge=5)]


class DrawdownOf(SignalTable):
    """How far a series lies below its highest value of a number of observations: 0.2 is 20 %."""

    unit = "percent"
    reads = ("series",)
    kind: Literal["drawdown"]
    series: Name
    observations: Annotated[int, Field(ge=2)]


SignalOf = Annotated[
    LevelOf | ChangeOf | DifferenceOf | RatioOf | VolatilityOf | DrawdownOf,
    Field(discriminator="kind"),
]


class ScaleEffect(StrategyTable):
    """While on, these classes keep this share of their weight; the rest goes to the refuge."""

    kind: Literal["scale"]
    classes: Classes
    scale: Fraction


class FloorEffect(StrategyTable):
    """While on, a class has at least this weight, taken from the others in proportion."""

    kind: Literal["floor"]
    asset_class: Label
    weight: Fraction


class HoldEffect(StrategyTable):
    """While on, nothing of these classes is sold."""

    kind: Literal["hold"]
    classes: Classes


class NotifyEffect(StrategyTable):
    """Watched and reported; the weights do not change."""

    kind: Literal["notify"]


EffectOf = Annotated[
    ScaleEffect | FloorEffect | HoldEffect | NotifyEffect, Field(discriminator="kind")
]


class WatchRule(StrategyTable):
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
