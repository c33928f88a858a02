"""The volatility ceiling, met by searching the risk aversion over the fast quadratic program.

The optimum under sqrt(w'Sigma w) <= v is also the optimum without the ceiling for some higher risk
aversion d, and with s = 1/d the weights

    w(s) = argmin  1/2 w'Sigma w + s (c'w + pull/2 w'w + cost |w - previous|_1)

have a volatility that does not fall with s, and without a pull they are piecewise linear in s. So
is the least variance with a sum of slack that rules may give way by. Between two points on one
piece the crossing of the ceiling is the root of a quadratic equation: the search ends on it
exactly. With a pull the pieces are smooth curves, and the same steps come as near as rounding lets
them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from jeoul.allocate.solver.terms import ShapeTerms
from jeoul.allocate.solver.workspace import FormOptimum, identity
from jeoul.model.calendar import Reals
from jeoul.model.factored import Covariance, Factored

STEPS = 100
NEAR = 1e-12  # relative to the variance at the ceiling

Solve = Callable[[float], FormOptimum | None]


class Crossing(NamedTuple):
    """Where a path of optima meets a variance: the parameter, and the optimum there."""

    at: float
    point: FormOptimum


def scaled(terms: ShapeTerms, s: float) -> ShapeTerms:
    """Return the terms of w(s); their pull is part of the quadratic matrix."""
    matrix = terms.quadratic
    if terms.pull > 0.0:
        more = s * terms.pull
        if isinstance(matrix, Factored):
            matrix = Factored(matrix.loadings, matrix.own + more)
        else:
            matrix = matrix + more * identity(len(matrix))
    return terms._replace(quadratic=matrix, linear=s * terms.linear, cost=s * terms.cost, pull=0.0)


def crossing(
    solve: Solve,
    covariance: Covariance,
    variance: float,
    bracket: tuple[float, float],
    points: tuple[FormOptimum, FormOptimum],
    *,
    last_side: int = 0,
    steps: int = STEPS,
) -> Crossing | None:
    """Return where the variance along a path of optima crosses a value.

    The path has ``points`` at both ends of the ``bracket``, with variances at or below and above
    the value. A search that was begun elsewhere says with ``last_side`` how often in a row the same
    end has moved, above 0 for the upper one, and how many ``steps`` are left. None if a solve on
    the way fails or the steps do not suffice.
    """
    n = len(covariance)
    below, above = bracket
    low, high = points
    short = _variance(low.x[:n], covariance) - variance
    for _ in range(steps):
        share = _share(low.x[:n], high.x[:n], covariance, short)
        if last_side > 1 or last_side < -1:
            # The chord keeps one end fixed: halve instead, so that the bracket shrinks.
            share, last_side = 0.5, 0
        at = below + share * (above - below)
        point = solve(at)
        if point is None:
            return None
        excess = _variance(point.x[:n], covariance) - variance
        # Rounding can put the step on an end of the bracket: no float lies between them any more.
        if abs(excess) <= NEAR * variance or not below < at < above:
            return Crossing(at, point)
        if excess > 0:
            above, high, last_side = at, point, max(1, last_side + 1)
        else:
            below, low, short, last_side = at, point, excess, min(-1, last_side - 1)
    return None


def aversions_at(scales: Reals) -> Reals:
    """Return the risk aversion at each scale of :func:`scaled`.

    At one beyond all measure the scale is where a float can tell no more than 0.
    """
    found: Reals = 1.0 / np.maximum(scales, np.finfo(np.float64).tiny)
    return found


def _variance(weights: Reals, covariance: Covariance) -> float:
    return float(weights @ covariance @ weights)


def _share(low: Reals, high: Reals, covariance: Covariance, c: float) -> float:
    """Return t in [0, 1] at which low + t (high - low) has the variance that low has c above."""
    step = high - low
    pushed = covariance @ step
    a, b = float(step @ pushed), float(low @ pushed)
    # The covariance tells the two ends apart by nothing: any point between them serves.
    if a <= 0.0:
        return 0.5
    # Both c <= 0 and the root wanted is the larger one, written without cancellation.
    root = math.sqrt(max(0.0, b * b - a * c))
    share = -c / (b + root) if b + root > 0.0 else 0.5
    return min(1.0, max(0.0, share))
