"""The covariances of :mod:`jeoul.estimate.covariance` in factor form, for more funds than sessions.

Each is the same matrix, but none of its n x n numbers is computed: a covariance of T sessions is
X'X/T and something on the diagonal, and every sum over its entries that a shrinkage needs is one
over the T x T products of the sessions. Work and memory are those of the returns.
"""

from __future__ import annotations

import numpy as np

from jeoul.estimate.covariance import centred
from jeoul.model.calendar import Reals
from jeoul.model.factored import Factored


def sample_factored(returns: Reals) -> Factored:
    """Return the sample covariance, ``ddof=1``.

    >>> x = np.array([[1, 2, 3], [2, 1, 0], [0, 1, 2], [3, 3, 1]]) / 100
    >>> from jeoul.estimate import sample
    >>> bool(np.allclose(sample_factored(x).dense(), sample(x)))
    True
    """
    x = centred(returns)
    return _factored(x / np.sqrt(len(x) - 1), 0.0)


def ledoit_wolf_factored(returns: Reals) -> tuple[Factored, float]:
    """Return the covariance shrunk to a scaled identity, and the shrinkage in [0, 1].

    >>> x = np.array([[1, 2, 3], [2, 1, 0], [0, 1, 2], [3, 3, 1], [1, 0, 1], [2, 2, 2]]) / 100
    >>> round(ledoit_wolf_factored(x)[1] * 249, 9)
    188.0
    """
    x = centred(returns)
    sessions, n = x.shape
    norms = np.einsum("ij,ij->i", x, x)
    m = float(norms.sum()) / sessions / n
    size = _size(x)
    fourth = float(norms @ norms) / sessions
    b = (fourth - size) / (n * sessions)
    d = size / n - m * m
    shrinkage = 0.0 if d <= 0.0 else min(b, d) / d
    return _factored(x * np.sqrt((1.0 - shrinkage) / sessions), shrinkage * m), shrinkage


def constant_correlation_factored(returns: Reals) -> tuple[Factored, float]:
    """Return the covariance shrunk to constant correlation, and the shrinkage in [0, 1].

    The mean correlation of more funds than sessions is not below 0 by more than rounding; a column
    without variance raises ``ValueError``.
    """
    x = centred(returns)
    sessions, n = x.shape
    variance = np.einsum("ij,ij->j", x, x) / sessions
    if not np.all(variance > 0):
        raise ValueError("a column without variance has no correlation; leave it out")
    deviation = np.sqrt(variance)
    standard = (x / deviation) @ np.ones(n)
    mean = max(0.0, (float(standard @ standard) / sessions - n) / (n * (n - 1)))
    size = _size(x)
    weighted = x @ deviation
    # <target, S> and |target|^2, the diagonal of the target being that of S.
    squares = float(variance @ variance)
    total = float(variance.sum())
    both = mean * (float(weighted @ weighted) / sessions - squares) + squares
    target = mean * mean * (total * total - squares) + squares
    gamma = max(0.0, target - 2.0 * both + size)
    fourth = x * x
    spread = fourth @ np.ones(n)
    pi = float(spread @ spread) / sessions - size
    own = np.einsum("ij,ij->j", fourth, fourth) / sessions - variance * variance
    cubes = (x**3) @ (1.0 / deviation)
    theta = float(cubes @ weighted) / sessions
    theta -= float(deviation @ (x.T @ weighted)) / sessions
    rho = float(own.sum()) + mean * (theta - float(own.sum()))
    raw = 0.0 if gamma <= 0.0 else (pi - rho) / gamma / sessions
    shrinkage = min(1.0, max(0.0, raw))
    shared = np.vstack(
        [x * np.sqrt((1.0 - shrinkage) / sessions), deviation * np.sqrt(shrinkage * mean)]
    )
    return _factored(shared, shrinkage * (1.0 - mean) * variance), shrinkage


def ewma_factored(returns: Reals, *, half_life: float) -> Factored:
    """Return the exponentially weighted covariance about zero; the last row weighs most."""
    if not half_life > 0:
        raise ValueError(f"half-life is {half_life}; give a number of sessions above 0")
    centred(returns)
    weight = 0.5 ** (np.arange(len(returns) - 1, -1, -1) / half_life)
    return _factored(returns * np.sqrt(weight / weight.sum())[:, None], 0.0)


def factor_factored(returns: Reals, *, factors: int) -> Factored:
    """Return the covariance of a statistical factor model: leading components plus own variance."""
    x = centred(returns) / np.sqrt(len(returns) - 1)
    if not 0 <= factors <= len(x):
        raise ValueError(f"{factors} factors of {len(x)} sessions; give 0 to {len(x)}")
    _, vectors = np.linalg.eigh(x @ x.T)
    # A component of the sessions, laid on the funds, is one of the funds with its own size.
    shared = vectors[:, len(x) - factors :].T @ x
    variance = np.einsum("ij,ij->j", x, x)
    own = np.maximum(variance - np.einsum("ij,ij->j", shared, shared), 0.0)
    return _factored(shared, own)


def _factored(shared: Reals, own: Reals | float) -> Factored:
    n = shared.shape[1]
    return Factored(np.ascontiguousarray(shared.T), np.zeros(n) + own)


def _size(x: Reals) -> float:
    """Return the squared norm of X'X/T, from the products of its sessions."""
    between = x @ x.T
    return float(np.vdot(between, between)) / len(x) ** 2
