"""What a series of unit values comes to. Undefined figures are NaN, never repaired."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from jeoul.model.calendar import Days, Reals
from jeoul.model.years import DAYS_A_YEAR

_YEAR = np.timedelta64(365, "D")


@dataclass(frozen=True, slots=True)
class Drawdown:
    """One fall from a peak: ``depth`` is negative; ``recovery`` is None while it lasts."""

    start: date
    trough: date
    recovery: date | None
    depth: float


def is_short(sessions: Days) -> bool:
    """Return whether a span is shorter than a year, 365 days: nothing of it is a year's figure.

    >>> is_short(np.array(["2024-01-02", "2024-12-30"], dtype="datetime64[D]"))
    True
    """
    return bool(sessions[-1] - sessions[0] < _YEAR)


def total_return(nav: Reals) -> float:
    """Return the growth over the whole span, not per year: last / first - 1."""
    return float(nav[-1] / nav[0] - 1.0)


def a_year(amount: float, sessions: Days) -> float:
    """Return an amount of a span per year of 365.2425 days; NaN for less than a year."""
    days = int((sessions[-1] - sessions[0]) / np.timedelta64(1, "D"))
    return float("nan") if is_short(sessions) else amount / (days / DAYS_A_YEAR)


def growth_rate(sessions: Days, nav: Reals) -> float:
    """Return the compound annual growth rate: (last / first) ** (365.2425 / days) - 1.

    NaN for less than a year (:func:`is_short`): what a few months earned says nothing of a year.

    >>> days = np.array(["2020-01-01", "2022-01-01"], dtype="datetime64[D]")
    >>> round(growth_rate(days, np.array([1.0, 1.21])), 4)
    0.0999
    """
    if is_short(sessions):
        return float("nan")
    days = int((sessions[-1] - sessions[0]) / np.timedelta64(1, "D"))
    return float((nav[-1] / nav[0]) ** (DAYS_A_YEAR / days) - 1.0)


def volatility(nav: Reals, sessions_per_year: float) -> float:
    """Return the standard deviation of session returns, annualised; ``ddof`` is 1.

    NaN with fewer than two returns.
    """
    if len(nav) < 3:
        return float("nan")
    returns = nav[1:] / nav[:-1] - 1.0
    return float(returns.std(ddof=1) * np.sqrt(sessions_per_year))


def sharpe(nav: Reals, cash: Reals, sessions_per_year: float) -> float:
    """Return mean over standard deviation of the returns above cash, annualised.

    ``cash`` is the interest of each session after the first, as long as ``nav`` less one. NaN
    without variation. Sharpe, "The Sharpe ratio", Journal of Portfolio Management 21 (1994).
    """
    excess = nav[1:] / nav[:-1] - 1.0 - cash
    spread = excess.std(ddof=1) if len(excess) > 1 else 0.0
    # A constant excess return leaves only rounding behind, and no ratio.
    if spread <= 1e-15:
        return float("nan")
    return float(excess.mean() / spread * np.sqrt(sessions_per_year))


def drawdown_path(nav: Reals) -> Reals:
    """Return each value's distance from the highest value so far, at most 0.

    >>> drawdown_path(np.array([1.0, 1.2, 0.9])).round(4).tolist()
    [0.0, 0.0, -0.25]
    """
    found: Reals = nav / np.maximum.accumulate(nav) - 1.0
    return found


def max_drawdown(nav: Reals) -> float:
    """Return the deepest fall from a peak, at most 0.

    >>> round(max_drawdown(np.array([1.0, 1.2, 0.9, 1.3])), 4)
    -0.25
    """
    return float(drawdown_path(nav).min())


def drawdowns(sessions: Days, nav: Reals, count: int = 5) -> tuple[Drawdown, ...]:
    """Return the deepest falls from a peak to its recovery, deepest first.

    ``start`` is the peak's session, ``recovery`` the first one back at it.
    """
    path = drawdown_path(nav)
    under = path < 0.0
    edges = np.flatnonzero(np.diff(np.concatenate(([False], under, [False])).astype(np.int8)))
    if not len(edges):
        return ()
    deepest = np.minimum.reduceat(path, edges[::2])  # what lies between two falls is 0
    found = []
    for place in np.argsort(deepest, kind="stable")[:count]:
        first, after = edges[2 * place], edges[2 * place + 1]
        trough = int(first + np.argmin(path[first:after]))
        found.append(
            Drawdown(
                start=sessions[first - 1].astype(object),
                trough=sessions[trough].astype(object),
                recovery=sessions[after].astype(object) if after < len(nav) else None,
                depth=float(path[trough]),
            )
        )
    return tuple(found)


def worst_and_best_year(sessions: Days, nav: Reals) -> tuple[float, float]:
    """Return the lowest and the highest return over any 365 days; NaN for less than a year."""
    ends = np.searchsorted(sessions, sessions + _YEAR, side="right") - 1
    whole = sessions[-1] - sessions >= _YEAR
    if not whole.any():
        return float("nan"), float("nan")
    returns = nav[ends[whole]] / nav[whole] - 1.0
    return float(returns.min()), float(returns.max())


def sortino(nav: Reals, cash: Reals, sessions_per_year: float) -> float:
    """Return the mean return above cash over its downside deviation, annualised.

    The downside deviation is sqrt(mean(min(excess, 0) ^ 2)) over all sessions. NaN without a
    session below cash. Sortino and Price, Journal of Investing 3 (1994).
    """
    excess = nav[1:] / nav[:-1] - 1.0 - cash
    downside = float(np.sqrt((np.minimum(excess, 0.0) ** 2).mean())) if len(excess) else 0.0
    if downside <= 1e-15:
        return float("nan")
    return float(excess.mean()) / downside * float(np.sqrt(sessions_per_year))


def calmar(sessions: Days, nav: Reals) -> float:
    """Return the compound annual growth rate over the deepest drawdown.

    NaN without a drawdown and for less than a year.

    Over the whole span, not the last three years as in Young, Futures 20 (1991).
    """
    deepest = max_drawdown(nav)
    return growth_rate(sessions, nav) / -deepest if deepest < 0.0 else float("nan")


def cvar(nav: Reals, level: float = 0.95) -> float:
    """Return the mean of the worst session returns, as a negative fraction.

    The mean of the ``ceil((1 - level) n)`` lowest of n. NaN without a return. Rockafellar and
    Uryasev, "Optimization of conditional value-at-risk", Journal of Risk 2 (2000).

    >>> round(cvar(np.array([1.0, 0.9, 0.99, 1.0]), 0.5), 3)
    -0.045
    """
    returns = np.sort(nav[1:] / nav[:-1] - 1.0)
    worst = int(np.ceil((1.0 - level) * len(returns) - 1e-9))
    return float(returns[:worst].mean()) if worst else float("nan")


def beta(nav: Reals, other: Reals, cash: Reals) -> float:
    """Return the slope of the returns above cash on those of another series; NaN if it is flat."""
    own, against = (series[1:] / series[:-1] - 1.0 - cash for series in (nav, other))
    spread = float(against.var(ddof=1)) if len(against) > 1 else 0.0
    return float(np.cov(own, against)[0, 1]) / spread if spread > 1e-30 else float("nan")


def tracking_error(nav: Reals, other: Reals, sessions_per_year: float) -> float:
    """Return the standard deviation of the difference in session returns, annualised."""
    apart = _apart(nav, other)
    return float(apart.std(ddof=1) * np.sqrt(sessions_per_year)) if len(apart) > 1 else float("nan")


def information_ratio(nav: Reals, other: Reals, sessions_per_year: float) -> float:
    """Return the mean difference in session returns over its deviation, annualised.

    NaN for series that never part. Grinold and Kahn, "Active Portfolio Management" (2000).
    """
    apart = _apart(nav, other)
    spread = float(apart.std(ddof=1)) if len(apart) > 1 else 0.0
    if spread <= 1e-15:
        return float("nan")
    return float(apart.mean()) / spread * float(np.sqrt(sessions_per_year))


def hit_rate(nav: Reals, other: Reals | None = None) -> float:
    """Return the share of sessions with a return above zero, or above that of another series.

    Sessions on which nothing moved do not count; NaN if nothing ever did.

    >>> hit_rate(np.array([1.0, 1.1, 1.1, 1.0, 1.2]))
    0.6666666666666666
    """
    moves = nav[1:] / nav[:-1] - 1.0 if other is None else _apart(nav, other)
    counted = moves[moves != 0.0]
    return float((counted > 0.0).mean()) if len(counted) else float("nan")


def unit_values(values: Reals, flows: Reals, before: float = 0.0) -> Reals:
    """Return what one unit of an account is worth: its value freed of what was paid in and out.

    ``values`` are after each session, ``flows`` what came in (negative: went out) at its open, and
    ``before`` the value before the first: u_t = u_(t-1) v_t / (v_(t-1) + f_t). The time-weighted
    return is the growth of these. A session begun with nothing changes nothing. Where everything
    went out, what was there grew to what was taken: u_t = u_(t-1) -f_t / v_(t-1).

    >>> unit_values(np.array([110.0, 231.0]), np.array([100.0, 110.0])).round(4).tolist()
    [1.1, 1.155]
    >>> unit_values(np.array([100.0, 0.0]), np.array([100.0, -99.0])).tolist()
    [1.0, 0.99]
    """
    grown = growth_between(np.concatenate([[before], values[:-1]]), flows, values)
    found: Reals = np.cumprod(grown, dtype=np.float64)
    return found


def growth_between(before: Reals, flows: Reals, values: Reals) -> Reals:
    """Return what sessions made of a unit that began with ``before`` and ended with ``values``.

    What leaves an emptied account is worth its price at the close. Counted at the open, a won of
    loss that day would look like the loss of everything.

    >>> growth_between(np.array([100.0]), np.array([-99.0]), np.array([0.0])).tolist()
    [0.99]
    """
    emptied = (values == 0.0) & (flows < 0.0) & (before > 0.0)
    begun = np.where(emptied, before, before + flows)
    ended = np.where(emptied, -flows, values)
    found: Reals = np.divide(ended, begun, out=np.ones(len(values)), where=begun > 0.0)
    return found


def money_weighted(days: Days, flows: Reals, end: np.datetime64, value: float) -> float:
    """Return the yearly rate at which what was paid in grew to what was paid out and is there.

    Solves sum_i f_i (1 + r) ^ ((end - day_i) / 365) = value for r, years of 365 days as in the XIRR
    of spreadsheets. NaN for less than a year, and where no rate or none of one sign of the sum on
    either side of it is found,
    as for money that was never there.

    >>> days = np.array(["2022-01-01", "2023-01-01"], dtype="datetime64[D]")
    >>> round(money_weighted(days, np.array([100.0, 100.0]), np.datetime64("2024-01-01"), 231.0), 6)
    0.1
    """
    if is_short(np.append(days, end)):
        return float("nan")
    return float(np.expm1(_log_growth((end - days) / _YEAR, flows, value)))


def money_return(days: Days, flows: Reals, end: np.datetime64, value: float) -> float:
    """Return the money-weighted return of a whole span, not per year.

    It is (1 + r) ^ (days / 365) - 1 for the r of :func:`money_weighted`, also for less than a year.
    NaN where no rate is found, and for a span of one day.

    >>> days = np.array(["2023-01-01", "2023-07-01"], dtype="datetime64[D]")
    >>> round(money_return(days, np.array([100.0, 0.0]), np.datetime64("2023-10-01"), 103.0), 6)
    0.03
    """
    years = (end - days) / _YEAR
    whole = float(years.max(initial=0.0))
    if whole <= 0.0:
        return float("nan")
    # With the span as the unit of time even one bad week has a rate within the bounds.
    return float(np.expm1(_log_growth(years / whole, flows, value)))


def _log_growth(spans: Reals, flows: Reals, value: float) -> float:
    """Return the logarithm of the growth of one span at which flows come to a value."""

    def short(log_growth: float) -> float:
        return float(flows @ np.exp(log_growth * spans)) - value

    low, high = -20.0, 20.0
    most = float(spans.max(initial=0.0))
    low, high = max(low, -600.0 / max(most, 1.0)), min(high, 600.0 / max(most, 1.0))
    if not short(low) * short(high) < 0.0:
        return float("nan")
    rises = short(high) > 0.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        if (short(middle) > 0.0) == rises:
            high = middle
        else:
            low = middle
    return 0.5 * (low + high)


def _apart(nav: Reals, other: Reals) -> Reals:
    found: Reals = nav[1:] / nav[:-1] - other[1:] / other[:-1]
    return found
