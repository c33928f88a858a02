"""A solver kept alive on one form: fill arrays, update, solve, check."""

from __future__ import annotations

from typing import NamedTuple

import daqp
import numpy as np

from jeoul.allocate.solver.form import ProgramForm
from jeoul.allocate.solver.terms import ShapeTerms
from jeoul.model.calendar import Reals
from jeoul.model.factored import Covariance, dense_of

# eta_prox ends the proximal iterations that variables without curvature (buys, slack) need.
SETTINGS = {"primal_tol": 1e-11, "dual_tol": 1e-12, "eta_prox": 1e-14}
EQUALITY = 5
INFEASIBLE = -1


class FormOptimum(NamedTuple):
    """An optimum of a form: x, and multipliers of its bounds and rows.

    A multiplier is positive at an upper bound and negative at a lower one.
    """

    x: Reals
    multipliers: Reals


class Live:
    """A DAQP workspace for one form, updated in place from solve to solve.

    The active set of one solve starts the next. An array that is the same object as in the call
    before is taken to hold the same numbers. Not to be shared between threads.
    """

    def __init__(self, form: ProgramForm) -> None:
        self.form = form
        n = form.shape.n
        self._n = n
        self._plain = form.size == n  # no variables but the weights
        self._h = np.zeros((form.size, form.size))
        self._q = np.zeros(form.size)
        self._lower, self._upper = form.low.copy(), form.high.copy()
        self._q_weights, self._low_weights = self._q[:n], self._lower[:n]
        self._high_weights = self._upper[:n]
        self._sense = np.zeros(len(self._lower), dtype=np.intc)
        self._sense[form.size] = EQUALITY  # the budget
        self._model: daqp.Model | None = None
        self._filled: ShapeTerms | None = None
        self._matrix: Reals | None = None
        self._fresh = False  # whether the workspace already holds the matrix

    def minimise(self, terms: ShapeTerms) -> FormOptimum | None:
        """Return the optimum, or None if DAQP finds none; the caller checks and decides."""
        self.begin(terms)
        if self._plain:
            self.refill(terms.linear, terms.lower, terms.upper)
        return self.run()

    def begin(self, terms: ShapeTerms) -> None:
        """Write a program whose linear term and bounds of weights :meth:`refill` will set."""
        old = self._filled
        if not (
            self._plain
            and old is not None
            and old.group_lower is terms.group_lower
            and old.group_upper is terms.group_upper
            and old.budget == terms.budget
        ):
            self._write(terms)
        self._take(terms.quadratic)

    def refill(self, linear: Reals, lower: Reals, upper: Reals) -> None:
        """Write the linear term and the bounds of the weights alone, over the last filling."""
        self._q_weights[:] = linear
        self._low_weights[:] = lower
        self._high_weights[:] = upper

    def run(self) -> FormOptimum | None:
        """Return the optimum of what was filled in, or None if DAQP finds none."""
        if self._model is None:
            self._model = daqp.Model()
            self._model.settings = SETTINGS
            flag, _ = self._model.setup(
                self._h, self._q, self.form.a, self._upper, self._lower, self._sense
            )
        else:
            matrix = None if self._fresh else self._h
            flag = self._model.update(matrix, self._q, None, self._upper, self._lower)
        self._fresh = True
        if flag >= 0:
            x, _, flag, info = self._model.solve()
            if flag > 0:
                return FormOptimum(x, info["lam"])
        # Bounds that cross, no weights, or rounding: such a workspace is not started from again.
        self._model = None
        return None

    def along(self, terms: ShapeTerms, linear: Reals) -> list[Reals] | None:
        """Return the optimum for every row of linear terms, None if one has none.

        Only for a form without variables other than the weights.
        """
        self.begin(terms)
        self.refill(linear[0], terms.lower, terms.upper)
        first = self.run()
        if first is None or self._model is None:
            return None
        found = [first.x]
        update, solve = self._model.update, self._model.solve
        for row in linear[1:]:
            update(None, row)
            x, _, flag, _ = solve()
            if flag <= 0:
                self._model = None
                return None
            found.append(x)
        return found

    def _write(self, terms: ShapeTerms) -> None:
        self.form.fill(terms, self._q, self._lower, self._upper)
        self._filled = terms

    def _take(self, covariance: Covariance) -> None:
        matrix = dense_of(covariance)
        if matrix is self._matrix:
            return
        self._matrix = matrix
        if self._plain:
            self._h = matrix
        else:
            self._h[: self._n, : self._n] = matrix
        self._fresh = False
