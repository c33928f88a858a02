"""A lognormal value: what its return, its deepest fall and its volatility over a span may be."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from jeoul.model.calendar import Reals
from jeoul.promises.deepest_fall import fall_quantiles, seen_at_closes

SHARE = 0.90
"""How often a range is expected to contain what comes."""

ENDS = (0.5 * (1.0 - SHARE), 0.5 * (1.0 + SHARE))
"""The parts of a law below the two ends of a range."""

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseLaw:
    """The law of one promise, or of many as arrays: expected return and volatility, a year."""

    expected: Reals
    volatility: Reals
    sessions_per_year: float

    def quantile(self, level: float, sessions: int) -> Reals:
        """Return the return over some sessions that has ``level`` below it."""
        years = sessions / self.sessions_per_year
        score = _NORMAL.inv_cdf(level)
        found: Reals = np.expm1(self._growth * years + score * self.volatility * np.sqrt(years))
        return found

    def drawdown(self, sessions: int) -> Reals:
        """Return the range of the deepest fall over some sessions, low and high as columns."""
        years = sessions / self.sessions_per_year
        spread = self.volatility * np.sqrt(years)
        moving = np.where(spread > 0.0, spread, 1.0)
        falls = (
            fall_quantiles(self._growth * years / moving, np.array(ENDS[::-1])) * spread[:, None]
        )
        seen = seen_at_closes(falls, self.volatility[:, None], self.sessions_per_year)
        found: Reals = np.expm1(-seen)
        return found

    def volatility_range(self, sessions: int) -> Reals:
        """Return the range of the volatility that some sessions show, low and high as columns.

        Chi-square quantiles after Wilson and Hilferty, PNAS 17 (1931): of 250 degrees of freedom
        right to 0.01 %.
        """
        free = max(sessions - 1, 1)
        scores = np.array([_NORMAL.inv_cdf(level) for level in ENDS])
        part = 2.0 / (9.0 * free)
        ratio = np.maximum(0.0, 1.0 - part + scores * np.sqrt(part)) ** 1.5
        found: Reals = self.volatility[:, None] * ratio
        return found

    @property
    def _growth(self) -> Reals:
        return self.expected - 0.5 * self.volatility**2
