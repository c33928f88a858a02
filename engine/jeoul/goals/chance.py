"""How likely a goal is reached, and how sure that number is."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from jeoul.goals.belief import Belief, likely_laws
from jeoul.goals.law import Law, Method, Paths, log_returns, shocks
from jeoul.goals.saving import Saving, growth, outcomes
from jeoul.model.calendar import Reals

LEVEL = 0.80
"""How much of what is believed an interval holds."""

LAWS = 1000
"""Laws that an interval is made of; more move its ends by less than a hundredth."""

_VOLATILITIES, _DRIFTS = 3, 9
_CELLS = 30_000_000  # path x step x law of an interval: what takes about half a second


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """The share of paths that reach a goal, and the interval of 80 % around it.

    The interval carries the uncertainty of mean and volatility. It contains the probability, which
    counts on a mean that the equilibrium caps, also where the history without the cap is better.
    """

    probability: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Simulation:
    """Paths of one belief: ``drawn`` are standardised shocks, the same for every law."""

    belief: Belief
    drawn: Reals

    def returns(self, span: float, law: Law | None = None) -> Paths:
        """Return the log returns of the paths under a law, by default the one believed in."""
        return log_returns(self.belief.law if law is None else law, self.drawn, span)


def simulate(
    belief: Belief, method: Method, rng: np.random.Generator, *, paths: int, steps: int
) -> Simulation:
    """Return paths of a belief; one that is certain has a single path without shocks."""
    if not belief.law.volatility:
        return Simulation(belief=belief, drawn=np.zeros((1, steps)))
    return Simulation(
        belief=belief, drawn=shocks(belief.law, method, rng, paths=paths, steps=steps)
    )


def share_reached(amount: float, found: Reals) -> float:
    """Return the share of outcomes that reach an amount; half a won short counts as reached.

    >>> share_reached(100, np.array([99.0, 99.6, 101.0]))
    0.6666666666666666
    """
    return float((found >= amount - 0.5).mean())


def chance_of(
    saving: Saving, amount: float, simulation: Simulation, rng: np.random.Generator
) -> Chance:
    """Return the probability that savings reach an amount on the goal's day, with its interval.

    ``rng`` draws the laws that are as likely as what was seen allows.
    """
    span = saving.steps.span
    reached = share_reached(amount, outcomes(saving, growth(simulation.returns(span))))
    if math.isinf(simulation.belief.known) or not saving.steps.count:
        return Chance(probability=reached, low=reached, high=reached)
    low, high = _interval(saving, amount, simulation, rng)
    return Chance(probability=reached, low=min(low, reached), high=max(high, reached))


def _interval(
    saving: Saving, amount: float, simulation: Simulation, rng: np.random.Generator
) -> tuple[float, float]:
    """Return the quantiles of the probability over likely laws.

    The probability is computed on a grid of laws, with the same shocks for all, and read off
    between its points.
    """
    likely = likely_laws(simulation.belief, LAWS, rng)
    drifts = np.linspace(likely.drifts.min(), likely.drifts.max(), _DRIFTS)
    volatilities = np.linspace(likely.volatilities.min(), likely.volatilities.max(), _VOLATILITIES)
    most = _CELLS // (_DRIFTS * _VOLATILITIES * max(1, saving.steps.count))
    drawn = simulation.drawn[:most].astype(np.float32)
    law = simulation.belief.law
    table = np.array(
        [
            [
                share_reached(
                    amount,
                    outcomes(
                        saving,
                        growth(
                            log_returns(
                                replace(law, drift=drift, volatility=volatility),
                                drawn,
                                saving.steps.span,
                            )
                        ),
                    ),
                )
                for drift in drifts.tolist()
            ]
            for volatility in volatilities.tolist()
        ]
    )
    found = _between(table, (volatilities, likely.volatilities), (drifts, likely.drifts))
    tail = (1.0 - LEVEL) / 2.0
    low, high = np.quantile(found, [tail, 1.0 - tail]).tolist()
    return low, high


def _between(table: Reals, rows: tuple[Reals, Reals], columns: tuple[Reals, Reals]) -> Reals:
    """Return a table read between its points: pairs of (points, where), linear in both."""
    row, down = _cell(*rows)
    column, right = _cell(*columns)
    upper = table[row, column] * (1.0 - right) + table[row, column + 1] * right
    lower = table[row + 1, column] * (1.0 - right) + table[row + 1, column + 1] * right
    found: Reals = upper * (1.0 - down) + lower * down
    return found


def _cell(points: Reals, where: Reals) -> tuple[np.ndarray, Reals]:
    first = np.clip(np.searchsorted(points, where, side="right") - 1, 0, len(points) - 2)
    return first, (where - points[first]) / (points[first + 1] - points[first])
