"""Simulated laws whose truth is known, and whether an interval from their history holds it."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from jeoul.goals.belief import EQUILIBRIUM_YEARS, ObservedMix, believe
from jeoul.goals.chance import chance_of, simulate
from jeoul.goals.law import Law, Steps, drift_of, log_returns
from jeoul.goals.saving import PlannedSaving, Pot, Saving, growth, outcomes, saving_of
from jeoul.model.calendar import Reals

KINDS = ("normal", "fat", "clustered")
"""Months that are normal, those of a t with four degrees of freedom, and GARCH(1, 1)."""

RISKLESS = 0.03
TRUE_PATHS = 4_000
FIRST = date(2026, 1, 1)


class Tried(NamedTuple):
    """The true probability of a goal, the one that is said, and its interval."""

    truth: float
    said: float
    low: float
    high: float

    @property
    def covered(self) -> bool:
        """Return whether the interval holds the truth."""
        return self.low <= self.truth <= self.high


def try_law(
    rng: np.random.Generator, kind: str, *, apart: float = 1.0, paths: int = 1_000
) -> Tried:
    """Draw a law, a history of it and a goal, and return what is said of the goal.

    The true mean lies around that of the equilibrium as the belief supposes, times ``apart``.
    Volatility 3 to 16 %, 8 to 30 years of history, 2 to 20 years to the goal.
    """
    volatility = rng.uniform(0.03, 0.16)
    anchor = RISKLESS + rng.uniform(0.15, 0.40) * volatility
    equilibrium = drift_of(anchor, volatility)
    error = apart * volatility / math.sqrt(EQUILIBRIUM_YEARS)
    true = Law(drift=equilibrium + error * rng.standard_normal(), volatility=volatility)
    months = int(12 * rng.uniform(8, 30))
    past = log_returns(true, _shocks(rng, kind, (1, months)), 1.0 / 12.0)[0]
    seen = ObservedMix(excess=past - math.log1p(RISKLESS) / 12.0, riskless=RISKLESS, anchor=anchor)
    saving = _saving(rng)
    ahead = _shocks(rng, kind, (TRUE_PATHS, saving.steps.count))
    fair = _ends(saving, replace(true, drift=equilibrium), ahead)
    amount = float(np.quantile(fair, rng.uniform(0.1, 0.9)))
    truth = float((_ends(saving, true, ahead) >= amount).mean())
    drawn = simulate(believe(seen), "history", rng, paths=paths, steps=saving.steps.count)
    found = chance_of(saving, amount, drawn, rng)
    return Tried(truth, found.probability, found.low, found.high)


def _saving(rng: np.random.Generator) -> Saving:
    """Return money of today and equal payments, 10 M together, until a goal."""
    steps = Steps(on=FIRST, by=FIRST + timedelta(days=int(365.2425 * rng.uniform(2, 20))))
    part, whole = rng.uniform(), 1e7
    payments = [
        PlannedSaving(steps.end_of(step), (1.0 - part) * whole / steps.count)
        for step in range(1, steps.count + 1)
    ]
    return saving_of(steps, [Pot(id="a", kind="general", value=part * whole)], payments)


def _ends(saving: Saving, law: Law, shocks: Reals) -> Reals:
    return outcomes(saving, growth(log_returns(law, shocks, saving.steps.span)))


def _shocks(rng: np.random.Generator, kind: str, shape: tuple[int, int]) -> Reals:
    if kind == "normal":
        return rng.standard_normal(shape)
    if kind == "fat":
        return rng.standard_t(4, shape) / math.sqrt(2.0)
    paths, steps = shape
    variance, found = np.ones(paths), np.empty(shape)
    for step in range(-60, steps):
        shock = rng.standard_normal(paths) * np.sqrt(variance)
        variance = 0.05 + 0.25 * shock**2 + 0.70 * variance
        if step >= 0:
            found[:, step] = shock
    return found
