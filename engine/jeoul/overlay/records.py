"""What the overlay is told, what it remembers, and what it reads each session.

All three are named tuples of plain numbers and arrays of fixed shape, so that one source of the
transition runs in plain Python and compiled.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import isfinite, isnan, nan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jeoul.errors import UsageError

Reals = NDArray[np.float64]
Counts = NDArray[np.int64]

STATES = ("NORMAL", "REDUCED", "DEFENSE", "REENTRY")
NORMAL, REDUCED, DEFENSE, REENTRY = range(4)
DEFENSE_AT = 0.25  # at or below this scale, with no re-entry under way, the state is DEFENSE

# Columns of OverlayParams.rules. One array, because each costs the compiled step a reference count.
SIGN, ENTER, ENTER_CLOSES, PANIC, PANIC_CLOSES, EXIT, EXIT_CLOSES, SCALE, GATES = range(9)

ON, ENTERING, PANICKING, EXITING, STALE, SINCE = range(6)  # columns of OverlayState.latches
NEVER = -1_000_000  # a session before all sessions

_NAME_LENGTH = 24  # names are stored at fixed width: the compiled step accepts any set of latches


class LatchRule(NamedTuple):
    """When one latch goes on and off, and what it does to the scale while it is on.

    ``above`` latches go on at readings at or above ``enter`` and off at or below ``exit``; the
    others the reverse way. ``panic`` is a second, harsher way in (NaN: none). Each needs its number
    of consecutive valid readings. ``scale`` 1.0 makes a latch that is watched but cuts nothing.
    """

    enter: float
    exit: float
    enter_closes: int = 1
    exit_closes: int = 1
    panic: float = nan
    panic_closes: int = 1
    above: bool = True
    scale: float = 1.0


class OverlayParams(NamedTuple):
    """The rules of the overlay. Build it with :func:`params_from`.

    ``rules`` has a row per latch and the columns SIGN (+1 for latches that go on above, -1 below),
    ENTER, ENTER_CLOSES, PANIC, PANIC_CLOSES, EXIT, EXIT_CLOSES, SCALE and GATES (1 for a latch
    whose missing readings hold up re-entry).
    """

    names: NDArray[np.str_]
    rules: Reals
    vix: int  # place of the latch named vix, -1 without one
    trend: int  # place of the latch named trend, -1 without one
    both: float  # scale while both are on
    loss_limit: float  # NaN: none
    loss_slope: float
    loss_deadband: float
    window: int  # sessions of the rolling peak
    grid: int  # number of steps from 0 to 1
    reentry_step: float
    reentry_every: int
    cooldown: int
    stale_max: int


class OverlayState(NamedTuple):
    """Everything the overlay remembers after a session. Never changed in place.

    ``latches`` has a row per latch and the columns ON, ENTERING, PANICKING, EXITING (consecutive
    valid readings), STALE (consecutive missing readings) and SINCE (session of the last change).
    ``navs`` is the ring of the last ``window`` unit NAVs, ``peak`` their maximum.
    """

    session: int
    scale: float
    target: float
    mode: int  # index into STATES
    cap: float
    since_cut: int  # sessions
    since_rise: int  # sessions
    latches: Counts
    navs: Reals
    head: int
    peak: float


class Reading(NamedTuple):
    """What one New York session showed.

    ``session`` is its date as whole days since 1970-01-01; ``signals`` one value per latch in the
    order of the rules, NaN where missing; ``nav`` the unit-price NAV of the model, NaN before it is
    invested. Deposits and withdrawals must not move it.
    """

    session: int
    signals: Reals
    nav: float = nan


def params_from(  # noqa: PLR0913  the whole table of a strategy file, every key optional
    latches: Mapping[str, LatchRule],
    *,
    both: float = 1.0,
    loss_limit: float = nan,
    loss_slope: float = 1.5,
    loss_deadband: float = 0.10,
    window: int = 252,
    grid: float = 0.05,
    reentry_step: float = 0.25,
    reentry_every: int = 5,
    cooldown: int = 5,
    stale_max: int = 3,
    gates: Collection[str] = ("vix",),
) -> OverlayParams:
    """Return the parameters of the overlay from plain values.

    ``both`` applies while the latches named ``vix`` and ``trend`` are on together; ``gates`` names
    the latches whose missing readings hold up re-entry. Raises :class:`UsageError` with everything
    that is wrong.

    >>> rules = params_from({"vix": LatchRule(30.0, 22.0, 2, 5, panic=40.0, scale=0.9)})
    >>> rules.names.tolist(), rules.grid, rules.trend
    (['vix'], 20, -1)
    """
    faults = [
        *(fault for name, rule in latches.items() for fault in _rule_faults(name, rule)),
        *_unit_faults(both=both, reentry_step=reentry_step, grid=grid),
        *_count_faults(
            window=window, reentry_every=reentry_every, cooldown=cooldown, stale_max=stale_max
        ),
    ]
    if not isnan(loss_limit) and not 0.0 < loss_limit < 1.0:
        faults.append(f"loss_limit is {loss_limit}; give a fraction between 0 and 1")
    if not (isfinite(loss_slope) and loss_slope > 0.0 and loss_deadband >= 0.0):
        faults.append("loss_slope must be positive and loss_deadband not negative")
    if not faults and not _is_whole(1.0 / grid):
        faults.append(f"grid is {grid}; give a fraction that divides 1, such as 0.05")
    if not faults:
        scales = [(f"{name}: scale", rule.scale) for name, rule in latches.items()]
        faults += [
            f"{key} is {value}; give a multiple of the grid {grid}"
            for key, value in (*scales, ("both", both), ("reentry_step", reentry_step))
            if not _is_whole(value / grid)
        ]
    if faults:
        raise UsageError("the overlay cannot be used: " + "; ".join(faults))
    names = list(latches)
    return OverlayParams(
        names=np.array(names, dtype=f"U{_NAME_LENGTH}"),
        rules=np.array([_row(name, rule, gates) for name, rule in latches.items()]).reshape(-1, 9),
        vix=names.index("vix") if "vix" in latches else -1,
        trend=names.index("trend") if "trend" in latches else -1,
        both=float(both),
        loss_limit=float(loss_limit),
        loss_slope=float(loss_slope),
        loss_deadband=float(loss_deadband),
        window=int(window),
        grid=round(1.0 / grid),
        reentry_step=float(reentry_step),
        reentry_every=int(reentry_every),
        cooldown=int(cooldown),
        stale_max=int(stale_max),
    )


def initial_state(params: OverlayParams) -> OverlayState:
    """Return the state before the first session: everything off, fully invested.

    >>> initial_state(params_from({})).scale
    1.0
    """
    latches = np.zeros((len(params.names), 6), dtype=np.int64)
    latches[:, SINCE] = NEVER
    return OverlayState(
        session=NEVER,
        scale=1.0,
        target=1.0,
        mode=NORMAL,
        cap=1.0,
        since_cut=params.cooldown,
        since_rise=params.reentry_every,
        latches=latches,
        navs=np.zeros(params.window),
        head=0,
        peak=0.0,
    )


def latches_on(params: OverlayParams, state: OverlayState) -> dict[str, bool]:
    """Return which latches are on, by name.

    >>> rules = params_from({"vix": LatchRule(30.0, 22.0)})
    >>> latches_on(rules, initial_state(rules))
    {'vix': False}
    """
    flags = state.latches[:, ON].astype(bool).tolist()
    return dict(zip(params.names.tolist(), flags, strict=True))


def _row(name: str, rule: LatchRule, gates: Collection[str]) -> tuple[float, ...]:
    return (
        1.0 if rule.above else -1.0,
        rule.enter,
        rule.enter_closes,
        rule.panic,
        rule.panic_closes,
        rule.exit,
        rule.exit_closes,
        rule.scale,
        1.0 if name in gates else 0.0,
    )


def _is_whole(value: float) -> bool:
    return abs(value - round(value)) < 1e-9


def _rule_faults(name: str, rule: LatchRule) -> list[str]:
    faults = []
    if not 0 < len(name) <= _NAME_LENGTH:
        faults.append(f"{name!r} is not a name for a latch; use 1 to {_NAME_LENGTH} characters")
    if not (isfinite(rule.enter) and isfinite(rule.exit)):
        faults.append(f"{name}: enter and exit must be numbers")
    sign = 1.0 if rule.above else -1.0
    if sign * rule.exit >= sign * rule.enter:
        side = "below" if rule.above else "above"
        faults.append(f"{name}: exit {rule.exit} must lie {side} enter {rule.enter}")
    if sign * rule.panic < sign * rule.enter:
        faults.append(f"{name}: panic {rule.panic} must lie beyond enter {rule.enter}")
    if min(rule.enter_closes, rule.exit_closes, rule.panic_closes) < 1:
        faults.append(f"{name}: closes must be at least 1")
    if not 0.0 <= rule.scale <= 1.0:
        faults.append(f"{name}: scale {rule.scale} must lie between 0 and 1")
    return faults


def _unit_faults(*, both: float, reentry_step: float, grid: float) -> list[str]:
    faults = [] if 0.0 <= both <= 1.0 else [f"both is {both}; give a fraction from 0 to 1"]
    for key, value in (("reentry_step", reentry_step), ("grid", grid)):
        if not 0.0 < value <= 1.0:
            faults.append(f"{key} is {value}; give a fraction above 0 and up to 1")
    return faults


def _count_faults(*, window: int, **counts: int) -> list[str]:
    faults = [] if window >= 1 else [f"window is {window}; give at least 1 session"]
    faults += [
        f"{key} is {value}; give 0 or more sessions" for key, value in counts.items() if value < 0
    ]
    return faults
