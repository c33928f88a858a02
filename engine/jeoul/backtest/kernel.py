"""The model's replay, compiled: the same sessions in the same order, at the speed of memory.

:mod:`jeoul.pipeline.replay` is the definition; the tests hold both against each other. The
overlay's transition is compiled from its own source. A target is linear in the scale,
``allocation - (1 - scale) x cut``, so that one pair of vectors per allocation serves every variant
of the overlay.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from jeoul.model.calendar import Reals
from jeoul.overlay import (
    OverlayParams,
    OverlayState,
    Reading,
    compile_advance,
    initial_state,
    params_from,
)

_jit = njit(cache=True, error_model="numpy")
_advance = compile_advance(_jit)
_Reading = Reading
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
    """What a simulation found: unit values, costs and turnover by row, the scale by clock session.

    ``trades`` counts decisions to trade; all values are those of the model after the row.
    """

    nav: Reals
    turnover: Reals
    cost: Reals
    scale: Reals
    mode: NDArray[np.int8]
    trades: int


@_jit
def _run(  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, C901, PLR0912, PLR0915
    inputs, params, state, signals, acts, nav, turnover, costs, scales, modes
):
    rows, places = inputs.growth.shape
    held = np.zeros(places)
    target = np.zeros(places)
    invested = pending = False
    allocation = -1
    ticks = trades = 0
    value = scale = 1.0
    missing = np.nan
    for row in range(rows):
        if invested:
            total = 0.0
            for i in range(places):
                held[i] *= inputs.growth[row, i]
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
                held[:] = target
                pending = False
                moved = 0.0
            drift = 0.5 * moved
        if acts:
            seen = inputs.seen[row]
            now = value if invested else missing
            while ticks < seen:
                state = _advance(params, state, _Reading(inputs.clock[ticks], signals[ticks], now))
                scales[ticks] = state.scale
                modes[ticks] = state.mode
                ticks += 1
        made = inputs.made[row]
        if made >= 0:
            allocation = made
        if allocation >= 0 and (
            not invested or made >= 0 or state.scale != scale or drift > inputs.band
        ):
            if not invested:
                held[:] = 0.0
                held[places - 1] = 1.0
                invested = True
            scale = state.scale
            for i in range(places):
                target[i] = (
                    inputs.allocation[allocation, i] - (1.0 - scale) * inputs.cut[allocation, i]
                )
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
    acts = params is not None
    rules = _no_overlay() if params is None else params
    state: OverlayState = initial_state(rules)
    nav, turnover, costs = np.empty(rows), np.zeros(rows), np.zeros(rows)
    scales, modes = np.ones(ticks), np.zeros(ticks, dtype=np.int8)
    given = np.ascontiguousarray(signals, dtype=np.float64)
    trades = _run(inputs, rules, state, given, acts, nav, turnover, costs, scales, modes)
    return Path(nav, turnover, costs, scales, modes, int(trades))


@cache
def _no_overlay() -> OverlayParams:
    return params_from({})
