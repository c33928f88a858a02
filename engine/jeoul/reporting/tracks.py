"""The ways of having been invested that a report compares."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from jeoul import metrics
from jeoul.backtesting import Backtest, Summary, drawdowns, summarise
from jeoul.backtesting.attained import Attainable
from jeoul.model.calendar import Days, Reals
from jeoul.model.years import DAYS_A_YEAR
from jeoul.reporting.facts import DrawdownFacts, Range, Track
from jeoul.reporting.text import Text

_Z90 = 1.6448536269514722  # half of the 90 % interval of a normal variable, in standard deviations


def tracks(
    title: Text,
    run: Backtest,
    others: Mapping[str, Backtest],
    account: Attainable | None = None,
) -> tuple[Track, ...]:
    """Return the strategy's own track, its account, the others over the same span, and cash."""
    own = _track("strategy", title, run, summarise(run))
    rest = [
        _track(key, Text.of(f"facts.track_{key}"), other, summarise(other))
        for key, other in others.items()
    ]
    had = () if account is None else (_account_track(run, account),)
    return (own, *had, *rest, _cash_track(run))


def _account_track(run: Backtest, account: Attainable) -> Track:
    """Return the account from its first fill on; it begins where the model is then."""
    sessions, nav = account.sessions, account.paths["account"]
    rows = np.searchsorted(run.sessions, sessions)
    low, high = metrics.worst_and_best_year(sessions, nav)
    cagr = metrics.growth_rate(sessions, nav)
    volatility = metrics.volatility(nav, run.sessions_per_year)
    years = float((sessions[-1] - sessions[0]) / np.timedelta64(1, "D")) / DAYS_A_YEAR
    return Track(
        key="account",
        name=Text.of("facts.track_account"),
        sessions=sessions,
        nav=nav * float(run.nav[rows[0]] / run.nav[0]),
        cagr=cagr,
        cagr_range=_likely(cagr, volatility, years),
        year_range=Range(low, high),
        volatility=volatility,
        max_drawdown=metrics.max_drawdown(nav),
        sharpe=metrics.sharpe(nav, run.cash[rows][1:], run.sessions_per_year),
        turnover=metrics.a_year(account.turnover, sessions),
        cost=metrics.a_year(account.cost, sessions),
        proxy_share=0.0,
        drawdowns=_falls(sessions, nav),
    )


def _falls(sessions: Days, nav: Reals) -> tuple[DrawdownFacts, ...]:
    return tuple(
        DrawdownFacts(start=d.start, trough=d.trough, recovery=d.recovery, depth=d.depth)
        for d in drawdowns(sessions, nav)
    )


def _likely(cagr: float, volatility: float, years: float) -> Range:
    """Return the 90 % interval of a growth rate.

    The error of a mean of independent returns: volatility / sqrt(years), on log growth.
    """
    spread = _Z90 * volatility / math.sqrt(years)
    return Range((1.0 + cagr) * math.exp(-spread) - 1.0, (1.0 + cagr) * math.exp(spread) - 1.0)


def _track(key: str, name: Text, run: Backtest, summary: Summary) -> Track:
    low, high = metrics.worst_and_best_year(run.sessions, run.nav)
    return Track(
        key=key,
        name=name,
        sessions=run.sessions,
        nav=run.nav / run.nav[0],
        cagr=summary.cagr,
        cagr_range=_likely(summary.cagr, summary.volatility, run.years),
        year_range=Range(low, high),
        volatility=summary.volatility,
        max_drawdown=summary.max_drawdown,
        sharpe=summary.sharpe,
        turnover=summary.turnover,
        cost=summary.cost,
        proxy_share=summary.proxy_share,
        drawdowns=_falls(run.sessions, run.nav),
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
