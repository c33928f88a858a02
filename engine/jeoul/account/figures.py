"""What an account came to: the owner's money, what it earned, and what it cost."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from math import isfinite
from typing import Any

import numpy as np

from jeoul import metrics
from jeoul.account.records import AccountDay, AccountRun
from jeoul.model.calendar import Days, Reals
from jeoul.model.money import UNITS


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFigures:
    """Figures of an account. Money in main units, rates per year as decimal fractions.

    ``paid_in`` to ``gain`` are the owner's money; ``fees`` to ``dividends`` the account's, which is
    another where money is exchanged. ``time_weighted`` is the return of the account's mix, whatever
    was paid in and out; ``money_weighted`` that of the owner's money, which also depends on when it
    came and went. ``volatility`` and ``max_drawdown`` are of the time-weighted path. ``turnover``
    is half of what was bought and sold, a year, over the mean value; ``cash`` the mean share of the
    account that was not invested. ``held_back`` counts sessions without a target that the account
    could order.
    """

    start: date
    end: date
    owner: str
    currency: str
    paid_in: float
    paid_out: float
    unpaid: float
    worth: float
    gain: float
    fees: float
    spread: float
    exchanged: float
    interest: float
    dividends: float
    orders: int
    held_back: int
    turnover: float
    cash: float
    time_weighted: float
    money_weighted: float
    volatility: float
    max_drawdown: float


def account_figures(run: AccountRun, *, sessions_per_year: float) -> AccountFigures:
    """Return the figures of an account backtest."""
    days, terms = run.days, run.terms
    currency = terms.start.currency
    owner = currency if terms.exchange is None else terms.exchange.owner
    home, away = terms.parts * UNITS[owner], terms.parts * UNITS[currency]
    sessions, flows = sessions_of(run), _flows(run)
    unit = np.concatenate([[1.0], units_of(run)])
    years = max((days[-1].session - days[0].session).days, 1) / 365.2425
    fills = [fill for day in days for fill in day.fills]
    values = np.array([day.value for day in days], dtype=np.float64)
    idle = np.array([_idle(day) for day in days], dtype=np.float64)
    paid_in, paid_out = sum(day.paid_in for day in days), sum(day.paid_out for day in days)
    worth = days[-1].worth
    started = np.append(sessions[:1], sessions), np.append(run.begun, flows)
    return AccountFigures(
        start=days[0].session,
        end=days[-1].session,
        owner=owner,
        currency=currency,
        paid_in=(run.begun + paid_in) / home,
        paid_out=paid_out / home,
        unpaid=days[-1].owed / home,
        worth=worth / home,
        gain=(worth + paid_out - paid_in - run.begun) / home,
        fees=sum(fill.fee for fill in fills) / away,
        spread=sum(fill.spread for fill in fills) / away,
        exchanged=sum(day.exchanged for day in days) / away,
        interest=sum(day.interest for day in days) / away,
        dividends=sum(m.cash for day in days for m in day.movements if m.kind == "dividend") / away,
        orders=len(fills),
        held_back=sum(day.held_back for day in days),
        turnover=0.5 * sum(f.shares * f.price for f in fills) / float(values.mean()) / years
        if values.mean() > 0.0
        else 0.0,
        cash=float(np.divide(idle, values, out=np.ones(len(values)), where=values > 0.0).mean()),
        time_weighted=metrics.growth_rate(sessions, unit[[0, -1]]),
        money_weighted=metrics.money_weighted(*started, sessions[-1], float(worth)),
        volatility=metrics.volatility(unit, sessions_per_year),
        max_drawdown=metrics.max_drawdown(unit),
    )


def account_document(run: AccountRun, *, sessions_per_year: float) -> dict[str, Any]:
    """Return the figures of an account as JSON values, with its worth and unit value by session.

    ``prices`` is ``approximate`` where the account traded at prices adjusted for dividends.
    """
    found = asdict(account_figures(run, sessions_per_year=sessions_per_year))
    home = run.terms.parts * UNITS[found["owner"]]
    units = units_of(run)
    return {
        **{name: _plain(value) for name, value in found.items()},
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


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return None if isinstance(value, float) and not isfinite(value) else value


def _flows(run: AccountRun) -> Reals:
    return np.array([day.paid_in - day.paid_out for day in run.days], dtype=np.float64)


def _idle(day: AccountDay) -> int:
    return day.portfolio.cash + sum(day.portfolio.unsettled.values())
