"""Trend: an index against its own moving average."""

from __future__ import annotations

import numpy as np

from jeoul.model.calendar import Reals
from jeoul.model.history import History


def distance_from_average(level: Reals, sessions: int) -> Reals:
    """Return ``level / average - 1``, the average being over the last ``sessions`` values seen.

    NaN where the level is missing or fewer values have been seen.

    >>> distance_from_average(np.array([1.0, 1.0, 1.3]), 3).round(4).tolist()
    [nan, nan, 0.1818]
    """
    distance = np.full(len(level), np.nan)
    seen = np.flatnonzero(np.isfinite(level))
    if len(seen) >= sessions:
        values = level[seen]
        # Plain sums over each window: a running sum would depend on where the history begins.
        windows = np.lib.stride_tricks.sliding_window_view(values, sessions)
        distance[seen[sessions - 1 :]] = values[sessions - 1 :] / windows.mean(axis=1) - 1.0
    return distance


def on_clock(history: History, values: Reals) -> Reals:
    """Return the newest row's value at each clock session, NaN where no new row came since."""
    rows = history.clock_row - 1
    new = rows > np.concatenate(([-1], rows[:-1]))
    found = np.full(len(rows), np.nan)
    found[new] = values[rows[new]]
    return found
