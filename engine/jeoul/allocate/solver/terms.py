"""A program and an estimate as the plain numbers of one quadratic program."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from jeoul.allocate.program import Program
from jeoul.model.calendar import Reals
from jeoul.model.factored import Covariance

YIELD_ROOM = 0.005
"""What groups may give way beyond the least that meets the ceiling, as a share of the portfolio.

At the least itself a single portfolio is left, the one of least variance, and neither means nor
costs nor the strategic split would count.
"""


class Shape(NamedTuple):
    """What decides the structure of the quadratic program, and nothing that only fills it.

    ``groups`` are masks as tuples, ``yielding`` the numbers of the groups with slack.
    """

    n: int
    groups: tuple[tuple[bool, ...], ...]
    priced: bool
    capped: bool
    yielding: tuple[int, ...] = ()


class ShapeTerms(NamedTuple):
    """The numbers that fill a shape, within its rules.

    minimise 1/2 w'Qw + c'w + pull/2 w'w + cost |w - previous|_1

    Of a program, Q is the covariance, to be multiplied by the risk aversion; the pull towards its
    target is pull/2 w'w here and -pull target in c. ``buys_sum`` caps the sum of purchases,
    ``slack_sum`` what the yielding groups may give way.
    """

    quadratic: Covariance
    linear: Reals
    budget: float
    lower: Reals
    upper: Reals
    group_lower: Reals
    group_upper: Reals
    previous: Reals
    cost: float
    buys_sum: float
    slack_sum: float
    pull: float = 0.0


def shape_of(program: Program) -> Shape:
    """Return the structure of a program's quadratic part; a group without members is left out.

    >>> shape_of(Program(labels=("a", "b"), risk_aversion=4.0))
    Shape(n=2, groups=(), priced=False, capped=False, yielding=())
    """
    return Shape(
        len(program.labels),
        tuple(tuple(group.members.tolist()) for group in program.occupied),
        program.previous is not None and program.turnover_cost > 0,
        program.turnover_max is not None,
    )


def terms_of(program: Program, mean: Reals, covariance: Covariance) -> ShapeTerms:
    """Return the numbers of a program on annual means and covariance."""
    return filled(program, fixed_terms(program), mean, covariance)


def filled(program: Program, fixed: ShapeTerms, mean: Reals, covariance: Covariance) -> ShapeTerms:
    """Return the fixed terms of a program with its objective on means and covariance.

    ``min-variance`` has no linear term; ``tracking`` has that of (w - target)'Sigma (w - target);
    a pull adds that of pull/2 |w - target|^2 to each.
    """
    linear = fixed.linear
    if program.objective == "mean-variance":
        linear = -mean
    elif program.target is not None and program.objective == "tracking":
        linear = -program.risk_aversion * (covariance @ program.target)
    if program.target is not None and program.pull > 0.0:
        linear = linear - program.pull * program.target
    return fixed._replace(quadratic=covariance, linear=linear)


def fixed_terms(program: Program) -> ShapeTerms:
    """Return the numbers of a program that no estimate changes; the objective is still empty."""
    n = len(program.labels)
    lower, upper = program.bounds()
    previous = np.zeros(n) if program.previous is None else program.previous
    cap = np.inf if program.turnover_max is None else program.turnover_max
    groups = program.occupied
    return ShapeTerms(
        quadratic=np.zeros((0, 0)),
        linear=np.zeros(n),
        budget=program.budget,
        lower=lower,
        upper=upper,
        group_lower=np.array([group.lower for group in groups]),
        group_upper=np.array([group.upper for group in groups]),
        previous=previous,
        cost=program.turnover_cost if program.previous is not None else 0.0,
        # |w - previous|_1 = 2 buys - (budget - what previous sums to); turnover is half of it.
        buys_sum=cap + (program.budget - float(previous.sum())) / 2,
        slack_sum=0.0,
        pull=program.pull,
    )
