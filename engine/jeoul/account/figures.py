"""What an account came to: the owner's money, what it earned, and what it cost."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from math import isfinite
from typing import Any

import numpy as np

from jeoul import metrics
from jeoul.account.records import AccountRun
from jeoul.model.calendar import Days, Reals
from jeoul.model.money import UNITS


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerFigures:
    """The owner's money, in main units of ``owner``: what came, what went, and what is there."""

    owner: str
    paid_in: float
    paid_out: float
    unpaid: float
    worth: float
    gain: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CostFigures:
    """What was paid and earned inside the account, in main units of its ``currency``."""

    currency: str
    fees: float
    spread: float
    exchanged: float
    interest: float
    dividends: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeFigures:
    """How the account traded.

    ``total_turnover`` is half of what was bought and sold over the mean value, ``turnover`` the
    same a year, NaN for a span shorter than a year; ``cash`` the mean share of the account that was
    not invested. ``held_back`` counts sessions without a target that
    the account could order.
    """

    orders: int
    held_back: int
    turnover: float
    total_turnover: float
    cash: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnFigures:
    """Rates as decimal fractions.

    ``time_weighted`` is the return of the account's mix, whatever was paid in and out;
    ``money_weighted`` that of the owner's money, which also depends on when it came and went.
    Both are per year, and NaN for a span shorter than a year; ``total_return`` is the
    time-weighted return of the span as it is. ``volatility`` and ``max_drawdown`` are of the
    time-weighted path.
    """

    time_weighted: float
    total_return: float
    money_weighted: float
    volatility: float
    max_drawdown: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFigures:
    """Figures of an account over a span."""

    start: date
    end: date
    owner: OwnerFigures
    costs: CostFigures
    trades: TradeFigures
    returns: ReturnFigures


def account_figures(run: AccountRun, *, sessions_per_year: float) -> AccountFigures:
    """Return the figures of an account backtest."""
    return AccountFigures(
        start=run.days[0].session,
        end=run.days[-1].session,
        owner=_owner_figures(run),
        costs=_cost_figures(run),
        trades=_trade_figures(run),
        returns=_return_figures(run, sessions_per_year),
    )


def _owner_figures(run: AccountRun) -> OwnerFigures:
    days, terms = run.days, run.terms
    owner = terms.start.currency if terms.exchange is None else terms.exchange.owner
    home = terms.parts * UNITS[owner]
    paid_in = sum(day.flows.paid_in for day in days)
    paid_out = sum(day.flows.paid_out for day in days)
    worth = days[-1].worth
    return OwnerFigures(
        owner=owner,
        paid_in=(run.begun + paid_in) / home,
        paid_out=paid_out / home,
        unpaid=days[-1].owed / home,
        worth=worth / home,
        gain=(worth + paid_out - paid_in - run.begun) / home,
    )


def _cost_figures(run: AccountRun) -> CostFigures:
    days, currency = run.days, run.terms.start.currency
    away = run.terms.parts * UNITS[currency]
    dividends = sum(a.cash for day in days for a in day.actions if a.kind == "dividend")
    return CostFigures(
        currency=currency,
        fees=sum(fill.fee for day in days for fill in day.fills) / away,
        spread=sum(fill.spread for day in days for fill in day.fills) / away,
        exchanged=sum(day.flows.exchanged for day in days) / away,
        interest=sum(day.flows.interest for day in days) / away,
        dividends=dividends / away,
    )


def _trade_figures(run: AccountRun) -> TradeFigures:
    days = run.days
    fills = [fill for day in days for fill in day.fills]
    values = np.array([day.value for day in days], dtype=np.float64)
    idle = np.array([day.portfolio.money for day in days], dtype=np.float64)
    turnover = 0.0
    if values.mean() > 0.0:
        traded = sum(fill.shares * fill.price for fill in fills)
        turnover = 0.5 * traded / float(values.mean())
    return TradeFigures(
        orders=len(fills),
        held_back=sum(day.held_back for day in days),
        turnover=metrics.a_year(turnover, sessions_of(run)),
        total_turnover=turnover,
        cash=float(np.divide(idle, values, out=np.ones(len(values)), where=values > 0.0).mean()),
    )


def _return_figures(run: AccountRun, sessions_per_year: float) -> ReturnFigures:
    sessions, flows = sessions_of(run), _flows(run)
    unit = np.concatenate([[1.0], units_of(run)])
    started = np.append(sessions[:1], sessions), np.append(run.begun, flows)
    return ReturnFigures(
        time_weighted=metrics.growth_rate(sessions, unit[[0, -1]]),
        total_return=metrics.total_return(unit),
        money_weighted=metrics.money_weighted(*started, sessions[-1], float(run.days[-1].worth)),
        volatility=metrics.volatility(unit, sessions_per_year),
        max_drawdown=metrics.max_drawdown(unit),
    )


def account_document(run: AccountRun, *, sessions_per_year: float) -> dict[str, Any]:
    """Return the figures of an account as JSON values, with its worth and unit value by session.

    The groups of :class:`AccountFigures` lie flat in it. ``prices`` is ``approximate`` where the
    account traded at prices adjusted for dividends.
    """
    figures = account_figures(run, sessions_per_year=sessions_per_year)
    groups = (figures.owner, figures.costs, figures.trades, figures.returns)
    flat = {name: value for group in groups for name, value in asdict(group).items()}
    home = run.terms.parts * UNITS[figures.owner.owner]
    units = units_of(run)
    return {
        "start": figures.start.isoformat(),
        "end": figures.end.isoformat(),
        **{name: _finite(value) for name, value in flat.items()},
        "prices": "approximate" if run.approximate else "raw",
        "equity": [
            [day.session.isoformat(), day.worth / home, float(unit)]
            for day, unit in zip(run.days, units, strict=True)
        ],
    }


def sessions_of(run: AccountRun) -> Days:
    """Return the sessions of an account backtest."""
    return np.array([day.session for day in run.days], dtype="datetime64[D]")


def units_of(run: AccountRun) -> Reals:
    """Return what one unit of the account was worth to its owner after each session, 1 before."""
    worth = np.array([day.worth for day in run.days], dtype=np.float64)
    return metrics.unit_values(worth, _flows(run), float(run.begun))


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not isfinite(value) else value


def _flows(run: AccountRun) -> Reals:
    return np.array([day.flows.paid_in - day.flows.paid_out for day in run.days], dtype=np.float64)
