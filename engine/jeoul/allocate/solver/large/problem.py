"""A quadratic program over many variables and few rows, as the large path solves it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jeoul.model.calendar import Reals
from jeoul.model.factored import Covariance, part_of

Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]


class LargeProblem(NamedTuple):
    """minimise 1/2 x'Qx + c'x + cost sum over priced |x - at|.

    subject to low <= x <= high and row_low <= A x + B buys <= row_high.

    ``buys`` are max(x - at, 0) of the ``priced`` variables; a priced variable has ``at`` strictly
    between its bounds. Every other cost of trading is linear and part of ``linear`` and ``rows``.
    ``bought`` is B, one number a row.
    """

    quadratic: Covariance
    linear: Reals
    low: Reals
    high: Reals
    at: Reals
    priced: Flags
    cost: float
    rows: Reals
    row_low: Reals
    row_high: Reals
    bought: Reals

    def over(self, kept: Indices, rest: Reals | None = None) -> LargeProblem:
        """Return the program over some variables; the others stay at ``rest``, or at zero."""
        linear, lower, upper = self.linear[kept], self.row_low, self.row_high
        if rest is not None:
            linear = linear + (self.quadratic @ rest)[kept]
            moved = self.rows @ rest
            lower, upper = lower - moved, upper - moved
        return self._replace(
            quadratic=part_of(self.quadratic, kept),
            linear=linear,
            low=self.low[kept],
            high=self.high[kept],
            at=self.at[kept],
            priced=self.priced[kept],
            rows=np.ascontiguousarray(self.rows[:, kept]),
            row_low=lower,
            row_high=upper,
        )
