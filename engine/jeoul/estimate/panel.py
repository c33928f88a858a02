"""Many windows of the same columns: what they share is made once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jeoul.model.calendar import Reals

Columns = NDArray[np.int64]


class PanelWindow(NamedTuple):
    """The complete returns of a window, and the columns with enough and with too few of them."""

    returns: Reals
    kept: Columns
    left_out: Columns


class ReturnPanel:
    """Columns of returns from which one window after another is taken.

    >>> nan = float("nan")
    >>> panel = ReturnPanel(np.array([[1, nan], [1, 1], [1, nan], [1, 1], [1, 1]]))
    >>> panel.window(1, 4, 2).returns.shape, panel.window(0, 3, 2).kept
    ((2, 2), array([0]))
    """

    def __init__(self, returns: Reals) -> None:
        self._returns = returns
        self._seen = np.isfinite(returns)
        self._counts = _counted(self._seen)
        self._complete: dict[bytes, tuple[Reals, NDArray[np.int64]]] = {}

    def window(self, first: int, stop: int, min_history: int) -> PanelWindow:
        """Return the window of the rows from ``first`` up to ``stop``.

        It is that of :func:`~jeoul.estimate.aligned_window`; its returns are not to be changed.
        """
        enough = self._counts[stop] - self._counts[first] >= max(1, min_history)
        kept = np.flatnonzero(enough)
        if not len(kept):
            return PanelWindow(np.zeros((0, 0)), kept, np.flatnonzero(~enough))
        returns, number = self._whole(kept)
        part = returns[number[first] : number[stop]]
        return PanelWindow(part, kept, np.flatnonzero(~enough))

    def _whole(self, kept: Columns) -> tuple[Reals, NDArray[np.int64]]:
        """Return the rows on which some columns all have a return, and how many precede each."""
        key = kept.tobytes()
        if key not in self._complete:
            rows = np.asarray(self._seen[:, kept].all(axis=1), dtype=np.bool_)
            returns = np.array(self._returns[np.ix_(rows, kept)], order="C")
            self._complete[key] = returns, _counted(rows)
        return self._complete[key]


def _counted(seen: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return how many of the rows before each are seen, and of all of them."""
    found = np.zeros((len(seen) + 1, *seen.shape[1:]), dtype=np.int64)
    np.cumsum(seen, axis=0, out=found[1:])
    return found
