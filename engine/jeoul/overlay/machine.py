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
    own = OverlayState(
        state.session,
        state.scale,
        state.target,
        state.mode,
        state.cap,
        state.since_cut,
        state.since_rise,
        state.latches.copy(),
        state.navs.copy(),
        state.head,
        state.peak,
    )
    return advance(params, own, reading)


def advance(params: OverlayParams, state: OverlayState, reading: Reading) -> OverlayState:
    """Return the state after one session, in the arrays of the state before: those are given up.

    This is the transition itself; :func:`step` keeps its argument whole. A simulation that needs
    only the newest state saves two copies a session with it.
    """
    if reading.session <= state.session:
        return state
    latches, navs = state.latches, state.navs
    _read_latches(params, latches, reading.signals, reading.session)
    head, peak, cap = state.head, state.peak, state.cap
    if not (isnan(params.loss_limit) or isnan(reading.nav)):
        head, peak = _remember(navs, state.head, state.peak, reading.nav)
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
    space = _compiled_parts(jit)
    compiled: Step = jit(_rebound(step, space))
    return compiled


def compile_advance(jit: Callable[[Any], Any]) -> Step:
    """Return :func:`advance` compiled by ``jit``, from this very source."""
    compiled: Step = _compiled_parts(jit)["advance"]
    return compiled


def _compiled_parts(jit: Callable[[Any], Any]) -> dict[str, Any]:
    space = dict(globals())
    parts = (_read_latches, _remember, _loss_cap, _on_grid, _target, _is_stale, _mode, advance)
    for part in parts:
        space[part.__name__] = jit(_rebound(part, space))
    return space


def _rebound(function: Any, space: dict[str, Any]) -> FunctionType:
    twin = FunctionType(function.__code__, space, function.__name__)
    twin.__qualname__ = function.__qualname__
    return twin


def _read_latches(params: OverlayParams, latches: Counts, signals: Reals, session: int) -> None:
    """Give every latch one reading; a missing one only counts as stale."""
    for i in range(len(signals)):
        value = signals[i]
        if isnan(value):
            latches[i, STALE] += 1
            continue
        latches[i, STALE] = 0
        sign = params.rules[i, SIGN]
        if latches[i, ON]:
            leaving = sign * value <= sign * params.rules[i, EXIT]
            latches[i, EXITING] = latches[i, EXITING] + 1 if leaving else 0
            turned = latches[i, EXITING] >= params.rules[i, EXIT_CLOSES]
        else:
            high = sign * value >= sign * params.rules[i, ENTER]
            extreme = sign * value >= sign * params.rules[i, PANIC]  # never, where panic is NaN
            latches[i, ENTERING] = latches[i, ENTERING] + 1 if high else 0
            latches[i, PANICKING] = latches[i, PANICKING] + 1 if extreme else 0
            turned = (
                latches[i, ENTERING] >= params.rules[i, ENTER_CLOSES]
                or latches[i, PANICKING] >= params.rules[i, PANIC_CLOSES]
            )
        if turned:
            latches[i, ON] = 1 - latches[i, ON]
            latches[i, ENTERING] = latches[i, PANICKING] = latches[i, EXITING] = 0
            latches[i, SINCE] = session


def _remember(navs: Reals, head: int, peak: float, nav: float) -> tuple[int, float]:
    """Put one more NAV into the ring; return its next place and its maximum."""
    if nav <= 0.0:
        raise ValueError("a unit NAV must be above zero")
    leaving = navs[head]
    navs[head] = nav
    if nav >= peak:
        peak = nav
    elif leaving == peak:  # only then can the maximum fall
        peak = float(navs.max())
    return (head + 1) % len(navs), peak


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
