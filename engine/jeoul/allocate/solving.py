"""Solve a program on an estimate: the one place where the path is chosen."""

from __future__ import annotations

import math
from copy import copy
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from jeoul.allocate.check import plain, usable, weights_before
from jeoul.allocate.checked import TRUSTED, CheckedOptimum, solution_of
from jeoul.allocate.doctor import Conflict, infeasible
from jeoul.allocate.program import MANY, Estimated, Program
from jeoul.allocate.solution import Relaxation, Solution
from jeoul.allocate.solver.certificate import SolveReceipt, receipt
from jeoul.allocate.solver.direct import direct_path
from jeoul.allocate.solver.fast import Fast
from jeoul.allocate.solver.optimum import Optimum
from jeoul.allocate.solver.positions import HELD, choose
from jeoul.allocate.solver.terms import ShapeTerms, filled, fixed_terms, shape_of
from jeoul.errors import BadValue, Infeasible, SolverFailed, TooLarge
from jeoul.model.calendar import Reals

if TYPE_CHECKING:
    from jeoul.allocate.solver.reference import Extra, ReferenceSolver

SOLVERS = ("auto", "daqp", "clarabel")
REFERENCE = 1_000
"""So many assets at most are put to cvxpy."""
WHOLE = 300
"""So many assets at most are searched for the best whole positions."""


class SolvingPath(Protocol):
    """A way to the optimum: :class:`~jeoul.allocate.solver.fast.Fast`, or the reference."""

    def optimum(self, terms: ShapeTerms, aversion: float) -> Optimum | None:
        """Return the optimum without a volatility ceiling, or None."""

    def under(self, terms: ShapeTerms, aversion: float, ceiling: float) -> Optimum | None:
        """Return the optimum with volatility at or below the ceiling, or None."""

    def softened(
        self, terms: ShapeTerms, yielding: tuple[int, ...], aversion: float, ceiling: float
    ) -> Optimum | None:
        """Return the optimum under the ceiling with lower bounds that give way, or None."""

    def least_yield(
        self, terms: ShapeTerms, yielding: tuple[int, ...], ceiling: float
    ) -> Optimum | None:
        """Return the weights that meet the ceiling by the least yield, or None."""


def solve(
    program: Program, estimate: Estimated, *, solver: str = "auto", extra: Extra | None = None
) -> Solution:
    """Return the optimal weights of a program on an estimate, with their receipt.

    ``solver`` is ``"daqp"`` (the direct path), ``"clarabel"`` (the reference path, through cvxpy)
    or ``"auto"``: the direct path, and the reference where its answer fails the receipt.
    ``extra`` gives further rules in cvxpy, as constraints on the vector of weights:
    ``extra=lambda w: [cp.norm1(w - index) <= 0.4]``. They are met on the reference path alone, as
    ``path`` says, and the gap is then NaN, since their prices are not known.
    Nothing is kept between calls; :class:`PreparedProgram` keeps solvers alive.

    Of a program with smallest positions or a limit on their number the gap is that of the chosen
    assets; the choice itself is exact.

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
    try:
        return PreparedProgram(program, solver=solver, extra=extra).solve(estimate)
    except Conflict as conflict:
        _ = conflict.diagnosis  # made now, so that what it finds wrong is raised here
        raise


class PreparedProgram:
    """A program made ready once and solved on estimate after estimate.

    Not to be shared between threads.
    """

    def __init__(
        self, program: Program, *, solver: str = "auto", extra: Extra | None = None
    ) -> None:
        if solver not in SOLVERS:
            raise BadValue(f"solver {solver!r}; use one of {', '.join(SOLVERS)}")
        if extra is not None and solver == "daqp":
            raise BadValue("extra rules need cvxpy; leave solver out, or give 'clarabel'")
        self._extra = extra
        self.program = program
        self._solver = solver
        self._shape = shape_of(program)
        self._fixed = fixed_terms(program)
        self._moves = program.frozen is not None or program.turnover_max is not None
        self._whole = program.min_position is not None or program.max_positions is not None
        if self._whole and self._shape.n > WHOLE:
            raise TooLarge(
                f"allocate.min_position and allocate.max_positions choose among {self._shape.n:,} "
                f"assets, and beyond {WHOLE} that can take hours; leave them out, and bound "
                "positions by allocate.max_weight, or take fewer funds"
            )
        self._void = program.is_void
        self._yielding = tuple(
            i for i, group in enumerate(program.occupied) if group.name in program.yielding
        )
        n = self._shape.n
        members = np.array(self._shape.groups, dtype=float).reshape(-1, n)
        self._rows = members if n >= MANY else np.vstack([np.eye(n), members])
        self._direct = solver != "clarabel" and extra is None
        self._fast = direct_path(self._shape) if self._direct else None

    @property
    def direct(self) -> Fast | None:
        """Return the solver of the direct path, alive from solve to solve; None without one."""
        return self._fast

    def fresh(self) -> PreparedProgram:
        """Return the same program with solvers of its own, which remember no solve before.

        What comes out of it depends on the estimate alone, not on what was solved earlier.
        """
        twin = copy(self)
        if twin._fast is not None:
            twin._fast = twin._fast.fresh()
        return twin

    def like(self, program: Program) -> PreparedProgram:
        """Return another program made ready for the same solver."""
        return PreparedProgram(program, solver=self._solver, extra=self._extra)

    def solve(self, estimate: Estimated, *, previous: Any = None) -> Solution:
        """Return the solution on an estimate; ``previous`` replaces the program's own weights.

        It may have labels, which are then matched.

        Raises what :func:`solve` raises, and :class:`~jeoul.errors.BadValue` for weights before
        that are not one finite number for each label.
        """
        estimate = plain(estimate)
        covariance, repairs = usable(self.program, estimate)
        program, fixed = self.program, self._fixed
        if previous is not None and previous is not program.previous:
            previous = weights_before(previous, program.labels)
            # Frozen assets and the turnover cap depend on the weights before, most programs' rules
            # do not; the program itself is only made again where something needs it.
            if self._moves:
                program = replace(program, previous=previous)
                fixed = fixed_terms(program)
            else:
                fixed = fixed._replace(previous=previous)
        terms = filled(program, fixed, estimate.mean, covariance)
        found = None
        if self._fast is not None and not self._void:
            found = self._attempt(self._fast, program, terms)
        solver, path = "daqp", "direct"
        if found is None or not found.trusted:
            found = self._second(program, terms)
            solver, path = "clarabel", "reference"
        if math.isnan(found.optimum.aversion):
            solver, path = "clarabel", "reference"  # the steps under caps on shares of risk
        return solution_of(program, terms, found, solver=solver, path=path, repairs=repairs)

    def _second(self, program: Program, terms: ShapeTerms) -> CheckedOptimum:
        """Return the reference's answer where the direct path is not asked, or not trusted.

        Either nothing satisfies the rules, which is then said exactly, or rounding got the better
        of the direct path.
        """
        if self._fast is not None:
            _refuse(program, terms)
            if self._solver == "daqp" or self._shape.n > REFERENCE:
                raise SolverFailed("daqp", "no trusted answer to a feasible program")
        found = self._attempt(self._reference(), program, terms)
        if found is None:
            _refuse(program, terms)
            if self._extra is not None:
                raise Infeasible(
                    "no weights satisfy the extra constraints beside the rules of the program; "
                    "relax one of them"
                )
            raise SolverFailed("clarabel", "no weights for a feasible program")
        if not found.measured:
            raise SolverFailed("clarabel", "an answer whose distance to the optimum is unknown")
        return found

    def _reference(self) -> ReferenceSolver:
        n = self._shape.n
        if n > REFERENCE:
            raise TooLarge(
                f"{n:,} assets are too many for cvxpy, which needs their {n:,} x {n:,} covariances "
                f"and takes minutes beyond {REFERENCE:,}; solve on the direct path, without extra "
                "rules, allocate.risk_shares and allocate.engine, or take fewer funds"
            )
        from jeoul.allocate.solver.reference import ReferenceSolver

        return ReferenceSolver(self._shape, self._extra, refine=self._extra is not None)

    def _attempt(
        self, path: SolvingPath, program: Program, terms: ShapeTerms
    ) -> CheckedOptimum | None:
        found = self._optimum(path, program, terms)
        if found is not None and self._whole:
            found, terms = self._positions(path, program, terms)
        if found is not None and program.risk_shares:
            found = self._shared(program, terms, found)
        if found is None:
            return None
        return self._checked(found, terms)

    def _checked(self, found: Optimum, terms: ShapeTerms) -> CheckedOptimum:
        # Rounding leaves weights like -1e-17; the receipt is of the weights as they are given out.
        weights = np.minimum(np.maximum(found.weights, terms.lower), terms.upper) + 0.0
        found = found._replace(weights=weights)
        relaxed: tuple[Relaxation, ...] = ()
        if found.yielded:
            relaxed, terms = self._relaxed(terms, found.weights)
        figures = self._receipt(terms, found, self.program.risk_aversion)
        return CheckedOptimum(found, figures, relaxed, self._extra is None)

    def _receipt(self, terms: ShapeTerms, found: Optimum, aversion: float) -> SolveReceipt:
        figures = receipt(terms, self._rows, found, aversion)
        if self._extra is None:
            return figures
        from jeoul.allocate.solver.reference import broken

        worst = max(figures.violation, broken(self._extra, found.weights))
        return figures._replace(violation=worst, gap=math.nan)

    def _optimum(self, path: SolvingPath, program: Program, terms: ShapeTerms) -> Optimum | None:
        found = _firm(path, program, terms)
        return self._softened(path, program, terms) if found is None else found

    def _softened(self, path: SolvingPath, program: Program, terms: ShapeTerms) -> Optimum | None:
        ceiling = program.volatility_max
        if not self._yielding or ceiling is None:
            return None
        return path.softened(terms, self._yielding, program.risk_aversion, ceiling)

    def _shared(self, program: Program, terms: ShapeTerms, found: Optimum) -> Optimum:
        """Return the optimum itself if it keeps every cap on a share of risk, or one that does."""
        from jeoul.allocate.solver import risk_budgets

        if risk_budgets.excess(program, terms.quadratic, found.weights) <= 0.0:
            return found
        return risk_budgets.capped(self._reference(), program, terms, found.weights)

    def _positions(
        self, path: SolvingPath, program: Program, terms: ShapeTerms
    ) -> tuple[Optimum | None, ShapeTerms]:
        """Return the best whole positions, and the terms with the bounds that they decide on.

        Positions that keep every rule come first; only without any do groups yield, and then the
        positions of the least yield are held, in the weights that the objective prefers.
        """
        smallest, most = program.min_position, program.max_positions
        best = choose(terms, partial(self._scored, path, program), smallest=smallest, most=most)
        if best is None and program.volatility_max is not None and self._yielding:
            soft = partial(self._soft, path, program.volatility_max)
            best = choose(terms, soft, smallest=smallest, most=most)
        if best is None:
            raise self._no_positions(path, program, terms)
        held = best.weights > HELD
        kept = terms._replace(
            lower=np.where(held, np.maximum(terms.lower, smallest or 0.0), terms.lower),
            upper=np.where(held, terms.upper, 0.0),
        )
        if best.aversion == math.inf:
            return self._softened(path, program, kept), kept
        return best, kept

    def _scored(
        self, path: SolvingPath, program: Program, terms: ShapeTerms
    ) -> tuple[Optimum, float] | None:
        """Return the optimum that keeps every rule, and its objective."""
        found = _firm(path, program, terms)
        if found is None:
            return None
        return found, receipt(terms, self._rows, found, program.risk_aversion).objective

    def _soft(
        self, path: SolvingPath, ceiling: float, terms: ShapeTerms
    ) -> tuple[Optimum, float] | None:
        """Return the weights of the least yield, and how much of it is saved."""
        found = path.least_yield(terms, self._yielding, ceiling)
        if found is None:
            return None
        yielded = self._relaxed(terms, found.weights)[0]
        return found, -sum(relaxation.declared - relaxation.used for relaxation in yielded)

    def _no_positions(self, path: SolvingPath, program: Program, terms: ShapeTerms) -> Infeasible:
        """Return the refusal; it names the volatility ceiling if only that is in the way."""
        rules = {
            program.key(rule): remedy
            for rule, remedy in (
                ("min_position", "lower the smallest position"),
                ("max_positions", "allow more positions"),
            )
            if getattr(program, rule) is not None
        }
        if program.volatility_max is not None:
            free = partial(self._scored, path, replace(program, volatility_max=None))
            smallest, most = program.min_position, program.max_positions
            if choose(terms, free, smallest=smallest, most=most) is not None:
                rules[program.key("volatility")] = "raise the volatility ceiling"
        return Infeasible(
            f"no portfolio keeps {' and '.join(rules)} beside the other rules; "
            f"{' or '.join(rules.values())}",
            tuple(rules),
        )

    def _relaxed(
        self, terms: ShapeTerms, weights: Reals
    ) -> tuple[tuple[Relaxation, ...], ShapeTerms]:
        """Return which groups yielded, and the terms with their lower bounds as used."""
        sums = self._rows[len(self._rows) - len(terms.group_lower) :] @ weights
        used = terms.group_lower.copy()
        found = []
        for i in self._yielding:
            if sums[i] < used[i] - TRUSTED:
                found.append(
                    Relaxation(self.program.occupied[i].name, float(used[i]), float(sums[i]))
                )
                used[i] = sums[i]
        return tuple(found), terms._replace(group_lower=used)


def _firm(path: SolvingPath, program: Program, terms: ShapeTerms) -> Optimum | None:
    """Return the optimum in which no rule gives way, or None if there is none."""
    if program.volatility_max is None:
        return path.optimum(terms, program.risk_aversion)
    return path.under(terms, program.risk_aversion, program.volatility_max)


def _refuse(program: Program, terms: ShapeTerms) -> None:
    diagnosis = infeasible(program, terms.quadratic)
    if diagnosis is not None:
        raise Conflict(diagnosis)
