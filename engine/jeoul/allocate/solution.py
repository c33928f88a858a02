"""What a solved program says: the weights, what they cost in rules, and how far they are right."""

from __future__ import annotations

from dataclasses import dataclass

from jeoul.model.calendar import Reals
from jeoul.model.portfolio import Reason


@dataclass(frozen=True, slots=True, eq=False)
class Duals:
    """Multipliers of the rules at the optimum, at least 0, in units of the objective per weight.

    ``lower`` and ``upper`` per asset, ``group_lower`` and ``group_upper`` per group; ``budget`` has
    either sign.
    """

    budget: float
    lower: Reals
    upper: Reals
    group_lower: Reals
    group_upper: Reals


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A rule that had to yield: its key, what it declared and what was used instead."""

    rule: str
    declared: float
    used: float


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Optimal weights in the order of ``labels``, and their receipt.

    ``volatility`` is sqrt(w'Sigma w) a year; ``objective`` the value of the program's objective;
    ``solver`` and ``path`` say what computed it; ``violation`` is the largest violation of a rule
    and ``gap`` a bound on the distance to the optimum, both recomputed from the weights.
    ``risk_aversion`` is what the optimum acts on: above the program's own where the volatility
    ceiling binds. ``relaxed`` lists rules that yielded, ``repairs`` what was mended in the estimate.
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
    duals: Duals
    relaxed: tuple[Relaxation, ...] = ()
    repairs: tuple[Reason, ...] = ()
