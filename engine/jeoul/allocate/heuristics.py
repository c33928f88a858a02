"""Portfolios by simple rules, and by risk alone: candidates in themselves, or targets to track."""

from __future__ import annotations

import numpy as np

from jeoul.errors import BadEstimate, SolverFailed
from jeoul.model.calendar import Reals

NEWTON = 200  # steps; damped at first, they double the right digits near the end
DONE = 1e-13


def equal_weight(n: int, *, budget: float = 1.0) -> Reals:
    """Return the same weight for each of n assets.

    >>> equal_weight(4)
    array([0.25, 0.25, 0.25, 0.25])
    """
    return np.full(n, budget / n)


def inverse_volatility(covariance: Reals, *, budget: float = 1.0) -> Reals:
    """Return weights proportional to 1 / volatility.

    >>> inverse_volatility(np.diag([0.04, 0.01])).round(4)
    array([0.3333, 0.6667])
    """
    variance = covariance.diagonal()
    if not np.all(variance > 0.0):
        raise BadEstimate("an asset without variance would take everything; leave it out")
    inverse = 1.0 / np.sqrt(variance)
    found: Reals = budget * inverse / inverse.sum()
    return found


def risk_parity(covariance: Reals, *, shares: Reals | None = None, budget: float = 1.0) -> Reals:
    """Return long-only weights whose contributions to variance are as ``shares``, equal if None.

    The unique minimum of 1/2 x'Sigma x - shares'log x, found by damped Newton steps in the units of
    each volatility and scaled to the budget (Spinu, "An algorithm for computing risk parity
    weights", 2013). Shares must be above 0 and are scaled to sum to 1.

    >>> risk_parity(np.diag([0.04, 0.01])).round(4)
    array([0.3333, 0.6667])
    """
    n = len(covariance)
    variance = covariance.diagonal()
    if not (np.isfinite(covariance).all() and np.all(variance > 0.0)):
        raise BadEstimate("risk parity needs finite covariances and variances above 0")
    wanted = np.full(n, 1.0 / n) if shares is None else np.asarray(shares) / np.sum(shares)
    if not np.all(wanted > 0.0):
        raise ValueError("every share of risk must be above 0; leave the asset out instead")
    scale = np.sqrt(variance)
    correlation = covariance / np.outer(scale, scale)
    x = np.sqrt(wanted) / np.sqrt(max(1e-12, float(correlation.mean()) * n))
    for _ in range(NEWTON):
        slope = correlation @ x - wanted / x
        step = np.linalg.solve(correlation + np.diag(wanted / x**2), slope)
        decrement = float(np.sqrt(max(0.0, slope @ step)) / np.sqrt(wanted.min()))
        # Self-concordance: this step length keeps x positive and lowers the objective.
        x = x - step if decrement < 0.25 else x - step / (1.0 + decrement)
        if float(np.abs(x * (correlation @ x) - wanted).max()) < DONE:
            weights = x / scale
            found: Reals = budget * weights / weights.sum()
            return found
    raise SolverFailed("Newton", f"risk parity not reached in {NEWTON} steps")


def risk_contributions(covariance: Reals, weights: Reals) -> Reals:
    """Return each asset's share of the variance, summing to 1: w_i (Sigma w)_i / w'Sigma w.

    >>> risk_contributions(np.diag([0.04, 0.01]), np.array([0.5, 0.5]))
    array([0.8, 0.2])
    """
    pushed = covariance @ weights
    found: Reals = weights * pushed / float(weights @ pushed)
    return found
