"""Rows of a history drawn again in blocks, so that what belongs together stays together."""

from __future__ import annotations

from math import cbrt

import numpy as np
from numpy.typing import NDArray


def block_length(rows: int, least: int = 63) -> int:
    """Return the mean block: the cube root of the sample, and no less than a quarter of a year.

    The cube root is the rate for a mean; the floor lets a volatility cluster stay whole. ``least``
    is how many rows a quarter has: 63 sessions, 3 months.

    >>> block_length(4900), block_length(250, least=3)
    (63, 6)
    """
    return max(least, round(cbrt(rows)))


def resampled(rows: int, block: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return one stationary resampling: row numbers in blocks of geometric length, mean ``block``.

    Blocks start anywhere and run around the end. Politis and Romano, "The stationary bootstrap",
    Journal of the American Statistical Association 89 (1994).
    """
    (found,) = resampled_paths(rows, block, rng, paths=1, steps=rows)
    only: NDArray[np.int64] = found
    return only


def resampled_paths(
    rows: int, block: float, rng: np.random.Generator, *, paths: int, steps: int
) -> NDArray[np.int64]:
    """Return independent stationary resamplings, shape (paths, steps), of a history of ``rows``.

    >>> found = resampled_paths(5, 2.0, np.random.default_rng(1), paths=2, steps=3)
    >>> found.shape, bool(found.max() < 5)
    ((2, 3), True)
    """
    fresh = rng.random((paths, steps)) < 1.0 / block
    fresh[:, :1] = True
    flat = fresh.ravel()
    starts = np.flatnonzero(flat)
    first = rng.integers(0, rows, len(starts))
    which = np.cumsum(flat) - 1
    found: NDArray[np.int64] = (first[which] + np.arange(paths * steps) - starts[which]) % rows
    return found.reshape(paths, steps)
