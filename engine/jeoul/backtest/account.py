"""One account along history: propose and place folded over its sessions, in whole shares and won.

A session of the account, by the rules that a paper account and a broker follow too:

1. at the open settled money arrives, then deposits, then splits and dividends; a decision counts
   the money that arrives at the open of the session on which it is filled
2. at the close the orders decided before it are filled, sells first, in the order of the plan;
   what is bought is paid from settled cash alone, what is sold settles T+2 (KRX) or T+1 (US)
3. after the close the account decides on the next session
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from jeoul.account.tape import Tape
from jeoul.market import Market
from jeoul.model.calendar import Calendar
from jeoul.model.decision import Decision, Proposal
from jeoul.model.portfolio import Order, Portfolio, Side
from jeoul.pipeline import Mandate, propose
from jeoul.pipeline.account import SETTLEMENT, account_decision
from jeoul.rebalance import (
    TradeRules,
    affordable_shares,
    order_fee,
    settlement_date,
)


@dataclass(frozen=True, slots=True)
class AccountFill:
    """One filled order of the account."""

    session: date
    side: Side
    ticker: str
    shares: int
    price: int
    fee: int


@dataclass(frozen=True, slots=True)
class AccountDay:
    """The account after the close of a session, and what it decided then."""

    session: date
    portfolio: Portfolio
    fills: tuple[AccountFill, ...]
    decision: Decision


@dataclass(slots=True)
class _Account:
    shares: dict[str, int]
    cash: int
    unsettled: dict[date, int] = field(default_factory=dict)
    fresh: int = 0

    def portfolio(self, currency: str) -> Portfolio:
        held = {code: count for code, count in sorted(self.shares.items()) if count}
        return Portfolio(held, self.cash, currency, dict(self.unsettled))


def proposals_along(
    mandate: Mandate,
    market: Market,
    calendars: Mapping[str, Calendar],
    *,
    start: date,
    end: date,
) -> Iterator[Proposal]:
    """Yield the proposal of every session of a span, each from the memory of the one before."""
    name = mandate.strategy.calendar
    memory = None
    for day in market.sessions(name).astype(object).tolist():
        if start <= day <= end:
            proposal = propose(mandate, market.as_of(day, name), calendars, memory)
            memory = proposal.memory
            yield proposal


def account_backtest(
    proposals: Iterable[Proposal],
    tape: Tape,
    calendar: Calendar,
    *,
    start: Portfolio,
    rules: TradeRules,
    deposits: Mapping[date, int] | None = None,
) -> tuple[AccountDay, ...]:
    """Return an account day by day over consecutive proposals of one mandate.

    ``proposals`` are those of consecutive sessions of ``calendar``, as a fold of ``propose`` makes
    them; ``deposits`` come in at the open of their session. No interest on cash, no tax: dividends
    are gross. Pure: same inputs, same account, to the won.
    """
    account = _Account(dict(start.shares), start.cash, dict(start.unsettled), fresh=0)
    orders: tuple[Order, ...] = ()
    days = []
    for proposal in proposals:
        session = proposal.as_of
        _open(account, tape, session, (deposits or {}).get(session, 0))
        fills = _close(account, tape, calendar, session, orders, rules)
        closing = account.portfolio(start.currency)
        _settle(account, proposal.executed)  # known and there before the next orders are filled
        decision = account_decision(
            proposal, account.portfolio(start.currency), account.fresh, rules
        )
        account.fresh = 0
        orders = decision.orders
        days.append(AccountDay(session, closing, fills, decision))
    return tuple(days)


def _open(account: _Account, tape: Tape, session: date, deposit: int) -> None:
    _settle(account, session)
    account.cash += deposit
    account.fresh += deposit
    for movement in tape.openings(session, account.shares):
        account.shares[movement.ticker] += movement.shares
        account.cash += movement.cash


def _settle(account: _Account, until: date) -> None:
    for day in sorted(account.unsettled):
        if day <= until:
            arrived = account.unsettled.pop(day)
            account.cash += arrived
            account.fresh += arrived


def _close(
    account: _Account,
    tape: Tape,
    calendar: Calendar,
    session: date,
    orders: Iterable[Order],
    rules: TradeRules,
) -> tuple[AccountFill, ...]:
    fills = []
    for order in sorted(orders, key=lambda order: order.side is Side.BUY):
        price = tape.close(order.ticker, session)
        if price is None:
            continue
        if order.side is Side.SELL:
            count = min(order.shares, account.shares.get(order.ticker, 0))
            fee = order_fee(count * price, rules.sell_fee)
        else:
            count = min(order.shares, affordable_shares(account.cash, price, rules.buy_fee).shares)
            fee = order_fee(count * price, rules.buy_fee)
        if count:
            _book(
                account, calendar, AccountFill(session, order.side, order.ticker, count, price, fee)
            )
            fills.append(AccountFill(session, order.side, order.ticker, count, price, fee))
    return tuple(fills)


def _book(account: _Account, calendar: Calendar, fill: AccountFill) -> None:
    if fill.side is Side.BUY:
        account.cash -= fill.shares * fill.price + fill.fee
        account.shares[fill.ticker] = account.shares.get(fill.ticker, 0) + fill.shares
        return
    day = settlement_date(calendar, fill.session, SETTLEMENT[calendar.name])
    account.unsettled[day] = account.unsettled.get(day, 0) + fill.shares * fill.price - fill.fee
    account.shares[fill.ticker] -= fill.shares
    if not account.shares[fill.ticker]:
        del account.shares[fill.ticker]
