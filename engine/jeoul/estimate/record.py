"""What the estimation stage hands on: annual means and covariance, by label."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jeoul.errors import BadValue
from jeoul.model.calendar import Reals
from jeoul.model.factored import Factored
from jeoul.model.given import matrix, unique, vector


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """Expected annual returns and their annual covariance, in the order of ``labels``.

    ``mean`` has shape (n,), ``covariance`` (n, n), both as decimal fractions a year; labelled ones
    are put in the order of ``labels``. Labels and shapes that do not fit raise
    :class:`~jeoul.errors.BadValue`; whether the numbers can be used is judged where they are used.

    >>> Estimate(("a", "b"), np.array([0.04, 0.02]), np.diag([0.04, 0.01])).volatility
    array([0.2, 0.1])
    """

    labels: tuple[str, ...]
    mean: Reals
    covariance: Reals

    def __post_init__(self) -> None:
        labels, n = self.labels, len(self.labels)
        arrays = _is_array(self.mean, n) and _is_array(self.covariance, n)
        if not (arrays and type(labels) is tuple and len(set(labels)) == n):
            labels = unique("an estimate", labels)
            object.__setattr__(self, "labels", labels)
            for name, values in (
                ("mean", vector("the means", self.mean, labels)),
                ("covariance", matrix("the covariance", self.covariance, labels)),
            ):
                object.__setattr__(self, name, values)
        if self.mean.shape != (n,) or self.covariance.shape != (n, n):
            raise BadValue(
                f"{n} labels need means of shape ({n},) and a covariance of shape ({n}, {n}); "
                f"these have {self.mean.shape} and {self.covariance.shape}"
            )

    @property
    def volatility(self) -> Reals:
        """Return the annual standard deviation of each label."""
        found: Reals = np.sqrt(np.diag(self.covariance))
        return found


@dataclass(frozen=True, slots=True, eq=False)
class FactorEstimate:
    """An :class:`Estimate` of many funds: the covariance is in factor form, (n, k) and (n,).

    >>> from jeoul.model.factored import Factored
    >>> thin = Factored(np.array([[0.2], [0.1]]), np.zeros(2))
    >>> FactorEstimate(("a", "b"), np.array([0.04, 0.02]), thin).volatility
    array([0.2, 0.1])
    """

    labels: tuple[str, ...]
    mean: Reals
    covariance: Factored

    def __post_init__(self) -> None:
        labels = unique("an estimate", self.labels)
        object.__setattr__(self, "labels", labels)
        object.__setattr__(self, "mean", vector("the means", self.mean, labels))
        n, shapes = len(labels), (self.covariance.loadings.shape, self.covariance.own.shape)
        if shapes[0][:1] != (n,) or shapes[1] != (n,):
            raise BadValue(
                f"{n} labels need loadings of shape ({n}, factors) and own variances of shape "
                f"({n},); these have {shapes[0]} and {shapes[1]}"
            )

    @property
    def volatility(self) -> Reals:
        """Return the annual standard deviation of each label."""
        found: Reals = np.sqrt(self.covariance.diagonal())
        return found


def _is_array(given: object, n: int) -> bool:
    """Return whether nothing is to be converted; whether it fits is another question."""
    return type(given) is np.ndarray and given.dtype == np.float64 and given.shape[:1] == (n,)
