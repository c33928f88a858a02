"""Rows of a history drawn again in blocks, so that what belongs together stays together."""

from __future__ import annotations

from functools import lru_cache
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


@lru_cache(maxsize=2)
def resamplings(rows: int, block: float, seed: int, draws: int) -> NDArray[np.int32]:
    """Return what so many calls of :func:`resampled` draw from one seed, shape (draws, rows).

    The last two are kept, as many figures are of the same history; nobody may change them.

    >>> rng = np.random.default_rng(1)
    >>> [resampled(5, 2.0, rng).tolist() for _ in range(3)] == resamplings(5, 2.0, 1, 3).tolist()
    True
    """
    rng = np.random.default_rng(seed)
    found = np.empty((draws, rows), dtype=np.int32)
    for drawn in found:
        drawn[:] = resampled(rows, block, rng)
    found.setflags(write=False)
    return found


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
    starts = np.flatnonzero(fresh)
    first = rng.integers(0, rows, len(starts))
    lengths = np.diff(starts, append=paths * steps)
    found: NDArray[np.int64] = np.repeat(first - starts, lengths) + np.arange(paths * steps)
    if steps <= rows:  # so that a block runs around the end once at most
        found[found >= rows] -= rows
    else:
        found %= rows
    return found.reshape(paths, steps)
