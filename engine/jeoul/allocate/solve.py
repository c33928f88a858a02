"""Solve a program on an estimate: the one place where the path is chosen."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple, Protocol

import numpy as np

from jeoul.allocate.check import usable
from jeoul.allocate.compiled import compile_shape
from jeoul.allocate.doctor import Conflict, diagnose
from jeoul.allocate.fast import Compile, Fast
from jeoul.allocate.optimum import Optimum
from jeoul.allocate.program import Estimated, Program
from jeoul.allocate.receipt import Receipt, receipt
from jeoul.allocate.solution import Relaxation, Solution
from jeoul.allocate.terms import Terms, filled, fixed_terms, groups_of, shape_of
from jeoul.errors import SolverFailed
from jeoul.model.calendar import Reals

SOLVERS = ("auto", "daqp", "clarabel")
TRUSTED = 1e-9
"""The largest gap and violation with which an answer of the fast path is given out."""


class Path(Protocol):
    """A way to the optimum: :class:`~jeoul.allocate.fast.Fast`, or the reference."""

    def optimum(self, terms: Terms, aversion: float) -> Optimum | None:
        """Return the optimum without a volatility ceiling, or None."""

    def under(self, terms: Terms, aversion: float, ceiling: float) -> Optimum | None:
        """Return the optimum with volatility at or below the ceiling, or None."""

    def softened(self, terms: Terms, yielding: tuple[int, ...], ceiling: float) -> Optimum | None:
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
        self._fixed = fixed_terms(program)
        self._moves = program.frozen is not None or program.turnover_max is not None
        self._groups = groups_of(program)
        self._void = any(g.lower > 0.0 and not g.members.any() for g in program.groups)
        self._yielding = tuple(
            i for i, group in enumerate(self._groups) if group.name in program.yielding
        )
        self._members = np.array(self._shape.groups, dtype=float).reshape(-1, self._shape.n)
        self._fast = None if solver == "clarabel" else Fast(self._shape, compiled=compiled)

    def solve(self, estimate: Estimated, *, previous: Reals | None = None) -> Solution:
        """Return the solution on an estimate; ``previous`` replaces the program's own weights."""
        covariance, repairs = usable(self.program, estimate)
        program, fixed = self.program, self._fixed
        if previous is not None and previous is not program.previous:
            # Frozen assets and the turnover cap depend on the weights before, most programs' rules
            # do not; the program itself is only made anew where something needs it.
            if self._moves:
                program = replace(program, previous=previous)
                fixed = fixed_terms(program)
            else:
                fixed = fixed._replace(previous=previous)
        terms = filled(program, fixed, estimate.mean, covariance)
        found = None
        if self._fast is not None and not self._void:
            found = self._attempt(self._fast, program, terms)
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
            found = self._attempt(self._reference(), program, terms)
            if found is None:
                raise SolverFailed(solver, "no weights for a feasible program")
        optimum, figures = found.optimum, found.receipt
        objective = figures.objective
        if program.objective == "tracking" and program.target is not None:
            spread = float(program.target @ (covariance @ program.target))
            objective -= program.risk_aversion / 2 * spread
        return Solution(
            program.labels,
            optimum.weights,
            figures.volatility,
            objective,
            solver,
            path,
            optimum.aversion,
            figures.violation,
            figures.gap,
            optimum.prices,
            optimum.cost,
            found.relaxed,
            repairs,
        )

    def _reference(self) -> Path:
        from jeoul.allocate.reference import Reference

        return Reference(self._shape)

    def _attempt(self, path: Path, program: Program, terms: Terms) -> _Checked | None:
        aversion, ceiling = program.risk_aversion, program.volatility_max
        if ceiling is None:
            found = path.optimum(terms, aversion)
        else:
            found = path.under(terms, aversion, ceiling)
            if found is None and self._yielding:
                found = path.softened(terms, self._yielding, ceiling)
        if found is None:
            return None
        relaxed: tuple[Relaxation, ...] = ()
        if found.aversion == math.inf:
            relaxed, terms = self._relaxed(terms, found.weights)
        return _Checked(found, receipt(terms, self._members, found, aversion), relaxed)

    def _relaxed(self, terms: Terms, weights: Reals) -> tuple[tuple[Relaxation, ...], Terms]:
        """Return which groups yielded, and the terms with their lower bounds as used."""
        sums = self._members @ weights
        used = terms.group_lower.copy()
        found = []
        for i in self._yielding:
            if sums[i] < used[i] - TRUSTED:
                found.append(Relaxation(self._groups[i].name, float(used[i]), float(sums[i])))
                used[i] = sums[i]
        return tuple(found), terms._replace(group_lower=used)


class _Checked(NamedTuple):
    optimum: Optimum
    receipt: Receipt
    relaxed: tuple[Relaxation, ...]

    @property
    def trusted(self) -> bool:
        return self.receipt.violation <= TRUSTED and not self.receipt.gap > TRUSTED
