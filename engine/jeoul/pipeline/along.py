"""The allocations of one mandate on many rows, with everything shared that the rows share.

Each is what :func:`~jeoul.pipeline.allocation.allocate` gives on its row, to the bit, its
certificate too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jeoul.allocate import MANY, PreparedProgram, Solution, fits_along, solve_along
from jeoul.errors import Infeasible
from jeoul.estimate import Estimate, equilibrium_mean
from jeoul.model.calendar import Reals
from jeoul.model.factored import dense_of
from jeoul.model.history import History
from jeoul.model.products import dots, times_left
from jeoul.pipeline.allocation import (
    NOTHING,
    UNKEPT,
    RowAllocation,
    Solved,
    allocate,
    holdable_along,
)
from jeoul.pipeline.estimation import HistoryWindows, SeenReturns, equilibrium_of
from jeoul.pipeline.mandate import Mandate
from jeoul.pipeline.programs import prepared_for
from jeoul.strategy.tables.allocate import MeanVariance
from jeoul.strategy.tables.estimate import Equilibrium, Implied

Step = Callable[[int, int, date], None]
"""Hears how many rows are done, of how many, and the day of the newest."""
Made = tuple[dict[int, RowAllocation], tuple[int, ...]]


def allocate_along(
    mandate: Mandate,
    history: History,
    rows: Sequence[int],
    before: RowAllocation | None,
    windows: HistoryWindows | None,
    *,
    step: Step | None = None,
    lean: bool = False,
    bare: bool = False,
) -> Made:
    """Return the allocations on some rows in order, and the rows without a feasible one.

    ``before`` is the allocation made last, None for none; ``windows`` are those of the history, to
    be shared by several mandates; ``step`` hears of every row. Those that are ``lean`` have what a
    replay needs, and of many funds only the last one its covariance and program. Those that are
    ``bare`` have nothing more. Raises what ``allocate`` raises.
    """
    windows = windows or HistoryWindows()
    holdable = dict(zip(rows, holdable_along(mandate, history, rows), strict=True)) if rows else {}
    ready = _solved(mandate, history, holdable, windows)
    found: dict[int, RowAllocation] = {}
    failed: list[int] = []
    for number, (row, able) in enumerate(holdable.items(), 1):
        made = ready.get(row)
        try:
            weights = None if before is None else before.weights
            if made is None:
                new = allocate(mandate, history, row, able, previous=weights, windows=windows)
                new = new.bare() if bare else new
            else:
                new = made.bare(row) if bare else made.allocation(row, weights)
        except Infeasible:
            failed.append(row)
        else:
            # Only now: a date that is held back leaves the one before it as the newest.
            if lean and before is not None and before.row in found:
                found[before.row] = before.outlived()
            before = found[row] = new
        if step is not None:
            step(number, len(holdable), history.day(row))
    return found, tuple(failed)


class _Answer(NamedTuple):
    """The solution of a row, and all of its allocation but what came before."""

    prepared: PreparedProgram
    seen: SeenReturns
    mean: Reals
    covariance: Reals
    solution: Solution
    weights: Reals
    volatility: float

    def bare(self, row: int) -> RowAllocation:
        return RowAllocation(
            row=row,
            weights=self.weights,
            volatility=self.volatility,
            members=self.seen.kept,
            covariance=UNKEPT,
            means=UNKEPT.ravel(),
            short=self.seen.left_out,
            relaxed=self.solution.relaxed,
        )

    def allocation(self, row: int, previous: Reals | None) -> RowAllocation:
        members, program = self.seen.kept, self.prepared.program
        if previous is None:
            program, held = replace(program, previous=None), None
        else:
            held = previous[members]
        estimate = Estimate(program.labels, self.mean, self.covariance)
        return RowAllocation(
            row=row,
            weights=self.weights,
            volatility=self.volatility,
            members=members,
            covariance=self.covariance,
            means=self.mean,
            short=self.seen.left_out,
            relaxed=self.solution.relaxed,
            solved=Solved(program, estimate, held, self.solution),
        )


def _solved(
    mandate: Mandate,
    history: History,
    holdable: dict[int, NDArray[np.int64]],
    windows: HistoryWindows,
) -> dict[int, _Answer]:
    """Return the rows that one program after another can solve; the others are left to allocate."""
    settings, means = mandate.strategy.allocate, mandate.strategy.estimate.mean
    if (
        not isinstance(settings, MeanVariance)
        or not isinstance(means, Implied | Equilibrium)
        or mandate.strategy.glide is not None
        or mandate.risk_cap is not None
    ):
        return {}
    few = {row: able for row, able in holdable.items() if len(able) < MANY}
    alike: dict[bytes, list[tuple[int, SeenReturns]]] = {}
    for row, seen in zip(few, windows.along(mandate, history, few.items()), strict=True):
        if seen.sound:
            alike.setdefault(seen.kept.tobytes(), []).append((row, seen))
    found: dict[int, _Answer] = {}
    for rows in alike.values():
        found |= _alike(mandate, rows)
    return found


def _alike(mandate: Mandate, rows: Sequence[tuple[int, SeenReturns]]) -> dict[int, _Answer]:
    """Return the answers of rows with the same members."""
    members = rows[0][1].kept
    prepared = prepared_for(mandate, tuple(members.tolist()), None, trades=True)
    if not fits_along(prepared.program):
        return {}
    weights, aversion = equilibrium_of(mandate, members)
    dense = [dense_of(seen.covariance) for _, seen in rows]
    covariances = np.array(dense)
    means = equilibrium_mean(covariances, weights, aversion)
    if not np.isfinite(means).all():
        return {}
    solutions = solve_along(prepared, means, covariances, [seen.yields for _, seen in rows])
    if solutions is None:
        return {}
    solved = np.array(
        [np.zeros(len(members)) if each is None else each.weights for each in solutions]
    )
    whole = np.zeros((len(rows), len(mandate.places)))
    # The solver is exact to about 1e-9: what it leaves below that is nothing.
    whole[:, members] = np.where(solved > NOTHING, solved, 0.0)
    whole[:, -1] = 1.0 - np.add.reduce(whole[:, :-1], axis=1)
    volatility = np.sqrt(dots(times_left(solved, covariances), solved)).tolist()
    return {
        row: _Answer(
            prepared=prepared,
            seen=seen,
            mean=mean,
            covariance=covariance,
            solution=solution,
            weights=each,
            volatility=spread,
        )
        for (row, seen), mean, covariance, solution, each, spread in zip(
            rows, means, dense, solutions, whole, volatility, strict=True
        )
        if solution is not None
    }
