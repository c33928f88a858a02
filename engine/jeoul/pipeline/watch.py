"""What the overlay saw and did, session by session."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from jeoul.model.portfolio import Reason
from jeoul.overlay import (
    STATES,
    OverlayEvent,
    events,
    explain,
    latches_on,
    session_date,
)
from jeoul.overlay.path import columns_of
from jeoul.overlay.records import ON, Counts
from jeoul.pipeline.replay import Trace, overlay_step, overlay_steps
from jeoul.pipeline.run import Model
from jeoul.pipeline.wording import worded


@dataclass(frozen=True, slots=True)
class Watched:
    """The overlay after one New York session, and why."""

    session: date
    state: str
    scale: float
    latches: Mapping[str, bool]
    reasons: tuple[Reason, ...]


class Logged(NamedTuple):
    """One transition of the overlay, and what came of it.

    ``session`` is the New York session that brought the reading, ``known_at`` the instant of its
    close (seconds UTC), ``executed`` the session on whose close the model traded for it, None if
    that is still to come. ``latch`` names a latch that turned. Otherwise as
    :class:`jeoul.overlay.OverlayEvent`.
    """

    session: date
    known_at: int
    executed: date | None
    cause: Reason
    latch: str | None
    reading: float
    scale: float
    state: str


def watch(model: Model) -> Iterator[Watched]:
    """Yield the overlay's state after every clock session of a model's replay, in order."""
    params = model.mandate.overlay
    if params is None:
        return
    for before, after, reading in overlay_steps(model.trace):
        yield Watched(
            session=session_date(after.session),
            state=STATES[after.mode],
            scale=after.scale,
            latches=latches_on(params, after),
            reasons=worded(model.mandate, explain(params, before, after, reading)),
        )


def event_log(model: Model, *, silent: Collection[str] = ()) -> tuple[Logged, ...]:
    """Return every transition of the overlay in a model's replay, in order.

    The turns of ``silent`` latches are left out.
    """
    params = model.mandate.overlay
    if params is None:
        return ()
    loud = np.array([name not in silent for name in params.names.tolist()], dtype=bool)
    places = _moves(model.trace, loud)
    ticks = model.trace.tick + np.array(places, dtype=np.int64)
    rows = np.searchsorted(model.history.clock_seen, ticks, side="right").tolist()
    found = (
        _logged(model, model.trace.tick + place, row, event)
        for place, row in zip(places, rows, strict=True)
        for event in events(params, *overlay_step(model.trace, place))
    )
    return tuple(event for event in found if event.latch not in silent)


def _moves(trace: Trace, loud: NDArray[np.bool_]) -> list[int]:
    """Return the places of the clock sessions in which a loud latch, the cap or the scale moved."""
    if trace.before is None:
        return []
    before, after = trace.before, columns_of(trace.before, trace.overlay)
    turned = _changes(before.latches[loud, ON], after.latches[:, loud, ON]).any(axis=1)
    turned |= _changes(before.cap, after.cap) | _changes(before.scale, after.scale)
    found: list[int] = np.flatnonzero(turned).tolist()
    return found


def _changes(before: Counts | float, after: NDArray[Any]) -> NDArray[np.bool_]:
    """Return where values differ from those of the row before, the first from ``before``."""
    changed: NDArray[np.bool_] = after != np.concatenate([np.array([before]), after[:-1]])
    return changed


def _logged(model: Model, tick: int, row: int, event: OverlayEvent) -> Logged:
    history = model.history
    executed = history.executed[row].astype(object) if row < len(history) else None
    latch = dict(event.cause.detail).get("latch")
    (cause,) = worded(model.mandate, [event.cause])
    return Logged(
        session=event.session,
        known_at=int(history.clock_known[tick]),
        executed=executed,
        cause=cause,
        latch=latch,
        reading=event.reading,
        scale=event.scale,
        state=event.state,
    )
