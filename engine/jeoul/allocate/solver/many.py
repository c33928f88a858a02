"""The path for many assets: the questions of the direct path, by the solver of large programs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from jeoul.allocate.solver.ceiling import scaled
from jeoul.allocate.solver.fast import Fast
from jeoul.allocate.solver.large import screen
from jeoul.allocate.solver.large.interior import Near
from jeoul.allocate.solver.large.problem import LargeProblem
from jeoul.allocate.solver.optimum import Optimum
from jeoul.allocate.solver.terms import Shape, ShapeTerms
from jeoul.allocate.solver.workspace import FormOptimum
from jeoul.model.calendar import Reals
from jeoul.model.factored import Covariance, Factored

APART = 1e-12
"""A weight held so near to a bound is at it: there the cost of trading has no kink."""
BEYOND = 1e30


class ManySolvers(Fast):
    """Solvers of one shape over many assets; every answer starts the search for the next."""

    def __init__(self, shape: Shape) -> None:
        # Without the parent's workspace: its n x n numbers are what this path avoids.
        self.shape = shape
        self._guess: Near | None = None

    def fresh(self) -> ManySolvers:
        """Return a solver of the same shape that remembers no solve before."""
        return ManySolvers(self.shape)

    def path(self, terms: ShapeTerms, s: Reals) -> Reals | None:
        """Return the optimal weights at every s = 1 / risk aversion, a row each, None if none."""
        found = np.empty((len(s), self.shape.n))
        for row, each in zip(found, s, strict=True):
            point = self._at(scaled(terms, float(each)))
            if point is None:
                return None
            row[:] = point.x[: self.shape.n]
        return found

    def _at(self, terms: ShapeTerms) -> FormOptimum | None:
        return self._minimise(self.shape, terms)

    def _yielding(self, shape: Shape, terms: ShapeTerms) -> Callable[[float], FormOptimum | None]:
        path = ManySolvers(shape)
        return lambda slack_sum: path._minimise(shape, terms._replace(slack_sum=slack_sum))

    def _scaled(self, terms: ShapeTerms) -> Callable[[float], FormOptimum | None]:
        return lambda scale: self._at(scaled(terms, scale))

    def _minimise(self, shape: Shape, terms: ShapeTerms) -> FormOptimum | None:
        near = screen.optimum(large_problem(shape, terms), self._guess)
        if near is None:
            return None
        # Programs come in series that differ little, so that most bounds stay as they are.
        self._guess = near
        return FormOptimum(near.x, near.prices)

    def _read(self, point: FormOptimum, terms: ShapeTerms, aversion: float) -> Optimum:
        n, count = self.shape.n, len(self.shape.groups)
        prices, cost = np.zeros(1 + count), terms.cost
        if np.isfinite(aversion):
            prices = aversion * point.multipliers[: 1 + count]
            yielding = list(self.shape.yielding)
            ceilings = point.multipliers[1 + count : 1 + count + len(yielding)]
            # A group that yields has a row for its ceiling apart, and one price for both.
            prices[1 + np.array(yielding, dtype=np.intp)] += aversion * ceilings
            if self.shape.capped:
                # A price on buys alone is half of it on every change, and half on the sum.
                half = aversion * float(point.multipliers[-1]) / 2
                cost, prices[0] = cost + half, prices[0] + half
        return Optimum(point.x[:n].copy(), prices, aversion, cost)


def large_problem(shape: Shape, terms: ShapeTerms) -> LargeProblem:
    """Return a program as the large path solves it.

    The variables are the weights, then the slack of each group that yields; the rows the budget,
    the groups, the upper bounds of the groups that yield, the sum of slack and the sum of buys.
    """
    n, yielding = shape.n, list(shape.yielding)
    low, high = terms.lower, terms.upper
    at = np.minimum(np.maximum(terms.previous, low), high)
    costly = terms.cost > 0.0 or shape.capped
    priced = (low + APART < at) & (at < high - APART) & costly
    buying = ~priced & (terms.previous <= low + APART)
    linear = terms.linear
    # At a bound of its own a weight can move one way only: there the cost is linear.
    if terms.cost > 0.0:
        linear = linear + terms.cost * np.where(priced, 0.0, np.where(buying, 1.0, -1.0))
    members = np.array(shape.groups, dtype=float).reshape(-1, n)
    slack = np.zeros((len(members), len(yielding)))
    slack[yielding, range(len(yielding))] = 1.0
    rows = [_row(np.ones((1, n)), np.zeros((1, len(yielding))))]
    firm = np.array([i not in shape.yielding for i in range(len(members))], dtype=np.bool_)
    rows.append(_row(members, slack))
    row_low = [np.array([terms.budget]), terms.group_lower]
    row_high = [np.array([terms.budget]), np.where(firm, terms.group_upper, BEYOND)]
    if yielding:
        rows.append(_row(members[yielding], 0.0 * slack[yielding]))
        row_low.append(np.full(len(yielding), -BEYOND))
        row_high.append(terms.group_upper[yielding])
        rows.append(_row(np.zeros((1, n)), np.ones((1, len(yielding)))))
        row_low.append(np.full(1, -BEYOND))
        row_high.append(np.array([terms.slack_sum]))
    if shape.capped:
        rows.append(_row(buying.astype(float)[None, :], np.zeros((1, len(yielding)))))
        row_low.append(np.full(1, -BEYOND))
        # These buy x - previous: the part that does not move goes to the bound.
        before = float(terms.previous[buying].sum())
        row_high.append(np.array([terms.buys_sum + before]))
    whole = np.vstack(rows)
    bought = np.zeros(len(whole))
    bought[-1:] = 1.0 if shape.capped else 0.0
    more = len(yielding)
    return LargeProblem(
        quadratic=_beside(terms.quadratic, more),
        linear=_longer(linear, more, 0.0),
        low=_longer(low, more, 0.0),
        high=_longer(high, more, BEYOND),
        at=_longer(at, more, 0.0),
        priced=np.append(priced, np.zeros(more, dtype=np.bool_)),
        cost=terms.cost,
        rows=whole,
        row_low=np.concatenate(row_low),
        row_high=np.concatenate(row_high),
        bought=bought,
    )


def _row(weights: Reals, slack: Reals) -> Reals:
    return np.hstack([weights, slack])


def _longer(values: Reals, more: int, value: float) -> Reals:
    return np.append(values, np.full(more, value)) if more else values


def _beside(quadratic: Covariance, more: int) -> Covariance:
    """Return the matrix with variables beside it that have no variance."""
    if not more:
        return quadratic
    if isinstance(quadratic, Factored):
        factors = quadratic.loadings.shape[1]
        wider = np.vstack([quadratic.loadings, np.zeros((more, factors))])
        return Factored(wider, _longer(quadratic.own, more, 0.0))
    return np.pad(quadratic, (0, more))
