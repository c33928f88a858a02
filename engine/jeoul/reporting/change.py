"""What an account's orders change: weights, distance and risk, and the tax of the sales."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import takewhile
from typing import TYPE_CHECKING

import numpy as np

from jeoul.household.problem.sale_tax import Sale, SaleTax, sale_tax
from jeoul.korea.rulebook import Rulebook
from jeoul.model.calendar import Calendar
from jeoul.model.decision import Decision, Proposal
from jeoul.model.instrument import AccountKind, Universe
from jeoul.model.money import UNITS
from jeoul.model.portfolio import CASH, Portfolio, Side, signed_amount
from jeoul.pipeline import Model
from jeoul.pipeline.expected import expected_of
from jeoul.pipeline.measuring import risk_share
from jeoul.rebalance import current_weights, drift, lifted, setting_aside
from jeoul.reporting.account_facts import AccountChange, AccountStanding

if TYPE_CHECKING:
    from jeoul.account.holdings import Holdings

MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}


def change_of(
    model: Model, decision: Decision, portfolio: Portfolio, owed: int, calendar: Calendar
) -> AccountChange | None:
    """Return what a decision changes in a portfolio, None for one without any value.

    ``owed`` is money that will be paid out. As in the reasons of the orders, it and cash below zero
    are part of the account until they are paid.
    """
    proposal = decision.proposal
    funded, missing = lifted(portfolio)
    after = replace(
        funded,
        shares=_shares_after(portfolio, decision),
        cash=funded.cash - sum(map(signed_amount, decision.orders)) - decision.cost,
    )
    prices = {code: quote.price for code, quote in proposal.quotes.items()}
    value = funded.value(prices)
    if min(value, after.value(prices)) <= 0:
        return None
    target = setting_aside(proposal.weights, (owed + missing) / value)
    rule = model.mandate.strategy.rebalance.calendar
    return AccountChange(
        now=_standing(model, proposal, target, current_weights(funded, prices)),
        after=_standing(model, proposal, target, current_weights(after, prices)),
        next_date=next_date(calendar, rule, proposal.executed),
    )


def next_date(calendar: Calendar, rule: str, after: date) -> date | None:
    """Return the first session of the period after that of a day.

    None for a strategy without dates, and for a day whose holidays are not known yet.

    >>> from jeoul import api
    >>> next_date(api.calendars()["XKRX"], "monthly", date(2024, 7, 1))
    datetime.date(2024, 8, 1)
    """
    if rule not in MONTHS:
        return None
    months = MONTHS[rule]
    periods = calendar.sessions.astype("datetime64[M]").astype(np.int64) // months
    later = np.flatnonzero(periods > ((after.year - 1970) * 12 + after.month - 1) // months)
    day = calendar.label(int(later[0])) if len(later) else None
    return day if day is not None and day <= calendar.confirmed else None


def taxed_at_sale(
    decision: Decision, holdings: Holdings, universe: Universe, book: Rulebook
) -> SaleTax | None:
    """Return what is withheld at a decision's sales, by what the holdings say of their cost.

    None for an account that withholds nothing at a sale: all but an ordinary one in won.
    """
    proposal = decision.proposal
    if proposal.account is not AccountKind.GENERAL or proposal.currency != "KRW":
        return None
    unit = UNITS[proposal.currency]
    found = [
        sale_tax(
            book,
            Sale(
                kind=universe.instruments[order.ticker].tax_kind,
                shares=order.shares,
                price=Decimal(order.price) / unit,
                cost=holdings.cost.get(order.ticker),
                base=holdings.tax_base.get(order.ticker),
            ),
        )
        for order in takewhile(lambda order: order.side is Side.SELL, decision.orders)
    ]
    return SaleTax(
        sum(each.tax for each in found),
        sum(each.taxable for each in found),
        sum(each.least for each in found),
    )


def _shares_after(portfolio: Portfolio, decision: Decision) -> Mapping[str, int]:
    shares = dict(portfolio.shares)
    for order in decision.orders:
        signed = order.shares if order.side is Side.BUY else -order.shares
        shares[order.ticker] = shares.get(order.ticker, 0) + signed
    return shares


def _standing(
    model: Model, proposal: Proposal, target: Mapping[str, float], weights: Mapping[str, float]
) -> AccountStanding:
    rules, classes = model.mandate.strategy.overlay, proposal.classes
    risk = None if rules is None else risk_share(dict(weights), classes, rules.risk_classes)
    return AccountStanding(
        weights=weights,
        away=drift(weights, target),
        risk=risk,
        volatility=_volatility(model, weights),
    )


def _volatility(model: Model, weights: Mapping[str, float]) -> float | None:
    """Return what weights are expected to move by, as the last allocation was estimated."""
    made, universe = model.state.allocation, model.mandate.universe
    if made is None:
        return None
    place = {code: n for n, member in enumerate(universe.members) for code in member.codes}
    target = np.zeros(len(universe.members) + 1)
    for code, weight in weights.items():
        if code == CASH or not weight:
            continue
        if place.get(code) not in made.members:
            return None
        target[place[code]] += weight
    return expected_of(made, target).volatility
