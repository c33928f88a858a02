"""Black-Litterman: an equilibrium, and opinions about it with their confidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from jeoul.model.calendar import Reals
from jeoul.model.factored import Covariance


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One opinion: the portfolio ``weights`` is expected to return ``expected`` a year.

    An absolute view has weights that sum to 1, a relative one to 0. ``confidence`` in (0, 1] sets
    the variance of the view to (1 - c) / c times that of the prior of the same portfolio (Idzorek
    2005, in the closed form of Walters); 0.5, the default, is He and Litterman's own choice.
    """

    name: str
    weights: Mapping[str, float]
    expected: float
    confidence: float = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """Means after the views, the covariance of returns around them, and each view's variance."""

    mean: Reals
    covariance: Reals
    view_variance: Reals


def black_litterman(
    labels: tuple[str, ...],
    prior: Reals,
    covariance: Reals,
    views: Sequence[View],
    *,
    tau: float = 0.05,
) -> Posterior:
    """Return the posterior of equilibrium means under views.

    With pick matrix P, view returns q and Omega = diag(view variances):
    mu = pi + tau Sigma P' (P tau Sigma P' + Omega)^-1 (q - P pi),
    covariance = Sigma + tau Sigma - tau Sigma P' (P tau Sigma P' + Omega)^-1 P tau Sigma.
    He and Litterman, "The intuition behind Black-Litterman model portfolios" (1999), formulas 8, 9
    and 15. Without views the means are the prior. A view of an unknown label, a confidence outside
    (0, 1] or views that repeat each other with certainty raise ``ValueError``.

    >>> view = View(name="a beats b", weights={"a": 1, "b": -1}, expected=0.02)
    >>> black_litterman(("a", "b"), np.zeros(2), np.eye(2) / 25, [view]).mean
    array([ 0.005, -0.005])
    """
    found = _moved(labels, prior, covariance, views, tau)
    if found is None:
        return Posterior(prior.copy(), (1.0 + tau) * covariance, np.zeros(0))
    posterior = (1.0 + tau) * covariance - found.spread @ found.gain
    return Posterior(found.mean, (posterior + posterior.T) / 2, found.variance)


def means_after_views(
    labels: tuple[str, ...],
    prior: Reals,
    covariance: Covariance,
    views: Sequence[View],
    *,
    tau: float = 0.05,
) -> Reals:
    """Return the means of :func:`black_litterman` alone, which need no n x n numbers.

    >>> view = View(name="a beats b", weights={"a": 1, "b": -1}, expected=0.02)
    >>> means_after_views(("a", "b"), np.zeros(2), np.eye(2) / 25, [view])
    array([ 0.005, -0.005])
    """
    found = _moved(labels, prior, covariance, views, tau)
    return prior.copy() if found is None else found.mean


class _Moved(NamedTuple):
    """The means under views, what they are made of, and the variance of each view."""

    mean: Reals
    spread: Reals
    gain: Reals
    variance: Reals


def _moved(
    labels: tuple[str, ...],
    prior: Reals,
    covariance: Covariance,
    views: Sequence[View],
    tau: float,
) -> _Moved | None:
    if not tau > 0:
        raise ValueError(f"tau is {tau}; give a number above 0")
    if not views:
        return None
    pick = np.array([_row(labels, view) for view in views])
    expected = np.array([view.expected for view in views])
    doubt = np.array([(1.0 - view.confidence) / view.confidence for view in views])
    spread = tau * covariance @ pick.T
    own = pick @ spread
    variance = doubt * np.diag(own)
    inner = own + np.diag(variance)
    if np.linalg.matrix_rank(inner, hermitian=True) < len(views):
        raise ValueError("views held with certainty repeat or contradict each other; drop one")
    gain = np.linalg.solve(inner, spread.T)
    mean = prior + (expected - pick @ prior) @ gain
    return _Moved(mean, spread, gain, variance)


def _row(labels: tuple[str, ...], view: View) -> Reals:
    unknown = [label for label in view.weights if label not in labels]
    if unknown or not view.weights:
        raise ValueError(f"view {view.name!r} names {unknown or 'nothing'}; use {list(labels)}")
    if not 0 < view.confidence <= 1:
        raise ValueError(f"view {view.name!r} has confidence {view.confidence}; use (0, 1]")
    return np.array([view.weights.get(label, 0.0) for label in labels])
