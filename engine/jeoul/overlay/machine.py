"""The risk state machine: one pure transition per New York session, plain or compiled."""

from __future__ import annotations

from collections.abc import Callable
from math import floor, isnan
from typing import Any

from jeoul.model.compiled import rebound
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
Memory = tuple[float, float, float, int, int, int, float]


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
        session=state.session,
        scale=state.scale,
        target=state.target,
        mode=state.mode,
        cap=state.cap,
        since_cut=state.since_cut,
        since_rise=state.since_rise,
        latches=state.latches.copy(),
        navs=state.navs.copy(),
        head=state.head,
        peak=state.peak,
    )
    return advance(params, own, reading)


def advance(params: OverlayParams, state: OverlayState, reading: Reading) -> OverlayState:
    """Return the state after one session, in the arrays of the state before: those are given up."""
    if reading.session <= state.session:
        return state
    signals = reading.signals.reshape(1, -1)
    scale, target, cap, since_cut, since_rise, head, peak = turn(
        params,
        state.latches,
        state.navs,
        signals,
        0,
        reading.session,
        reading.nav,
        memory_of(state),
    )
    return OverlayState(
        session=reading.session,
        scale=scale,
        target=target,
        mode=mode_of(scale, target),
        cap=cap,
        since_cut=since_cut,
        since_rise=since_rise,
        latches=state.latches,
        navs=state.navs,
        head=head,
        peak=peak,
    )


def memory_of(state: OverlayState) -> Memory:
    """Return the scalars of a state that :func:`turn` carries from session to session."""
    return (
        state.scale,
        state.target,
        state.cap,
        state.since_cut,
        state.since_rise,
        state.head,
        state.peak,
    )


def turn(
    params: OverlayParams,
    latches: Counts,
    navs: Reals,
    signals: Reals,
    row: int,
    session: int,
    nav: float,
    memory: Memory,
) -> Memory:
    """Return the scalars of the state after one session; ``latches`` and ``navs`` are changed.

    This is the transition itself, on bare numbers and arrays, so that a compiled loop carries no
    records: :func:`step` and :func:`advance` wrap it. ``signals[row]`` is the reading. ``memory``
    is that of the state before (:func:`memory_of`).
    """
    changed = _read_latches(params, latches, signals, row, session)
    return rescale(params, latches, navs, changed, nav, memory)


def rescale(
    params: OverlayParams, latches: Counts, navs: Reals, changed: bool, nav: float, memory: Memory
) -> Memory:
    """Return what :func:`turn` does once the latches are read; ``changed`` says if one turned."""
    scale, target, cap, since_cut, since_rise, head, peak = memory
    if not (isnan(params.loss_limit) or isnan(nav)):
        before = cap
        head, peak = _remember(navs, head, peak, nav)
        cap = _loss_cap(params, cap, 1.0 - nav / peak)
        changed |= cap != before
    # Without a change the target is that of before, whatever the scale is on its way to it.
    if changed:
        target = _target(params, latches, cap)
    since_cut, since_rise = since_cut + 1, since_rise + 1
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
    return scale, target, cap, since_cut, since_rise, head, peak


def compile_step(jit: Callable[[Any], Any]) -> Step:
    """Return :func:`step` compiled by ``jit``, from this very source.

    ``jit`` is ``numba.njit`` or a partial of it: the overlay itself does not import numba. The
    parts are compiled first and take the place of the plain ones in the globals of ``step``.
    """
    space = _compiled_parts(jit)
    compiled: Step = jit(rebound(step, space))
    return compiled


def compile_turn(jit: Callable[[Any], Any]) -> Callable[..., Any]:
    """Return :func:`turn` compiled by ``jit``, from this very source."""
    compiled: Callable[..., Any] = _compiled_parts(jit)["turn"]
    return compiled


def _compiled_parts(jit: Callable[[Any], Any]) -> dict[str, Any]:
    space = dict(globals())
    parts = (_read_latches, _remember, _loss_cap, _on_grid, _target, _is_stale, mode_of, memory_of)
    for part in (*parts, rescale, turn, advance):
        space[part.__name__] = jit(rebound(part, space))
    return space


def _read_latches(
    params: OverlayParams, latches: Counts, signals: Reals, row: int, session: int
) -> bool:
    """Give every latch one reading; return whether one of them went on or off.

    A missing reading only counts as stale.
    """
    changed = False
    for i in range(len(latches)):
        value = signals[row, i]
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
            changed = True
    return changed


def _remember(navs: Reals, head: int, peak: float, nav: float) -> tuple[int, float]:
    """Put one more NAV into the ring; return its next place and its maximum."""
    if nav <= 0.0:
        raise ValueError("a unit NAV must be above zero")
    leaving = navs[head]
    navs[head] = nav
    # The maximum of a ring, searched for again only when the maximum itself leaves it.
    if nav >= peak:
        peak = nav
    elif leaving == peak:  # only then can the maximum fall
        peak = nav
        for i in range(len(navs)):
            peak = max(peak, navs[i])
    head += 1
    return (0 if head == len(navs) else head), peak


def _loss_cap(params: OverlayParams, before: float, drawdown: float) -> float:
    """Return the cap that the loss limit puts on the scale; small moves leave it where it is."""
    raw = params.loss_slope * (1.0 - drawdown / params.loss_limit)
    cap = min(max(raw, 0.0), 1.0)
    # The ends always count: inside the dead band they would never be reached.
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


def mode_of(scale: float, target: float) -> int:
    """Return the state that a scale on its way to a target stands for, an index into STATES."""
    if scale >= 1.0:
        return NORMAL
    if target > scale:
        return REENTRY
    return DEFENSE if scale <= DEFENSE_AT else REDUCED
