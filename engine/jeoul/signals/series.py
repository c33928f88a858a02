"""Numbers made from series on the overlay's clock, NaN where nothing new was observed."""

from __future__ import annotations

import numpy as np

from jeoul.model.calendar import Reals


def change(values: Reals, observations: int) -> Reals:
    """Return each value over the one ``observations`` before it, less 1.

    NaN where that one is not above 0: oil once closed below it, and no change can be told from
    there.

    >>> change(np.array([100.0, np.nan, 110.0, 99.0]), 1).round(4).tolist()
    [nan, nan, 0.1, -0.1]
    """
    seen, found = np.flatnonzero(np.isfinite(values)), np.full(len(values), np.nan)
    given = values[seen]
    if len(seen) > observations:
        before, now = given[:-observations], given[observations:]
        told = before > 0.0
        found[seen[observations:][told]] = now[told] / before[told] - 1.0
    return found


def difference(values: Reals, observations: int) -> Reals:
    """Return each value less the one ``observations`` before it.

    >>> difference(np.array([3.5, np.nan, 3.25]), 1).tolist()
    [nan, nan, -0.25]
    """
    seen, found = np.flatnonzero(np.isfinite(values)), np.full(len(values), np.nan)
    given = values[seen]
    if len(seen) > observations:
        found[seen[observations:]] = given[observations:] - given[:-observations]
    return found


def ratio(over: Reals, under: Reals) -> Reals:
    """Return one series over another, NaN unless both were observed and the second is not 0.

    >>> ratio(np.array([30.0, 20.0]), np.array([25.0, np.nan])).tolist()
    [1.2, nan]
    """
    found = np.full(len(over), np.nan)
    both = np.isfinite(over) & np.isfinite(under) & (under != 0.0)
    found[both] = over[both] / under[both]
    return found


def drawdown(values: Reals, observations: int) -> Reals:
    """Return 1 less each value over the highest of the last ``observations``, itself included.

    NaN before so many were seen, and where none of them is above 0.

    >>> drawdown(np.array([100.0, 80.0, 90.0]), 2).round(4).tolist()
    [nan, 0.2, 0.0]
    """
    seen, found = np.flatnonzero(np.isfinite(values)), np.full(len(values), np.nan)
    if len(seen) >= observations:
        given = values[seen]
        windows = np.lib.stride_tricks.sliding_window_view(given, observations)
        highest, now = windows.max(axis=1), given[observations - 1 :]
        told = highest > 0.0
        found[seen[observations - 1 :][told]] = 1.0 - now[told] / highest[told]
    return found


def realised_volatility(level: Reals, sessions: int, sessions_per_year: float) -> Reals:
    """Return the annualised volatility (ddof 1) of the last ``sessions`` returns of a level.

    >>> realised_volatility(np.array([1.0, 1.01, 1.0, 1.01]), 3, 250.0).round(3).tolist()
    [nan, nan, nan, 0.182]
    """
    seen, found = np.flatnonzero(np.isfinite(level)), np.full(len(level), np.nan)
    if len(seen) > sessions:
        returns = level[seen][1:] / level[seen][:-1] - 1.0
        windows = np.lib.stride_tricks.sliding_window_view(returns, sessions)
        found[seen[sessions:]] = windows.std(axis=1, ddof=1) * np.sqrt(sessions_per_year)
    return found
