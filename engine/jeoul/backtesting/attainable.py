"""The account that could be had: what the model's targets came to in funds that existed.

A model may hold a fund through its proxy before the fund was listed, in any fraction of a share. An
account cannot: it buys whole shares of funds that have a price, pays for each order, and keeps in
cash what is left over. Both are shown over the same span, and the way from one to the other in
steps, each of which takes away one thing that an account cannot have.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from jeoul.account.file import USUAL_SPREAD
from jeoul.account.life import account_backtest
from jeoul.account.price_events import PriceEvents
from jeoul.account.records import AccountDay, AccountRun, AccountTerms
from jeoul.backtesting.attained import Attainable
from jeoul.backtesting.fractional import fractional
from jeoul.backtesting.run import Backtest
from jeoul.model.calendar import Calendar, Days, Reals
from jeoul.model.days import count_before
from jeoul.model.history import History
from jeoul.model.money import UNITS
from jeoul.model.portfolio import Portfolio
from jeoul.pipeline import default_rules
from jeoul.pipeline.targets import ModelTarget
from jeoul.rebalance import ONLINE


def attainable(
    model: Backtest,
    wanted: Sequence[ModelTarget],
    events: PriceEvents,
    calendar: Calendar,
    terms: AccountTerms,
) -> Attainable | None:
    """Return the account that followed a model's targets over its span; None without two sessions.

    ``wanted`` are the model's targets (:func:`~jeoul.pipeline.targets.targets_of`), ``terms`` what
    is agreed for the account, :func:`usual_terms` for one. The account begins with the first
    target and is before tax.
    """
    ready = first_target(wanted)
    if ready is None or len(wanted) - ready < 3:
        return None
    along = wanted[ready:]
    run = account_backtest(along, events, calendar, terms)
    first = next((place for place, day in enumerate(run.days) if day.fills), 1)
    days = run.days[first:]
    if len(days) < 2:
        return None
    sessions = np.array([day.session for day in days], dtype="datetime64[D]")
    rows = np.searchsorted(model.sessions, sessions)
    return Attainable(
        amount=sum(terms.deposits.values()),
        currency=terms.start.currency,
        sessions=sessions,
        worth=tuple(round(day.worth / terms.parts) for day in days),
        paths=_paths(model, run, along, first, sessions),
        proxies=float(model.proxy[rows][1:].mean()),
        turnover=sum(_traded(day) for day in days[1:]),
        cost=float(_costs(run, first)[1:].sum()),
    )


def first_target(wanted: Sequence[ModelTarget]) -> int | None:
    """Return the place of the first session with a target, None without any."""
    return next((place for place, each in enumerate(wanted) if each.target is not None), None)


def usual_terms(wanted: Sequence[ModelTarget], history: History, amount: int) -> AccountTerms:
    """Return the terms of an account that begins with an amount, in main units of the currency.

    It pays the fee of an online order and half a spread of 0.05 %, and its cash earns the market's
    rate, as the model's does. ``wanted`` has at least one target.
    """
    target = next(each.target for each in wanted if each.target is not None)
    days = history.sessions.astype(object).tolist()
    return AccountTerms(
        start=Portfolio({}, 0, history.currency),
        rules=default_rules(target, ONLINE._replace(spread=Decimal(USUAL_SPREAD))),
        deposits={target.as_of: amount * UNITS[history.currency]},
        interest=dict(zip(days, np.nan_to_num(history.cash_rate).tolist(), strict=True)),
    )


def _paths(
    model: Backtest, run: AccountRun, along: Sequence[ModelTarget], first: int, sessions: Days
) -> dict[str, Reals]:
    """Return the unit values of every step."""
    rows = np.searchsorted(model.sessions, sessions)
    own = model.nav[rows] / model.nav[rows[0]]
    listed = fractional(model.mandate, model.history, along, first)
    days = run.days[first:]
    worth = np.array([day.worth for day in days], dtype=np.float64)
    account = worth / worth[0]
    idle = account * _given_back(_costs(run, first))
    begin = count_before(model.history.sessions, sessions[0])
    rates = np.nan_to_num(model.history.cash_rate[begin : begin + len(days)])
    shares = np.array([day.portfolio.money / day.value if day.value else 1.0 for day in days])
    spare = np.zeros(len(days))  # cash over each session beyond what the targets keep
    spare[1:] = shares[:-1] - listed.cash[1:]
    returns = np.zeros(len(days))
    returns[1:] = idle[1:] / idle[:-1] - 1.0
    missed = np.where(listed.cash < 1.0, spare * (listed.invested - rates), 0.0)
    whole = np.cumprod(1.0 + returns + missed, dtype=np.float64)
    return {
        "model": own,
        "free": own * _given_back(model.cost[rows]),
        "listed": listed.nav,
        "whole": whole,
        "idle": idle,
        "account": account,
    }


def _traded(day: AccountDay) -> float:
    amount = sum(fill.shares * fill.price for fill in day.fills)
    return 0.5 * amount / day.worth if amount else 0.0


def _given_back(costs: Reals) -> Reals:
    """Return what a unit is worth more once the costs after the first session are given back."""
    found: Reals = np.cumprod(1.0 / (1.0 - np.append(0.0, costs[1:])), dtype=np.float64)
    return found


def _costs(run: AccountRun, first: int) -> Reals:
    """Return what the fills of each session cost, as a share of the account before them."""
    found = []
    for day in run.days[first:]:
        cost = sum(fill.fee + fill.spread for fill in day.fills)
        found.append(cost / (day.worth + cost) if cost else 0.0)
    return np.array(found)
