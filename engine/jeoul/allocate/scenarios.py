"""Objectives beyond variance, through cvxpy and its cone solver: tail loss, and shares of risk."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from jeoul.allocate.doctor import Conflict, diagnose
from jeoul.allocate.program import Program
from jeoul.allocate.solver.terms import fixed_terms, shape_of
from jeoul.errors import SolverFailed
from jeoul.model.calendar import Reals


class TailLoss(NamedTuple):
    """Weights, the mean loss in the worst share of scenarios, and the loss that begins it."""

    weights: Reals
    cvar: float
    var: float


def min_cvar(program: Program, returns: Reals, *, level: float = 0.95) -> TailLoss:
    """Return the weights with the least mean loss beyond the ``level`` quantile of scenarios.

    ``returns`` has a row per scenario and a column per label; losses are per scenario period, with
    the program's cost of trading added. Linear rules hold; a volatility ceiling and a pull do not.

    Rockafellar and Uryasev, "Optimization of conditional value-at-risk", Journal of Risk 2 (2000).
    """
    import cvxpy as cp

    from jeoul.allocate.solver.statement import write

    if not 0.0 < level < 1.0:
        raise ValueError(f"level is {level}; give a share between 0 and 1, 0.95 say")
    if returns.ndim != 2 or returns.shape[1] != len(program.labels):
        raise ValueError(f"returns of shape {returns.shape} for {len(program.labels)} labels")
    if not np.isfinite(returns).all():
        raise ValueError("returns hold a missing or infinite value; take a complete window first")
    shape, n = shape_of(program), len(program.labels)
    terms = fixed_terms(program)._replace(quadratic=cp.psd_wrap(np.zeros((n, n))))
    written = write(terms, shape)
    var = cp.Variable()
    beyond = cp.Variable(len(returns), nonneg=True)
    tail = var + cp.sum(beyond) / (len(returns) * (1.0 - level))
    rows = [*written.constraints.values(), beyond >= -returns @ written.variables["weights"] - var]
    cost = 2 * program.turnover_cost * cp.sum(written.variables["buys"]) if shape.priced else 0.0
    problem = cp.Problem(cp.Minimize(tail + cost), rows)
    problem.solve(solver=cp.CLARABEL)
    if problem.status == cp.INFEASIBLE:
        found = diagnose(program, np.eye(n))
        if found is not None:
            raise Conflict(found)
    if problem.status != cp.OPTIMAL:
        raise SolverFailed("clarabel", str(problem.status))
    weights = np.clip(written.variables["weights"].value, terms.lower, terms.upper)
    return TailLoss(weights, float(tail.value), float(var.value))
