"""How likely a goal is reached, and how sure that number is."""

from __future__ import annotations

import math
from collections.abc import Callable
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

_VOLATILITIES, _DRIFTS = 3, 13
_CELLS = 30_000_000  # path x step x law of an interval: what takes about half a second


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """The share of paths that reach a goal, and the interval of 80 % around it.

    The interval carries the uncertainty of mean and volatility. Its lower end lies below the mean
    that counts, which the equilibrium caps; its upper end above the mean without that cap. So it
    contains the probability, and is wider where history was better than the equilibrium.
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
    """Return the ends of the probability over likely laws, in single precision."""
    most = max(1, _CELLS // (_DRIFTS * _VOLATILITIES * saving.steps.count))
    drawn = simulation.drawn[:most].astype(np.float32)

    def reached(law: Law) -> float:
        grown = growth(log_returns(law, drawn, saving.steps.span))
        return share_reached(amount, outcomes(saving, grown))

    return interval_over(simulation.belief, reached, rng, drifts=_DRIFTS)


def interval_over(
    belief: Belief, reached: Callable[[Law], float], rng: np.random.Generator, *, drifts: int
) -> tuple[float, float]:
    """Return the ends of a probability over likely laws.

    The lower end is the tenth percentile around the mean that counts, the upper end the ninetieth
    around the mean without the cap. ``reached`` is asked on a grid of ``drifts`` by three
    volatilities, for which it should use the same shocks, and read off between its points.
    """
    likely = likely_laws(belief, LAWS, rng)
    across = np.linspace(likely.drifts.min(), likely.open_drifts.max(), drifts)
    down = np.linspace(likely.volatilities.min(), likely.volatilities.max(), _VOLATILITIES)
    table = np.array(
        [
            [reached(replace(belief.law, drift=d, volatility=v)) for d in across.tolist()]
            for v in down.tolist()
        ]
    )
    rows, tail = (down, likely.volatilities), (1.0 - LEVEL) / 2.0
    low = np.quantile(_between(table, rows, (across, likely.drifts)), tail)
    high = np.quantile(_between(table, rows, (across, likely.open_drifts)), 1.0 - tail)
    return float(low), float(high)


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
