"""A second opinion on an answer: the same program, solved by the other engine."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from jeoul.allocate.program import Estimated, Program
from jeoul.allocate.solution import Solution
from jeoul.allocate.solving import PreparedProgram

SAME = 1e-6
"""Objectives further apart than this, relatively, are not those of one optimum."""


@dataclass(frozen=True, slots=True)
class Proof:
    """How far an answer is from that of the other engine.

    ``solver`` is the engine that solved again, ``difference`` the largest difference of a weight,
    ``apart`` the relative difference of the objectives. ``gap`` is the answer's own bound on its
    distance to the optimum, None where it has none
    (:class:`~jeoul.allocate.solution.Solution`).
    """

    solver: str
    difference: float
    apart: float
    gap: float | None

    @property
    def holds(self) -> bool:
        """Return whether both answers are the same optimum.

        >>> Proof("clarabel", difference=2e-9, apart=1e-12, gap=0.0).holds
        True
        """
        return self.apart <= SAME


def prove(program: Program, estimate: Estimated, solution: Solution) -> Proof:
    """Return how far a solution of a program is from what the other engine finds.

    An answer of the direct path is solved again by cvxpy and Clarabel, one of the reference path
    directly by DAQP. Objectives are compared relative to the larger one, or to the part of the
    variance in it if that is larger: a tracking objective is zero where it is met. Where rules
    yielded, the sum of their yields is compared too, relative to what they declared.

    Under caps on shares of risk that bind only Clarabel can answer: it then solves a second time.

    Raises :class:`~jeoul.errors.AllocationError` if the other engine has no answer.

    >>> from types import SimpleNamespace as Record
    >>> estimate = Record(
    ...     labels=("stocks", "bonds"),
    ...     mean=np.array([0.06, 0.02]),
    ...     covariance=np.array([[0.04, 0.0], [0.0, 0.0025]]),
    ... )
    >>> program = Program(labels=("stocks", "bonds"), risk_aversion=4.0)
    >>> prove(program, estimate, PreparedProgram(program).solve(estimate)).holds
    True
    """
    stepped = math.isnan(solution.risk_aversion)  # under caps on shares of risk: only one way
    solver = "daqp" if solution.path == "reference" and not stepped else "clarabel"
    second = PreparedProgram(program, solver=solver).solve(estimate)
    return Proof(
        solver,
        float(np.abs(solution.weights - second.weights).max()),
        _apart(program, solution, second),
        None if math.isnan(solution.gap) else solution.gap,
    )


def apart(one: float, other: float, scale: float) -> float:
    """Return how far two objectives are apart, relative to a scale; NaN where one is unknown.

    >>> apart(1.0, 1.5, 2.0), apart(0.0, 0.0, 0.0), apart(float("nan"), 1.0, 1.0)
    (0.25, 0.0, nan)
    """
    return 0.0 if scale == 0.0 else abs(one - other) / scale


def _apart(program: Program, one: Solution, other: Solution) -> float:
    risk = program.risk_aversion / 2 * one.volatility**2
    scale = max(abs(one.objective), abs(other.objective), risk)
    found = apart(one.objective, other.objective, scale)
    declared = sum(rule.declared for rule in (*one.relaxed, *other.relaxed))
    if declared > 0.0:
        found = max(found, abs(_yielded(one) - _yielded(other)) / declared)
    return found


def _yielded(solution: Solution) -> float:
    return sum(rule.declared - rule.used for rule in solution.relaxed)
