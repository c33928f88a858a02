"""Volatility and Sharpe ratio over the last year, as they were at the end of every week."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jeoul.model.calendar import Days, Reals

SESSIONS = 252
"""The returns that each figure is made from."""

EVERY = 5
"""Sessions between two figures."""


@dataclass(frozen=True, slots=True, eq=False)
class Rolling:
    """Figures of :data:`SESSIONS` returns each, on every fifth session up to the last one.

    ``volatility`` is a year's; ``sharpe`` is NaN without variation. Empty for a shorter path.
    """

    sessions: Days
    volatility: Reals
    sharpe: Reals


def rolling(sessions: Days, nav: Reals, cash: Reals, sessions_per_year: float) -> Rolling:
    """Return the figures of :func:`jeoul.metrics.volatility` and ``sharpe`` along a path.

    ``cash`` is the interest of each session, as long as ``nav``.

    >>> days = np.arange("2023-01-01", "2024-01-01", dtype="datetime64[D]")
    >>> found = rolling(days, 1.001 ** np.arange(365.0), np.zeros(365), 252.0)
    >>> len(found.sessions), float(found.volatility.max()) < 1e-9
    (23, True)
    """
    rows = np.arange(len(nav) - 1, SESSIONS - 1, -EVERY)[::-1]
    returns = nav[1:] / nav[:-1] - 1.0
    if not len(rows):
        empty = np.zeros(0)
        return Rolling(sessions[:0], empty, empty)
    behind = np.lib.stride_tricks.sliding_window_view
    own = behind(returns, SESSIONS)[rows - SESSIONS]
    excess = behind(returns - cash[1:], SESSIONS)[rows - SESSIONS]
    spread = excess.std(axis=1, ddof=1)
    flat = spread <= 1e-15
    ratio = np.where(flat, np.nan, excess.mean(axis=1) / np.where(flat, 1.0, spread))
    return Rolling(
        sessions[rows],
        own.std(axis=1, ddof=1) * np.sqrt(sessions_per_year),
        ratio * np.sqrt(sessions_per_year),
    )
