"""Series that an active rule needs and that have not come: what an account must not trade on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from jeoul.model.calendar import Reals
from jeoul.model.history import History
from jeoul.model.portfolio import Reason
from jeoul.overlay import OverlayParams
from jeoul.overlay.records import GATES, STALE
from jeoul.pipeline.clock import readings, series_of
from jeoul.pipeline.mandate import Mandate
from jeoul.pipeline.run import Model

OVERDUE = "overlay.overdue"
"""The kind of the reason; a run that would trade stops on it."""


def overdue(model: Model) -> tuple[Reason, ...]:
    """Return one reason for each active rule whose reading is missing or older than ``stale``.

    These are the VIX, the VIX curve and the watched latches that change weights. ``stale`` counts
    New York sessions; for a series that comes less often, a monthly one, its usual distance counts
    as one. A curve that has not begun is not missing.
    """
    params, state = model.mandate.overlay, model.state.overlay
    if params is None or state is None:
        return ()
    seen = readings(model.mandate, model.history)[: model.state.ticks]
    return tuple(
        Reason.of(
            OVERDUE if np.isfinite(seen[:, place]).any() else f"{OVERDUE}_never",
            latch=name,
            series=", ".join(_late(model.mandate, model.history, name)),
            sessions=int(state.latches[place, STALE]),
        )
        for place, name in _needed(model.mandate, params)
        if state.latches[place, STALE] > params.stale_max * _usual(seen[:, place])
    )


def _needed(mandate: Mandate, params: OverlayParams) -> Iterator[tuple[int, str]]:
    for place, name in enumerate(params.names.tolist()):
        if params.rules[place, GATES] or name in mandate.effects:
            yield place, name


def _usual(column: Reals) -> int:
    """Return the usual number of sessions from one reading to the next."""
    between = np.diff(np.flatnonzero(~np.isnan(column)))
    return max(1, int(np.median(between))) if len(between) else 1


def _late(mandate: Mandate, history: History, name: str) -> list[str]:
    """Return those series of a latch that came last the longest ago."""
    newest = {
        series: max(np.flatnonzero(np.isfinite(history.signals[series])), default=-1)
        if series in history.signals
        else -1
        for series in series_of(mandate, name)
    }
    oldest = min(newest.values(), default=-1)
    return sorted(series for series, row in newest.items() if row == oldest)
