"""How money may grow: a law of log returns, and paths drawn from it in two ways.

The parametric paths are those of a lognormal. The others draw the months of a history again in
blocks, so that large months come together as they did; both have the same mean and volatility, and
differ in shape alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from jeoul.estimate.resampling import block_length, resampled_paths
from jeoul.model.calendar import Reals
from jeoul.model.years import DAYS_A_YEAR

Method = Literal["history", "lognormal"]
"""How paths are drawn: months of history in blocks, or a lognormal."""

Paths: TypeAlias = NDArray[np.floating[Any]]
"""Numbers by path and step, in double or, where many laws are tried, in single precision."""

QUARTER = 3
"""Months: the least mean length of a block."""


def drift_of(mean: float, volatility: float) -> float:
    """Return the mean log return of a year whose simple return has a mean: log(1 + m) - v^2 / 2.

    >>> round(drift_of(0.05, 0.10), 6)
    0.04379
    """
    return math.log1p(mean) - volatility**2 / 2.0


def mean_of(drift: float, volatility: float) -> float:
    """Return the mean simple return of a year with a mean log return: exp(d + v^2 / 2) - 1.

    >>> round(mean_of(drift_of(0.05, 0.10), 0.10), 6)
    0.05
    """
    return math.expm1(drift + volatility**2 / 2.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Law:
    """Log returns of a mix: ``drift`` is their mean of a year, ``volatility`` the deviation.

    ``months`` are those of history in order, less their mean and divided by their deviation: the
    shape that drawn paths have. Without them only the lognormal can be drawn.
    """

    drift: float
    volatility: float = 0.0
    months: Reals = field(default_factory=lambda: np.zeros(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """The time from a day to a goal in equal steps of about a month."""

    on: date
    by: date

    @property
    def years(self) -> float:
        """Return the length of the whole in years, at least 0."""
        return max(0, (self.by - self.on).days) / DAYS_A_YEAR

    @property
    def count(self) -> int:
        """Return how many steps there are, 0 where the day has come.

        >>> Steps(on=date(2026, 6, 30), by=date(2033, 11, 30)).count
        89
        """
        return max(1, round(12.0 * self.years)) if self.by > self.on else 0

    @property
    def span(self) -> float:
        """Return the years of one step."""
        return self.years / self.count if self.count else 0.0

    def step_of(self, day: date) -> int:
        """Return the step at whose end money of a day begins to grow; 0 is now.

        >>> steps = Steps(on=date(2026, 6, 30), by=date(2027, 6, 30))
        >>> [steps.step_of(day) for day in (steps.on, date(2026, 7, 1), steps.by)]
        [0, 1, 12]
        """
        if day <= self.on:
            return 0
        return min(self.count, math.ceil((day - self.on).days / DAYS_A_YEAR / self.span - 1e-9))

    def end_of(self, step: int) -> date:
        """Return the day on which a step ends, 0 for the first day."""
        return date.fromordinal(
            self.on.toordinal()
            + (round((self.by - self.on).days * step / self.count) if self.count else 0)
        )


def shocks(law: Law, method: Method, rng: np.random.Generator, *, paths: int, steps: int) -> Reals:
    """Return standardised log returns by path and step, mean 0 and variance 1 in expectation.

    ``rng`` decides every number: the same generator gives the same paths.

    >>> law = Law(drift=0.0, volatility=0.1, months=np.array([-1.0, 1.0]))
    >>> shocks(law, "history", np.random.default_rng(1), paths=1, steps=3).shape
    (1, 3)
    """
    if method == "lognormal":
        return rng.standard_normal((paths, steps))
    rows = len(law.months)
    block = float(block_length(rows, least=QUARTER))
    return law.months[resampled_paths(rows, block, rng, paths=paths, steps=steps)]


def log_returns(law: Law, drawn: Paths, span: float) -> Paths:
    """Return the log returns of steps of ``span`` years: drift x span + volatility x sqrt(span) z.

    They have the type of ``drawn``.
    """
    scale = drawn.dtype.type(law.volatility * math.sqrt(span))
    found: Paths = drawn * scale + drawn.dtype.type(law.drift * span)
    return found
