"""The figures that a testbed publishes of an algorithm, each with how far it may be off."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from jeoul import metrics
from jeoul.model.calendar import Days, Reals


@dataclass(frozen=True, slots=True, eq=False)
class Yardsticks:
    """What an algorithm is measured against, along the same sessions.

    ``benchmark`` and ``market`` are unit values; ``market`` is None where a universe has no fund
    of the market. ``cash`` is the interest of each session.
    """

    benchmark: Reals
    market: Reals | None
    cash: Reals


@dataclass(frozen=True, slots=True)
class MeasuredFigure:
    """A figure and its standard error; NaN where it is not defined."""

    value: float
    error: float


@dataclass(frozen=True, slots=True)
class PathFigures:
    """Figures of a span of unit values, decimal fractions, NaN where undefined.

    ``total`` is the return of the span and ``benchmark`` that of the benchmark. ``deviation`` is
    the standard deviation of session returns on the scale of a year, as are ``tracking_error`` and
    ``information_ratio`` against the benchmark. ``market_beta`` is the slope of the returns above
    cash on those of the market, ``beta`` on those of the benchmark.
    """

    sessions: int
    total: float
    benchmark: float
    max_drawdown: float
    deviation: MeasuredFigure
    market_beta: MeasuredFigure
    beta: MeasuredFigure
    tracking_error: MeasuredFigure
    information_ratio: MeasuredFigure


def path_figures(unit: Reals, against: Yardsticks, sessions_per_year: float) -> PathFigures:
    """Return the figures of unit values; the first of them is the value before the span.

    The standard errors are those of independent, normal returns: volatility / sqrt(2 (n - 1)), the
    least-squares error of a slope, and sqrt((1 + r^2 / 2) / n) of an information ratio r per
    session, Lo, "The Statistics of Sharpe Ratios", Financial Analysts Journal 58 (2002). Fewer
    than two returns leave every figure but the return undefined.
    """
    count, year = len(unit) - 1, sessions_per_year
    ratio = metrics.information_ratio(unit, against.benchmark, year)
    session = ratio / sqrt(year)
    error = sqrt((1.0 + session**2 / 2.0) / count * year) if count else float("nan")
    return PathFigures(
        sessions=count,
        total=metrics.total_return(unit),
        benchmark=metrics.total_return(against.benchmark),
        max_drawdown=metrics.max_drawdown(unit),
        deviation=_deviation(metrics.volatility(unit, year), count),
        market_beta=_beta(unit, against.market, against.cash[1:]),
        beta=_beta(unit, against.benchmark, against.cash[1:]),
        tracking_error=_deviation(metrics.tracking_error(unit, against.benchmark, year), count),
        information_ratio=MeasuredFigure(ratio, error),
    )


def composite(values: Reals, flows: Reals) -> Reals:
    """Return what one unit of several accounts together is worth after each session.

    Rows are sessions and columns accounts; an account without money yet is 0. So each account
    counts with the money that is in it.

    >>> composite(np.array([[100.0, 0.0], [110.0, 90.0]]), np.array([[100.0, 0.0], [0.0, 100.0]]))
    array([1., 1.])
    """
    return metrics.unit_values(values.sum(axis=1), flows.sum(axis=1))


def rows_of(sessions: Days, wanted: Days) -> np.ndarray:
    """Return the places of some sessions among others, -1 where there is no such session.

    >>> days = np.array(["2024-06-27", "2024-06-28"], dtype="datetime64[D]")
    >>> rows_of(days, np.array(["2024-06-28", "2024-07-01"], dtype="datetime64[D]")).tolist()
    [1, -1]
    """
    found = np.searchsorted(sessions, wanted)
    there = np.minimum(found, len(sessions) - 1)
    return np.where(sessions[there] == wanted, there, -1)


def _deviation(value: float, count: int) -> MeasuredFigure:
    return MeasuredFigure(value, value / sqrt(2.0 * (count - 1)) if count > 1 else float("nan"))


def _beta(unit: Reals, other: Reals | None, cash: Reals) -> MeasuredFigure:
    if other is None:
        return MeasuredFigure(float("nan"), float("nan"))
    slope = metrics.beta(unit, other, cash)
    own, against = (series[1:] / series[:-1] - 1.0 - cash for series in (unit, other))
    count = len(own)
    if count < 3 or np.isnan(slope):
        return MeasuredFigure(slope, float("nan"))
    rest = own - own.mean() - slope * (against - against.mean())
    spread = float(((against - against.mean()) ** 2).sum())
    return MeasuredFigure(slope, sqrt(float(rest @ rest) / (count - 2) / spread))
