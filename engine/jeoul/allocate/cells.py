"""Trading costs without extra variables: one side of the current weight at a time.

The cost |w_i - previous_i| has a kink. On either side of it the cost is linear, so the program is
a smooth one in n variables with one bound moved to the kink. Starting from any feasible side for
every asset, each solve is a descent; where an optimum lies on a kink and its multiplier says that
the other side is better, the asset changes sides. Every change lowers the objective strictly, so
this ends, at the optimum of the whole convex program.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jeoul.allocate.live import Live, Point
from jeoul.allocate.terms import Terms
from jeoul.model.calendar import Reals

Sides = NDArray[np.bool_]
SLACK = 1e-12
ROUNDS = 200


def minimise(
    live: Live, terms: Terms, prices: Reals | None = None, *, same_matrix: bool = False
) -> Point | None:
    """Return the optimum with costs, or None if there is none.

    ``live`` holds the program without costs. ``prices``, multipliers of its rows that are near
    the optimum's (those of the solve before, say), guess the sides and only save time. The
    multipliers of the answer are those of the program with costs.
    """
    low, high = terms.lower, terms.upper
    at = np.minimum(np.maximum(terms.previous, low), high)
    slope = terms.linear + terms.quadratic @ at
    if prices is None:
        buying = slope < float(np.median(slope))
    else:
        buying = slope + prices @ live.compiled.a < 0.0
    # A bound has one side only; there the other one would hold nothing.
    buys_only, sells_only = at <= low, at >= high
    buying = (buying | buys_only) & ~sells_only
    live.fill(terms, same_matrix=same_matrix)
    point = _solve(live, terms, at, buying)
    if point is None:
        # No portfolio has these sides: any feasible one shows sides that some portfolio has.
        live.refill(terms.linear, low, high)
        point = live.run()
        if point is None:
            return None
        buying = ((point.x > at) | buys_only) & ~sells_only
        point = _solve(live, terms, at, buying)
    # On a kink the multiplier of the moved bound must not exceed both slopes together.
    limit = 2.0 * terms.cost + SLACK
    for _ in range(ROUNDS):
        if point is None:
            return None
        force = point.multipliers[: len(at)]
        turn = (np.where(buying, -force, force) > limit) & ~(buys_only | sells_only)
        if not turn.any():
            return _with_costs(point, at, low, high, buying)
        buying = buying ^ turn
        point = _solve(live, terms, at, buying)
    return None


def _solve(live: Live, terms: Terms, at: Reals, buying: Sides) -> Point | None:
    live.refill(
        terms.linear + np.where(buying, terms.cost, -terms.cost),
        np.where(buying, at, terms.lower),
        np.where(buying, terms.upper, at),
    )
    return live.run()


def _with_costs(point: Point, at: Reals, low: Reals, high: Reals, buying: Sides) -> Point:
    """Take the part of the kinks out of the multipliers: there the cost's slope takes it up."""
    n = len(at)
    force = point.multipliers[:n]
    kink = np.where(buying, (force < 0) & (at > low), (force > 0) & (at < high))
    if kink.any():
        force[kink] = 0.0
    return point
