"""Solve a program on an estimate: the one place where the path is chosen."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple, Protocol

import numpy as np

from jeoul.allocate.check import usable, violation
from jeoul.allocate.compiled import compile_shape
from jeoul.allocate.doctor import Conflict, diagnose
from jeoul.allocate.fast import Compile, Fast, Optimum
from jeoul.allocate.program import Estimated, Program
from jeoul.allocate.receipt import gap
from jeoul.allocate.solution import Relaxation, Solution
from jeoul.allocate.terms import Terms, groups_of, shape_of, terms_of, value
from jeoul.errors import SolverFailed
from jeoul.model.calendar import Reals

SOLVERS = ("auto", "daqp", "clarabel")
TRUSTED = 1e-9
"""The largest gap and violation with which an answer of the fast path is given out."""


class Path(Protocol):
    """A way to the optimum: :class:`~jeoul.allocate.fast.Fast`, or the reference."""

    def optimum(self, terms: Terms, covariance: Reals, aversion: float) -> Optimum | None:
        """Return the optimum without a volatility ceiling, or None."""

    def under(
        self, terms: Terms, covariance: Reals, aversion: float, ceiling: float
    ) -> Optimum | None:
        """Return the optimum with volatility at or below the ceiling, or None."""

    def softened(
        self, terms: Terms, covariance: Reals, yielding: tuple[int, ...], ceiling: float
    ) -> Optimum | None:
        """Return the weights that meet the ceiling by the least yield, or None."""


def solve(program: Program, estimate: Estimated, *, solver: str = "auto") -> Solution:
    """Return the optimal weights of a program on an estimate, with their receipt.

    ``solver`` is ``"daqp"`` (the compiled path), ``"clarabel"`` (the reference path, through
    cvxpy) or ``"auto"``: the compiled path, and the reference where its answer fails the receipt.
    Nothing is kept between calls; :class:`Prepared` keeps solvers alive.

    Raises :class:`~jeoul.errors.Infeasible` with the rules that cannot hold together,
    :class:`~jeoul.errors.SolverFailed` if no solver vouches for an answer, and
    :class:`~jeoul.errors.BadEstimate` for numbers that no program can use.

    >>> from types import SimpleNamespace as Record
    >>> estimate = Record(
    ...     labels=("stocks", "bonds"),
    ...     mean=np.array([0.06, 0.02]),
    ...     covariance=np.array([[0.04, 0.0], [0.0, 0.0025]]),
    ... )
    >>> program = Program(labels=("stocks", "bonds"), risk_aversion=4.0, volatility_max=0.06)
    >>> solve(program, estimate).weights.round(4)
    array([0.2301, 0.7699])
    """
    return Prepared(program, solver=solver).solve(estimate)


class Prepared:
    """A program made ready once and solved on estimate after estimate.

    ``compiled`` supplies the compiled form of a shape; the default extracts it from cvxpy, and a
    lookup in forms that were pickled before spares a fresh process the import of cvxpy. Not to be
    shared between threads.
    """

    def __init__(
        self, program: Program, *, solver: str = "auto", compiled: Compile = compile_shape
    ) -> None:
        if solver not in SOLVERS:
            raise ValueError(f"solver {solver!r}; use one of {', '.join(SOLVERS)}")
        self.program = program
        self._solver = solver
        self._shape = shape_of(program)
        self._groups = groups_of(program)
        self._yielding = tuple(
            i for i, group in enumerate(self._groups) if group.name in program.yielding
        )
        self._members = np.array(self._shape.groups, dtype=float).reshape(-1, self._shape.n)
        self._fast = None if solver == "clarabel" else Fast(self._shape, compiled=compiled)

    def solve(self, estimate: Estimated, *, previous: Reals | None = None) -> Solution:
        """Return the solution on an estimate; ``previous`` replaces the program's own weights."""
        covariance, repairs = usable(self.program, estimate)
        program = self.program if previous is None else replace(self.program, previous=previous)
        terms = terms_of(program, estimate.mean, covariance)
        found = None
        if self._fast is not None:
            found = self._attempt(self._fast, program, terms, covariance)
        solver, path = "daqp", "compiled"
        if found is None or not found.trusted:
            # Either nothing satisfies the rules, which is then said exactly, or rounding got the
            # better of the fast path.
            diagnosis = diagnose(program, covariance)
            if diagnosis is not None:
                raise Conflict(diagnosis)
            if self._solver == "daqp":
                raise SolverFailed("daqp", "no trusted answer to a feasible program")
            solver, path = "clarabel", "reference"
            from jeoul.allocate.reference import Reference

            found = self._attempt(Reference(self._shape), program, terms, covariance)
            if found is None:
                raise SolverFailed(solver, "no weights for a feasible program")
        weights = found.optimum.weights
        return Solution(
            program.labels,
            weights,
            math.sqrt(float(weights @ (covariance @ weights))),
            value(program, terms, weights),
            solver,
            path,
            found.optimum.aversion,
            found.violation,
            found.gap,
            found.optimum.prices,
            found.optimum.cost,
            found.relaxed,
            repairs,
        )

    def _attempt(
        self, path: Path, program: Program, terms: Terms, covariance: Reals
    ) -> _Checked | None:
        aversion, ceiling = program.risk_aversion, program.volatility_max
        if ceiling is None:
            found = path.optimum(terms, covariance, aversion)
        else:
            found = path.under(terms, covariance, aversion, ceiling)
            if found is None and program.yielding:
                found = path.softened(terms, covariance, self._yielding, ceiling)
        if found is None:
            return None
        weights = found.weights
        if not found.yielded:
            acting = terms._replace(cost=found.cost)
            if ceiling is not None:
                acting = acting._replace(quadratic=found.aversion * covariance)
            excess = gap(acting, self._members, weights, found.prices)
            return _Checked(found, violation(terms, self._members, weights), excess, ())
        sums = self._members @ weights
        relaxed = tuple(
            Relaxation(self._groups[i].name, self._groups[i].lower, float(sums[i]))
            for i in self._yielding
            if sums[i] < self._groups[i].lower - TRUSTED
        )
        held = terms._replace(group_lower=np.minimum(terms.group_lower, sums))
        fixed = [i for i in range(len(sums)) if i not in self._yielding]
        held.group_lower[fixed] = terms.group_lower[fixed]
        return _Checked(found, violation(held, self._members, weights), math.nan, relaxed)


class _Checked(NamedTuple):
    optimum: Optimum
    violation: float
    gap: float
    relaxed: tuple[Relaxation, ...]

    @property
    def trusted(self) -> bool:
        return self.violation <= TRUSTED and not self.gap > TRUSTED
