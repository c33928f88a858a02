"""Caps on shares of risk: a program that is not convex, by a sequence of convex ones."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from jeoul.allocate.program import Mask, Program
from jeoul.allocate.solver.optimum import Optimum
from jeoul.allocate.solver.reference import ReferenceSolver
from jeoul.allocate.solver.terms import ShapeTerms
from jeoul.errors import Infeasible, SolverFailed
from jeoul.model.calendar import Reals
from jeoul.model.factored import Covariance

STEPS = 60
MET = 1e-7
STILL = 1e-7


class _Row(NamedTuple):
    """A linear rule: coefficients @ weights <= bound."""

    coefficients: Reals
    bound: float


def excess(program: Program, covariance: Covariance, weights: Reals) -> float:
    """Return by how much the worst risk share is above its cap, 0 or less if all are met."""
    pushed = covariance @ weights
    parts = weights * pushed / float(weights @ pushed)
    return max(float(parts[cap.members].sum()) - cap.upper for cap in program.risk_shares)


def capped(path: ReferenceSolver, program: Program, terms: ShapeTerms, start: Reals) -> Optimum:
    """Return weights that keep every cap on a share of risk and that no small change improves.

    A cap says w_g'(Sigma w) - cap w'Sigma w <= 0, which is quadratic but not convex; each step
    solves the program with the caps made linear at the step before (Boyd, "Sequential convex
    programming", 2008). The answer is a local optimum, so no gap is claimed for it. Raises
    :class:`Infeasible` naming the caps if a step leaves no weights or the last one does not keep
    them, :class:`SolverFailed` if the steps do not settle.
    """
    weights = start
    for _ in range(STEPS):
        rows = [
            _linear(terms.quadratic, cap.members, cap.upper, weights) for cap in program.risk_shares
        ]
        found = _optimum(path, program, terms, rows)
        if found is None:
            raise _unkept(program)
        step = float(np.abs(found.weights - weights).max())
        weights = found.weights
        if step <= STILL and excess(program, terms.quadratic, weights) <= MET:
            return found._replace(aversion=math.nan)
    if excess(program, terms.quadratic, weights) > MET:
        raise _unkept(program)
    raise SolverFailed("sequential convex programming", f"not settled in {STEPS} steps")


def _unkept(program: Program) -> Infeasible:
    names = [cap.name for cap in program.risk_shares]
    return Infeasible(
        f"no weights found that keep {', '.join(names)} beside the other rules; raise the caps on "
        "shares of risk, or widen the bands of the classes",
        names,
    )


def _optimum(
    path: ReferenceSolver, program: Program, terms: ShapeTerms, rows: list[_Row]
) -> Optimum | None:
    kept = path.keeping(lambda w: [row.coefficients @ w <= row.bound for row in rows])
    if program.volatility_max is None:
        return kept.optimum(terms, program.risk_aversion)
    return kept.under(terms, program.risk_aversion, program.volatility_max)


def _linear(covariance: Covariance, members: Mask, cap: float, weights: Reals) -> _Row:
    mine = np.where(members, weights, 0.0)
    pushed = covariance @ weights
    slope = np.where(members, pushed, 0.0) + covariance @ mine - 2.0 * cap * pushed
    # The cap is homogeneous of degree 2, so slope'w at the weights is twice its value there.
    # Rows of size 1, so that one tolerance means the same for every cap.
    scale = float(np.abs(slope).max())
    return _Row(slope / scale, float(slope @ weights) / 2 / scale)
