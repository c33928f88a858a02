"""The receipts of many answers to one program, all at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from jeoul.allocate.program import Program
from jeoul.allocate.solver.terms import ShapeTerms, shape_of
from jeoul.model.calendar import Reals
from jeoul.model.products import dots, times, times_left


class ProblemAnswers(NamedTuple):
    """The answers of some problems, with their numbers, by row.

    ``aversions`` are the risk aversions at which they are optimal: the program's own, or a higher
    one under a volatility ceiling. ``group_lower`` has the lower bounds as used.
    """

    weights: Reals
    prices: Reals
    aversions: Reals
    linear: Reals
    previous: Reals
    covariances: Reals
    group_lower: Reals


class Figures(NamedTuple):
    """What :class:`~jeoul.allocate.solver.certificate.SolveReceipt` says, one row a problem."""

    volatility: Reals
    objective: Reals
    violation: Reals
    gap: Reals


def receipts(program: Program, fixed: ShapeTerms, answers: ProblemAnswers) -> Figures:
    """Return :func:`~jeoul.allocate.solver.certificate.receipt` by row, to the bit.

    The objective has what the terms leave out, like that of a
    :class:`~jeoul.allocate.solution.Solution`.
    """
    n = len(program.labels)
    groups = np.array(shape_of(program).groups, dtype=float).reshape(-1, n)
    rows = np.vstack([np.eye(n), groups])
    w, y = answers.weights, answers.prices
    pushed = times(answers.covariances, w)
    variance = dots(pushed, w)
    sums = times(rows, w)
    lower, upper = np.empty(sums.shape), np.empty(sums.shape)
    lower[:, :n], lower[:, n:] = fixed.lower, answers.group_lower
    upper[:, :n], upper[:, n:] = fixed.upper, fixed.group_upper
    below, above = lower - sums, upper - sums
    short = np.add.reduce(w, axis=1) - fixed.budget
    worst = np.maximum.reduce(
        [np.abs(short), below.max(axis=1), -above.min(axis=1), np.zeros(len(w))]
    )
    objective = program.risk_aversion / 2 * variance + dots(answers.linear, w)
    objective += fixed.pull / 2 * dots(w, w)
    slope = answers.aversions[:, None] * pushed + fixed.pull * w + answers.linear
    slope += y[:, :1] + times_left(y[:, 1:], rows[n:])
    gap = -y[:, 0] * short
    if fixed.cost > 0.0:
        objective += fixed.cost * np.add.reduce(np.abs(w - answers.previous), axis=1)
        side = np.clip(-slope, -fixed.cost, fixed.cost)
        slope = slope + side
        moved = w - np.clip(answers.previous, fixed.lower, fixed.upper)
        gap += fixed.cost * np.add.reduce(np.abs(moved), axis=1) - dots(side, moved)
    force = np.concatenate((slope, -y[:, 1:]), axis=1)
    gap -= dots(force, np.where(force > 0.0, below, above))
    whole = _with_constants(program, answers.covariances, -objective)
    return Figures(np.sqrt(variance), whole, worst, np.maximum(gap, 0.0))


def _with_constants(program: Program, covariances: Reals, objective: Reals) -> Reals:
    """Return the objective with what the terms leave out as it is the same for all weights."""
    if program.target is None:
        return objective
    if program.pull > 0.0:
        objective = objective - program.pull / 2 * float(program.target @ program.target)
    if program.objective == "tracking":
        target = np.broadcast_to(program.target, (len(objective), len(program.target)))
        objective = objective - program.risk_aversion / 2 * dots(target, times(covariances, target))
    return objective
