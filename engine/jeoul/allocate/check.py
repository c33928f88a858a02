"""Whether means and covariance can be used, and what was mended to make them so."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from jeoul.allocate.program import Estimated, Program
from jeoul.errors import BadEstimate, BadValue
from jeoul.model.calendar import Reals
from jeoul.model.factored import Covariance, Factored
from jeoul.model.given import matrix, unique, vector
from jeoul.model.portfolio import Reason

# All are parts of the largest variance.
ASYMMETRY = 1e-9  # beyond it two entries are not the same number, rounded twice
ROUNDING = 1e-14  # up to it making the matrix symmetric is not worth a word
INDEFINITE = 1e-9  # a negative eigenvalue beyond it comes from the estimate, not from rounding
SINGULAR = 1e-11  # below it a pivot leaves the solver without a direction
RIDGE = 1e-10  # variance that an asset gets where factors leave it none; above SINGULAR


@dataclass(frozen=True, slots=True, eq=False)
class Plain:
    """An estimate as arrays in the order of its labels."""

    labels: tuple[str, ...]
    mean: Reals
    covariance: Covariance


def plain(estimate: Estimated) -> Estimated:
    """Return an estimate itself if it has arrays of floats that fit its labels, or one that has.

    Raises :class:`~jeoul.errors.BadValue` for numbers and labels that cannot be meant.
    """
    mean, covariance, n = estimate.mean, estimate.covariance, len(estimate.labels)
    if isinstance(covariance, Factored):
        labels = unique("an estimate", estimate.labels)
        if covariance.shape != (n, n):
            raise BadValue(f"{n} labels and a covariance of {len(covariance)}; give one for each")
        return Plain(labels, vector("the means", mean, labels), covariance)
    if (
        type(mean) is type(covariance) is np.ndarray
        and mean.dtype == covariance.dtype == np.float64
        and (mean.shape, covariance.shape) == ((n,), (n, n))
    ):
        return estimate
    labels = unique("an estimate", estimate.labels)
    square = matrix("the covariance", covariance, labels)
    return Plain(labels, vector("the means", mean, labels), square)


def weights_before(given: Any, labels: tuple[str, ...]) -> Reals:
    """Return the weights before as finite numbers in the order of labels.

    Raises :class:`~jeoul.errors.BadValue` for anything else.

    >>> weights_before({"bonds": 0.4, "stocks": 0.6}, ("stocks", "bonds"))
    array([0.6, 0.4])
    """
    if type(given) is np.ndarray and given.dtype == np.float64 and given.shape == (len(labels),):
        if not math.isfinite(float(np.add.reduce(given))):
            raise BadValue("previous has NaN or infinite numbers; give 0 for what is not held")
        return given
    return vector("previous", given, labels)


def usable(program: Program, estimate: Estimated) -> tuple[Covariance, tuple[Reason, ...]]:
    """Return a covariance that is safe to solve with, and what was repaired to make it so.

    Missing or infinite numbers, a negative variance, asymmetry above 1e-9 and a negative eigenvalue
    beyond 1e-9 (both relative to the largest variance) raise :class:`BadEstimate`. Below that they
    are mended: an asymmetric matrix is replaced by the mean of itself and its transpose (beyond
    1e-14, which is rounding), and a singular one (a pivot below 1e-11) gets 1e-10 of the largest
    variance on its diagonal, so that the optimum is unique. Either is recorded.
    """
    covariance, mean = estimate.covariance, estimate.mean
    if estimate.labels != program.labels:
        raise BadEstimate(
            f"the estimate is for {list(estimate.labels)}, the program for {list(program.labels)}; "
            "give both the same labels in the same order"
        )
    largest = float(np.maximum.reduce(covariance.diagonal()))
    if isinstance(covariance, Factored):
        return _usable_factors(estimate, covariance, largest)
    sound = math.isfinite(float(np.add.reduce(mean))) and is_sound(covariance)
    return (covariance, ()) if sound else _mended(estimate, covariance, largest)


def is_sound(covariance: Covariance) -> bool:
    """Return whether a covariance is exactly symmetric, finite and far from singular.

    >>> is_sound(np.diag([0.04, 0.01])), is_sound(np.ones((2, 2)))
    (True, False)
    """
    if isinstance(covariance, Factored):
        return False
    largest = float(np.maximum.reduce(covariance.diagonal()))
    return (
        0.0 < largest < math.inf
        and bool((covariance == covariance.T).all())
        and _pivot(covariance) >= SINGULAR * largest
    )


def _usable_factors(
    estimate: Estimated, covariance: Factored, largest: float
) -> tuple[Factored, tuple[Reason, ...]]:
    """Return a covariance in factor form with enough variance of every asset's own."""
    finite = np.isfinite(covariance.diagonal()) & np.isfinite(estimate.mean)
    if not finite.all():
        raise BadEstimate(_said_missing(np.array(estimate.labels)[~finite].tolist()))
    least = float(covariance.own.min())
    if least < 0.0 or largest <= 0.0:
        raise BadEstimate(
            f"an asset's own variance is {least:.3g} and the largest variance {largest:.3g}; "
            "give variances of 0 and more, not all of them 0"
        )
    if least >= RIDGE * largest:
        return covariance, ()
    # Fewer factors than assets leave weights that have no variance at all.
    ridged = Factored(covariance.loadings, covariance.own + RIDGE * largest)
    return ridged, (Reason.of("allocate.singular", size=f"{RIDGE * largest:.1e}"),)


def _mended(
    estimate: Estimated, covariance: Reals, largest: float
) -> tuple[Reals, tuple[Reason, ...]]:
    if not (np.isfinite(covariance).all() and np.isfinite(estimate.mean).all()):
        raise BadEstimate(_missing(estimate, covariance))
    repairs: list[Reason] = []
    skew = float(np.abs(covariance - covariance.T).max())
    if skew > ASYMMETRY * max(largest, 0.0):
        raise BadEstimate(
            f"the covariance is not symmetric: two entries across the diagonal differ by "
            f"{skew:.3g}; estimate both from the same sessions"
        )
    if skew > 0.0:
        covariance = (covariance + covariance.T) / 2
    if skew > ROUNDING * largest:
        repairs.append(Reason.of("allocate.symmetrised", size=f"{skew:.1e}"))
    if largest <= 0.0 or not _pivot(covariance) >= SINGULAR * largest:
        smallest = float(np.linalg.eigvalsh(covariance)[0])
        if smallest < -INDEFINITE * max(largest, 0.0) or largest <= 0.0:
            raise BadEstimate(
                f"the covariance is indefinite: its smallest eigenvalue is {smallest:.3g}, so some "
                "weights would have a negative variance; estimate it from one complete window, or "
                "repair it knowingly with jeoul.estimate.nearest_definite"
            )
        covariance = covariance + RIDGE * largest * np.eye(len(covariance))
        repairs.append(Reason.of("allocate.singular", size=f"{RIDGE * largest:.1e}"))
    return covariance, tuple(repairs)


def _pivot(covariance: Reals) -> float:
    try:
        root = np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:
        return -np.inf
    return float(np.minimum.reduce(root.diagonal())) ** 2


def _missing(estimate: Estimated, covariance: Reals) -> str:
    bad = [
        label
        for label, mean, row in zip(estimate.labels, estimate.mean, covariance, strict=True)
        if not (np.isfinite(mean) and np.isfinite(row).all())
    ]
    return _said_missing(bad)


def _said_missing(bad: list[str]) -> str:
    return (
        f"means or covariance of {', '.join(bad) or 'some asset'} are missing or infinite; leave "
        "the asset out, or lengthen its history with a proxy"
    )
