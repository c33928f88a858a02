"""What a target is expected to do: its volatility, what it earns above cash, and cash itself."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from jeoul.model.calendar import Reals
from jeoul.model.history import History
from jeoul.pipeline.allocation import RowAllocation

RECENT = 21
"""The sessions over which the interest on cash is averaged: a Monday earns three days of it."""


class Expected(NamedTuple):
    """What weights are expected to do, a year, as their allocation was estimated.

    ``contributions`` are the parts of the variance by place (they sum to 1), ``volatility`` its
    root and ``excess`` the return above cash.
    """

    contributions: dict[int, float]
    volatility: float
    excess: float


def expected_of(made: RowAllocation, target: Reals) -> Expected:
    """Return what a target is expected to do, and which part of its variance each member brings."""
    covariance, weights = made.covariance, target[made.members]
    pull = covariance @ weights
    variance = float(weights @ pull)
    excess = float(weights @ made.means)
    shares = weights * pull / variance if variance > 0.0 else np.zeros(len(weights))
    places = [int(place) for place in made.members]
    held = {p: float(s) for p, s, w in zip(places, shares, weights, strict=True) if w > 0.0}
    return Expected(held, variance**0.5, excess)


def cash_rate_on(history: History, row: int) -> float:
    """Return the interest on cash after a row, a year: the mean of the last sessions, times a year.

    A session without a known rate earns nothing, as in a backtest.
    """
    recent = history.cash_rate[max(0, row + 1 - RECENT) : row + 1]
    return float(np.nan_to_num(recent).mean()) * history.sessions_per_year
