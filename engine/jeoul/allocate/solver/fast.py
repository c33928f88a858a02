"""The direct path: one program, kept ready, solved on estimate after estimate."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy

import numpy as np

from jeoul.allocate.solver import turnover_sides
from jeoul.allocate.solver.ceiling import aversions_at, crossing, scaled
from jeoul.allocate.solver.form import write_form
from jeoul.allocate.solver.optimum import Optimum
from jeoul.allocate.solver.terms import YIELD_ROOM, Shape, ShapeTerms
from jeoul.allocate.solver.workspace import FormOptimum, Live
from jeoul.model.calendar import Reals


class Fast:
    """Solvers of one shape, alive from call to call; not to be shared between threads."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        # Without a turnover cap the cost is handled side by side, without variables of its own.
        self._live = Live(write_form(shape if shape.capped else shape._replace(priced=False)))

    def fresh(self) -> Fast:
        """Return a solver of the same shape that remembers no solve before."""
        twin = copy(self)
        twin._live = Live(self._live.form)
        return twin

    def optimum(self, terms: ShapeTerms, aversion: float) -> Optimum | None:
        """Return the optimum without a volatility ceiling, or None if there is none."""
        point = self.point(terms, aversion)
        return None if point is None else self._read(point, terms, aversion)

    def point(self, terms: ShapeTerms, aversion: float) -> FormOptimum | None:
        """Return the optimum without a volatility ceiling as the solver shows it, or None."""
        return self._at(scaled(terms, 1.0 / aversion))

    def prices(self, point: FormOptimum, aversion: float) -> Reals:
        """Return the multipliers of the budget and of each group at an optimum."""
        return aversion * self._live.form.prices(point.multipliers)

    def under(self, terms: ShapeTerms, aversion: float, ceiling: float) -> Optimum | None:
        """Return the optimum with volatility at or below the ceiling, or None if there is none."""
        at = self._scaled(terms)
        free = at(1.0 / aversion)
        if free is None:
            return None
        variance = ceiling * ceiling
        if self._variance(free, terms) <= variance:
            return self._read(free, terms, aversion)
        # At scale 0 the variance alone counts: if its least is too high, nothing meets the ceiling.
        calm = at(0.0)
        if calm is None or self._variance(calm, terms) > variance:
            return None
        found = crossing(
            at,
            terms.quadratic,
            variance,
            (0.0, 1.0 / aversion),
            (calm, free),
        )
        if found is None:
            return None
        return self._read(found.point, terms, float(aversions_at(np.array(found.at))))

    def softened(
        self, terms: ShapeTerms, yielding: tuple[int, ...], aversion: float, ceiling: float
    ) -> Optimum | None:
        """Return the optimum under the ceiling where some groups' lower bounds give way to it.

        Together they give way by the least that meets the ceiling and by ``YIELD_ROOM`` beyond it,
        and within that the objective decides. None if no yield is enough.
        """
        calm = self.least_yield(terms, yielding, ceiling)
        if calm is None:
            return None
        wider = terms._replace(slack_sum=given_way(terms, yielding, calm.weights, self.shape))
        soft = type(self)(self.shape._replace(yielding=yielding))
        found = soft.under(wider, aversion, ceiling)
        return None if found is None else found._replace(yielded=True)

    def least_yield(
        self, terms: ShapeTerms, yielding: tuple[int, ...], ceiling: float
    ) -> Optimum | None:
        """Return the weights that meet the ceiling by the least yield of some groups' lower bounds.

        At the least sum of yields only the portfolio of least variance meets the ceiling, so means
        and costs play no part. None if no yield is enough.
        """
        shape = self.shape._replace(priced=False, yielding=yielding)
        most = float(np.maximum(terms.group_lower[list(yielding)], 0.0).sum())
        calm = terms._replace(linear=np.zeros(shape.n), cost=0.0)
        minimise = self._yielding(shape, calm)

        def least_variance(kept: float) -> FormOptimum | None:
            return minimise(most - kept)

        freest, firm = least_variance(0.0), least_variance(most)
        variance = ceiling * ceiling
        if freest is None or self._variance(freest, terms) > variance:
            return None
        # The bounds as they are leave room below the ceiling: nothing has to give way.
        if firm is not None and self._variance(firm, terms) <= variance:
            return self._read(firm, terms, np.inf)
        # The bounds contradict one another without any ceiling, which yielding to it does not cure.
        if firm is None:
            return None
        found = crossing(least_variance, terms.quadratic, variance, (0.0, most), (freest, firm))
        if found is None:
            return None
        return self._read(found.point, terms, np.inf)

    def _yielding(self, shape: Shape, terms: ShapeTerms) -> Callable[[float], FormOptimum | None]:
        """Return what solves terms of another shape under one sum of slack after another."""
        return Live(write_form(shape)).yielding(terms)

    def _scaled(self, terms: ShapeTerms) -> Callable[[float], FormOptimum | None]:
        """Return what solves :func:`~jeoul.allocate.solver.ceiling.scaled` terms at each scale."""
        if self.shape.capped or terms.cost > 0.0:
            return lambda scale: self._at(scaled(terms, scale))
        return self._live.scaled(terms)

    def path(self, terms: ShapeTerms, s: Reals) -> Reals | None:
        """Return the optimal weights at every s = 1 / risk aversion, a row each, None if none.

        Every solve starts from the active set of the one before it.
        """
        n = self.shape.n
        found = np.empty((len(s), n))
        if terms.cost > 0.0 or terms.pull > 0.0 or self.shape.capped:
            for row, each in zip(found, s, strict=True):
                point = self._at(scaled(terms, float(each)))
                if point is None:
                    return None
                row[:] = point.x[:n]
            return found
        points = self._live.along(terms, s[:, None] * terms.linear)
        if points is None:
            return None
        np.stack(points, out=found)
        return found

    def _at(self, terms: ShapeTerms) -> FormOptimum | None:
        if self.shape.capped:
            return self._live.minimise(terms)
        if terms.cost > 0.0:
            return turnover_sides.minimise(self._live, terms)
        return self._live.minimise(terms)

    def _variance(self, point: FormOptimum, terms: ShapeTerms) -> float:
        weights = point.x[: self.shape.n]
        return float(weights @ (terms.quadratic @ weights))

    def _read(self, point: FormOptimum, terms: ShapeTerms, aversion: float) -> Optimum:
        form, multipliers = self._live.form, point.multipliers
        # Multipliers of a least variance are not prices in units of the objective: none are shown.
        scale = aversion if np.isfinite(aversion) else 0.0
        cost = terms.cost
        if self.shape.capped:
            cost += scale * float(multipliers[form.upper["buys_sum"]][0]) / 2
        prices = scale * form.prices(multipliers)
        if self.shape.capped:
            # Costs counted on buys alone differ by cost x (weights - previous): the budget's part.
            prices[0] += cost
        return Optimum(point.x[: self.shape.n].copy(), prices, aversion, cost)


def given_way(terms: ShapeTerms, yielding: tuple[int, ...], weights: Reals, shape: Shape) -> float:
    """Return what groups may give way together: what these weights take, and the room beyond."""
    kept = list(yielding)
    sums = np.array(shape.groups)[kept] @ weights
    return float(np.maximum(terms.group_lower[kept] - sums, 0.0).sum()) + YIELD_ROOM
