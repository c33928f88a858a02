"""Trading costs without extra variables: one side of the current weight at a time.

The cost |w_i - previous_i| has a kink. On either side of it the cost is linear, so the program is
a smooth one in n variables with one bound moved to the kink. Starting from feasible sides, each
solve is a descent; where an optimum lies on a kink and its multiplier says that the other side is
better, the asset changes sides. Every change lowers the objective strictly, so this ends, at the
optimum of the whole convex program.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jeoul.allocate.solver.terms import ShapeTerms
from jeoul.allocate.solver.workspace import FormOptimum, Live
from jeoul.model.calendar import Reals

Sides = NDArray[np.bool_]
SLACK = 1e-12
ROUNDS = 200


def minimise(live: Live, terms: ShapeTerms) -> FormOptimum | None:
    """Return the optimum with costs, or None if there are no weights.

    ``live`` holds the program without costs. Its optimum without costs shows sides that some
    portfolio has, and mostly the right ones. The multipliers of the answer are those of the rows;
    at a kink a bound's takes part of the cost.
    """
    low, high, cost = terms.lower, terms.upper, terms.cost
    at = np.minimum(np.maximum(terms.previous, low), high)
    # At a bound there is one side only: the other one would hold nothing.
    inside = (low < at) & (at < high)
    live.begin(terms)
    live.refill(terms.linear, low, high)
    point = live.run()
    if point is None:
        return None
    buying = np.where(inside, point.x[: len(at)] > at, at <= low)
    point = _solve(live, terms, at, buying)
    # On a kink the multiplier of the moved bound must not exceed both slopes together.
    limit = 2.0 * cost + SLACK
    for _ in range(ROUNDS):
        if point is None:
            return None
        force = point.multipliers[: len(at)]
        turn = (np.where(buying, -force, force) > limit) & inside
        if not turn.any():
            return point
        buying = buying ^ turn
        point = _solve(live, terms, at, buying)
    return None


def _solve(live: Live, terms: ShapeTerms, at: Reals, buying: Sides) -> FormOptimum | None:
    live.refill(
        terms.linear + np.where(buying, terms.cost, -terms.cost),
        np.where(buying, at, terms.lower),
        np.where(buying, terms.upper, at),
    )
    return live.run()
