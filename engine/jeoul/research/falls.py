"""The deepest fall of a path, and how sure the difference of two of them is."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from jeoul.estimate.resampling import resamplings
from jeoul.model.calendar import Reals
from jeoul.research.bootstrap import Interval

DRAWS = 2000
YEAR = 250.0  # sessions, the mean block


def drawn_falls(returns: Reals, rows: NDArray[np.int32]) -> Reals:
    """Return the deepest fall from a peak, at most 0, of paths of returns that are resampled.

    ``returns`` has one row per path, ``rows`` one per resample; the shape is (resamples, paths).

    >>> returns = np.array([[0.1, -0.5, 0.2], [0.1, 0.1, 0.1]])
    >>> drawn_falls(returns, np.array([[0, 1, 2], [1, 1, 0]], dtype=np.int32)).tolist()
    [[-0.5, 0.0], [-0.75, 0.0]]
    """
    from jeoul.research.compiled_falls import fill_falls

    found = np.empty((len(rows), len(returns)))
    fill_falls(np.ascontiguousarray(1.0 + returns.T), rows, found)
    return found


def saved_intervals(
    levels: Mapping[str, Reals], base: str, *, seed: int, draws: int = DRAWS
) -> dict[str, Interval]:
    """Return, for every path but ``base``, the 90 % interval of the fall saved against it.

    The returns of sessions are resampled together, in blocks of a year on average: falls within a
    month count, as they do in the figure itself. A level has one value a session.
    """
    names = [base, *(name for name in levels if name != base)]
    returns = np.array([levels[name][1:] / levels[name][:-1] - 1.0 for name in names])
    falls = drawn_falls(returns, resamplings(returns.shape[1], YEAR, seed, draws))
    # Percentiles as they are: those of a deepest fall already cover more than they say.
    low, high = np.quantile(falls - falls[:, :1], [0.05, 0.95], axis=0)
    return {
        name: Interval(float(low[row]), float(high[row]), 0.90)
        for row, name in enumerate(names)
        if name != base
    }
