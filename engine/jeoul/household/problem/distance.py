"""How far a household is from its target: its drift, and the volatility of what deviates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import hypot

from jeoul.household.problem.after import After, aim_money, exposures
from jeoul.household.problem.records import Aim, Household, Moves


@dataclass(frozen=True, slots=True)
class Distance:
    """Drift and tracking error, as shares of the money.

    ``drift`` is half the sum of the absolute deviations: what would have to change hands.
    ``tracking_error`` is the yearly volatility of the deviations by the factors of the aim; of
    several aims, the mean by their money.
    """

    drift: float
    tracking_error: float


def distance(household: Household, moves: Moves) -> Distance:
    """Return how far from its targets a household is after some moves."""
    after = After(household, moves)
    total = sum(max(0.0, aim_money(household, aim)) for aim in household.aims)
    if total <= 0.0:
        return Distance(0.0, 0.0)
    off = {aim.id: deviations(after, aim) for aim in household.aims}
    away = sum(abs(won) for each in off.values() for won in each.values())
    error = sum(_volatility(household, aim, off[aim.id]) for aim in household.aims)
    return Distance(away / 2.0 / total, error / total)


def deviations(after: After, aim: Aim) -> Mapping[str, float]:
    """Return by how many won each class, and CASH, is above its target (below it: negative)."""
    money = aim_money(after.household, aim)
    held = exposures(after, aim)
    return {name: won - aim.weights.get(name, 0.0) * money for name, won in held.items()}


def _volatility(household: Household, aim: Aim, off: Mapping[str, float]) -> float:
    """Return the yearly volatility of the deviations, in won."""
    parts = (
        sum(load * off[name] for load, name in zip(factor, household.classes, strict=True))
        for factor in aim.factors
    )
    return hypot(*parts)
