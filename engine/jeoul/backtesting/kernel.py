"""The model's replay, compiled: the same sessions in the same order, at the speed of memory.

:mod:`jeoul.pipeline.replay` is the definition; the tests hold both against each other. The
overlay's transition is compiled from its own source. A target is linear in the scale,
``allocation - (1 - scale) x cut``, so that one pair of vectors per allocation serves every variant
of the overlay. Between fills the model is a number of units of every member, so that its value on a
session is one product with the levels; weights are never renormalised.
"""

from __future__ import annotations

from functools import cache
from math import isnan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jeoul.compiling import kept_njit
from jeoul.model.calendar import Reals
from jeoul.overlay import (
    OverlayParams,
    compile_turn,
    initial_state,
    machine,
    memory_of,
    params_from,
)

# Nothing here allocates: without reference counts a step of the overlay costs a tenth. Sums may be
# reordered, which is why the twin agrees to rounding and not to the bit.
_plain = kept_njit(error_model="numpy", _nrt=False, forceinline=True)
_sums = kept_njit(
    error_model="numpy",
    _nrt=False,
    forceinline=True,
    fastmath={"reassoc", "contract", "nsz"},
)
flat_turn = compile_turn(_plain)
Places = NDArray[np.int64]


class KernelInputs(NamedTuple):
    """What all variants of an overlay share; rows are sessions, columns members and CASH last.

    ``level`` is what one unit is worth, any positive start, row after row in memory: it is read a
    row at a time, which takes twice as long in Fortran order. ``made`` is the number of the
    allocation made after a row, -1 for none; ``allocation`` and ``cut`` one vector per allocation;
    ``seen`` how many clock sessions the decision after a row has seen; ``clock`` their dates as
    days since 1970-01-01. ``cost`` is a share of the value traded, ``band`` half the sum of
    absolute deviations, 1 or more for none. A fill's cost lowers all places alike, as in the
    replay, or with ``fee_from_cash`` the CASH place alone, as in an account that sizes before fees.
    """

    level: Reals
    made: Places
    allocation: Reals
    cut: Reals
    seen: Places
    clock: Places
    cost: float
    band: float
    fee_from_cash: bool = False


class FlatRules(NamedTuple):
    """:class:`~jeoul.overlay.OverlayParams` without the names, which only people read."""

    rules: Reals
    vix: int
    trend: int
    both: float
    loss_limit: float
    loss_slope: float
    loss_deadband: float
    window: int
    grid: int
    reentry_step: float
    reentry_every: int
    cooldown: int
    stale_max: int


class SimulatedPath(NamedTuple):
    """What a simulation found.

    ``nav`` has one entry per row, the model's value after it; ``scale`` and ``wanted``, the scale
    on its way and where it is going, have one per clock session. The others have one per fill, in
    order: the row at whose close it happened, the number of the allocation and the scale of its
    target, half the sum of absolute weight changes, and the cost as a share of the value.
    ``trades`` counts decisions to trade; the last may not be filled yet.
    """

    nav: Reals
    scale: Reals
    wanted: Reals
    filled: Places
    allocation: Places
    filled_scale: Reals
    turnover: Reals
    cost: Reals
    trades: int = 0

    @property
    def first(self) -> int:
        """Return the row of the first fill, one past the last row without any."""
        return int(self.filled[0]) if len(self.filled) else len(self.nav)


@_sums
def _worth(units, level, row):  # type: ignore[no-untyped-def]
    total = 0.0
    for i in range(units.shape[0]):
        total += units[i] * level[row, i]
    return total


@_sums
def _apart(target, units, level, row, total):  # type: ignore[no-untyped-def]
    """Return the sum of absolute distances from the target over all places, in value."""
    moved = 0.0
    for i in range(units.shape[0]):
        moved += abs(target[i] * total - units[i] * level[row, i])
    return moved


@_plain
def _fill(inputs, target, units, row, total, moved):  # type: ignore[no-untyped-def]
    """Trade to the target at a close; return the value after costs and the costs as a share."""
    last = units.shape[0] - 1
    traded = moved - abs(target[last] * total - units[last] * inputs.level[row, last])
    paid = inputs.cost * traded
    sized = total if inputs.fee_from_cash else total - paid
    for i in range(last + 1):
        units[i] = target[i] * sized / inputs.level[row, i]
    if inputs.fee_from_cash:
        units[last] -= paid / inputs.level[row, last]
    return total - paid, paid / total


@kept_njit([machine], error_model="numpy", _nrt=False)
def _scales(  # type: ignore[no-untyped-def]
    rules, latches, navs, memory, signals, clock, scale, wanted
):
    """Step the overlay over all its clock, for rules that do not look at the model's value."""
    params = FlatRules(*rules)
    for tick in range(clock.shape[0]):
        memory = flat_turn(params, latches, navs, signals, tick, clock[tick], np.nan, memory)
        scale[tick], wanted[tick] = memory[0], memory[1]


@kept_njit([machine], error_model="numpy", _nrt=False)
def _run(  # type: ignore[no-untyped-def]  # noqa: C901, PLR0913, PLR0917
    shared, rules, latches, navs, memory, signals, follows, found, held, target
):
    # Plain tuples come in, because those are passed in a tenth of the time of named ones.
    inputs, params, path = KernelInputs(*shared), FlatRules(*rules), SimulatedPath(*found)
    rows, places = inputs.level.shape
    invested = pending = False
    allocation = -1
    ticks = trades = fills = 0
    value = scale = 1.0
    # Half the sum of absolute changes is 1 at most, so that a wider band is never crossed.
    drifts = inputs.band < 1.0
    for row in range(rows):
        drifted = False
        if invested:
            value = _worth(held, inputs.level, row)
            if pending:
                moved = _apart(target, held, inputs.level, row, value)
                path.turnover[fills] = 0.5 * moved / value
                value, path.cost[fills] = _fill(inputs, target, held, row, value, moved)
                path.filled[fills] = row
                path.allocation[fills] = allocation
                path.filled_scale[fills] = scale
                fills += 1
                pending = False
            elif drifts:
                moved = _apart(target, held, inputs.level, row, value)
                drifted = 0.5 * moved > inputs.band * value
        if follows:
            now = value if invested else np.nan
            for tick in range(ticks, inputs.seen[row]):
                session = inputs.clock[tick]
                memory = flat_turn(params, latches, navs, signals, tick, session, now, memory)
                path.scale[tick], path.wanted[tick] = memory[0], memory[1]
        ticks = inputs.seen[row]
        # Before its first session the clock has shown nothing to scale by.
        goal = path.scale[ticks - 1] if ticks > 0 else 1.0
        made = inputs.made[row]
        if made >= 0:
            allocation = made
        if allocation >= 0 and (not invested or made >= 0 or goal != scale or drifted):
            if not invested:
                # A value of 1, all of it in cash: the first fill buys from there.
                held[places - 1] = 1.0 / inputs.level[row, places - 1]
                invested = True
            scale = goal
            for i in range(places):
                cut = inputs.cut[allocation, i]
                target[i] = inputs.allocation[allocation, i] - (1.0 - scale) * cut
            pending = True
            trades += 1
        path.nav[row] = value
    return trades, fills


def simulate(inputs: KernelInputs, params: OverlayParams | None, signals: Reals) -> SimulatedPath:
    """Return the model's path from before its first allocation to the last row.

    ``signals`` has one row per clock session and one column per latch of ``params``; None for a
    strategy without an overlay.
    """
    rules = no_overlay() if params is None else params
    state = initial_state(rules)
    rows, places = inputs.level.shape
    nav: Reals = np.empty(rows)
    scale: Reals = np.ones(len(inputs.clock))
    wanted: Reals = np.ones(len(inputs.clock))
    filled, allocation = np.empty(rows, dtype=np.int64), np.empty(rows, dtype=np.int64)
    filled_scale, turnover, cost = np.empty(rows), np.empty(rows), np.empty(rows)
    overlay = (
        rules[1:],
        state.latches,
        state.navs,
        memory_of(state),
        np.ascontiguousarray(signals, dtype=np.float64),
    )
    # Only a loss limit needs the value session by session; other rules are stepped beforehand.
    follows = not isnan(rules.loss_limit)
    if params is not None and not follows:
        _scales(*overlay, inputs.clock, scale, wanted)
    trades, fills = _run(
        tuple(inputs),
        *overlay,
        follows,
        (nav, scale, wanted, filled, allocation, filled_scale, turnover, cost),
        np.zeros(places),
        np.zeros(places),
    )
    return SimulatedPath(
        nav=nav,
        scale=scale,
        wanted=wanted,
        filled=filled[:fills].copy(),
        allocation=allocation[:fills].copy(),
        filled_scale=filled_scale[:fills].copy(),
        turnover=turnover[:fills].copy(),
        cost=cost[:fills].copy(),
        trades=int(trades),
    )


def weights(inputs: KernelInputs, path: SimulatedPath) -> Reals:
    """Return the weights held after each row, shape (rows, places); zero before the first fill."""
    found = np.zeros_like(inputs.level)
    if not len(path.filled):
        return found
    target = targets(inputs, path)
    if inputs.fee_from_cash:
        target[:, -1] -= path.cost
    units = target / inputs.level[path.filled]
    since = np.repeat(np.arange(len(units)), np.diff([*path.filled, len(inputs.level)]))
    value = units[since] * inputs.level[path.first :]
    found[path.first :] = value / value.sum(axis=1, keepdims=True)
    return found


def targets(inputs: KernelInputs, path: SimulatedPath) -> Reals:
    """Return the target weights of every fill, CASH last."""
    cut = inputs.cut[path.allocation]
    found: Reals = inputs.allocation[path.allocation] - (1.0 - path.filled_scale)[:, None] * cut
    return found


@cache
def no_overlay() -> OverlayParams:
    """Return the rules of a strategy without an overlay, for loops that take rules."""
    return params_from({})
