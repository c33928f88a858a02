"""What the overlay saw and did, session by session."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from jeoul.model.calendar import Reals
from jeoul.model.portfolio import Reason
from jeoul.overlay import (
    STATES,
    Event,
    OverlayState,
    Reading,
    events,
    explain,
    initial_state,
    latches_on,
    session_date,
)
from jeoul.pipeline.clock import readings
from jeoul.pipeline.propose import Model


@dataclass(frozen=True, slots=True)
class Watched:
    """The overlay after one New York session, and why."""

    session: date
    state: str
    scale: float
    latches: Mapping[str, bool]
    reasons: tuple[Reason, ...]


def watch(model: Model) -> Iterator[Watched]:
    """Yield the overlay's state after every clock session of a model's replay, in order."""
    params = model.mandate.overlay
    if params is None:
        return
    for before, after, reading in _steps(model):
        yield Watched(
            session=session_date(after.session),
            state=STATES[after.mode],
            scale=after.scale,
            latches=latches_on(params, after),
            reasons=explain(params, before, after, reading),
        )


def event_log(model: Model) -> tuple[Event, ...]:
    """Return every transition of the overlay in a model's replay, in order."""
    params = model.mandate.overlay
    if params is None:
        return ()
    return tuple(
        event
        for before, after, reading in _steps(model)
        for event in events(params, before, after, reading)
    )


def _steps(model: Model) -> Iterator[tuple[OverlayState, OverlayState, Reading]]:
    params, trace = model.mandate.overlay, model.trace
    assert params is not None
    signals = readings(model.mandate, model.history)
    navs = _nav_on_clock(model)
    before = initial_state(params)
    for place, after in enumerate(trace.overlay):
        tick = trace.tick + place
        yield before, after, Reading(after.session, signals[tick], float(navs[tick]))
        before = after


def _nav_on_clock(model: Model) -> Reals:
    """Return the model's unit value that each clock session saw, NaN before it was invested."""
    history, trace = model.history, model.trace
    first = trace.trades[0].row + 1 if trace.trades else len(history)
    rows = np.searchsorted(history.clock_seen, np.arange(len(history.clock)), side="right")
    found = np.full(len(rows), np.nan)
    seen = (rows >= max(first, trace.start)) & (rows < len(history))
    found[seen] = trace.nav[rows[seen] - trace.start]
    return found
