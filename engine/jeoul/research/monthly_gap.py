"""One way less another by the month, and how sure the difference is."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jeoul.estimate.resampling import resamplings
from jeoul.model.calendar import Reals
from jeoul.research.blocks import stretch
from jeoul.research.bootstrap import Interval, widened
from jeoul.research.falls import DRAWS, drawn_falls

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
    one, other = (_drawn(each.tobytes(), cash.tobytes(), seed, draws) for each in (mine, theirs))
    cagr, sharpe = one.growth - other.growth, one.sharpe - other.sharpe
    ahead = np.log1p(mine) - np.log1p(theirs)
    rows = _every(len(mine), seed, draws)[1:]
    error = float(ahead.take(rows).mean(axis=1).std(ddof=1))
    error *= stretch(len(mine), MEAN_BLOCK, T_LEVEL)
    return MonthlyGap(
        cagr=float(cagr[0]),
        sharpe=float(sharpe[0]),
        cagr_interval=_interval(cagr, len(mine)),
        sharpe_interval=_interval(sharpe, len(mine)),
        smaller_fall=float((one.falls > other.falls).mean()),
        t=float(ahead.mean()) / error if error > 0.0 else 0.0,
        ahead=ahead,
    )


class _Drawn(NamedTuple):
    """Figures of one way: of its months as they came, and then of each resample.

    The months as they came are one more draw, so that a figure and its interval are the same
    statistic. ``falls`` are those of the resamples alone.
    """

    growth: Reals
    sharpe: Reals
    falls: Reals


@lru_cache(maxsize=16)  # one way is held against several others
def _drawn(returns: bytes, cash: bytes, seed: int, draws: int) -> _Drawn:
    months, riskless = (np.frombuffer(each, dtype=np.float64) for each in (returns, cash))
    every = _every(len(months), seed, draws)
    rows = resamplings(len(months), MEAN_BLOCK, seed, draws)
    return _Drawn(
        _growth_rates(np.log1p(months).take(every)),
        _sharpe_ratios((months - riskless).take(every)),
        drawn_falls(months[np.newaxis], rows)[:, 0],
    )


@lru_cache(maxsize=1)
def _every(months: int, seed: int, draws: int) -> NDArray[np.intp]:
    """Return the months as they came, and as each resample draws them."""
    found: NDArray[np.intp] = np.empty((draws + 1, months), dtype=np.intp)
    found[0] = np.arange(months)
    found[1:] = resamplings(months, MEAN_BLOCK, seed, draws)
    return found


def _interval(values: Reals, months: int) -> Interval:
    """Return the interval of draws behind the figure itself."""
    return widened(values[1:], float(values[0]), months, MEAN_BLOCK)


def _growth_rates(returns: Reals) -> Reals:
    """Return the compound rate a year of each row of monthly log returns."""
    found: Reals = np.exp(returns.mean(axis=1) * 12.0) - 1.0
    return found


def _sharpe_ratios(excess: Reals) -> Reals:
    """Return the Sharpe ratio a year of each row of monthly returns above cash."""
    found: Reals = excess.mean(axis=1) / excess.std(axis=1, ddof=1) * np.sqrt(12.0)
    return found
