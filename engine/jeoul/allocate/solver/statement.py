"""The statement of the quadratic program in cvxpy: what a reader checks and a proof solves.

The direct path does not import it: :mod:`jeoul.allocate.solver.form` writes the same program as
arrays, and the tests compare the two. A new linear rule changes both.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import cvxpy as cp
import numpy as np

from jeoul.allocate.solver.terms import Shape, ShapeTerms


class WrittenProgram(NamedTuple):
    """The written program: its cvxpy objective, constraints by name, and variables by name."""

    objective: Any
    constraints: dict[str, Any]
    variables: dict[str, Any]


def write(given: ShapeTerms, shape: Shape) -> WrittenProgram:
    """Return the program over the numbers ``given``.

    minimise   1/2 w'Qw + c'w + pull/2 w'w + 2 k sum(b)
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
    if given.pull > 0.0:
        objective = objective + given.pull / 2 * cp.sum_squares(w)
    if shape.priced:
        objective = objective + 2 * given.cost * cp.sum(variables["buys"])
    if shape.capped:
        constraints["turnover"] = cp.sum(variables["buys"]) <= given.buys_sum
    return WrittenProgram(objective, constraints, variables)
