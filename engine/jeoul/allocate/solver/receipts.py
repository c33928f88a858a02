"""The receipts of many answers to one program, all at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from jeoul.allocate.program import Program
from jeoul.allocate.solver.terms import ShapeTerms, shape_of
from jeoul.model.calendar import Reals


class ProblemAnswers(NamedTuple):
    """The answers of some problems without a volatility ceiling, with their numbers, by row."""

    weights: Reals
    prices: Reals
    linear: Reals
    previous: Reals
    covariances: Reals


class Figures(NamedTuple):
    """What :class:`~jeoul.allocate.solver.certificate.SolveReceipt` says, one row a problem."""

    volatility: Reals
    objective: Reals
    violation: Reals
    gap: Reals


def receipts(program: Program, fixed: ShapeTerms, answers: ProblemAnswers) -> Figures:
    """Return :func:`~jeoul.allocate.solver.certificate.receipt` by row, to rounding."""
    aversion, n = program.risk_aversion, len(program.labels)
    groups = np.array(shape_of(program).groups).reshape(-1, n)
    rows = np.vstack([np.eye(n), groups])
    w, y = answers.weights, answers.prices
    pushed = np.matmul(answers.covariances, w[:, :, None])[:, :, 0]
    variance = (pushed * w).sum(axis=1)
    sums = w @ rows.T
    below = np.concatenate((fixed.lower, fixed.group_lower)) - sums
    above = np.concatenate((fixed.upper, fixed.group_upper)) - sums
    short = w.sum(axis=1) - fixed.budget
    worst = np.maximum.reduce(
        [np.abs(short), below.max(axis=1), -above.min(axis=1), np.zeros(len(w))]
    )
    objective = aversion / 2 * variance + (answers.linear * w).sum(axis=1)
    objective += fixed.pull / 2 * (w * w).sum(axis=1) + _constant(program, answers.covariances)
    slope = aversion * pushed + fixed.pull * w + answers.linear
    slope += y[:, :1] + y[:, 1:] @ rows[n:]
    gap = -y[:, 0] * short
    if fixed.cost > 0.0:
        objective += fixed.cost * np.abs(w - answers.previous).sum(axis=1)
        side = np.clip(-slope, -fixed.cost, fixed.cost)
        slope = slope + side
        moved = w - np.clip(answers.previous, fixed.lower, fixed.upper)
        gap += fixed.cost * np.abs(moved).sum(axis=1) - (side * moved).sum(axis=1)
    force = np.concatenate((slope, -y[:, 1:]), axis=1)
    gap -= (force * np.where(force > 0.0, below, above)).sum(axis=1)
    return Figures(np.sqrt(variance), -objective, worst, np.maximum(gap, 0.0))


def _constant(program: Program, covariances: Reals) -> Reals | float:
    """Return what the terms leave out because it is the same for all weights of a problem."""
    if program.target is None:
        return 0.0
    found = 0.0
    if program.pull > 0.0:
        found = program.pull / 2 * float(program.target @ program.target)
    if program.objective == "tracking":
        spread: Reals = (covariances @ program.target) @ program.target
        return found + program.risk_aversion / 2 * spread
    return found
