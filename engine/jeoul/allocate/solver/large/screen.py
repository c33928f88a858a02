"""Many variables, few away from their lower bound: a working set, and the proof for the rest.

The program is solved over some variables while the others stay at their lower bounds. Then the
slope of every other variable is computed at the answer and its prices. If none would pay to raise,
the conditions of optimality hold for all variables, and the answer is the optimum of the whole
program; otherwise those that pay join, and it is solved again. The set only grows, so this ends.
"""

from __future__ import annotations

import numpy as np

from jeoul.allocate.solver.large.active import AT_LOW, exact_optimum
from jeoul.allocate.solver.large.interior import Near, near_optimum
from jeoul.allocate.solver.large.kernel import solver_of
from jeoul.allocate.solver.large.problem import Flags, Indices, LargeProblem
from jeoul.model.calendar import Reals

SMALL = 200
"""Programs of fewer variables are solved as a whole."""
MOST = 0.5
"""A working set of more than this share of the variables saves nothing."""
ROOM = 2.0
"""The first working set can hold so many times what each row asks for."""
SAMPLE, USUAL = 100, 0.8
"""If more than this share of so many variables is free without bounds, all are tried as free."""
PAYS = 1e-12  # of the mean variance
EQUAL = 1e-14
FEW, MANY = 15, 60
"""Rounds for a guess from an earlier solve, and for one from the interior point method."""


def optimum(problem: LargeProblem, guess: Near | None = None) -> Near | None:
    """Return the optimum over all variables, None if the rules leave no point.

    ``guess`` is the answer of a similar program over the same variables.
    """
    if bool((problem.low > problem.high + EQUAL).any()):
        return None
    open_ = problem.high > problem.low + EQUAL
    if not open_.all():
        return _beside_fixed(problem, np.flatnonzero(open_), guess)
    if len(problem.low) >= SMALL and guess is None and _mostly_free(problem):
        guess = _all_free(problem)
    elif len(problem.low) >= SMALL:
        working = _first(problem) if guess is None else _held(problem) | (guess.bound != AT_LOW)
        while working.mean() <= MOST:
            kept = np.flatnonzero(working)
            near = _solved(_part(problem, kept), None if guess is None else _taken(guess, kept))
            # Too few variables can leave no point where all of them leave one.
            if near is None:
                break
            near = _spread(problem, near, kept)
            pays = _paying(problem, near, working)
            if not pays.any():
                return near
            # Most of the rest would join: the whole program costs no more.
            if pays.sum() > MOST * (~working).sum():
                break
            working |= pays
            guess = near
    return _solved(problem, guess)


def _mostly_free(problem: LargeProblem) -> bool:
    """Return whether most of some variables lie between their bounds where nothing holds them.

    Where expected returns come from weights that hold everything, nearly everything is held.
    """
    some = np.linspace(0, len(problem.low) - 1, SAMPLE).astype(np.intp)
    part = problem.over(some)
    solve = solver_of(part.quadratic, np.zeros(SAMPLE))
    if solve is None or part.priced.any():
        return False
    whole = part.rows[0]
    free, shared = solve(-part.linear), solve(whole)
    wanted = float(problem.row_low[0]) * SAMPLE / len(problem.low)
    x = free + shared * (wanted - float(whole @ free)) / float(whole @ shared)
    return bool(((x > part.low) & (x < part.high)).mean() > USUAL)


def _all_free(problem: LargeProblem) -> Near:
    n, rows = len(problem.low), len(problem.rows)
    x = np.minimum(np.maximum(np.full(n, 1.0 / n), problem.low), problem.high)
    return Near(
        x=x,
        prices=np.zeros(rows),
        bound=np.zeros(n),
        side=np.zeros(n, dtype=np.bool_),
        tight=np.zeros(rows),
    )


def _solved(problem: LargeProblem, guess: Near | None) -> Near | None:
    if guess is not None:
        found = exact_optimum(problem, guess, FEW)
        if found is not None:
            return found
    near = near_optimum(problem)
    if near is None:
        return None
    exact = exact_optimum(problem, near, MANY)
    # Without it the answer of the interior point method is judged by its own gap.
    return near if exact is None else exact


def _beside_fixed(problem: LargeProblem, open_: Indices, guess: Near | None) -> Near | None:
    """Return the optimum where some variables have equal bounds."""
    if not len(open_):
        level = problem.rows @ problem.low
        off = np.maximum(problem.row_low - level, level - problem.row_high)
        if float(off.max(initial=0.0)) > EQUAL * 100:
            return None
        n, rows = len(problem.low), len(problem.rows)
        zero = np.zeros(rows)
        return Near(
            x=problem.low + 0.0,
            prices=zero,
            bound=np.full(n, AT_LOW),
            side=np.zeros(n, dtype=bool),
            tight=zero,
        )
    near = optimum(_part(problem, open_), None if guess is None else _taken(guess, open_))
    return None if near is None else _spread(problem, near, open_)


def _part(problem: LargeProblem, kept: Indices) -> LargeProblem:
    rest = problem.low.copy()
    rest[kept] = 0.0
    return problem.over(kept, rest if rest.any() else None)


def _taken(guess: Near, kept: Indices) -> Near:
    return guess._replace(x=guess.x[kept], bound=guess.bound[kept], side=guess.side[kept])


def _spread(problem: LargeProblem, near: Near, kept: Indices) -> Near:
    n = len(problem.low)
    x, bound, side = problem.low + 0.0, np.full(n, AT_LOW), np.zeros(n, dtype=np.bool_)
    x[kept], bound[kept], side[kept] = near.x, near.bound, near.side
    return near._replace(x=x, bound=bound, side=side)


def _held(problem: LargeProblem) -> Flags:
    """Return what no answer may leave out: what is held, and what has no curvature of its own."""
    return problem.priced | (problem.high > 1e6)


def _first(problem: LargeProblem) -> Flags:
    """Return a first working set: what is held, and for each row the best that can fill it."""
    start = np.where(problem.priced, problem.at, problem.low)
    slope = problem.quadratic @ start + problem.linear
    # A least variance that starts from nothing has no slopes yet: an equal mix gives the order.
    if not slope.any():
        slope = problem.quadratic @ np.full(len(start), 1.0 / len(start))
    order = np.argsort(slope, kind="stable")
    working = _held(problem)
    for row, least, most in zip(problem.rows, problem.row_low, problem.row_high, strict=True):
        members = order[row[order] > 0.0]
        wanted = ROOM * min(max(least, 0.0) or most, most)
        filled = np.cumsum(problem.high[members] * row[members])
        enough = int(np.searchsorted(filled, wanted)) + 1
        working[members[: max(enough, 8)]] = True
    return working


def _paying(problem: LargeProblem, near: Near, working: Flags) -> Flags:
    """Return what is outside the working set and would pay to raise."""
    slope: Reals = problem.quadratic @ near.x + problem.linear + near.prices @ problem.rows
    unit = float(np.mean(problem.quadratic.diagonal()))
    found: Flags = ~working & (slope < -PAYS * unit)
    return found
