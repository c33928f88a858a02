"""One account along history: what the model wants, traded session by session in money and shares.

Every session first does to the account what :mod:`jeoul.account.day` says. After the close the
account decides on the next session: it counts the money that arrives at the open of the session on
which its orders are filled, and for a withdrawal that could not be paid it sells what is most above
its target. It pays when that has settled.

Money never appears or disappears: cash and money on its way change by exactly what a day records.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from jeoul.account.day import AccountState, DayOrder, DayRules, Due, account_day, needed, settle
from jeoul.account.orders import account_orders
from jeoul.account.price_events import PriceEvents
from jeoul.account.records import AccountDay, AccountRun, AccountTerms
from jeoul.model.calendar import Calendar
from jeoul.model.decision import Target
from jeoul.model.portfolio import Order, Portfolio, Reason, Side
from jeoul.pipeline.situation import Situation
from jeoul.pipeline.targets import ModelTarget
from jeoul.rebalance import Fresh, TradeRules


def account_backtest(
    wanted: Iterable[ModelTarget], events: PriceEvents, calendar: Calendar, terms: AccountTerms
) -> AccountRun:
    """Return an account day by day; pure: same inputs, same account, to the won.

    ``wanted`` are consecutive sessions of ``calendar``, as
    :func:`~jeoul.pipeline.targets.targets_along` gives them. Without ``terms.taxes`` dividends are
    gross and no tax is counted. Where the model has no target the account holds.
    """
    fold = _Fold(terms, events, calendar)
    begun = 0
    days: list[AccountDay] = []
    for each in wanted:
        if not days:
            begun = fold.begun(each.session)
        days.append(fold.day(each))
    traded = {fill.ticker for day in days for fill in day.fills}
    return AccountRun(
        terms=terms,
        begun=begun,
        days=tuple(days),
        approximate=events.is_adjusted(traded),
    )


def trade_rules(terms: AccountTerms) -> TradeRules:
    """Return the rules of an account whose money and shares count parts."""
    rules, parts = terms.rules, terms.parts
    return replace(
        rules,
        buffer=rules.buffer * parts,
        min_trade=rules.min_trade * parts,
        min_fee=rules.min_fee * parts,
        fixed_fee=rules.fixed_fee * parts,
    )


def day_rules(terms: AccountTerms, events: PriceEvents, calendar: Calendar) -> DayRules:
    """Return what holds on every session of an account with these terms."""
    rules = trade_rules(terms)
    return DayRules(
        events=events,
        calendar=calendar,
        buys=rules.tariff(Side.BUY),
        sells=rules.tariff(Side.SELL),
        exchange=terms.exchange,
        proceeds=terms.proceeds,
        taxes=terms.taxes,
        parts=terms.parts,
    )


def first_state(terms: AccountTerms) -> AccountState:
    """Return the account before its first session, in parts where the terms count them."""
    start, parts = terms.start, terms.parts
    portfolio = Portfolio(
        {code: count * parts for code, count in sorted(start.shares.items()) if count},
        start.cash * parts,
        start.currency,
        {day: money * parts for day, money in start.unsettled.items()},
    )
    return AccountState(portfolio=portfolio, overnight=portfolio.cash)


class AccountChoice(NamedTuple):
    """What an account does next: its state with money that will have settled, orders, and why."""

    state: AccountState
    orders: tuple[Order, ...] = ()
    reasons: tuple[Reason, ...] = ()


def choose(
    state: AccountState,
    wanted: ModelTarget,
    terms: AccountTerms,
    rules: TradeRules,
    *,
    invested: bool,
) -> AccountChoice:
    """Return the orders that an account decides on after a session, for the next one.

    ``rules`` are :func:`trade_rules` of the terms; ``invested`` says whether the account ever was.
    """
    target = wanted.target
    if target is None:
        return AccountChoice(state)
    # What settles by then is known and there before the next orders are filled.
    state = settle(state, target.executed)
    portfolio = state.portfolio
    if not portfolio.shares and portfolio.money <= 0:
        return AccountChoice(state)
    owed = needed(state, wanted.session, terms.exchange)
    if owed:
        # More than everything cannot be sold for; the rest stays owed.
        owed = min(owed, _priced(portfolio, target))
    placed = account_orders(
        target,
        portfolio,
        state.fresh,
        rules,
        owed=owed,
        proceeds=terms.proceeds,
        situation=Situation(first=not invested),
    )
    # Only now: a day on which nothing is decided leaves the money fresh for the next.
    if any(state.fresh):
        state = replace(state, fresh=Fresh())
    return AccountChoice(state, placed.orders, placed.reasons)


class _Fold:
    """The account between two sessions, and the orders that it decided for the next."""

    def __init__(self, terms: AccountTerms, events: PriceEvents, calendar: Calendar) -> None:
        self.terms, self.rules, self.events = terms, trade_rules(terms), events
        self.day_rules = day_rules(terms, events, calendar)
        self.state = first_state(terms)
        self.orders: tuple[Order, ...] = ()
        portfolio = self.state.portfolio
        self.invested = bool(portfolio.shares or any(portfolio.unsettled.values()))

    def begun(self, first: date) -> int:
        """Return what the account is worth to its owner before its first session.

        A holding without an earlier price counts at its first one.
        """
        portfolio, exchange = self.state.portfolio, self.terms.exchange
        before = first - timedelta(days=1)
        prices = {
            code: self.events.last_close(code, before) or self.events.last_close(code, first) or 0
            for code in portfolio.shares
        }
        value = portfolio.value(prices)
        return value if exchange is None else exchange.sold(value, first)

    def day(self, wanted: ModelTarget) -> AccountDay:
        session, exchange = wanted.session, self.terms.exchange
        passed = account_day(
            self.state,
            session,
            self._due(session),
            [DayOrder(order.side, order.ticker, order.shares) for order in self.orders],
            self.day_rules,
        )
        self.state, closing = passed.state, passed.state.portfolio
        self.invested |= any(fill is not None for fill in passed.fills)
        value = closing.value(self.events.prices(closing.shares, session))
        reasons = self._decide(wanted)
        return AccountDay(
            session=session,
            flows=passed.flows,
            actions=passed.actions,
            fills=tuple(fill for fill in passed.fills if fill is not None),
            portfolio=closing,
            owed=passed.state.owed,
            value=value,
            worth=value if exchange is None else exchange.home(value, session),
            orders=self.orders,
            reasons=reasons,
            held_back=wanted.target is None,
            taxed=passed.taxed,
        )

    def _due(self, session: date) -> Due:
        terms = self.terms
        return Due(
            terms.interest.get(session, 0.0),
            terms.deposits.get(session, 0) * terms.parts,
            terms.withdrawals.get(session, 0) * terms.parts,
        )

    def _decide(self, wanted: ModelTarget) -> tuple[Reason, ...]:
        """Decide the orders of the next session; return why."""
        found = choose(self.state, wanted, self.terms, self.rules, invested=self.invested)
        self.state, self.orders = found.state, found.orders
        return found.reasons


def _priced(portfolio: Portfolio, target: Target) -> int:
    """Return what an account is worth at the prices that orders are made with."""
    return portfolio.value({code: quote.price for code, quote in target.quotes.items()})
