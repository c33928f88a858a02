"""One form on many estimates, and their searches for a volatility ceiling in step.

What :class:`~jeoul.allocate.solver.fast.Fast` does for one estimate after another is done here for
all of them: a step of every search is one operation over arrays, and DAQP alone is called estimate
by estimate. Each product of a matrix and a vector is the same call of BLAS as there, so that every
number is the same to the bit.
"""

from __future__ import annotations

from itertools import compress
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jeoul.allocate.solver.ceiling import NEAR, STEPS, aversions_at, crossing
from jeoul.allocate.solver.form import ProgramForm
from jeoul.allocate.solver.lending import LentWorkspace, give_back, lent
from jeoul.allocate.solver.workspace import FormOptimum, identity
from jeoul.model.calendar import Reals
from jeoul.model.products import dots, times, times_left

FEW = 5
"""So many searches are cheaper one after another than as arrays."""

Mask = NDArray[np.bool_]


class Problems(NamedTuple):
    """Programs of one form without a cost of trading: covariances and linear terms, by row.

    ``lower`` and ``upper`` are the bounds of the form, by row.
    """

    form: ProgramForm
    covariances: Reals
    linear: Reals
    pull: float
    lower: Reals
    upper: Reals


class Optima(NamedTuple):
    """The optima of problems, by row: variables, multipliers, the risk aversion of each.

    Where ``solved`` is false there is none.
    """

    solved: Mask
    x: Reals
    multipliers: Reals
    aversions: Reals


def optima(problems: Problems, aversion: float, ceiling: float | None) -> Optima:
    """Return the optimum of each problem with volatility at or below the ceiling, if any.

    They are those of ``Fast.optimum`` and ``Fast.under`` of fresh solvers.
    """
    form, (count, n) = problems.form, problems.linear.shape
    found = Optima(
        solved=np.zeros(count, dtype=bool),
        x=np.zeros((count, form.size)),
        multipliers=np.zeros((count, len(form.low))),
        aversions=np.full(count, aversion),
    )
    variance = np.inf if ceiling is None else ceiling * ceiling
    scale, pulled = 1.0 / aversion, problems.pull > 0.0
    written = _written(problems, problems.covariances, problems.linear, np.full(count, scale))
    calm = _written(problems, problems.covariances, problems.linear, np.zeros(count))
    started: list[_Start] = []
    workspace = lent(form)
    for i, covariance in enumerate(problems.covariances):
        answer = workspace.begin(written[0][i], written[1][i], problems.lower[i], problems.upper[i])
        if answer is None:
            continue
        high = answer[0][:n]
        if _variance(high, covariance) <= variance:
            found.solved[i] = True
            found.x[i], found.multipliers[i] = answer
            continue
        # At scale 0 the variance alone counts: if its least is too high, nothing meets the ceiling.
        answer = workspace.step(calm[0][i] if pulled else None, calm[1][i])
        if answer is None or _variance(answer[0][:n], covariance) > variance:
            continue
        started.append(_Start(i, workspace, answer[0][:n], high))
        workspace = lent(form)
    if started:
        _cross(problems, found, started, scale, variance)
    give_back(form, (workspace, *(each.workspace for each in started)))
    return found


def _variance(weights: Reals, covariance: Reals) -> float:
    return float(weights @ (covariance @ weights))


class _Start(NamedTuple):
    """Where a search starts: the optima of least variance and without the ceiling."""

    number: int
    workspace: LentWorkspace
    low: Reals
    high: Reals


def _written(
    problems: Problems, covariances: Reals, linear: Reals, scales: Reals
) -> tuple[Reals, Reals]:
    """Return matrices and linear terms at a scale each.

    At scale s the weights minimise 1/2 w'Sigma w + s (c'w + pull/2 w'w).
    """
    size, (count, n) = problems.form.size, linear.shape
    matrices, terms = np.zeros((count, size, size)), np.zeros((count, size))
    matrices[:, :n, :n] = covariances
    if problems.pull > 0.0:
        matrices[:, :n, :n] += identity(n) * (scales * problems.pull)[:, None, None]
    np.multiply(linear, scales[:, None], out=terms[:, :n])
    return matrices, terms


class _Searches(NamedTuple):
    """Searches for a variance, each between two scales: at ``below`` it is low, at ``above`` high.

    ``short`` is the variance at ``below`` without the one that is sought, ``last_side`` how often
    in a row the same end has moved, above 0 for the upper one.
    """

    numbers: NDArray[np.intp]
    covariances: Reals
    linear: Reals
    low: Reals
    high: Reals
    below: Reals
    above: Reals
    short: Reals
    last_side: NDArray[np.intp]

    def part(self, kept: Mask) -> _Searches:
        return _Searches._make(each[kept] for each in self)


def _begun(problems: Problems, started: list[_Start], scale: float, variance: float) -> _Searches:
    numbers = np.array([start.number for start in started])
    covariances = problems.covariances[numbers]
    low = np.array([start.low for start in started])
    return _Searches(
        numbers=numbers,
        covariances=covariances,
        linear=problems.linear[numbers],
        low=low,
        high=np.array([start.high for start in started]),
        below=np.zeros(len(numbers)),
        above=np.full(len(numbers), scale),
        short=dots(times_left(low, covariances), low) - variance,
        last_side=np.zeros(len(numbers), dtype=np.intp),
    )


def _cross(
    problems: Problems, found: Optima, started: list[_Start], scale: float, variance: float
) -> None:
    """Write the optima that meet a variance between two scales.

    It is :func:`~jeoul.allocate.solver.ceiling.crossing` for all of them.
    """
    n, pulled = problems.linear.shape[1], problems.pull > 0.0
    searches = _begun(problems, started, scale, variance)
    workspaces = [each.workspace for each in started]
    for steps in range(STEPS, 0, -1):
        if len(workspaces) <= FEW:
            for i, workspace in enumerate(workspaces):
                _finish(problems, found, searches, i, workspace, variance, steps)
            return
        stuck = np.abs(searches.last_side) > 1
        # The chord keeps one end fixed: halve instead, so that the bracket shrinks.
        share = np.where(stuck, 0.5, _shares(searches))
        side = np.where(stuck, 0, searches.last_side)
        at = searches.below + share * (searches.above - searches.below)
        matrices, terms = _written(problems, searches.covariances, searches.linear, at)
        answers = [
            workspace.step(matrix if pulled else None, linear)
            for workspace, matrix, linear in zip(workspaces, matrices, terms, strict=True)
        ]
        solved = np.array([each is not None for each in answers])
        if not solved.all():
            searches, workspaces = searches.part(solved), [*compress(workspaces, solved)]
            side, at = side[solved], at[solved]
        x = np.array([each[0] for each in answers if each is not None])
        multipliers = np.array([each[1] for each in answers if each is not None])
        if not workspaces:
            return
        weights = x[:, :n]
        excess = dots(times_left(weights, searches.covariances), weights) - variance
        # Rounding can put the step on an end of the bracket: no float lies between them any more.
        inside = (searches.below < at) & (at < searches.above)
        met = (np.abs(excess) <= NEAR * variance) | ~inside
        up = excess > 0.0
        searches = searches._replace(
            low=np.where(up[:, None], searches.low, weights),
            high=np.where(up[:, None], weights, searches.high),
            below=np.where(up, searches.below, at),
            above=np.where(up, at, searches.above),
            short=np.where(up, searches.short, excess),
            last_side=np.where(up, np.maximum(1, side + 1), np.minimum(-1, side - 1)),
        )
        if met.any():
            ended = searches.numbers[met]
            found.solved[ended] = True
            found.x[ended], found.multipliers[ended] = x[met], multipliers[met]
            found.aversions[ended] = aversions_at(at[met])
            searches, workspaces = searches.part(~met), [*compress(workspaces, ~met)]


def _finish(
    problems: Problems,
    found: Optima,
    searches: _Searches,
    i: int,
    workspace: LentWorkspace,
    variance: float,
    steps: int,
) -> None:
    """Write the optimum in which one search ends: alone, as an array of few is slower."""
    size, n = problems.form.size, problems.linear.shape[1]
    covariance, linear, pull = searches.covariances[i], searches.linear[i], problems.pull
    matrix, terms, more = np.zeros((size, size)), np.zeros(size), np.empty((n, n))

    def solve(scale: float) -> FormOptimum | None:
        if pull > 0.0:
            np.multiply(identity(n), scale * pull, out=more)
            np.add(covariance, more, out=matrix[:n, :n])
        np.multiply(linear, scale, out=terms[:n])
        answer = workspace.step(matrix if pull > 0.0 else None, terms)
        return None if answer is None else FormOptimum(*answer)

    nothing = np.zeros(0)
    ends = searches.low[i], searches.high[i]
    crossed = crossing(
        solve,
        covariance,
        variance,
        (float(searches.below[i]), float(searches.above[i])),
        (FormOptimum(ends[0], nothing), FormOptimum(ends[1], nothing)),
        last_side=int(searches.last_side[i]),
        steps=steps,
    )
    if crossed is not None:
        number = searches.numbers[i]
        found.solved[number] = True
        found.x[number], found.multipliers[number] = crossed.point
        found.aversions[number] = aversions_at(np.array(crossed.at))


def _shares(searches: _Searches) -> Reals:
    """Return by row the t in [0, 1] at which the variance is that of low without its excess."""
    low, c = searches.low, searches.short
    step = searches.high - low
    pushed = times(searches.covariances, step)
    a, b = dots(step, pushed), dots(low, pushed)
    down = b + np.sqrt(np.maximum(0.0, b * b - a * c))
    known = (a > 0.0) & (down > 0.0)
    share = np.divide(-c, down, out=np.full(len(c), 0.5), where=known)
    found: Reals = np.minimum(1.0, np.maximum(0.0, share))
    return found
