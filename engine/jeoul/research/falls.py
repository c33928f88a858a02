"""The deepest fall of a path, and how sure the difference of two of them is."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from jeoul.estimate.resampling import resampled
from jeoul.model.calendar import Reals
from jeoul.research.bootstrap import Interval

DRAWS = 2000
YEAR = 250.0  # sessions, the mean block


def deepest_falls(returns: Reals) -> Reals:
    """Return the deepest fall from a peak of each row of returns, at most 0.

    >>> deepest_falls(np.array([[0.1, -0.5, 0.2], [0.1, 0.1, 0.1]])).tolist()
    [-0.5, 0.0]
    """
    level = np.cumprod(1.0 + returns, axis=1)
    peak = np.maximum(np.maximum.accumulate(level, axis=1), 1.0)
    found: Reals = (level / peak - 1.0).min(axis=1)
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
    rng = np.random.default_rng(seed)
    falls = np.array(
        [deepest_falls(returns[:, resampled(returns.shape[1], YEAR, rng)]) for _ in range(draws)]
    )
    # Percentiles as they are: those of a deepest fall already cover more than they say.
    low, high = np.quantile(falls - falls[:, :1], [0.05, 0.95], axis=0)
    return {
        name: Interval(float(low[row]), float(high[row]), 0.90)
        for row, name in enumerate(names)
        if name != base
    }
