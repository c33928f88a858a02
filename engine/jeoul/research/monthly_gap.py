"""One way less another by the month, and how sure the difference is."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from jeoul.estimate.resampling import resampled
from jeoul.model.calendar import Reals
from jeoul.research.blocks import stretch
from jeoul.research.bootstrap import Interval, widened
from jeoul.research.falls import DRAWS, deepest_falls

MEAN_BLOCK = 12.0  # months
T_LEVEL = 0.9545  # of a normal variable between -2 and 2


@dataclass(frozen=True, slots=True)
class MonthlyGap:
    """One way less another, by whole months.

    ``cagr`` and ``sharpe`` are a year. ``smaller_fall`` is the share of resamples in which the fall
    was smaller, ``t`` the mean of ``ahead``, the differences of log returns, over its error.
    """

    cagr: float
    sharpe: float
    cagr_interval: Interval
    sharpe_interval: Interval
    smaller_fall: float
    t: float
    ahead: Reals = field(repr=False, compare=False)


def monthly_gap(
    mine: Reals, theirs: Reals, cash: Reals, *, seed: int, draws: int = DRAWS
) -> MonthlyGap:
    """Return one way's monthly returns less another's, with 90 % bootstrap intervals.

    Months are resampled together in blocks of a year on average. Intervals and t allow for how few
    blocks the history has (:func:`~jeoul.research.blocks.stretch`), so that a t beyond 2 is as rare
    as with a normal variable.
    """
    rng = np.random.default_rng(seed)
    rows = np.array([resampled(len(mine), MEAN_BLOCK, rng) for _ in range(draws)])
    # The months as they came are one more draw: a figure and its interval are the same statistic.
    every = np.vstack([np.arange(len(mine)), rows])
    cagr = _growth_rates(mine[every]) - _growth_rates(theirs[every])
    sharpe = _sharpe_ratios((mine - cash)[every]) - _sharpe_ratios((theirs - cash)[every])
    ahead = np.log1p(mine) - np.log1p(theirs)
    error = float(ahead[rows].mean(axis=1).std(ddof=1)) * stretch(len(mine), MEAN_BLOCK, T_LEVEL)
    return MonthlyGap(
        cagr=float(cagr[0]),
        sharpe=float(sharpe[0]),
        cagr_interval=_interval(cagr, len(mine)),
        sharpe_interval=_interval(sharpe, len(mine)),
        smaller_fall=float((deepest_falls(mine[rows]) > deepest_falls(theirs[rows])).mean()),
        t=float(ahead.mean()) / error if error > 0.0 else 0.0,
        ahead=ahead,
    )


def _interval(values: Reals, months: int) -> Interval:
    """Return the interval of draws behind the figure itself."""
    return widened(values[1:], float(values[0]), months, MEAN_BLOCK)


def _growth_rates(returns: Reals) -> Reals:
    """Return the compound rate a year of each row of monthly returns."""
    found: Reals = np.exp(np.log1p(returns).mean(axis=1) * 12.0) - 1.0
    return found


def _sharpe_ratios(excess: Reals) -> Reals:
    """Return the Sharpe ratio a year of each row of monthly returns above cash."""
    found: Reals = excess.mean(axis=1) / excess.std(axis=1, ddof=1) * np.sqrt(12.0)
    return found
