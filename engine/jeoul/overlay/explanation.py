"""Why the overlay did what it did in one session, and the entries of its event log."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from jeoul.model.portfolio import Reason
from jeoul.overlay.records import (
    ENTER,
    ENTER_CLOSES,
    EXIT,
    EXIT_CLOSES,
    GATES,
    ON,
    PANIC,
    PANIC_CLOSES,
    PANICKING,
    SCALE,
    SIGN,
    SINCE,
    STALE,
    STATES,
    OverlayParams,
    OverlayState,
    Reading,
)


class OverlayEvent(NamedTuple):
    """One transition: what changed in which session, why, and the reading that caused it.

    ``cause`` carries the message and its figures; ``reading`` is the signal of a latch, the
    drawdown of the loss cap, or the target of a change of scale. ``scale`` and ``state`` are those
    after the session.
    """

    session: date
    cause: Reason
    reading: float
    scale: float
    state: str


def session_date(session: int) -> date:
    """Return the date of a session number, whole days since 1970-01-01.

    >>> session_date(19902)
    datetime.date(2024, 6, 28)
    """
    return date(1970, 1, 1) + timedelta(days=session)


def explain(
    params: OverlayParams, before: OverlayState, after: OverlayState, reading: Reading
) -> tuple[Reason, ...]:
    """Return every reason for the state after a session, transitions first.

    The transitions are latches going on and off, moves of the loss cap, cuts and steps up; after
    them stands what holds the scale down and what a step up is waiting for. A session in which
    nothing happens and nothing is held down has no reasons.

    >>> from jeoul.overlay.machine import step
    >>> from jeoul.overlay.records import LatchRule, initial_state, params_from
    >>> import numpy as np
    >>> rules = params_from({"vix": LatchRule(30.0, 22.0, scale=0.5)})
    >>> start, shock = initial_state(rules), Reading(19902, np.array([31.0]))
    >>> [reason.kind for reason in explain(rules, start, step(rules, start, shock), shock)]
    ['overlay.vix_on', 'overlay.cut']
    """
    changes = tuple(reason for reason, _ in _transitions(params, before, after, reading))
    return changes + _standing(params, before, after)


def events(
    params: OverlayParams, before: OverlayState, after: OverlayState, reading: Reading
) -> tuple[OverlayEvent, ...]:
    """Return one record per transition of a session, for the event log; none if it was replayed."""
    return tuple(
        OverlayEvent(
            session=session_date(after.session),
            cause=cause,
            reading=value,
            scale=after.scale,
            state=STATES[after.mode],
        )
        for cause, value in _transitions(params, before, after, reading)
    )


def _transitions(
    params: OverlayParams, before: OverlayState, after: OverlayState, reading: Reading
) -> list[tuple[Reason, float]]:
    if after.session == before.session:
        return []
    found = []
    for i, name in enumerate(params.names.tolist()):
        if before.latches[i, ON] != after.latches[i, ON]:
            value = float(reading.signals[i])
            cause = _turned(params, i, name, before, value)
            found.append((cause, value))
    if before.cap != after.cap:
        drawdown = 1.0 - reading.nav / after.peak
        cause = Reason.of(
            "overlay.cap",
            drawdown=f"{drawdown:z.1%}",
            limit=f"{params.loss_limit:z.1%}",
            before=f"{before.cap:z.0%}",
            after=f"{after.cap:z.0%}",
        )
        found.append((cause, float(drawdown)))
    if before.scale != after.scale:
        kind = "overlay.cut" if after.scale < before.scale else "overlay.rise"
        figures = {"before": f"{before.scale:z.0%}", "after": f"{after.scale:z.0%}"}
        found.append((Reason.of(kind, **figures, target=f"{after.target:z.0%}"), after.target))
    return found


def _turned(params: OverlayParams, i: int, name: str, before: OverlayState, value: float) -> Reason:
    """Return why a latch went on or off; the built-in ones have sentences of their own."""
    rule = params.rules[i]
    on = not before.latches[i, ON]
    edge, closes = EXIT, EXIT_CLOSES
    if on:
        extreme = rule[SIGN] * value >= rule[SIGN] * rule[PANIC]
        panicked = extreme and before.latches[i, PANICKING] + 1 >= rule[PANIC_CLOSES]
        edge, closes = (PANIC, PANIC_CLOSES) if panicked else (ENTER, ENTER_CLOSES)
    kind = name if name in ("vix", "trend", "curve") else "latch"
    return Reason.of(
        f"overlay.{kind}_{'on' if on else 'off'}",
        latch=name,
        reading=_figure(name, value),
        threshold=_figure(name, float(rule[edge])),
        closes=int(rule[closes]),
    )


def _standing(
    params: OverlayParams, before: OverlayState, after: OverlayState
) -> tuple[Reason, ...]:
    """Return what holds the scale down without having changed in this session."""
    found = []
    replayed = after.session == before.session
    for i, name in enumerate(params.names.tolist()):
        kept = replayed or before.latches[i, ON] == after.latches[i, ON]
        if after.latches[i, ON] and kept and params.rules[i, SCALE] < 1.0:
            since = session_date(int(after.latches[i, SINCE]))
            scale = f"{params.rules[i, SCALE]:z.0%}"
            found.append(Reason.of("overlay.held", latch=name, since=since, scale=scale))
    if after.cap < 1.0 and (replayed or before.cap == after.cap):
        limit = f"{params.loss_limit:z.1%}"
        found.append(Reason.of("overlay.capped", cap=f"{after.cap:z.0%}", limit=limit))
    if after.target > after.scale:
        found += _waits(params, after)
    return tuple(found)


def _waits(params: OverlayParams, after: OverlayState) -> list[Reason]:
    """Return what the next step up waits for."""
    found = []
    for i, name in enumerate(params.names.tolist()):
        missing = int(after.latches[i, STALE])
        if params.rules[i, GATES] and missing > params.stale_max:
            found.append(Reason.of("overlay.wait_stale", latch=name, sessions=missing))
    if after.since_cut < params.cooldown:
        left = params.cooldown - after.since_cut
        found.append(Reason.of("overlay.wait_cooldown", sessions=left))
    elif after.since_rise < params.reentry_every:
        left = params.reentry_every - after.since_rise
        found.append(Reason.of("overlay.wait_step", sessions=left))
    return found


def _figure(name: str, value: float) -> str:
    """Return a reading as a person writes it: a percentage for the trend, else a figure."""
    if name in ("vix", "curve"):
        return f"{value:.2f}" if name == "vix" else f"{value:.3f}"
    return f"{value:+z.1%}" if name == "trend" else f"{value:.6g}"
