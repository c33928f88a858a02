"""The stationary bootstrap: how far a figure of one history could have been another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jeoul.model.calendar import Reals


def stationary_rows(count: int, draws: int, *, mean_block: float, seed: int) -> NDArray[np.int64]:
    """Return ``draws`` resamples of the rows 0 to ``count - 1``, shape (draws, count).

    Blocks begin anywhere, wrap around, and have lengths that are geometric with mean
    ``mean_block``: Politis and Romano, "The stationary bootstrap", Journal of the American
    Statistical Association 89 (1994). The same ``seed`` gives the same rows.

    >>> stationary_rows(4, 1, mean_block=1e9, seed=1).tolist()
    [[1, 2, 3, 0]]
    """
    source = np.random.default_rng(seed)
    fresh = source.random((draws, count)) < 1.0 / mean_block
    starts = source.integers(0, count, (draws, count))
    rows = np.empty((draws, count), dtype=np.int64)
    rows[:, 0] = starts[:, 0]
    for place in range(1, count):
        rows[:, place] = np.where(
            fresh[:, place], starts[:, place], (rows[:, place - 1] + 1) % count
        )
    return rows


def growth_rates(returns: Reals, periods: float) -> Reals:
    """Return the compound rate a year of each row of period returns.

    >>> growth_rates(np.array([[0.1, 0.1]]), 1.0).round(4).tolist()
    [0.1]
    """
    found: Reals = np.exp(np.log1p(returns).mean(axis=-1) * periods) - 1.0
    return found


def sharpe_ratios(returns: Reals, cash: Reals, periods: float) -> Reals:
    """Return mean over deviation of each row of period returns above cash, a year; ``ddof`` 1."""
    excess = returns - cash
    found: Reals = excess.mean(axis=-1) / excess.std(axis=-1, ddof=1) * np.sqrt(periods)
    return found


def deepest_falls(returns: Reals) -> Reals:
    """Return the deepest fall from a peak of each row of period returns, at most 0.

    >>> deepest_falls(np.array([[0.1, -0.5, 0.2]])).round(4).tolist()
    [-0.5]
    """
    level = np.cumprod(1.0 + returns, axis=-1)
    peak = np.maximum(np.maximum.accumulate(level, axis=-1), 1.0)
    found: Reals = (level / peak - 1.0).min(axis=-1)
    return found
