"""A solver kept alive on one compiled program: fill arrays, update, solve, check."""

from __future__ import annotations

from typing import NamedTuple

import daqp
import numpy as np

from jeoul.allocate.compiled import Compiled
from jeoul.allocate.terms import Terms
from jeoul.model.calendar import Reals

SETTINGS = {"primal_tol": 1e-11, "dual_tol": 1e-12}
EQUALITY = 5
INFEASIBLE = -1


class Point(NamedTuple):
    """An optimum of a compiled program: x, and multipliers of its bounds and rows.

    A multiplier is positive at an upper bound and negative at a lower one.
    """

    x: Reals
    multipliers: Reals


class Live:
    """A DAQP workspace for one compiled program, updated in place from solve to solve.

    The active set of one solve starts the next. Not to be shared between threads.
    """

    name = "daqp"

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self._h = np.zeros((compiled.size, compiled.size))
        self._h_weights = self._h[: compiled.shape.n, : compiled.shape.n]
        self._q = np.empty(compiled.size)
        self._lower = np.empty(len(compiled.lower.take))
        self._upper = np.empty(len(compiled.upper.take))
        self._theta = np.empty(compiled.places["one"].stop)
        self._theta[-1] = 1.0
        self._fields = tuple(
            (name, place) for name, place in compiled.places.items() if name != "one"
        )
        self._sense = np.zeros(len(self._lower), dtype=np.intc)
        self._sense[compiled.size] = EQUALITY
        self._model: daqp.Model | None = None
        self._fresh = False  # whether the workspace already holds the matrix in the array

    def minimise(self, terms: Terms, *, same_matrix: bool = False) -> Point | None:
        """Return the optimum, or None if DAQP finds none; the caller checks and decides.

        ``same_matrix`` promises that the quadratic matrix is that of the call before.
        """
        self.fill(terms, same_matrix=same_matrix)
        return self.run()

    def fill(self, terms: Terms, *, same_matrix: bool = False) -> None:
        """Write the numbers of a program into the solver's arrays."""
        theta = self._theta
        for name, place in self._fields:
            theta[place] = getattr(terms, name)
        compiled = self.compiled
        np.multiply(theta[compiled.q.take], compiled.q.scale, out=self._q)
        np.multiply(theta[compiled.lower.take], compiled.lower.scale, out=self._lower)
        np.multiply(theta[compiled.upper.take], compiled.upper.scale, out=self._upper)
        if not (same_matrix and self._fresh):
            self._h_weights[:] = terms.quadratic
            self._fresh = False

    def refill(self, linear: Reals, lower: Reals, upper: Reals) -> None:
        """Write the linear term and the bounds of the weights alone, over the last filling."""
        n = len(linear)
        self._q[:n] = linear
        self._lower[:n] = lower
        self._upper[:n] = upper

    def run(self) -> Point | None:
        """Return the optimum of what was filled in, or None if DAQP finds none."""
        if self._model is None:
            self._model = daqp.Model()
            self._model.settings = SETTINGS
            self._model.setup(
                self._h, self._q, self.compiled.a, self._upper, self._lower, self._sense
            )
        elif self._fresh:
            self._model.update(None, self._q, None, self._upper, self._lower)
        else:
            self._model.update(self._h, self._q, None, self._upper, self._lower)
        self._fresh = True
        x, _, flag, info = self._model.solve()
        if flag <= 0:
            # A workspace that has failed is not to be trusted with a warm start.
            self._model = None
            return None
        return Point(x, info["lam"])
