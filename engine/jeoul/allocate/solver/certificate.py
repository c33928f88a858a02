"""How far an answer can be from the optimum: figures that trust no solver."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from jeoul.allocate.solver.optimum import Optimum
from jeoul.allocate.solver.terms import ShapeTerms
from jeoul.model.calendar import Reals


class SolveReceipt(NamedTuple):
    """What the weights themselves say; see :class:`jeoul.allocate.solution.Solution`."""

    volatility: float
    objective: float
    violation: float
    gap: float


def receipt(terms: ShapeTerms, rows: Reals, found: Optimum, aversion: float) -> SolveReceipt:
    """Return volatility, objective, violation and gap of an optimum, from its weights and prices.

    ``rows`` is a row per group, ones where the asset belongs to it; the identity may lie over them.
    ``aversion`` is the program's own risk aversion.

    The gap bounds how much better any feasible v can be than the weights w. With the slope
    r = aversion Sigma w + pull w + c + A'y and any s in [-cost, cost], convexity gives

    f(w) - f(v) <= (r + s)'(w - v) + cost |w - previous|_1 - s'(w - previous) - y'(A w - bounds),

    and s = clip(-r) makes it tight at an optimum; the worst v within the bounds of each asset is
    known. Where a ceiling raised the risk aversion, this is the gap of the Lagrangian.
    """
    w, y = found.weights, found.prices
    pushed = terms.quadratic @ w
    variance = float(pushed @ w)
    members = rows[len(rows) - len(terms.group_lower) :]
    # Of thousands of assets the identity is a matrix that does not fit.
    sums = rows @ w if len(rows) > len(members) else np.concatenate((w, rows @ w))
    below = np.concatenate((terms.lower, terms.group_lower)) - sums
    above = np.concatenate((terms.upper, terms.group_upper)) - sums
    short = float(np.add.reduce(w)) - terms.budget
    worst = max(abs(short), float(np.maximum.reduce(below)), -float(np.minimum.reduce(above)), 0.0)
    moved = w - terms.previous
    objective = aversion / 2 * variance + float(terms.linear @ w) + terms.pull / 2 * float(w @ w)
    if terms.cost > 0.0:
        objective += terms.cost * float(np.add.reduce(np.abs(moved)))
    if terms.buys_sum < math.inf:
        worst = max(worst, float(np.maximum(moved, 0.0).sum()) - terms.buys_sum)
    # Infinite for a least variance, NaN under caps on risk: neither has an objective to bound.
    if not math.isfinite(found.aversion):
        return SolveReceipt(math.sqrt(variance), -objective, worst, math.nan)
    slope = found.aversion * pushed + terms.pull * w + terms.linear + (y[0] + y[1:] @ members)
    gap = -float(y[0]) * short
    if found.cost > 0.0:
        side = np.minimum(np.maximum(-slope, -found.cost), found.cost)
        slope = slope + side
        # Beyond a bound the cost is linear all over the bounds: the kink counts from the bound.
        moved = w - np.minimum(np.maximum(terms.previous, terms.lower), terms.upper)
        gap += found.cost * float(np.add.reduce(np.abs(moved))) - float(side @ moved)
    force = np.concatenate((slope, -y[1:]))
    gap -= float(force @ np.where(force > 0.0, below, above))
    # The gap comes first: max(0.0, nan) is 0.0, a gap that nothing vouches for.
    return SolveReceipt(math.sqrt(variance), -objective, worst, max(gap, 0.0))
