"""``[overlay]``: what scales the risk classes down, and how they come back."""

from __future__ import annotations

from collections.abc import Iterator
from math import floor
from typing import Annotated, Any, Self

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from jeoul.files.toml import Faults, Found
from jeoul.strategy.tables.base import (
    Count,
    Fraction,
    Label,
    LatchName,
    Positive,
    StrategyTable,
    Threshold,
)
from jeoul.strategy.tables.watch import WatchRule


class LevelRule(StrategyTable):
    """A latch on a level: on at ``enter``, off again at ``exit``."""

    enter: Threshold
    exit: Threshold
    scale: Fraction

    @model_validator(mode="after")
    def _hysteresis(self) -> Self:
        if self.exit.at >= self.enter.at:
            raise ValueError(
                f"exit at {self.exit.at} is not below enter at {self.enter.at}; "
                "a latch needs room between them"
            )
        return self


class LatchTable(LevelRule):
    """A latch on a level with a second, harsher way in: ``panic``."""

    panic: Threshold | None = None

    @model_validator(mode="after")
    def _beyond(self) -> Self:
        if self.panic is not None and self.panic.at <= self.enter.at:
            raise ValueError(
                f"panic at {self.panic.at} is not above enter at {self.enter.at}; raise it"
            )
        return self


class TrendRule(StrategyTable):
    """The risk sleeve against its own moving average, with a band on both sides."""

    sessions: Annotated[int, Field(ge=2)] = 200
    band: Annotated[float, Field(gt=0.0, lt=0.5)] = 0.02
    scale: Fraction = 0.50


class LossRule(StrategyTable):
    """The loss limit: exposure slope x (1 - drawdown / limit), moved in steps."""

    slope: Positive = 1.5
    window: Annotated[int, Field(ge=2)] = 252
    step: Fraction = 0.10


class Reentry(StrategyTable):
    """How risk comes back: at most ``step`` every ``every`` sessions, ``cooldown`` after a cut."""

    step: Annotated[float, Field(gt=0.0, le=1.0)] = 0.25
    every: Count = 5
    cooldown: Annotated[int, Field(ge=0)] = 5


class OverlayRules(StrategyTable):
    """What scales the risk classes down, and how they come back. An absent table is off.

    ``vix`` is a latch on the level of the VIX, ``curve`` one on VIX over VIX3M, its value for three
    months: above 1 the near fear is the greater one.
    """

    risk_classes: list[Label]
    refuge: dict[Label, Fraction]
    grid: Annotated[float, Field(gt=0.0, le=1.0)] = 0.05
    both: Fraction | None = None
    stale: Annotated[int, Field(ge=0)] = 3
    vix: LatchTable | None = None
    trend: TrendRule | None = None
    curve: LevelRule | None = None
    loss: LossRule | None = None
    reentry: Reentry = Reentry()
    watch: dict[LatchName, WatchRule] = Field(default_factory=dict)

    @model_serializer(mode="wrap")
    def _as_before(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave an absent curve out: identities of rules from before the key stay the same."""
        table: dict[str, Any] = dump(self)
        if self.curve is None:
            table.pop("curve", None)
        return table

    @property
    def acting(self) -> dict[str, WatchRule]:
        """Return the watched latches that can change weights, in the order of the file."""
        return {
            name: watch
            for name, watch in self.watch.items()
            if watch.active and watch.effect.kind != "notify"
        }

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
            yield ("refuge",), f"{', '.join(overlap)} is also a risk class", "choose one"
        for name in sorted({"vix", "trend", "curve", "loss"} & set(self.watch)):
            yield ("watch", name), "has the name of a built-in latch", "rename it"
        if self.both is not None and (self.vix is None or self.trend is None):
            yield ("both",), "needs overlay.vix and overlay.trend", "add them or drop both"

    def _off_grid(self) -> Iterator[Found]:
        """Yield the scales that the grid would round, and a grid that does not reach 1."""
        grid = self.grid
        if not _divides(grid, 1.0):
            yield ("grid",), f"{grid:.6g} does not divide 1", "use 0.05, 0.1 or 0.25"
            return
        scales: dict[tuple[str, ...], float | None] = {
            ("both",): self.both,
            ("vix", "scale"): None if self.vix is None else self.vix.scale,
            ("trend", "scale"): None if self.trend is None else self.trend.scale,
            ("curve", "scale"): None if self.curve is None else self.curve.scale,
            ("reentry", "step"): self.reentry.step,
        }
        for key, value in scales.items():
            if value is not None and not _divides(grid, value):
                below = floor(value / grid) * grid
                remedy = f"use {below:.6g} or {below + grid:.6g}, or a finer grid"
                yield key, f"{value:.6g} is not a multiple of grid {grid:.6g}", remedy


def _divides(step: float, whole: float) -> bool:
    return abs(whole / step - round(whole / step)) < 1e-9
