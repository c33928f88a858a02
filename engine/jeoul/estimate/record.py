"""What the estimation stage hands on: annual means and covariance, by label."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jeoul.model.calendar import Reals


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """Expected annual returns and their annual covariance, in the order of ``labels``.

    ``mean`` has shape (n,), ``covariance`` (n, n), both as decimal fractions a year. Shapes that do
    not fit raise ``ValueError``; whether the numbers can be used is judged where they are used.

    >>> Estimate(("a", "b"), np.array([0.04, 0.02]), np.diag([0.04, 0.01])).volatility
    array([0.2, 0.1])
    """

    labels: tuple[str, ...]
    mean: Reals
    covariance: Reals

    def __post_init__(self) -> None:
        n = len(self.labels)
        if self.mean.shape != (n,) or self.covariance.shape != (n, n):
            raise ValueError(
                f"{n} labels need means of shape ({n},) and a covariance of shape ({n}, {n}); "
                f"these have {self.mean.shape} and {self.covariance.shape}"
            )

    @property
    def volatility(self) -> Reals:
        """Return the annual standard deviation of each label."""
        found: Reals = np.sqrt(np.diag(self.covariance))
        return found


def annualised(
    labels: tuple[str, ...], mean: Reals, covariance: Reals, *, sessions: float
) -> Estimate:
    """Return an estimate per year from one per session.

    ``sessions`` is the number of sessions in a year of the calendar that the returns come from
    (about 245.5 on XKRX, 251.5 on XNYS); it is never guessed. Simple returns are scaled linearly.

    >>> annualised(("a",), np.array([0.0002]), np.array([[0.0001]]), sessions=250.0).mean
    array([0.05])
    """
    if not sessions > 0:
        raise ValueError(f"a year of {sessions} sessions; give the calendar's count, above 0")
    return Estimate(labels, mean * sessions, covariance * sessions)
