"""Expected returns: what an equilibrium implies, shrunk history, and the worst case."""

from __future__ import annotations

import math

import numpy as np

from jeoul.model.calendar import Reals
from jeoul.model.factored import Covariance


def equilibrium_mean(
    covariance: Covariance, reference_weights: Reals, risk_aversion: float
) -> Reals:
    """Return the excess means that make the reference weights optimal: pi = delta Sigma w.

    Shapes (n, n) and (n,); a year's covariance gives a year's means. Black and Litterman, "Global
    portfolio optimization", Financial Analysts Journal 48 (1992).

    >>> equilibrium_mean(np.diag([0.04, 0.01]), np.array([0.5, 0.5]), 2.5)
    array([0.05  , 0.0125])
    """
    if not risk_aversion > 0:
        raise ValueError(f"risk aversion is {risk_aversion}; give a number above 0")
    found: Reals = risk_aversion * (covariance @ reference_weights)
    return found


def shrunk_mean(returns: Reals) -> tuple[Reals, float]:
    """Return historical means shrunk to that of the minimum-variance portfolio, and the shrinkage.

    Bayes-Stein of Jorion, "Bayes-Stein estimation for portfolio analysis", Journal of Financial and
    Quantitative Analysis 21 (1986): with sample mean m, S = T/(T-n-2) times the sample covariance
    and m0 the mean of the minimum-variance portfolio,
    s = (n + 2) / ((n + 2) + T (m - m0)' S^-1 (m - m0)). Needs more than n + 2 sessions.

    >>> x = np.array([[1, 2, 3], [2, 1, 0], [0, 1, 2], [3, 3, 1], [1, 0, 1], [2, 2, 2]]) / 100
    >>> means, shrinkage = shrunk_mean(x)
    >>> 0 < shrinkage <= 1
    True
    """
    sessions, n = returns.shape
    if sessions <= n + 2:
        raise ValueError(f"{sessions} sessions for {n} columns; give more than {n + 2}")
    mean = returns.mean(axis=0)
    centred = returns - mean
    s = centred.T @ centred / (sessions - n - 2)
    inverse_ones = np.linalg.solve(s, np.ones(n))
    centre = float(mean @ inverse_ones / inverse_ones.sum())
    distance = float((mean - centre) @ np.linalg.solve(s, mean - centre))
    shrinkage = (n + 2) / (n + 2 + sessions * distance)
    return (1.0 - shrinkage) * mean + shrinkage * centre, shrinkage


def worst_case_mean(mean: Reals, covariance: Reals, *, years: float, kappa: float = 1.0) -> Reals:
    """Return each mean less ``kappa`` standard errors: mu_i - kappa sigma_i / sqrt(years).

    ``mean`` and ``covariance`` are annual and come from ``years`` of history. For long-only weights
    this is the worst mean inside a box of that half-width (Tütüncü and Koenig, "Robust asset
    allocation", Annals of Operations Research 132 (2004)).

    >>> worst_case_mean(np.array([0.08]), np.array([[0.04]]), years=4.0)
    array([-0.02])
    """
    if not years > 0 or kappa < 0:
        raise ValueError(
            f"{years} years and kappa {kappa}; give years above 0 and kappa at least 0"
        )
    found: Reals = mean - kappa * np.sqrt(np.diag(covariance)) / math.sqrt(years)
    return found
