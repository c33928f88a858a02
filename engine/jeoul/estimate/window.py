"""The window of sessions over which every column has a return."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jeoul.model.calendar import Reals


@dataclass(frozen=True, slots=True, eq=False)
class EstimateWindow:
    """The trailing rows and the columns that an estimate may use, and what was left out.

    ``returns`` is complete, of shape (sessions, kept). ``kept`` and ``left_out`` are column numbers
    of the matrix that was given; ``available`` says how many trailing returns each of its columns
    has without a gap; ``shortest`` is the kept column that decides the length.
    """

    returns: Reals
    kept: tuple[int, ...]
    left_out: tuple[int, ...]
    available: tuple[int, ...]
    shortest: int | None


def complete_window(returns: Reals, min_history: int) -> EstimateWindow:
    """Return the longest trailing window without gaps over columns with enough history.

    A column's history ends at its newest gap, looking back from the last row; a column with fewer
    than ``min_history`` trailing returns is left out, so a column without a return in the last row
    always is. Of the rest the shortest decides the window: nothing is filled and no pair of columns
    is estimated over different sessions.

    >>> nan = float("nan")
    >>> found = complete_window(np.array([[1, 1, nan], [1, nan, 1], [1, 1, 1], [1, 1, 1]]), 2)
    >>> found.returns.shape, found.kept, found.left_out, found.available
    ((2, 3), (0, 1, 2), (), (4, 2, 3))
    >>> found = complete_window(np.array([[1, 1, nan], [1, nan, 1], [1, 1, 1], [1, 1, 1]]), 3)
    >>> found.returns.shape, found.kept, found.left_out, found.shortest
    ((3, 2), (0, 2), (1,), 2)
    """
    if min_history < 1:
        raise ValueError(f"min_history is {min_history}; give at least 1")
    gaps = ~np.isfinite(returns)[::-1]
    available = np.where(gaps.any(axis=0), gaps.argmax(axis=0), len(returns))
    enough = available >= min_history
    kept = np.flatnonzero(enough)
    if not len(kept):
        return EstimateWindow(
            returns=returns[:0, :0],
            kept=(),
            left_out=tuple(map(int, np.flatnonzero(~enough))),
            available=tuple(map(int, available)),
            shortest=None,
        )
    shortest = int(kept[np.argmin(available[kept])])
    rows = int(available[shortest])
    return EstimateWindow(
        returns=np.ascontiguousarray(returns[len(returns) - rows :, kept]),
        kept=tuple(map(int, kept)),
        left_out=tuple(map(int, np.flatnonzero(~enough))),
        available=tuple(map(int, available)),
        shortest=shortest,
    )
