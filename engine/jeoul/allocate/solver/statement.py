"""The quadratic program, written once in cvxpy; the only page that a new linear rule changes.

cvxpy is imported here and by nothing on the fast path: that one runs on what
:mod:`jeoul.allocate.solver.form` extracts from this page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import cvxpy as cp
import numpy as np

from jeoul.allocate.solver.terms import Shape


class Written(NamedTuple):
    """The written program: its cvxpy objective, constraints by name, and variables by name."""

    objective: Any
    constraints: dict[str, Any]
    variables: dict[str, Any]


def write(given: Any, shape: Shape) -> Written:
    """Return the program over ``given``, which holds numbers (to solve) or parameters (to compile).

    minimise   1/2 w'Qw + c'w + 2 k sum(b)
    subject to sum(w) = budget,  lower <= w <= upper,  group_lower - slack <= M w <= group_upper,
               b >= w - previous,  b >= 0,  sum(b) <= buys,  slack >= 0,  sum(slack) <= yield

    As the weights sum to the budget, |w - previous|_1 = 2 sum(b) + a constant: only buys b need
    variables. Rows that the shape does not have are not written.
    """
    w = cp.Variable(shape.n)
    variables = {"weights": w}
    objective = 0.5 * cp.quad_form(w, given.quadratic) + given.linear @ w
    constraints = {
        "budget": cp.sum(w) == given.budget,
        "lower": w >= given.lower,
        "upper": w <= given.upper,
    }
    if shape.groups:
        members = np.array(shape.groups, dtype=float)
        floor = given.group_lower
        if shape.yielding:
            slack = cp.Variable(len(shape.yielding))
            variables["slack"] = slack
            floor = floor - np.eye(len(shape.groups))[:, list(shape.yielding)] @ slack
            constraints["slack"] = slack >= 0
            constraints["yield"] = cp.sum(slack) <= given.slack_sum
        constraints["group_lower"] = members @ w >= floor
        constraints["group_upper"] = members @ w <= given.group_upper
    if shape.priced or shape.capped:
        buys = cp.Variable(shape.n)
        variables["buys"] = buys
        constraints["buys"] = buys >= 0
        constraints["traded"] = buys >= w - given.previous
    if shape.priced:
        objective = objective + 2 * given.cost * cp.sum(variables["buys"])
    if shape.capped:
        constraints["turnover"] = cp.sum(variables["buys"]) <= given.buys_sum
    return Written(objective, constraints, variables)


@dataclass(frozen=True)
class Parameters:
    """The parameters of a shape, named like :class:`jeoul.allocate.solver.terms.Terms`."""

    quadratic: Any
    linear: Any
    budget: Any
    lower: Any
    upper: Any
    group_lower: Any
    group_upper: Any
    previous: Any
    cost: Any
    buys_sum: Any
    slack_sum: Any


def parameters(shape: Shape) -> Parameters:
    """Return fresh cvxpy parameters for a shape."""
    groups = max(1, len(shape.groups))
    return Parameters(
        quadratic=cp.Parameter((shape.n, shape.n), PSD=True),
        linear=cp.Parameter(shape.n),
        budget=cp.Parameter(),
        lower=cp.Parameter(shape.n),
        upper=cp.Parameter(shape.n),
        group_lower=cp.Parameter(groups),
        group_upper=cp.Parameter(groups),
        previous=cp.Parameter(shape.n),
        cost=cp.Parameter(nonneg=True),
        buys_sum=cp.Parameter(),
        slack_sum=cp.Parameter(),
    )
