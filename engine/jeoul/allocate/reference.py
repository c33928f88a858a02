"""The reference path: the written program with numbers in it, by cvxpy and Clarabel."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import cvxpy as cp
import numpy as np

from jeoul.allocate.model import write
from jeoul.allocate.solution import Duals
from jeoul.allocate.terms import Shape, Terms
from jeoul.errors import SolverFailed
from jeoul.model.calendar import Reals

SOLVER = "clarabel"
TOLERANCES = (1e-11, 1e-10, 1e-9, 1e-8)


class Answer(NamedTuple):
    """An optimum of the quadratic program: weights, multipliers and the slack that was used.

    ``ceiling`` is the multiplier of the volatility ceiling.
    """

    weights: Reals
    duals: Duals
    slack: Reals
    ceiling: float = 0.0


def solve(
    shape: Shape, terms: Terms, *, root: Reals | None = None, ceiling: float = 0.0
) -> Answer | None:
    """Return the optimum of a filled program, or None if no weights satisfy it.

    With ``root`` (L, where Sigma = L L'), volatility |L'w| is held at or below ``ceiling``.
    Raises :class:`SolverFailed` if Clarabel stops without an answer.
    """
    scale = float(np.mean(terms.quadratic.diagonal()))
    given = terms._replace(
        quadratic=terms.quadratic / scale, linear=terms.linear / scale, cost=terms.cost / scale
    )
    objective, constraints, variables = write(given, shape)
    if root is not None:
        constraints["volatility"] = cp.norm(root.T @ variables["weights"] / ceiling) <= 1
    problem = cp.Problem(cp.Minimize(objective), list(constraints.values()))
    status = _run(problem)
    if status == cp.INFEASIBLE:
        return None
    if status != cp.OPTIMAL:
        raise SolverFailed(SOLVER, status)
    return _answer(constraints, variables, scale, ceiling)


def least_yield(
    shape: Shape, terms: Terms, *, root: Reals | None = None, ceiling: float = 0.0
) -> float | None:
    """Return the least sum by which the yielding groups must give way, None if none is enough."""
    open_ended = terms._replace(slack_sum=float(np.sum(np.abs(terms.group_lower))) + 1.0)
    _, constraints, variables = write(open_ended, shape)
    if root is not None:
        constraints["volatility"] = cp.norm(root.T @ variables["weights"] / ceiling) <= 1
    problem = cp.Problem(cp.Minimize(cp.sum(variables["slack"])), list(constraints.values()))
    status = _run(problem)
    if status == cp.INFEASIBLE:
        return None
    if status != cp.OPTIMAL:
        raise SolverFailed(SOLVER, status)
    return max(0.0, float(problem.value))


def _run(problem: Any) -> str:
    """Solve tightly, then step by step to Clarabel's own tolerance if rounding stands in the way."""
    for tolerance in TOLERANCES:
        settings = {f"tol_{name}": tolerance for name in ("gap_abs", "gap_rel", "feas")}
        try:
            with warnings.catch_warnings():
                # The status is judged here; cvxpy's remark on inaccuracy would only repeat it.
                warnings.simplefilter("ignore", UserWarning)
                problem.solve(solver=cp.CLARABEL, warm_start=False, **settings)
        except cp.error.SolverError as error:
            raise SolverFailed(SOLVER, str(error)) from error
        if problem.status in {cp.OPTIMAL, cp.INFEASIBLE}:
            break
    return str(problem.status)


def _answer(
    constraints: dict[str, Any], variables: dict[str, Any], scale: float, ceiling: float
) -> Answer:
    def dual(name: str, size: int) -> Reals:
        if name not in constraints:
            return np.zeros(size)
        found: Reals = scale * np.atleast_1d(np.asarray(constraints[name].dual_value, dtype=float))
        return found

    weights = np.array(variables["weights"].value, dtype=float)
    slack = np.array(variables["slack"].value) if "slack" in variables else np.zeros(0)
    duals = Duals(
        float(dual("budget", 1)[0]),
        dual("lower", len(weights)),
        dual("upper", len(weights)),
        dual("group_lower", 0),
        dual("group_upper", 0),
    )
    # The row is |L'w| / ceiling <= 1, so its multiplier is per ceiling already.
    force = float(dual("volatility", 1)[0]) / ceiling**2 if ceiling else 0.0
    return Answer(weights, duals, np.maximum(slack, 0.0), force)
