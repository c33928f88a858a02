"""Objectives beyond variance, through cvxpy and its cone solver: tail loss, and shares of risk."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from jeoul.allocate.doctor import Conflict, diagnose
from jeoul.allocate.program import Program
from jeoul.allocate.proof import Proof, apart
from jeoul.allocate.solver.certificate import receipt
from jeoul.allocate.solver.optimum import Optimum
from jeoul.allocate.solver.terms import fixed_terms, shape_of
from jeoul.errors import SolverFailed
from jeoul.highs import silent_highs
from jeoul.model.calendar import Reals


class TailLoss(NamedTuple):
    """Weights, the mean loss in the worst share of scenarios, and the loss that begins it.

    ``gap`` bounds how much smaller that mean loss, with costs, could be, ``violation`` is the
    largest violation of a linear rule; both are recomputed from the weights.
    """

    weights: Reals
    cvar: float
    var: float
    gap: float
    violation: float
    solver: str


def min_cvar(
    program: Program, returns: Reals, *, level: float = 0.95, solver: str = "clarabel"
) -> TailLoss:
    """Return the weights with the least mean loss beyond the ``level`` quantile of scenarios.

    ``returns`` has a row per scenario and a column per label; losses are per scenario period, with
    the program's cost of trading added. Linear rules hold; a volatility ceiling and a pull do not.
    ``solver`` is ``"clarabel"``, or ``"highs"``, which solves it as a linear program.

    Rockafellar and Uryasev, "Optimization of conditional value-at-risk", Journal of Risk 2 (2000).
    """
    import cvxpy as cp

    from jeoul.allocate.solver.statement import write

    if not 0.0 < level < 1.0:
        raise ValueError(f"level is {level}; give a share between 0 and 1, such as 0.95")
    if returns.ndim != 2 or returns.shape[1] != len(program.labels):
        raise ValueError(f"returns of shape {returns.shape} for {len(program.labels)} labels")
    if not np.isfinite(returns).all():
        raise ValueError("returns hold a missing or infinite value; take a complete window first")
    shape, n = shape_of(program), len(program.labels)
    terms = fixed_terms(program)._replace(quadratic=np.zeros((n, n)))
    written = write(terms._replace(quadratic=cp.psd_wrap(terms.quadratic)), shape)
    var = cp.Variable()
    beyond = cp.Variable(len(returns), nonneg=True)
    tail = var + cp.sum(beyond) / (len(returns) * (1.0 - level))
    rows = [*written.constraints.values(), beyond >= -returns @ written.variables["weights"] - var]
    cost = 2 * program.turnover_cost * cp.sum(written.variables["buys"]) if shape.priced else 0.0
    problem = cp.Problem(cp.Minimize(tail + cost), rows)
    if solver == "highs":
        silent_highs()  # the first one of a process would print its banner
    problem.solve(solver=getattr(cp, solver.upper()))
    if problem.status == cp.INFEASIBLE:
        found = diagnose(program, np.eye(n))
        if found is not None:
            raise Conflict(found)
    if problem.status != cp.OPTIMAL:
        raise SolverFailed(solver, str(problem.status))
    weights = np.clip(written.variables["weights"].value, terms.lower, terms.upper)
    dual = {name: np.atleast_1d(rule.dual_value) for name, rule in written.constraints.items()}
    prices = np.concatenate((dual["budget"], np.zeros(len(shape.groups))))
    if shape.groups:
        prices[1:] = dual["group_upper"] - dual["group_lower"]
    worst = _worst(np.atleast_1d(rows[-1].dual_value), len(returns) * (1.0 - level))
    losses, value = -returns @ weights, float(tail.value)
    linear = terms._replace(linear=-returns.T @ worst)
    if shape.priced:
        prices[0] += terms.cost  # as in the reference path: costs are counted on buys alone
    figures = receipt(
        linear,
        np.vstack([np.eye(n), np.array(shape.groups).reshape(-1, n)]),
        Optimum(weights, prices, 1.0, terms.cost if shape.priced else 0.0),
        1.0,
    )
    # Beyond the gap of the linear program, how far the worst scenarios are from being the worst.
    gap = figures.gap + max(value - float(worst @ losses), 0.0)
    return TailLoss(
        weights=weights,
        cvar=value,
        var=float(var.value),
        gap=gap,
        violation=figures.violation,
        solver=solver,
    )


def prove_tail(program: Program, returns: Reals, found: TailLoss, *, level: float) -> Proof:
    """Return how far the least tail loss is from what HiGHS finds on the same scenarios.

    The smallest mean loss may be reached by more than one set of weights: it is what has to agree.
    """
    second = min_cvar(program, returns, level=level, solver="highs")
    scale = max(abs(found.cvar), abs(second.cvar))
    return Proof(
        second.solver,
        float(np.abs(found.weights - second.weights).max()),
        apart(found.cvar, second.cvar, scale),
        found.gap,
    )


def _worst(dual: Reals, count: float) -> Reals:
    """Return the weights of the scenarios in the mean of the worst: at most 1 / count each."""
    shares = np.clip(dual, 0.0, 1.0 / count)
    found: Reals = shares / float(shares.sum())
    return found
