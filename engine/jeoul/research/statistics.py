"""What a Sharpe ratio is worth after a short, skewed history and many trials.

All ratios here are per observation, not per year, unless a name says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import e, isnan, nan, sqrt
from statistics import NormalDist

import numpy as np

from jeoul.model.calendar import Reals
from jeoul.research.blocks import dependence

_NORMAL = NormalDist()
_EULER = 0.5772156649015329
_FEWEST = 20  # returns: below it no autocorrelation is measured
_TINY = 1e-300  # below it the inverse of the normal distribution has no value


@dataclass(frozen=True, slots=True)
class Moments:
    """A Sharpe ratio per observation, and the shape of what it was measured on.

    ``kurtosis`` is not reduced by 3: 3 for a normal variable. ``dependence`` is by how much
    autocorrelation raises the variance of the ratio, 1 for independent returns.
    """

    sharpe: float
    count: int
    skewness: float = 0.0
    kurtosis: float = 3.0
    dependence: float = 1.0


def moments(excess: Reals) -> Moments:
    """Return the moments of returns above cash; the ratio is NaN without variation.

    The deviation has ``ddof=1``; skewness and kurtosis are the plain sample moments, the dependence
    that of :func:`~jeoul.research.blocks.dependence` from twenty returns upwards.

    >>> moments(np.array([0.01, -0.01, 0.03])).sharpe
    0.5
    """
    spread = float(excess.std(ddof=1)) if len(excess) > 1 else 0.0
    if spread <= 1e-15:
        return Moments(nan, len(excess))
    centred = excess - excess.mean()
    squares = centred * centred
    scale = float(np.sqrt(squares.mean()))
    return Moments(
        sharpe=float(excess.mean()) / spread,
        count=len(excess),
        skewness=float((squares * centred).mean()) / scale**3,
        kurtosis=float((squares * squares).mean()) / scale**4,
        dependence=dependence(excess) if len(excess) >= _FEWEST else 1.0,
    )


def _spread(found: Moments) -> float:
    """Return the variance of the Sharpe estimate times the number of observations less one."""
    ratio = found.sharpe
    alone = 1.0 - found.skewness * ratio + (found.kurtosis - 1.0) / 4.0 * ratio**2
    return alone * found.dependence


def probabilistic_sharpe(found: Moments, benchmark: float = 0.0) -> float:
    """Return the probability that the true Sharpe ratio exceeds ``benchmark``.

    Phi((SR - SR*) sqrt(T - 1) / sqrt(D (1 - skew SR + (kurt - 1) / 4 SR^2))). NaN with fewer than
    two observations. Bailey and Lopez de Prado, "The Sharpe ratio efficient frontier", Journal of
    Risk 15 (2012), where D = 1: for autocorrelated returns D is their dependence, without which
    one in ten useless strategies passes at 5 %.

    >>> round(probabilistic_sharpe(Moments(0.458, 24)), 3)
    0.982
    """
    if isnan(found.sharpe) or found.count < 2 or _spread(found) <= 0.0:
        return nan
    score = (found.sharpe - benchmark) * sqrt(found.count - 1) / sqrt(_spread(found))
    return _NORMAL.cdf(score)


def expected_maximum(trials: int) -> float:
    """Return about the highest of ``trials`` independent standard normal values; 0 for one.

    (1 - g) Phi^-1(1 - 1/N) + g Phi^-1(1 - 1/(N e)) with Euler's constant g. Bailey, Borwein, Lopez
    de Prado and Zhu, "Pseudo-mathematics and financial charlatanism", Notices of the AMS 61 (2014).

    >>> round(expected_maximum(45), 4)
    2.2356
    """
    if trials < 1:
        raise ValueError(f"{trials} trials; there is at least the one looked at")
    if trials == 1:
        return 0.0
    return (1.0 - _EULER) * _NORMAL.inv_cdf(1.0 - 1.0 / trials) + _EULER * _NORMAL.inv_cdf(
        1.0 - 1.0 / (trials * e)
    )


def deflated_sharpe(found: Moments, trials: int, variance: float) -> float:
    """Return the probability that the ratio is above what the best of as many trials shows by luck.

    ``variance`` is that of the trials' ratios, per observation. Trials count as independent, so
    that a family of similar ones is judged too harshly rather than too kindly. Bailey and Lopez de
    Prado, "The deflated Sharpe ratio", Journal of Portfolio Management 40 (2014).

    >>> example = Moments(2.5 / 250**0.5, 1250, skewness=-3.0, kurtosis=10.0)
    >>> round(deflated_sharpe(example, 100, 0.5 / 250), 4)
    0.9004
    """
    return probabilistic_sharpe(found, sqrt(variance) * expected_maximum(trials))


def haircut_sharpe(sharpe: float, years: float, trials: int) -> float:
    """Return what is left of a ratio a year after the number of trials is charged (Bonferroni).

    The two-sided p of t = SR sqrt(years) is multiplied by the trials, at most to 1, and turned back
    into a ratio: 0 where the best of so many useless trials would often be as good. NaN without a
    ratio. Harvey and Liu, "Backtesting", Journal of Portfolio Management 42 (2015).

    >>> round(haircut_sharpe(0.75, years=20.0, trials=200), 3)
    0.315
    """
    if isnan(sharpe):
        return nan
    p = 2.0 * _NORMAL.cdf(-abs(sharpe) * sqrt(years))
    charged = min(1.0, max(p * trials, _TINY))
    left = -_NORMAL.inv_cdf(charged / 2.0) / sqrt(years)
    return (left if sharpe >= 0.0 else -left) + 0.0


def minimum_track_record(found: Moments, benchmark: float, confidence: float = 0.95) -> float:
    """Return how many observations it takes to trust that the ratio exceeds ``benchmark``.

    1 + D (1 - skew SR + (kurt - 1) / 4 SR^2) (z / (SR - SR*))^2; infinite if it does not exceed it.
    Bailey and Lopez de Prado (2012).

    >>> monthly = Moments(2.0 / 12**0.5, 0)
    >>> round(minimum_track_record(monthly, 1.0 / 12**0.5) / 12, 2)
    3.24
    """
    if isnan(found.sharpe):
        return nan
    if found.sharpe <= benchmark:
        return float("inf")
    score = _NORMAL.inv_cdf(confidence) / (found.sharpe - benchmark)
    return 1.0 + _spread(found) * score**2


def minimum_backtest(trials: int, sharpe: float = 1.0) -> float:
    """Return the years below which the best of useless trials is expected to show ``sharpe``.

    (E[max] / SR)^2 with an annual ratio. Bailey, Borwein, Lopez de Prado and Zhu (2014).

    >>> round(minimum_backtest(45), 1)
    5.0
    """
    return (expected_maximum(trials) / sharpe) ** 2
