"""The sessions on which every column of enough history was seen."""

from __future__ import annotations

import numpy as np

from jeoul.estimate.window import EstimateWindow
from jeoul.model.calendar import Reals


def aligned_window(returns: Reals, min_history: int) -> EstimateWindow:
    """Return the rows on which all kept columns have a return, since the youngest of them began.

    A column with fewer than ``min_history`` returns is left out. A session that one column lacks is
    dropped for all and does not end its history: a fund that did not trade on one day keeps its
    past. Nothing is filled, and no pair of columns is estimated over different sessions.
    ``available`` counts each column's returns.

    >>> nan = float("nan")
    >>> found = aligned_window(np.array([[1, nan], [1, 1], [1, nan], [1, 1], [1, 1]]), 3)
    >>> found.returns.shape, found.kept, found.available
    ((3, 2), (0, 1), (5, 3))
    """
    seen = np.isfinite(returns)
    available = seen.sum(axis=0)
    kept = np.flatnonzero(available >= max(1, min_history))
    left_out = np.flatnonzero(available < max(1, min_history))
    rows = np.zeros(len(returns), dtype=bool)
    shortest = None
    if len(kept):
        rows[:] = (seen[:, kept] if len(left_out) else seen).all(axis=1)
        shortest = int(kept[np.argmin(available[kept])])
    # Where nothing is left out, as in most windows, taking rows and columns is wasted time.
    whole = returns if rows.all() else returns[rows]
    return EstimateWindow(
        returns=np.array(whole[:, kept] if len(left_out) else whole, order="C"),
        kept=tuple(map(int, kept)),
        left_out=tuple(map(int, left_out)),
        available=tuple(map(int, available)),
        shortest=shortest,
    )
