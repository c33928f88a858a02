"""A solver kept alive on one form: fill arrays, update, solve, check."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import daqp
import numpy as np

from jeoul.allocate.solver.form import ProgramForm
from jeoul.allocate.solver.terms import ShapeTerms
from jeoul.model.calendar import Reals
from jeoul.model.factored import Covariance, dense_of

# eta_prox ends the proximal iterations that variables without curvature (buys, slack) need.
SETTINGS = {"primal_tol": 1e-11, "dual_tol": 1e-12, "eta_prox": 1e-14}
EQUALITY = 5  # DAQP's bits for a row that is active and stays so: an equality


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
        self._refilled = False  # whether bounds of weights were written since
        self._matrix: Reals | None = None
        self._fresh = False  # whether the workspace already holds the matrix

    def minimise(self, terms: ShapeTerms) -> FormOptimum | None:
        """Return the optimum, or None if DAQP finds none; the caller checks and decides."""
        self.begin(terms)
        if self._plain:
            self.refill(terms.linear, terms.lower, terms.upper)
        return self.run()

    def scaled(self, terms: ShapeTerms) -> Callable[[float], FormOptimum | None]:
        """Return what gives the optimum of :func:`~jeoul.allocate.solver.ceiling.scaled` terms.

        It writes only what depends on the scale, and nothing else may be solved in between. The
        terms are without a cost of trading, their quadratic matrix is dense.
        """
        n, linear, pull = self._n, terms.linear, terms.pull
        quadratic = dense_of(terms.quadratic)
        if not (self._plain and self._bounded_as(terms)):
            self._write(terms)
        if pull == 0.0:
            self._take(quadratic)
        # The matrix filled in last may be the caller's own covariance, which nobody may change.
        elif self._plain:
            self._h = np.empty((n, n))
        matrix, more, unit = self._h[:n, :n], np.empty((n, n)), identity(n)

        def at(scale: float) -> FormOptimum | None:
            if pull > 0.0:
                np.multiply(unit, scale * pull, out=more)
                np.add(quadratic, more, out=matrix)
                self._matrix, self._fresh = None, False
            np.multiply(linear, scale, out=self._q_weights)
            return self.run()

        return at

    def yielding(self, terms: ShapeTerms) -> Callable[[float], FormOptimum | None]:
        """Return what gives the optimum of terms under one sum of slack after another."""
        self._write(terms)
        self._take(terms.quadratic)
        place = self.form.upper["slack_sum"]

        def under(slack_sum: float) -> FormOptimum | None:
            self._upper[place] = slack_sum
            return self.run()

        return under

    def begin(self, terms: ShapeTerms) -> None:
        """Write a program whose linear term and bounds of weights :meth:`refill` will set."""
        if not (self._plain and self._grouped_as(terms)):
            self._write(terms)
        self._take(terms.quadratic)

    def _grouped_as(self, terms: ShapeTerms) -> bool:
        """Return whether the bounds of all rows are those that were filled in."""
        old = self._filled
        return (
            old is not None
            and old.group_lower is terms.group_lower
            and old.group_upper is terms.group_upper
            and old.budget == terms.budget
        )

    def _bounded_as(self, terms: ShapeTerms) -> bool:
        """Return whether all bounds are those that were filled in, and nothing refilled them."""
        old = self._filled
        return (
            self._grouped_as(terms)
            and old is not None
            and not self._refilled
            and old.lower is terms.lower
            and old.upper is terms.upper
        )

    def refill(self, linear: Reals, lower: Reals, upper: Reals) -> None:
        """Write the linear term and the bounds of the weights alone, over the last filling."""
        self._refilled = True
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
            # Only the linear term is new: matrix, bounds and active set stay in the workspace.
            update(None, row)
            x, _, flag, _ = solve()
            if flag <= 0:
                self._model = None
                return None
            found.append(x)
        return found

    def _write(self, terms: ShapeTerms) -> None:
        self.form.fill(terms, self._q, self._lower, self._upper)
        self._filled, self._refilled = terms, False

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


@lru_cache(maxsize=64)
def identity(n: int) -> Reals:
    """Return the identity, which nobody may change."""
    found = np.eye(n)
    found.setflags(write=False)
    return found
