"""The model's replay, compiled: the same sessions in the same order, at the speed of memory.

:mod:`jeoul.pipeline.replay` is the definition; the tests hold both against each other. The
overlay's transition is compiled from its own source. A target is linear in the scale,
``allocation - (1 - scale) x cut``, so that one pair of vectors per allocation serves every variant
of the overlay.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from jeoul.model.calendar import Reals
from jeoul.overlay import OverlayParams, compile_turn, initial_state, params_from

_jit = njit(cache=True, error_model="numpy")
_turn = compile_turn(_jit)
Places = NDArray[np.int64]


class Inputs(NamedTuple):
    """What all variants of an overlay share; rows are sessions, columns members and CASH last.

    ``growth`` is 1 + return of each session; ``made`` the number of the allocation made after a
    row, -1 for none; ``allocation`` and ``cut`` one vector per allocation; ``seen`` how many clock
    sessions the decision after a row has seen; ``clock`` their dates as days since 1970-01-01.
    """

    growth: Reals
    made: Places
    allocation: Reals
    cut: Reals
    seen: Places
    clock: Places
    cost: float
    band: float


class Path(NamedTuple):
    """What a simulation found: unit values, turnover and cost by row, the scale by clock session.

    ``trades`` counts decisions to trade; all values are those of the model after the row.
    """

    nav: Reals
    turnover: Reals
    cost: Reals
    scale: Reals
    trades: int


@_jit
def _run(  # type: ignore[no-untyped-def]  # noqa: C901, PLR0913, PLR0917
    inputs, params, latches, navs, memory, signals, acts, nav, turnover, costs, scales
):
    growth, allocations, cuts = inputs.growth, inputs.allocation, inputs.cut
    rows, places = growth.shape
    held = np.zeros(places)
    target = np.zeros(places)
    invested = pending = False
    allocation = -1
    ticks = trades = 0
    value = scale = 1.0
    drift = 0.0
    for row in range(rows):
        if invested:
            total = 0.0
            for i in range(places):
                held[i] *= growth[row, i]
                total += held[i]
            value *= total
            share = 1.0 / total
            moved = last = 0.0
            for i in range(places):
                held[i] *= share
                last = abs(target[i] - held[i])
                moved += last
            if pending:
                turnover[row] = 0.5 * moved
                costs[row] = inputs.cost * (moved - last)
                value *= 1.0 - costs[row]
                for i in range(places):
                    held[i] = target[i]
                pending = False
                moved = 0.0
            drift = 0.5 * moved
        if acts:
            now = value if invested else np.nan
            for tick in range(ticks, inputs.seen[row]):
                session = inputs.clock[tick]
                memory = _turn(params, latches, navs, signals, tick, session, now, memory)
                scales[tick] = memory[0]
            ticks = inputs.seen[row]
        made = inputs.made[row]
        if made >= 0:
            allocation = made
        if allocation >= 0 and (
            not invested or made >= 0 or memory[0] != scale or drift > inputs.band
        ):
            if not invested:
                held[places - 1] = 1.0
                invested = True
            scale = memory[0]
            for i in range(places):
                target[i] = allocations[allocation, i] - (1.0 - scale) * cuts[allocation, i]
            pending = True
            trades += 1
        nav[row] = value
    return trades


def simulate(inputs: Inputs, params: OverlayParams | None, signals: Reals) -> Path:
    """Return the model's path from before its first allocation to the last row.

    ``signals`` has one row per clock session and one column per latch of ``params``; None for a
    strategy without an overlay.
    """
    rows, ticks = len(inputs.growth), len(inputs.clock)
    rules = _no_overlay() if params is None else params
    state = initial_state(rules)
    memory = (
        state.scale,
        state.target,
        state.cap,
        state.since_cut,
        state.since_rise,
        state.head,
        state.peak,
    )
    nav, turnover, costs, scales = np.empty(rows), np.zeros(rows), np.zeros(rows), np.ones(ticks)
    trades = _run(
        inputs,
        rules,
        state.latches,
        state.navs,
        memory,
        np.ascontiguousarray(signals, dtype=np.float64),
        params is not None,
        nav,
        turnover,
        costs,
        scales,
    )
    return Path(nav, turnover, costs, scales, int(trades))


@cache
def _no_overlay() -> OverlayParams:
    return params_from({})
