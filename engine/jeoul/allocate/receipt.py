"""How far an answer can be from the optimum: figures that trust no solver."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from jeoul.allocate.optimum import Optimum
from jeoul.allocate.terms import Terms
from jeoul.model.calendar import Reals


class Receipt(NamedTuple):
    """What the weights themselves say; see :class:`jeoul.allocate.solution.Solution`."""

    volatility: float
    objective: float
    violation: float
    gap: float


def receipt(terms: Terms, members: Reals, found: Optimum, aversion: float) -> Receipt:
    """Return volatility, objective, violation and gap of an optimum, from its weights and prices.

    ``members`` has a row per group, ones where the asset belongs to it; ``aversion`` is the
    program's own risk aversion.

    The gap bounds how much better any feasible v can be than the weights w. With the slope
    r = aversion Sigma w + c + A'y and any s in [-cost, cost], convexity gives

    f(w) - f(v) <= (r + s)'(w - v) + cost |w - previous|_1 - s'(w - previous) - y'(A w - bounds),

    and s = clip(-r) makes it tight at an optimum; the worst v within the bounds of each asset is
    known. Where a ceiling raised the risk aversion, this is the gap of the Lagrangian.
    """
    w, y = found.weights, found.prices
    pushed = terms.quadratic @ w
    variance = float(pushed @ w)
    below, above = terms.lower - w, terms.upper - w
    sums = members @ w
    under, over = terms.group_lower - sums, sums - terms.group_upper
    short = float(w.sum()) - terms.budget
    worst = max(abs(short), float(below.max()), -float(above.min()), 0.0)
    if len(sums):
        worst = max(worst, float(under.max()), float(over.max()))
    objective = aversion / 2 * variance + float(terms.linear @ w)
    moved = w - terms.previous
    if terms.buys_sum < math.inf:
        worst = max(worst, float(np.maximum(moved, 0.0).sum()) - terms.buys_sum)
    if terms.cost > 0.0:
        objective += terms.cost * float(np.abs(moved).sum())
    if not found.aversion < math.inf:
        return Receipt(math.sqrt(variance), -objective, worst, math.nan)
    slope = found.aversion * pushed + terms.linear + (y[0] + y[1:] @ members)
    left = y[0] * short + float(np.maximum(y[1:], 0.0) @ over - np.minimum(y[1:], 0.0) @ under)
    gap = -left
    if found.cost > 0.0:
        side = np.minimum(np.maximum(-slope, -found.cost), found.cost)
        slope = slope + side
        # Beyond a bound the cost is linear all over the bounds: the kink counts from the bound.
        moved = w - np.minimum(np.maximum(terms.previous, terms.lower), terms.upper)
        gap += found.cost * float(np.abs(moved).sum()) - float(side @ moved)
    gap -= float(np.maximum(slope, 0.0) @ below + np.minimum(slope, 0.0) @ above)
    return Receipt(math.sqrt(variance), -objective, worst, max(0.0, float(gap)))
