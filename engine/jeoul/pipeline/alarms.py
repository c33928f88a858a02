"""What a person should hear of the overlay: latches, cuts, steps back up, a loss near its limit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from math import isnan
from typing import NamedTuple

import numpy as np

from jeoul.model.days import count_until
from jeoul.model.portfolio import Reason
from jeoul.overlay import OverlayEvent, OverlayParams, OverlayState, Reading, events, session_date
from jeoul.pipeline.mandate import Mandate
from jeoul.pipeline.replay import overlay_step
from jeoul.pipeline.run import Model
from jeoul.pipeline.wording import worded

NEAR = 0.8
"""The part of the loss limit at which a person hears of it."""


class Alarm(NamedTuple):
    """One thing to hear of once: ``key`` names it for ever, ``session`` is the one that brought it.

    The session of an overlay's alarm is one of New York, as the overlay's clock is.
    """

    key: str
    session: date
    reason: Reason


def overlay_alarms(model: Model, since: date | None) -> tuple[Alarm, ...]:
    """Return what the overlay did in the sessions decided on after ``since``, in order.

    These are latches that went on or off, cuts and steps up with the loss cap behind them, and the
    first session on which the model has lost :data:`NEAR` of the loss limit since a peak. Without
    ``since`` only the newest session is looked at. The same history gives the same keys, wherever
    the replay began.

    Raises ``ValueError`` if the model was replayed from a memory later than ``since``.
    """
    params, trace = model.held_mandate.overlay, model.trace
    first = _first_tick(model, since)
    if params is None or trace.before is None:
        return ()
    if first < trace.tick:
        raise ValueError(f"the model was replayed from a session later than {since}")
    found: dict[str, Alarm] = {}
    for tick in range(first, trace.tick + len(trace.overlay)):
        before, after, reading = overlay_step(trace, tick - trace.tick)
        alarms = [
            *_turns(model.mandate, events(params, before, after, reading)),
            *_near_limit(model, params, tick, (before, after, reading)),
        ]
        for alarm in alarms:
            found.setdefault(alarm.key, alarm)
    return tuple(found.values())


def _first_tick(model: Model, since: date | None) -> int:
    """Return the first clock session that the decision on ``since`` had not seen."""
    history = model.history
    rows = len(history) - 1
    if since is not None:
        rows = count_until(history.sessions, since)
    return int(history.clock_seen[rows - 1]) if rows > 0 else 0


def _turns(mandate: Mandate, happened: tuple[OverlayEvent, ...]) -> Iterator[Alarm]:
    """Yield latches and changes of scale; a loss cap that moved is named where the scale moved."""
    kinds = {event.cause.kind for event in happened}
    moved = bool(kinds & {"overlay.cut", "overlay.rise"})
    for event in happened:
        latch = dict(event.cause.detail).get("latch")
        if event.cause.kind == "overlay.cap" and not moved:
            continue
        key = event.cause.kind.removeprefix("overlay.") if latch is None else f"latch.{latch}"
        (cause,) = worded(mandate, [event.cause])
        if cause.kind.startswith("overlay.watch_") and latch not in mandate.effects:
            cause = Reason(cause.kind.replace("overlay.", "alarm."), cause.detail)
        yield Alarm(f"{key}.{event.session}", event.session, cause)


def _near_limit(
    model: Model, params: OverlayParams, tick: int, step: tuple[OverlayState, OverlayState, Reading]
) -> Iterator[Alarm]:
    before, after, reading = step
    if isnan(params.loss_limit) or isnan(reading.nav) or after.peak <= 0.0:
        return
    least = NEAR * params.loss_limit
    drawdown = 1.0 - reading.nav / after.peak
    if drawdown < least or (before.peak > 0.0 and _drawdown(before) >= least):
        return
    newest = (after.head - 1 - np.flatnonzero(after.navs == after.peak)) % len(after.navs)
    peak = model.history.clock[tick - int(newest.min())].astype(object)
    session = session_date(after.session)
    reason = Reason.of(
        "alarm.loss",
        drawdown=f"{drawdown:z.1%}",
        limit=f"{params.loss_limit:z.1%}",
        part=f"{NEAR:z.0%}",
        peak=peak,
    )
    yield Alarm(f"loss.{peak}", session, reason)


def _drawdown(state: OverlayState) -> float:
    return 1.0 - float(state.navs[state.head - 1]) / state.peak
