"""The ways of having been invested that a report compares."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from jeoul import metrics
from jeoul.backtesting import Backtest, Summary, drawdowns, summarise
from jeoul.model.calendar import Reals
from jeoul.reporting.facts import Drawdown, Range, Text, Track

_Z90 = 1.6448536269514722  # half of the 90 % interval of a normal variable, in standard deviations


def tracks(title: Text, run: Backtest, others: Mapping[str, Backtest]) -> tuple[Track, ...]:
    """Return the strategy's own track, the others over the same span, and cash."""
    own = _track("strategy", title, run, summarise(run))
    rest = [
        _track(key, Text.of(f"facts.track_{key}"), other, summarise(other))
        for key, other in others.items()
    ]
    return (own, *rest, _cash_track(run))


def _track(key: str, name: Text, run: Backtest, summary: Summary) -> Track:
    low, high = metrics.worst_and_best_year(run.sessions, run.nav)
    # The error of a mean of independent returns: volatility / sqrt(years), on log growth.
    spread = _Z90 * summary.volatility / math.sqrt(run.years)
    return Track(
        key=key,
        name=name,
        sessions=run.sessions,
        nav=run.nav / run.nav[0],
        cagr=summary.cagr,
        cagr_range=Range(
            (1.0 + summary.cagr) * math.exp(-spread) - 1.0,
            (1.0 + summary.cagr) * math.exp(spread) - 1.0,
        ),
        year_range=Range(low, high),
        volatility=summary.volatility,
        max_drawdown=summary.max_drawdown,
        sharpe=summary.sharpe,
        turnover=summary.turnover,
        cost=summary.cost,
        proxy_share=summary.proxy_share,
        drawdowns=tuple(
            Drawdown(start=d.start, trough=d.trough, recovery=d.recovery, depth=d.depth)
            for d in drawdowns(run.sessions, run.nav)
        ),
    )


def _cash_track(span: Backtest) -> Track:
    nav: Reals = np.cumprod(np.concatenate(([1.0], 1.0 + span.cash[1:])), dtype=np.float64)
    return Track(
        key="cash",
        name=Text.of("facts.track_cash"),
        sessions=span.sessions,
        nav=nav,
        cagr=metrics.growth_rate(span.sessions, nav),
        volatility=0.0,
        max_drawdown=metrics.max_drawdown(nav),
        sharpe=math.nan,
        turnover=0.0,
        cost=0.0,
        proxy_share=0.0,
    )
