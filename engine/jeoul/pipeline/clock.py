"""The overlay along its clock: one reading for every New York session, in order."""

from __future__ import annotations

import numpy as np

from jeoul.model.calendar import Reals
from jeoul.model.history import History
from jeoul.overlay import OverlayParams
from jeoul.pipeline.mandate import Mandate
from jeoul.signals import distance_from_average, on_clock, sleeve_level


def readings(mandate: Mandate, history: History) -> Reals:
    """Return each latch's reading at each clock session, NaN where there is none.

    Shape (clock sessions, latches), in the order of the overlay's latches.
    """
    params = mandate.overlay
    if params is None:
        return np.zeros((len(history.clock), 0))
    found = np.full((len(history.clock), len(params.names)), np.nan)
    for column, name in enumerate(params.names.tolist()):
        found[:, column] = _trend(mandate, history) if name == "trend" else _signal(history, name)
    return found


def _signal(history: History, name: str) -> Reals:
    missing = np.full(len(history.clock), np.nan)
    found: Reals = history.signals.get(name, missing)
    return found


def _trend(mandate: Mandate, history: History) -> Reals:
    overlay = mandate.strategy.overlay
    assert overlay is not None
    assert overlay.trend is not None
    level = sleeve_level(history, mandate.sleeve)
    return on_clock(history, distance_from_average(level, overlay.trend.sessions))


def acts(params: OverlayParams | None) -> bool:
    """Return whether the overlay can ever change the scale."""
    return params is not None and (len(params.names) > 0 or not np.isnan(params.loss_limit))
