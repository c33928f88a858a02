"""The allocations of one mandate on many rows, with everything shared that the rows share.

Each is what :func:`~jeoul.pipeline.allocation.allocate` gives on its row, to the bit, its
certificate too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from jeoul.pipeline.allocation import (
    NOTHING,
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
) -> Made:
    """Return the allocations on some rows in order, and the rows without a feasible one.

    ``before`` is the allocation made last, None for none; ``windows`` are those of the history, to
    be shared by several mandates; ``step`` hears of every row. Those that are ``lean`` have what a
    replay needs, and of many funds only the last one its covariance and program. Raises what
    ``allocate`` raises.
    """
    windows = windows or HistoryWindows()
    holdable = dict(zip(rows, holdable_along(mandate, history, rows), strict=True)) if rows else {}
    ready = _solved(mandate, history, holdable, windows)
    found: dict[int, RowAllocation] = {}
    failed: list[int] = []
    for number, (row, able) in enumerate(holdable.items(), 1):
        made = ready.get(row)
        try:
            if made is None or before is None:
                weights = None if before is None else before.weights
                new = allocate(mandate, history, row, able, previous=weights, windows=windows)
            else:
                new = made.allocation(row, before.weights)
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
    estimate: Estimate
    solution: Solution
    weights: Reals

    def allocation(self, row: int, previous: Reals) -> RowAllocation:
        members, weights = self.seen.kept, self.solution.weights
        program, held = self.prepared.program, previous[members]
        return RowAllocation(
            row=row,
            weights=self.weights,
            volatility=float(np.sqrt(weights @ self.estimate.covariance @ weights)),
            members=members,
            covariance=self.estimate.covariance,
            means=self.estimate.mean,
            short=self.seen.left_out,
            relaxed=self.solution.relaxed,
            solved=Solved(program, self.estimate, held, self.solution),
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
    labels = prepared.program.labels
    estimates = [
        Estimate(
            labels, equilibrium_mean(seen.covariance, weights, aversion), dense_of(seen.covariance)
        )
        for _, seen in rows
    ]
    fit = [bool(np.isfinite(np.add.reduce(each.mean))) for each in estimates]
    solutions = solve_along(prepared, estimates) if all(fit) else None
    if solutions is None:
        return {}
    chosen = [
        (row, seen, estimate, solution)
        for (row, seen), estimate, solution in zip(rows, estimates, solutions, strict=True)
        if solution is not None
    ]
    whole = np.zeros((len(chosen), len(mandate.places)))
    for each, (*_, solution) in zip(whole, chosen, strict=True):
        # The solver is exact to about 1e-9: what it leaves below that is nothing.
        each[members] = np.where(solution.weights > NOTHING, solution.weights, 0.0)
        each[-1] = 1.0 - each[:-1].sum()
    return {
        row: _Answer(
            prepared=prepared, seen=seen, estimate=estimate, solution=solution, weights=each
        )
        for each, (row, seen, estimate, solution) in zip(whole, chosen, strict=True)
    }
