"""The risk state machine: one pure transition per New York session, plain or compiled."""

from __future__ import annotations

from collections.abc import Callable
from math import floor, isnan
from types import FunctionType
from typing import Any

from jeoul.overlay.records import (
    DEFENSE,
    DEFENSE_AT,
    ENTER,
    ENTER_CLOSES,
    ENTERING,
    EXIT,
    EXIT_CLOSES,
    EXITING,
    GATES,
    NORMAL,
    ON,
    PANIC,
    PANIC_CLOSES,
    PANICKING,
    REDUCED,
    REENTRY,
    SCALE,
    SIGN,
    SINCE,
    STALE,
    Counts,
    OverlayParams,
    OverlayState,
    Reading,
    Reals,
)

Step = Callable[[OverlayParams, OverlayState, Reading], OverlayState]


def step(params: OverlayParams, state: OverlayState, reading: Reading) -> OverlayState:
    """Return the state after one session; call it for every New York session, in order.

    The target is the smallest of the scales of the latches that are on and of the loss cap
    ``clip(slope * (1 - dd / limit), 0, 1)``, rounded to the grid. The scale falls to a lower target
    at once, in every state; towards a higher one it rises by at most ``reentry_step`` per
    ``reentry_every`` sessions, not within ``cooldown`` sessions of a cut, and not while a gating
    latch has been without a reading for more than ``stale_max`` sessions. A missing reading freezes
    the counters of its latch. A session at or before the last one changes nothing.

    Raises ``ValueError`` for a NAV of zero or less.

    >>> from jeoul.overlay.records import LatchRule, initial_state, params_from
    >>> import numpy as np
    >>> rules = params_from({"vix": LatchRule(30.0, 22.0, scale=0.5)})
    >>> step(rules, initial_state(rules), Reading(0, np.array([31.0]))).scale
    0.5
    """
    if reading.session <= state.session:
        return state
    latches = _advance(params, state.latches, reading.signals, reading.session)
    navs, head, peak, cap = state.navs, state.head, state.peak, state.cap
    if not (isnan(params.loss_limit) or isnan(reading.nav)):
        navs, head, peak = _remember(state.navs, state.head, state.peak, reading.nav)
        cap = _loss_cap(params, state.cap, 1.0 - reading.nav / peak)
    target = _target(params, latches, cap)
    scale, since_cut, since_rise = state.scale, state.since_cut + 1, state.since_rise + 1
    if target < scale:
        scale, since_cut = target, 0
    elif (
        target > scale
        and since_cut >= params.cooldown
        and since_rise >= params.reentry_every
        and not _is_stale(params, latches)
    ):
        scale = min(target, _on_grid(params, scale + params.reentry_step))
        since_rise = 0
    return OverlayState(
        reading.session,
        scale,
        target,
        _mode(scale, target),
        cap,
        since_cut,
        since_rise,
        latches,
        navs,
        head,
        peak,
    )


def compile_step(jit: Callable[[Any], Any]) -> Step:
    """Return :func:`step` compiled by ``jit``, from this very source.

    ``jit`` is ``numba.njit`` or a partial of it: the overlay itself does not import numba. The
    parts are compiled first and take the place of the plain ones in the globals of ``step``.
    """
    space = dict(globals())
    for part in (_advance, _remember, _loss_cap, _on_grid, _target, _is_stale, _mode):
        space[part.__name__] = jit(_rebound(part, space))
    compiled: Step = jit(_rebound(step, space))
    return compiled


def _rebound(function: Any, space: dict[str, Any]) -> FunctionType:
    twin = FunctionType(function.__code__, space, function.__name__)
    twin.__qualname__ = function.__qualname__
    return twin


def _advance(params: OverlayParams, before: Counts, signals: Reals, session: int) -> Counts:
    """Return the latches after one reading each; a missing one only counts as stale."""
    after = before.copy()
    for i in range(len(signals)):
        value = signals[i]
        if isnan(value):
            after[i, STALE] += 1
            continue
        after[i, STALE] = 0
        sign = params.rules[i, SIGN]
        if after[i, ON]:
            leaving = sign * value <= sign * params.rules[i, EXIT]
            after[i, EXITING] = after[i, EXITING] + 1 if leaving else 0
            turned = after[i, EXITING] >= params.rules[i, EXIT_CLOSES]
        else:
            high = sign * value >= sign * params.rules[i, ENTER]
            extreme = sign * value >= sign * params.rules[i, PANIC]  # never, where panic is NaN
            after[i, ENTERING] = after[i, ENTERING] + 1 if high else 0
            after[i, PANICKING] = after[i, PANICKING] + 1 if extreme else 0
            turned = (
                after[i, ENTERING] >= params.rules[i, ENTER_CLOSES]
                or after[i, PANICKING] >= params.rules[i, PANIC_CLOSES]
            )
        if turned:
            after[i, ON] = 1 - after[i, ON]
            after[i, ENTERING] = after[i, PANICKING] = after[i, EXITING] = 0
            after[i, SINCE] = session
    return after


def _remember(before: Reals, head: int, peak: float, nav: float) -> tuple[Reals, int, float]:
    """Return the ring of NAVs with one more in it, its next place, and its maximum."""
    if nav <= 0.0:
        raise ValueError("a unit NAV must be above zero")
    navs = before.copy()
    leaving = navs[head]
    navs[head] = nav
    if nav >= peak:
        peak = nav
    elif leaving == peak:  # only then can the maximum fall
        peak = float(navs.max())
    return navs, (head + 1) % len(navs), peak


def _loss_cap(params: OverlayParams, before: float, drawdown: float) -> float:
    """Return the cap that the loss limit puts on the scale; small moves leave it where it is."""
    raw = params.loss_slope * (1.0 - drawdown / params.loss_limit)
    cap = min(max(raw, 0.0), 1.0)
    if cap in (0.0, 1.0) or abs(cap - before) > params.loss_deadband:
        return cap
    return before


def _on_grid(params: OverlayParams, scale: float) -> float:
    return floor(scale * params.grid + 0.5) / params.grid


def _target(params: OverlayParams, latches: Counts, cap: float) -> float:
    lowest = cap
    for i in range(len(latches)):
        if latches[i, ON]:
            lowest = min(lowest, float(params.rules[i, SCALE]))
    vix, trend = params.vix, params.trend
    if vix >= 0 and trend >= 0 and latches[vix, ON] and latches[trend, ON]:
        lowest = min(lowest, params.both)
    return _on_grid(params, lowest)


def _is_stale(params: OverlayParams, latches: Counts) -> bool:
    for i in range(len(latches)):
        if params.rules[i, GATES] > 0.0 and latches[i, STALE] > params.stale_max:
            return True
    return False


def _mode(scale: float, target: float) -> int:
    if scale >= 1.0:
        return NORMAL
    if target > scale:
        return REENTRY
    return DEFENSE if scale <= DEFENSE_AT else REDUCED
