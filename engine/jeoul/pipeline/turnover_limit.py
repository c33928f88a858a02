"""``allocate.turnover_max``: how it gives way where it cannot be met with all other rules."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from jeoul.allocate import Conflict, Estimated, PreparedProgram, Program, Relaxation, Solution
from jeoul.model.calendar import Reals

ROOM = 1e-5  # of turnover beside the least: exactly at it a solver has a single point to find


class Limited(NamedTuple):
    """A solution with the program it solves, and the turnover limit if that had to yield."""

    program: Program
    solution: Solution
    yielded: tuple[Relaxation, ...]


def solved_within(prepared: PreparedProgram, estimate: Estimated, held: Reals | None) -> Limited:
    """Return the solution of a program against the weights ``held`` before.

    Where the limit on turnover leaves no weights that satisfy the other rules, it is the limit that
    yields, by the least that does it: the bands of the classes, the volatility ceiling and the caps
    of the law come before it. A fund that can no longer be held is sold whatever the limit says.

    Raises :class:`~jeoul.errors.Infeasible` if a wider limit alone does not help.
    """
    program = prepared.program
    try:
        return Limited(program, prepared.fresh().solve(estimate, previous=held), ())
    except Conflict as conflict:
        if program.turnover_max is None or held is None:
            raise
        key = program.key("turnover")
        cures = (cure for cure in conflict.diagnosis.cures if cure.rule == key)
        least = next(cures, None)
        if least is None:
            raise
    wider = replace(program, previous=held, turnover_max=least.used + ROOM)
    solution = prepared.like(wider).solve(estimate)
    return Limited(
        wider, solution, (Relaxation(key, least.declared, moved(solution.weights, held)),)
    )


def moved(weights: Reals, held: Reals) -> float:
    """Return half the sum of absolute changes.

    >>> moved(np.array([0.6, 0.4]), np.array([0.5, 0.5])).__round__(9)
    0.1
    """
    return 0.5 * float(np.abs(weights - held).sum())


def binds(program: Program, weights: Reals, held: Reals | None) -> bool:
    """Return whether weights go as far as the turnover limit of their program lets them."""
    if program.turnover_max is None or held is None:
        return False
    return moved(weights, held) >= program.turnover_max - ROOM
