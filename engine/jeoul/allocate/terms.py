"""A program and an estimate as the plain numbers of one quadratic program."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from jeoul.allocate.program import Estimated, Program
from jeoul.model.calendar import Reals


class Shape(NamedTuple):
    """What decides the structure of the quadratic program, and nothing that only fills it.

    ``groups`` are masks as tuples, ``yielding`` the numbers of the groups with slack.
    """

    n: int
    groups: tuple[tuple[bool, ...], ...]
    priced: bool
    capped: bool
    yielding: tuple[int, ...] = ()


class Terms(NamedTuple):
    """The numbers that fill a shape: minimise 1/2 w'Qw + c'w + cost |w - previous|_1 within rules.

    ``buys_sum`` caps the sum of purchases, ``slack_sum`` what the yielding groups may give way.
    """

    quadratic: Reals
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


def shape_of(program: Program) -> Shape:
    """Return the structure of a program's quadratic part.

    >>> shape_of(Program(labels=("a", "b"), risk_aversion=4.0))
    Shape(n=2, groups=(), priced=False, capped=False, yielding=())
    """
    return Shape(
        len(program.labels),
        tuple(tuple(group.members.tolist()) for group in program.groups),
        program.previous is not None and program.turnover_cost > 0,
        program.turnover_max is not None,
    )


def terms_of(program: Program, estimate: Estimated) -> Terms:
    """Return the numbers of a program on an estimate.

    ``min-variance`` has no linear term; ``tracking`` has that of (w - target)'Sigma (w - target).
    """
    quadratic = program.risk_aversion * estimate.covariance
    linear = -estimate.mean
    if program.objective == "min-variance":
        linear = np.zeros(len(program.labels))
    elif program.target is not None and program.objective == "tracking":
        linear = -quadratic @ program.target
    lower, upper = program.bounds()
    previous = np.zeros(len(program.labels)) if program.previous is None else program.previous
    cap = np.inf if program.turnover_max is None else program.turnover_max
    # |w - previous|_1 = 2 buys - (budget - what previous sums to); turnover is half of it.
    buys = cap + (program.budget - float(previous.sum())) / 2
    return Terms(
        quadratic,
        linear,
        program.budget,
        lower,
        upper,
        np.array([group.lower for group in program.groups]),
        np.array([group.upper for group in program.groups]),
        previous,
        program.turnover_cost,
        buys,
        0.0,
    )


def value(program: Program, estimate: Estimated, weights: Reals) -> float:
    """Return the program's objective at some weights (larger is better).

    >>> from types import SimpleNamespace as Record
    >>> estimate = Record(labels=("a",), mean=np.array([0.05]), covariance=np.array([[0.04]]))
    >>> value(Program(labels=("a",), risk_aversion=2.0), estimate, np.array([1.0]))
    0.01
    """
    around = weights - program.target if _tracks(program) else weights
    found = -program.risk_aversion / 2 * float(around @ estimate.covariance @ around)
    if program.objective == "mean-variance":
        found += float(estimate.mean @ weights)
    if program.previous is not None:
        found -= program.turnover_cost * float(np.abs(weights - program.previous).sum())
    return found


def _tracks(program: Program) -> bool:
    return program.objective == "tracking"
