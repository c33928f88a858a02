"""A backtest: the model's own path along a history, from its first fill, after costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from jeoul import metrics
from jeoul.backtesting.prepared import Prepared, prepare
from jeoul.errors import ShortHistory
from jeoul.model.calendar import Days, Reals
from jeoul.model.days import count_before, count_until
from jeoul.model.history import History, Origin
from jeoul.model.shown import Drawn, Shown
from jeoul.model.years import DAYS_A_YEAR
from jeoul.pipeline import Model
from jeoul.pipeline.mandate import Mandate
from jeoul.pipeline.unpriced import never_priced


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Backtest(Drawn):
    """Unit values of a strategy from its first fill, one per session, after costs.

    ``cash`` is the interest of each session; ``proxy`` the invested weight whose return of the
    session came from a proxy; ``turnover`` and ``cost`` what each session's fill came to. All have
    the length of ``sessions``.
    """

    mandate: Mandate
    history: History
    sessions: Days
    nav: Reals
    cash: Reals
    proxy: Reals
    turnover: Reals
    cost: Reals
    sessions_per_year: float

    @property
    def start(self) -> date:
        """Return the session of the first fill."""
        found: date = self.sessions[0].astype(object)
        return found

    @property
    def end(self) -> date:
        """Return the last session."""
        found: date = self.sessions[-1].astype(object)
        return found

    @property
    def years(self) -> float:
        """Return the length in years of 365.2425 days."""
        return (self.end - self.start).days / DAYS_A_YEAR

    def _brief(self) -> Mapping[str, object]:
        return {
            "strategy": self.mandate.strategy.name,
            "profile": self.mandate.profile,
            "account": self.mandate.account,
            "start": self.start,
            "end": self.end,
            "growth": float(self.nav[-1] / self.nav[0]),
        }


def backtest(
    mandate: Mandate, history: History, *, start: date | None = None, end: date | None = None
) -> Backtest:
    """Return the backtest of a mandate over a history: next-session fills, costs, cash interest.

    ``start`` and ``end`` limit what is reported; the model itself always begins at its first
    investable session, as a live run's memory does. Raises :class:`ShortHistory` if nothing of the
    span could be invested.
    """
    return simulated(prepare(mandate, history), start=start, end=end)


def simulated(
    prepared: Prepared,
    *,
    start: date | None = None,
    end: date | None = None,
    proxies: bool = True,
) -> Backtest:
    """Return the backtest of prepared inputs: compiled, or replayed where more than a scale acts.

    Without ``proxies`` the weight that rested on them is left unknown, NaN: a sweep spends most of
    its time on it.

    Variants that share their allocations are prepared ``like`` the first one
    (:func:`~jeoul.backtesting.prepared.prepare`), and each costs a fraction of a millisecond.
    """
    if prepared.mandate.replayed:
        return of_model(prepared.model, start=start, end=end)
    path = prepared.path
    rows = _span(prepared.mandate, prepared.history, path.first, start, end)
    turnover, cost = (np.zeros(len(prepared.history)) for _ in range(2))
    turnover[path.filled], cost[path.filled] = path.turnover, path.cost
    proxy = np.full(len(prepared.history), 0.0 if proxies else np.nan)
    # Return of a session is earned by what was held before it.
    stood_in = prepared.history.origin[1:] == Origin.PROXY
    if proxies and stood_in.any():
        proxy[1:] = (stood_in * prepared.weights[:-1, :-1]).sum(axis=1)
    walk = Walk(first=path.first, nav=path.nav, proxy=proxy, turnover=turnover, cost=cost)
    return _backtest(prepared.mandate, prepared.history, rows, walk)


class Walk(NamedTuple):
    """What a replay from the beginning comes to: the row of its first fill, and paths by row."""

    first: int
    nav: Reals
    proxy: Reals
    turnover: Reals
    cost: Reals


def walk_of(model: Model) -> Walk:
    """Return what a model's replay from the beginning comes to."""
    trace = model.trace
    first = trace.trades[0].row + 1 if trace.trades else len(model.history)
    return Walk(
        first=first, nav=trace.nav, proxy=trace.proxy, turnover=trace.turnover, cost=trace.cost
    )


def of_model(model: Model, *, start: date | None = None, end: date | None = None) -> Backtest:
    """Return the backtest that a model's replay from the beginning amounts to."""
    return of_walk(model.mandate, model.history, walk_of(model), start=start, end=end)


def of_walk(
    mandate: Mandate,
    history: History,
    walk: Walk,
    *,
    start: date | None = None,
    end: date | None = None,
) -> Backtest:
    """Return the backtest of a mandate over a history that was replayed before."""
    rows = _span(mandate, history, walk.first, start, end)
    return _backtest(mandate, history, rows, walk)


def _span(
    mandate: Mandate, history: History, first: int, start: date | None, end: date | None
) -> slice:
    """Return the rows reported: from the first fill on, inside the span asked for."""
    if start is not None:
        first = max(first, count_before(history.sessions, start))
    last = len(history)
    if end is not None:
        last = count_until(history.sessions, end)
    if last - first < 2:
        first_day, last_day = start or history.day(0), end or history.day(len(history) - 1)
        codes = never_priced(mandate, history)
        if codes:
            raise ShortHistory(
                f"{mandate.strategy.name} could not be invested between {first_day} and "
                f"{last_day}, and no price of {codes} is in the data; add their prices, or "
                "choose a later start or a longer data folder"
            )
        raise ShortHistory(
            f"{mandate.strategy.name} could not be invested between {first_day} and {last_day}; "
            "choose a later start or a longer data folder"
        )
    return slice(first, last)


def _backtest(mandate: Mandate, history: History, rows: slice, walk: Walk) -> Backtest:
    return Backtest(
        mandate=mandate,
        history=history,
        sessions=history.sessions[rows],
        nav=walk.nav[rows],
        cash=np.nan_to_num(history.cash_rate[rows]),
        proxy=walk.proxy[rows],
        turnover=walk.turnover[rows],
        cost=walk.cost[rows],
        sessions_per_year=history.sessions_per_year,
    )


@dataclass(frozen=True, slots=True, repr=False)
class Summary(Shown):
    """The figures of a backtest; ``max_drawdown`` is at most 0.

    ``cagr``, ``turnover`` and ``cost`` are per year, and NaN for a span shorter than 365 days;
    ``total_return``, ``total_turnover`` and ``total_cost`` are those of the span as it is.
    ``volatility`` and ``sharpe`` are of the sessions, on the scale of a year. ``turnover`` is half
    the sum of absolute weight changes; the first fill is not counted, nor in ``cost``.
    ``proxy_share`` averages the invested weight that rested on proxies.
    """

    start: date
    end: date
    cagr: float
    volatility: float
    max_drawdown: float
    sharpe: float
    turnover: float
    cost: float
    proxy_share: float
    total_return: float
    total_turnover: float
    total_cost: float


def summarise(run: Backtest) -> Summary:
    """Return the figures of a backtest, decimal fractions.

    A figure that is not defined, such as the volatility of one session or the yearly growth of a
    span shorter than a year, is NaN.

    >>> import jeoul
    >>> static, market = jeoul.load_strategy("static"), jeoul.open_market()
    >>> run = jeoul.backtest(static, "balanced", market, start="2024-01-02", end="2024-12-30")
    >>> summarise(run).max_drawdown < 0.0, summarise(run).cagr  # 363 days are not a year
    (True, nan)
    """
    turnover, cost = float(run.turnover[1:].sum()), float(run.cost[1:].sum())
    return Summary(
        start=run.start,
        end=run.end,
        cagr=metrics.growth_rate(run.sessions, run.nav),
        volatility=metrics.volatility(run.nav, run.sessions_per_year),
        max_drawdown=metrics.max_drawdown(run.nav),
        sharpe=metrics.sharpe(run.nav, run.cash[1:], run.sessions_per_year),
        turnover=metrics.a_year(turnover, run.sessions),
        cost=metrics.a_year(cost, run.sessions),
        proxy_share=float(run.proxy[1:].mean()),
        total_return=metrics.total_return(run.nav),
        total_turnover=turnover,
        total_cost=cost,
    )
