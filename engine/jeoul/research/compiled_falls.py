"""The deepest falls of resampled paths, compiled: without the paths themselves."""

from __future__ import annotations

import numpy as np

from jeoul.compiling import kept_njit


@kept_njit(error_model="numpy")
def fill_falls(growth, rows, found):  # type: ignore[no-untyped-def]
    """Write the deepest fall of every path along every row of resampled sessions.

    ``growth`` is 1 + return by session and path. Nothing here branches, so that all paths are
    carried along at once.
    """
    paths = growth.shape[1]
    level, peak, fall = np.empty(paths), np.empty(paths), np.empty(paths)
    for draw in range(rows.shape[0]):
        level[:], peak[:], fall[:] = 1.0, 1.0, 0.0
        for step in range(rows.shape[1]):
            session = rows[draw, step]
            for path in range(paths):
                now = level[path] * growth[session, path]
                top = peak[path]
                top = now if now > top else top
                below = now / top - 1.0
                level[path], peak[path] = now, top
                fall[path] = below if below < fall[path] else fall[path]
        found[draw] = fall
