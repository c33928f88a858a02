"""How long the blocks of a bootstrap must be, and what too few of them leave out."""

from __future__ import annotations

from math import ceil, log10, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from jeoul.model.calendar import Reals

_LAGS = 5  # insignificant in a row, after which the autocorrelation counts as gone
_SIGNIFICANT = 2.0  # standard errors, as Politis and White propose


def chosen_block(series: Reals) -> float:
    """Return the mean block that suits the dependence of a series, shape (rows, columns).

    The mean over the columns of the length that makes the error of the bootstrap variance
    least, at least 1 and at most the lesser of 3 sqrt(rows) and a third of the rows: (2 G^2 /
    D)^(1/3) rows^(1/3) with G the sum of |k| R(k) and D = 2 g(0)^2 over a flat-top window of
    autocovariances R. Politis and White, "Automatic block-length selection for the dependent
    bootstrap", Econometric Reviews 23 (2004), with the constant that Patton, Politis and White
    corrected (2009).

    >>> noise = np.random.default_rng(1).normal(size=(1000, 1))
    >>> chosen_block(noise) < 5.0 < chosen_block(np.cumsum(noise, axis=0))
    True
    """
    return float(np.mean([_chosen(column) for column in series.T]))


def dependence(series: Reals) -> float:
    """Return by how much the variance of a mean exceeds that of independent rows, at least 1.

    1 + 2 sum w(k) R(k) / R(0) over the window of :func:`chosen_block`. A factor below 1 counts as
    1: in most series it is noise, and a shorter error would be wishful.

    >>> steps = np.random.default_rng(1).normal(size=1000)
    >>> dependence(steps) < 1.3 < dependence(np.convolve(steps, np.ones(4)))
    True
    """
    covariances, lags, window = _windowed(series)
    if covariances[0] <= 0.0:
        return 1.0
    return max(1.0, 1.0 + 2.0 * float(window @ covariances[lags]) / float(covariances[0]))


def _chosen(series: Reals) -> float:
    rows = len(series)
    covariances, lags, window = _windowed(series)
    spectrum = covariances[0] + 2.0 * float(window @ covariances[lags])
    slope = 2.0 * float((window * lags) @ covariances[lags])
    if covariances[0] <= 0.0 or spectrum == 0.0:
        return 1.0
    length = (slope**2 / spectrum**2 * rows) ** (1.0 / 3.0)
    return float(min(max(length, 1.0), ceil(min(3.0 * sqrt(rows), rows / 3.0))))


def _windowed(series: Reals) -> tuple[Reals, NDArray[np.int64], Reals]:
    """Return the autocovariances, the lags that count, and the flat-top weight of each of those."""
    rows = len(series)
    least = max(_LAGS, ceil(log10(rows)))
    longest = min(ceil(sqrt(rows)) + least, rows - 1)
    covariances = autocovariances(series, longest)
    if covariances[0] <= 0.0:
        return covariances, np.empty(0, dtype=np.int64), np.empty(0)
    shares = covariances[1:] / covariances[0]
    insignificant = np.abs(shares) < _SIGNIFICANT * sqrt(log10(rows) / rows)
    # The first lag of a run that is not significant, as in the authors' own programs.
    runs = np.convolve(insignificant, np.ones(least), "valid") == least
    last = int(np.argmax(runs)) + 1 if runs.any() else longest
    lags = np.arange(1, min(2 * last, longest) + 1)
    return covariances, lags, np.minimum(1.0, 2.0 * (1.0 - lags / lags[-1]))


def autocovariances(series: Reals, lags: int) -> Reals:
    """Return the autocovariances of one series at the lags 0 to ``lags``, each over all rows.

    >>> autocovariances(np.array([1.0, -1.0, 1.0, -1.0]), 1).tolist()
    [1.0, -0.75]
    """
    rows = len(series)
    spectrum = np.fft.rfft(series - series.mean(), 2 * rows)
    found: Reals = np.fft.irfft(np.abs(spectrum) ** 2)[: lags + 1] / rows
    return found


def stretch(rows: int, block: float, level: float = 0.90) -> float:
    """Return how much wider an interval must be because a history has only so many blocks.

    Resamples vary around the mean of the history, which the history has adjusted to itself: their
    variance is too small by 1 - 2 block / rows. What is left is known as badly as from
    rows / block squares: Student's quantile takes the place of the normal one. Kiefer and
    Vogelsang, "A new asymptotic theory for heteroskedasticity-autocorrelation robust tests",
    Econometric Theory 21 (2005), is the general form. Blocks count as at most a quarter of the
    history.

    >>> round(stretch(1000, 1.0), 3), round(stretch(1000, 63.0), 3)
    (1.002, 1.136)
    """
    share = min(block / rows, 0.25)
    normal = NormalDist().inv_cdf(0.5 + level / 2.0)
    return student_quantile(normal, 1.0 / share) / normal / sqrt(1.0 - 2.0 * share)


def student_quantile(normal: float, freedom: float) -> float:
    """Return Student's quantile where the normal one is ``normal``: four terms of Fisher's series.

    Within 0.1 % at 95 % from four degrees of freedom upwards.

    >>> round(student_quantile(1.6449, 20.0), 3)
    1.725
    """
    z, n = normal, freedom
    return (
        z
        + (z**3 + z) / (4.0 * n)
        + (5.0 * z**5 + 16.0 * z**3 + 3.0 * z) / (96.0 * n**2)
        + (3.0 * z**7 + 19.0 * z**5 + 17.0 * z**3 - 15.0 * z) / (384.0 * n**3)
    )
