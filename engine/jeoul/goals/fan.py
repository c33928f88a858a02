"""What may be there along the way, in won of today: the bands of a fan chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from jeoul.goals.case import SavingCase
from jeoul.goals.chance import Simulation
from jeoul.goals.saving import along

SHARES = (0.10, 0.25, 0.50, 0.75, 0.90)
"""Shares of paths that lie below each band's edge."""

INFLATION = 0.02
"""How much dearer life gets a year: the target that the Bank of Korea has set itself since 2016."""

POINTS = 40
"""The most points along the way, the first day not counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fan:
    """Won of today, after costs and tax if everything were sold that day.

    ``bands`` has a tuple for each day, with the value that each of :data:`SHARES` of paths lies
    below. ``paid`` is what was saved up to there, also in won of today; ``amount`` is the goal's.
    """

    days: tuple[date, ...]
    bands: tuple[tuple[int, ...], ...]
    paid: tuple[int, ...]
    amount: int


def fan_of(case: SavingCase, simulation: Simulation, *, inflation: float = INFLATION) -> Fan:
    """Return the bands of a goal's paths, won of a day divided by (1 + inflation)^years."""
    saving, steps = case.saving(), case.steps
    every = max(1, -(-steps.count // POINTS))
    places = sorted({*range(0, steps.count + 1, every), steps.count})
    found = along(saving, simulation.returns(steps.span), places)
    less = [(1.0 + inflation) ** (-steps.span * place) for place in places]
    paid = saving.untaxed.sum(axis=1) - sum(pot.untaxed for pot in case.pots) + case.saved
    return Fan(
        days=tuple(steps.end_of(place) for place in places),
        bands=tuple(_rounded(row) for row in (np.quantile(found, SHARES, axis=0) * less).T),
        paid=_rounded([paid[place] * rate for place, rate in zip(places, less, strict=True)]),
        amount=round(case.amount * less[-1]),
    )


def _rounded(values: Sequence[float] | np.ndarray) -> tuple[int, ...]:
    return tuple(round(float(value)) for value in values)
