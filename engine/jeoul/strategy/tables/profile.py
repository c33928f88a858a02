"""``[profiles.NAME]``: what one kind of investor holds and bears."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from jeoul.strategy.tables.base import Fraction, Label, Positive, StrategyTable

PROFILES = ("conservative", "balanced", "growth")


class VolatilityBand(StrategyTable):
    """Annualised volatility: ``max`` binds where a program is solved, ``min`` only alerts."""

    min: Fraction = 0.0
    max: Positive

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min >= self.max:
            raise ValueError(f"volatility min {self.min} is not below max {self.max}; swap them")
        return self


class ProfileRules(StrategyTable):
    """One investor profile: strategic class weights (shares of what is not cash) and its limits."""

    classes: dict[Label, Fraction]
    risk_aversion: Positive = 5.0
    volatility: VolatilityBand | None = None
    loss_limit: Annotated[float, Field(gt=0.0, lt=1.0)] | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        total = sum(self.classes.values())
        if abs(total - 1.0) > 1e-9:
            raise ValueError(f"class weights sum to {total:.6g}, not 1; correct them")
        return self
