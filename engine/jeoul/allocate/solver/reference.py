"""The reference path: the written program with numbers in it, by cvxpy and Clarabel."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import cvxpy as cp
import numpy as np

from jeoul.allocate.solver.optimum import Optimum
from jeoul.allocate.solver.statement import write
from jeoul.allocate.solver.terms import Shape, Terms
from jeoul.errors import SolverFailed
from jeoul.model.calendar import Reals

SOLVER = "clarabel"
TOLERANCES = (1e-11, 1e-10, 1e-9, 1e-8)


class Row(NamedTuple):
    """One more linear rule: coefficients @ weights <= bound."""

    coefficients: Reals
    bound: float


class Reference:
    """The questions that :class:`jeoul.allocate.solver.fast.Fast` answers, put to a cone solver."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape

    def optimum(self, terms: Terms, aversion: float) -> Optimum | None:
        """Return the optimum without a volatility ceiling, or None if there is none."""
        return self._solve(self.shape, terms, aversion)

    def under(self, terms: Terms, aversion: float, ceiling: float) -> Optimum | None:
        """Return the optimum with volatility at or below the ceiling, or None if there is none."""
        return self._solve(self.shape, terms, aversion, ceiling)

    def with_rows(
        self, terms: Terms, aversion: float, ceiling: float | None, rows: Sequence[Row]
    ) -> Optimum | None:
        """Return the optimum under further linear rules, or None if there is none."""
        return self._solve(self.shape, terms, aversion, ceiling, rows)

    def softened(self, terms: Terms, yielding: tuple[int, ...], ceiling: float) -> Optimum | None:
        """Return the weights that meet the ceiling by the least yield of some groups' lower bounds.

        None if no yield is enough.
        """
        shape = self.shape._replace(priced=False, yielding=yielding)
        most = float(np.maximum(terms.group_lower[list(yielding)], 0.0).sum())
        _, constraints, variables = write(terms._replace(slack_sum=most), shape)
        constraints["volatility"] = _ceiling(terms.quadratic, variables["weights"], ceiling)
        problem = cp.Problem(cp.Minimize(cp.sum(variables["slack"])), list(constraints.values()))
        if _run(problem) == cp.INFEASIBLE:
            return None
        least = max(0.0, float(problem.value))
        calm = terms._replace(linear=np.zeros(shape.n), cost=0.0, slack_sum=least)
        found = self._solve(shape, calm, 1.0)
        return None if found is None else found._replace(aversion=np.inf)

    def _solve(
        self,
        shape: Shape,
        terms: Terms,
        aversion: float,
        ceiling: float | None = None,
        rows: Sequence[Row] = (),
    ) -> Optimum | None:
        unit = aversion * float(np.mean(terms.quadratic.diagonal()))
        given = terms._replace(
            # The covariance has been checked, and is positive definite.
            quadratic=cp.psd_wrap(terms.quadratic * (aversion / unit)),
            linear=terms.linear / unit,
            cost=terms.cost / unit,
        )
        objective, constraints, variables = write(given, shape)
        if ceiling is not None:
            constraints["volatility"] = _ceiling(terms.quadratic, variables["weights"], ceiling)
        for number, row in enumerate(rows):
            constraints[f"row {number}"] = row.coefficients @ variables["weights"] <= row.bound
        problem = cp.Problem(cp.Minimize(objective), list(constraints.values()))
        if _run(problem) == cp.INFEASIBLE:
            return None
        dual = {name: unit * np.atleast_1d(c.dual_value) for name, c in constraints.items()}
        prices = np.zeros(1 + len(shape.groups))
        prices[0] = dual["budget"][0]
        if shape.groups:
            prices[1:] = dual["group_upper"] - dual["group_lower"]
        # The row is |L'w| / ceiling <= 1: its gradient at the ceiling is Sigma w / ceiling^2.
        pushed = float(dual["volatility"][0]) / ceiling**2 if ceiling is not None else 0.0
        cost = terms.cost + (float(dual["turnover"][0]) / 2 if shape.capped else 0.0)
        if "buys" in variables:
            # Costs counted on buys alone differ by cost x (weights - previous): the budget's part.
            prices[0] += cost
        return Optimum(np.array(variables["weights"].value), prices, aversion + pushed, cost)


def _ceiling(covariance: Reals, weights: Any, ceiling: float) -> Any:
    root = np.linalg.cholesky(covariance)
    return cp.norm(root.T @ weights / ceiling) <= 1


def _run(problem: Any) -> str:
    """Solve tightly, then step by step to Clarabel's own tolerance if rounding is in the way."""
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
            return str(problem.status)
    raise SolverFailed(SOLVER, str(problem.status))
