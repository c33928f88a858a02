"""Covariance of returns: sample, shrunk, exponentially weighted, and of a factor model.

Every function takes returns of shape (sessions, n) without gaps (see
:func:`jeoul.estimate.aligned_window`) and gives a covariance of shape (n, n) per session.
"""

from __future__ import annotations

import numpy as np

from jeoul.model.calendar import Reals


def sample(returns: Reals) -> Reals:
    """Return the sample covariance, ``ddof=1``.

    >>> sample(np.array([[0.01, 0.0], [0.03, 0.0]])).round(6).tolist()
    [[0.0002, 0.0], [0.0, 0.0]]
    """
    x = centred(returns)
    found: Reals = x.T @ x / (len(returns) - 1)
    return found


def ledoit_wolf(returns: Reals) -> tuple[Reals, float]:
    r"""Return the covariance shrunk to a scaled identity, and the shrinkage in [0, 1].

    With S the covariance (``ddof=0``) of T sessions, n columns and mean variance m = tr S / n:
    Sigma = (1 - s) S + s m I,   s = min(b, d) / d,
    d = ||S - m I||^2 / n,   b = (mean_t ||x_t x_t' - S||^2) / (n T).

    Ledoit and Wolf, "A well-conditioned estimator for large-dimensional covariance matrices",
    Journal of Multivariate Analysis 88 (2004). Equal to scikit-learn's ``ledoit_wolf``.

    >>> x = np.array([[1, 2, 3], [2, 1, 0], [0, 1, 2], [3, 3, 1], [1, 0, 1], [2, 2, 2]]) / 100
    >>> covariance, shrinkage = ledoit_wolf(x)
    >>> round(shrinkage * 249, 9)
    188.0
    """
    x = centred(returns)
    sessions, n = x.shape
    s = x.T @ x / sessions
    m = float(s.diagonal().sum()) / n
    size = float(np.vdot(s, s))
    # ||x_t x_t'||^2 is the squared norm of the row x_t, squared again.
    norms = np.einsum("ij,ij->i", x, x)
    fourth = float(norms @ norms) / sessions
    b = (fourth - size) / (n * sessions)
    d = size / n - m * m
    shrinkage = 0.0 if d <= 0.0 else min(b, d) / d
    shrunk = (1.0 - shrinkage) * s
    shrunk.flat[:: n + 1] += shrinkage * m
    return shrunk, shrinkage


def constant_correlation(returns: Reals) -> tuple[Reals, float]:
    """Return the covariance shrunk to constant correlation, and the shrinkage in [0, 1].

    The target keeps every variance and gives each pair the mean sample correlation. Ledoit and
    Wolf, "Honey, I shrunk the sample covariance matrix", Journal of Portfolio Management 30 (2004),
    appendix B; a column without variance raises ``ValueError``.

    >>> x = np.array([[1, 2, 3], [2, 1, 0], [0, 1, 2], [3, 3, 1], [1, 0, 1], [2, 2, 2]]) / 100
    >>> covariance, shrinkage = constant_correlation(x)
    >>> 0 <= shrinkage <= 1
    True
    """
    x = centred(returns)
    sessions, n = x.shape
    s = x.T @ x / sessions
    deviation = np.sqrt(np.diag(s))
    if n < 2:
        return s, 0.0
    if not np.all(deviation > 0):
        raise ValueError("a column without variance has no correlation; leave it out")
    outer = np.outer(deviation, deviation)
    mean_correlation = float((np.sum(s / outer) - n) / (n * (n - 1)))
    target = mean_correlation * outer
    np.fill_diagonal(target, np.diag(s))
    squares = x * x
    pi_matrix = squares.T @ squares / sessions - s * s
    # Asymptotic covariance of a variance with each covariance of its row.
    theta = (x**3).T @ x / sessions - np.diag(s)[:, None] * s
    np.fill_diagonal(theta, 0.0)
    ratio = deviation[None, :] / deviation[:, None]
    rho = float(np.trace(pi_matrix) + mean_correlation * np.sum(ratio * theta))
    gamma = float(np.sum((target - s) ** 2))
    raw = 0.0 if gamma <= 0.0 else (float(pi_matrix.sum()) - rho) / gamma / sessions
    shrinkage = min(1.0, max(0.0, raw))
    return shrinkage * target + (1.0 - shrinkage) * s, shrinkage


def ewma(returns: Reals, *, half_life: float) -> Reals:
    """Return the exponentially weighted covariance about zero; the last row weighs most.

    A row ``half_life`` sessions older weighs half; the weights sum to 1. RiskMetrics Technical
    Document (1996), whose 0.94 a day is a half-life of 11.2 sessions.

    >>> round(float(ewma(np.array([[0.0], [0.03]]), half_life=1.0)[0, 0]), 12)
    0.0006
    """
    if not half_life > 0:
        raise ValueError(f"half-life is {half_life}; give a number of sessions above 0")
    centred(returns)
    age = np.arange(len(returns) - 1, -1, -1)
    weight = 0.5 ** (age / half_life)
    found: Reals = (returns * (weight / weight.sum())[:, None]).T @ returns
    return found


def factor(returns: Reals, *, factors: int) -> Reals:
    """Return the covariance of a statistical factor model: leading components plus own variance.

    The ``factors`` leading principal components of the sample covariance explain the covariances;
    the diagonal stays that of the sample. With ``factors`` = n this is the sample covariance.

    >>> x = np.array([[1, 2, 3], [2, 1, 0], [0, 1, 2], [3, 3, 1], [1, 0, 1], [2, 2, 2]]) / 100
    >>> bool(np.allclose(np.diag(factor(x, factors=1)), np.diag(sample(x))))
    True
    """
    s = sample(returns)
    n = len(s)
    if not 0 <= factors <= n:
        raise ValueError(f"{factors} factors of {n} columns; give 0 to {n}")
    values, vectors = np.linalg.eigh(s)
    lead = vectors[:, n - factors :]
    found: Reals = (lead * values[n - factors :]) @ lead.T
    np.fill_diagonal(found, np.diag(s))
    return found


def nearest_definite(covariance: Reals, *, floor: float = 1e-8) -> tuple[Reals, float]:
    """Return a positive definite covariance near the given one, and the largest change of an entry.

    Eigenvalues below ``floor`` times the largest are raised to it, then every variance is scaled
    back to what it was (Rebonato and Jaeckel 1999, spectral method). This is a repair, so the
    caller records the change that comes back. No positive eigenvalue at all raises ``ValueError``.

    >>> fixed, change = nearest_definite(np.array([[1.0, 1.1], [1.1, 1.0]]))
    >>> bool(np.linalg.eigvalsh(fixed)[0] > 0), round(change, 3)
    (True, 0.1)
    """
    symmetric = (covariance + covariance.T) / 2
    values, vectors = np.linalg.eigh(symmetric)
    if not values[-1] > 0 or not np.all(np.diag(symmetric) > 0):
        raise ValueError("every variance must be above 0; leave out columns that never move")
    raised = (vectors * np.maximum(values, floor * values[-1])) @ vectors.T
    scale = np.sqrt(np.diag(symmetric) / np.diag(raised))
    found: Reals = raised * np.outer(scale, scale)
    found = (found + found.T) / 2
    return found, float(np.max(np.abs(found - covariance)))


def centred(returns: Reals) -> Reals:
    """Return returns less the mean of each column; ``ValueError`` for gaps or a single session."""
    if returns.ndim != 2 or len(returns) < 2:
        raise ValueError(f"returns of shape {returns.shape}; give at least 2 sessions by n columns")
    # A product with ones is several times as fast as a mean along the long axis.
    found: Reals = returns - np.ones(len(returns)) @ returns / len(returns)
    if not np.isfinite(found.sum()):
        raise ValueError("returns hold a missing or infinite value; take a complete window first")
    return found
