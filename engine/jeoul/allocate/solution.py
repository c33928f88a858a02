"""What a solved program says: the weights, what they cost in rules, and how far they are right."""

from __future__ import annotations

from dataclasses import dataclass

from jeoul.model.calendar import Reals
from jeoul.model.portfolio import Reason
from jeoul.model.shown import Shown


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A rule that had to yield: its key, what it declared and what was used instead."""

    rule: str
    declared: float
    used: float


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Solution(Shown):
    """Optimal weights in the order of ``labels``, and their receipt.

    ``volatility`` is sqrt(w'Sigma w) a year; ``objective`` the value of the program's objective,
    larger is better. ``solver`` and ``path`` say what computed it. ``violation`` is the largest
    violation of a linear rule, as relaxed, and ``gap`` an upper bound on the distance to the
    optimum under the rules as relaxed, both recomputed from the weights; the gap is NaN for a local
    optimum under caps on shares of risk.

    ``risk_aversion`` is what the optimum acts on: above the program's own where the volatility
    ceiling binds, NaN for a local optimum. ``prices`` are the
    multipliers of the budget and of each group that has members: what a unit more weight would add
    to the objective, positive at an upper bound and negative at a lower one. ``cost`` is the price
    of trading the optimum acts on.
    ``relaxed`` lists rules that yielded, ``repairs`` what was mended in the estimate.
    """

    labels: tuple[str, ...]
    weights: Reals
    volatility: float
    objective: float
    solver: str
    path: str
    risk_aversion: float
    violation: float
    gap: float
    prices: Reals
    cost: float
    relaxed: tuple[Relaxation, ...] = ()
    repairs: tuple[Reason, ...] = ()
