"""The reference path: the written program with numbers in it, by cvxpy and Clarabel."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import cvxpy as cp
import numpy as np

from jeoul.allocate.solver.optimum import Optimum
from jeoul.allocate.solver.statement import WrittenProgram, write
from jeoul.allocate.solver.terms import YIELD_ROOM, Shape, ShapeTerms
from jeoul.errors import BadValue, SolverFailed
from jeoul.model.calendar import Reals
from jeoul.model.factored import Covariance, dense_of

SOLVER = "clarabel"
EXTRA = "extra "  # begins the names of rules whose prices nobody reads
STEP = 1e-3
"""What a refined answer counts its steps in: smaller ones drown in rounding, larger ones blur."""
TOLERANCES = (1e-11, 1e-10, 1e-9, 1e-8)

Extra = Callable[[Any], Sequence[Any]]
"""Further rules in cvxpy: constraints on a vector expression of the weights."""


class ReferenceSolver:
    """The questions that :class:`jeoul.allocate.solver.fast.Fast` answers, put to a cone solver.

    Every answer also keeps the ``extra`` rules. With ``refine`` an optimum is solved a second time,
    in steps around the first answer: Clarabel's weights under a cone are right to some 1e-6 only,
    and so they are right to 1e-7.
    """

    def __init__(self, shape: Shape, extra: Extra | None = None, *, refine: bool = False) -> None:
        self.shape = shape
        self._extra = extra
        self._refine = refine

    def optimum(self, terms: ShapeTerms, aversion: float) -> Optimum | None:
        """Return the optimum without a volatility ceiling, or None if there is none."""
        found = self._solve(self.shape, terms, aversion)
        return self._refined(found, self.shape, terms, aversion)

    def under(self, terms: ShapeTerms, aversion: float, ceiling: float) -> Optimum | None:
        """Return the optimum with volatility at or below the ceiling, or None if there is none."""
        found = self._solve(self.shape, terms, aversion, ceiling)
        return self._refined(found, self.shape, terms, aversion, ceiling)

    def keeping(self, extra: Extra) -> ReferenceSolver:
        """Return a reference that keeps further rules beside its own."""
        own = self._extra
        both = extra if own is None else lambda w: [*_rules(own, w), *_rules(extra, w)]
        return ReferenceSolver(self.shape, both)

    def softened(
        self, terms: ShapeTerms, yielding: tuple[int, ...], aversion: float, ceiling: float
    ) -> Optimum | None:
        """Return the optimum under the ceiling where some groups' lower bounds give way to it.

        Together they give way by the least that meets the ceiling and by ``YIELD_ROOM`` beyond it.
        None if no yield is enough.
        """
        least = self._least(terms, yielding, ceiling)
        if least is None:
            return None
        shape = self.shape._replace(yielding=yielding)
        wider = terms._replace(slack_sum=least + YIELD_ROOM)
        found = self._solve(shape, wider, aversion, ceiling)
        found = self._refined(found, shape, wider, aversion, ceiling)
        return None if found is None else found._replace(yielded=True)

    def least_yield(
        self, terms: ShapeTerms, yielding: tuple[int, ...], ceiling: float
    ) -> Optimum | None:
        """Return the weights that meet the ceiling by the least yield of some groups' lower bounds.

        None if no yield is enough.
        """
        least = self._least(terms, yielding, ceiling)
        if least is None:
            return None
        shape = self.shape._replace(priced=False, yielding=yielding)
        calm = terms._replace(linear=np.zeros(shape.n), cost=0.0, pull=0.0, slack_sum=least)
        found = self._solve(shape, calm, 1.0)
        return None if found is None else found._replace(aversion=np.inf)

    def _least(self, terms: ShapeTerms, yielding: tuple[int, ...], ceiling: float) -> float | None:
        """Return the least sum of yields that meets the ceiling, None if none does."""
        shape = self.shape._replace(priced=False, yielding=yielding)
        most = float(np.maximum(terms.group_lower[list(yielding)], 0.0).sum())
        _, constraints, variables = write(terms._replace(slack_sum=most), shape)
        constraints["volatility"] = _ceiling(
            dense_of(terms.quadratic), variables["weights"], ceiling
        )
        self._add_extra(constraints, variables["weights"])
        problem = cp.Problem(cp.Minimize(cp.sum(variables["slack"])), list(constraints.values()))
        if _run(problem) == cp.INFEASIBLE:
            return None
        return max(0.0, float(problem.value))

    def _solve(
        self, shape: Shape, terms: ShapeTerms, aversion: float, ceiling: float | None = None
    ) -> Optimum | None:
        # Clarabel's tolerances are absolute: the objective is counted in its own curvature.
        unit = aversion * float(np.mean(terms.quadratic.diagonal()))
        objective, constraints, variables = _stated(shape, terms, aversion, unit)
        if ceiling is not None:
            constraints["volatility"] = _ceiling(
                dense_of(terms.quadratic), variables["weights"], ceiling
            )
        self._add_extra(constraints, variables["weights"])
        problem = cp.Problem(cp.Minimize(objective), list(constraints.values()))
        if _run(problem) == cp.INFEASIBLE:
            return None
        dual = {
            name: unit * np.atleast_1d(rule.dual_value)
            for name, rule in constraints.items()
            if not name.startswith(EXTRA)
        }
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

    def _refined(
        self,
        found: Optimum | None,
        shape: Shape,
        terms: ShapeTerms,
        aversion: float,
        ceiling: float | None = None,
    ) -> Optimum | None:
        """Return an optimum with weights solved again as steps from those found, if it asks so."""
        if found is None or not self._refine:
            return found
        at = found.weights
        unit = aversion * float(np.mean(terms.quadratic.diagonal()))
        around = _around(terms, aversion, at, np.array(shape.groups).reshape(-1, len(at)))
        objective, constraints, variables = _stated(shape, around, aversion, unit)
        weights = at + STEP * variables["weights"]
        if ceiling is not None:
            constraints["volatility"] = _ceiling(terms.quadratic, weights, ceiling)
        self._add_extra(constraints, weights)
        problem = cp.Problem(cp.Minimize(objective), list(constraints.values()))
        try:
            status = _run(problem)
        # Refining is a bonus: the first answer was solved to tolerance already.
        except SolverFailed:
            return found
        return found._replace(weights=np.array(weights.value)) if status == cp.OPTIMAL else found

    def _add_extra(self, constraints: dict[str, Any], weights: Any) -> None:
        if self._extra is not None:
            rules = enumerate(_rules(self._extra, weights))
            constraints.update({f"{EXTRA}{number}": rule for number, rule in rules})


def broken(extra: Extra, weights: Reals) -> float:
    """Return by how much weights break the worst of some extra rules, 0 if they keep all."""
    given = cp.Variable(len(weights))
    given.value = weights
    return max((float(np.max(rule.violation())) for rule in _rules(extra, given)), default=0.0)


def _rules(extra: Extra, weights: Any) -> list[Any]:
    """Return the constraints that extra rules come to, or refuse what is none."""
    found = extra(weights)
    rules = list(found) if isinstance(found, list | tuple) else [found]
    for rule in rules:
        if not isinstance(rule, cp.Constraint):
            raise BadValue(
                f"an extra rule is {type(rule).__name__}; give constraints in cvxpy, such as "
                "lambda w: [w[0] <= 0.4]"
            )
    return rules


def _stated(shape: Shape, terms: ShapeTerms, aversion: float, unit: float) -> WrittenProgram:
    """Return the statement with its objective in ``unit``."""
    given = terms._replace(
        # The covariance has been checked, and is positive definite.
        quadratic=cp.psd_wrap(dense_of(terms.quadratic) * (aversion / unit)),
        linear=terms.linear / unit,
        pull=terms.pull / unit,
        cost=terms.cost / unit,
    )
    return write(given, shape)


def _around(terms: ShapeTerms, aversion: float, at: Reals, members: Reals) -> ShapeTerms:
    """Return the terms of the steps d in w = at + STEP d, the objective divided by STEP^2."""
    slope = aversion * (terms.quadratic @ at) + terms.pull * at + terms.linear
    sums = members @ at
    return terms._replace(
        linear=slope / STEP,
        budget=(terms.budget - float(at.sum())) / STEP,
        lower=(terms.lower - at) / STEP,
        upper=(terms.upper - at) / STEP,
        group_lower=(terms.group_lower - sums) / STEP,
        group_upper=(terms.group_upper - sums) / STEP,
        previous=(terms.previous - at) / STEP,
        cost=terms.cost / STEP,
        buys_sum=terms.buys_sum / STEP,
        slack_sum=terms.slack_sum / STEP,
    )


def _ceiling(covariance: Covariance, weights: Any, ceiling: float) -> Any:
    # As a cone of size 1; the variance against a squared ceiling would be far smaller numbers.
    root = np.linalg.cholesky(dense_of(covariance))
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
        except cp.error.DCPError:
            raise BadValue(
                "an extra rule is not convex as cvxpy understands it; bound a norm or a sum from "
                "above"
            ) from None
        except cp.error.SolverError as error:
            raise SolverFailed(SOLVER, str(error)) from error
        if problem.status in {cp.OPTIMAL, cp.INFEASIBLE}:
            return str(problem.status)
    raise SolverFailed(SOLVER, str(problem.status))
