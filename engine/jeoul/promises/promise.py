"""What was expected of an allocation on the day it was decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

FIGURES = ("month", "year", "drawdown", "volatility")
"""The figures that are promised as a range."""

RATES = ("turnover", "cost")
"""The figures that are promised as one number a year."""

Range = tuple[float, float]
_DAYS = ("session", "executed")
_RANGES = ("month", "year", "drawdown", "volatility_range")


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What one allocation was expected to do from the close of ``executed`` on.

    All figures follow from an ``expected`` return and a ``volatility``, both a year, of a value
    that is lognormal: with v the volatility, g = expected - v^2 / 2 and z = 1.645, the standard
    normal quantile of 0.95,

    - ``month`` and ``year``: exp(g T - z v sqrt(T)) - 1 to exp(g T + z v sqrt(T)) - 1 for a return
      over T = 1/12 and T = 1;
    - ``drawdown``: the quantiles 0.05 and 0.95 of the deepest fall over a year, at closes, as
      negative fractions (:mod:`jeoul.promises.deepest_fall`);
    - ``volatility_range``: v sqrt(c / n) for the volatility that a year of n + 1 sessions shows, c
      being the chi-square quantiles of n degrees of freedom.

    Each contains what comes with probability 0.90 if the value keeps to its law. ``expected`` is
    the interest on cash and the expected return above it, before the cost of trading. ``turnover``
    and ``cost`` are what the model has turned over and paid a year from its first fill until the
    decision; None in its first year. ``rules`` identifies strategy, profile, account kind and
    universe. A month is ``sessions_per_year`` / 12 sessions, rounded, and a year all of them.
    """

    session: date
    executed: date
    strategy: str
    profile: str
    rules: str
    simulated: bool
    sessions_per_year: float
    expected: float
    volatility: float
    month: Range
    year: Range
    drawdown: Range
    volatility_range: Range
    turnover: float | None = None
    cost: float | None = None


def month_of(sessions_per_year: float) -> int:
    """Return the sessions of a month: a twelfth of a year's, rounded."""
    return max(1, round(sessions_per_year / 12.0))


def year_of(sessions_per_year: float) -> int:
    """Return the sessions of a year, rounded."""
    return max(1, round(sessions_per_year))


def promise_document(promise: Promise) -> dict[str, Any]:
    """Return a promise as JSON values: days as ISO text, ranges as two numbers."""
    found = asdict(promise)
    days = {name: found[name].isoformat() for name in _DAYS}
    ranges = {name: list(found[name]) for name in _RANGES}
    return {**found, **days, **ranges}


def promise_from(document: Mapping[str, Any]) -> Promise:
    """Return the promise of JSON values, the inverse of :func:`promise_document`.

    Keys that a newer jeoul has added are left out.
    """
    known = {field.name for field in fields(Promise)}
    found = {name: value for name, value in document.items() if name in known}
    days = {name: date.fromisoformat(document[name]) for name in _DAYS}
    ranges = {name: (float(document[name][0]), float(document[name][1])) for name in _RANGES}
    return Promise(**{**found, **days, **ranges})
