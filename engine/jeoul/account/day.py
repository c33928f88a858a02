"""What one session does to an account; the backtest, the paper broker and their tests share it.

1. At the open cash has earned its interest and money that is due has settled. Then deposits come
   in, a withdrawal is paid if the cash is there, and splits and dividends happen.
2. At the close orders are filled, sells first. A limit, the market's depth, the shares held and
   the settled cash bound what is filled; cash that is owed to the owner buys nothing. What is sold
   settles as the rules of the exchange on that day say. Where proceeds may be reused, buys also
   spend what sales of this session and of earlier ones bring, and are set off against it.
3. Where the account has tax rules, what is taken at source is taken here: from interest and
   distributions at the open, from the proceeds of a sale (:mod:`jeoul.account.withholding`).

Everything here is pure: records in, records out. Money and shares change by exactly what the
records of the day say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import floor
from typing import NamedTuple

from jeoul.account.day_taxes import DayTaxes, Untaxed
from jeoul.account.exchange import CurrencyExchange
from jeoul.account.price_events import CorporateAction, PriceEvents
from jeoul.account.withholding import Taxed, TaxLedger, TaxRules
from jeoul.model.calendar import Calendar
from jeoul.model.portfolio import SETTLED, Portfolio, Proceeds, Side
from jeoul.rebalance import (
    Fresh,
    Tariff,
    affordable_buys,
    set_off,
    settled,
    settlement_date,
    spendable,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRules:
    """What holds on every session of an account: its prices, its exchange, what orders cost.

    ``exchange`` turns the owner's money into the account's where the two differ. ``depth`` is the
    most shares of a ticker that find a counterparty; a ticker that it leaves out has no such bound.
    ``proceeds`` says when buys may spend what sales bring. ``taxes`` are the rules of what is
    withheld, None for an account before tax; ``parts`` is how many parts of a share, and of the
    smallest unit of money, the account counts as one.
    """

    events: PriceEvents
    calendar: Calendar
    buys: Tariff
    sells: Tariff
    exchange: CurrencyExchange | None = None
    depth: Mapping[str, int] = field(default_factory=dict)
    proceeds: Proceeds = SETTLED
    taxes: TaxRules | None = None
    parts: int = 1

    def tariff(self, side: Side) -> Tariff:
        """Return how orders of a side are charged."""
        return self.buys if side is Side.BUY else self.sells


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState:
    """An account between two sessions.

    ``overnight`` is the cash after the last close, which earns interest; ``fresh`` the money that
    arrived since the account last decided; ``owed`` a withdrawal that waits for its money, in the
    owner's money; ``ledger`` what an account with tax rules remembers.
    """

    portfolio: Portfolio
    overnight: int = 0
    fresh: Fresh = field(default_factory=Fresh)
    owed: int = 0
    ledger: TaxLedger = field(default_factory=TaxLedger)


class DayOrder(NamedTuple):
    """An order as a session sees it; ``limit`` is the worst price at which it may be filled."""

    side: Side
    ticker: str
    shares: int
    limit: int | None = None


class Due(NamedTuple):
    """What the calendar brings beside orders: an interest rate, and flows in the owner's money."""

    interest: float = 0.0
    deposit: int = 0
    withdrawal: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFlows:
    """Money that came and went beside trades.

    ``paid_in`` and ``paid_out`` are the owner's money, ``deposit`` and ``withdrawal`` the same in
    the currency of the account. They differ where money is exchanged, at ``exchanged``, the cost
    of it.
    """

    interest: int
    paid_in: int
    deposit: int
    paid_out: int
    withdrawal: int
    exchanged: int


_STILL = DayFlows(interest=0, paid_in=0, deposit=0, paid_out=0, withdrawal=0, exchanged=0)


@dataclass(frozen=True, slots=True)
class AccountFill:
    """One filled order of the account; ``spread`` is what half of it cost beside the fee.

    ``tax`` was withheld from the proceeds of a sale.
    """

    session: date
    side: Side
    ticker: str
    shares: int
    price: int
    fee: int
    spread: int
    tax: int = 0

    @property
    def cash(self) -> int:
        """Return what the order does to the account's money."""
        amount = self.shares * self.price
        return (-amount if self.side is Side.BUY else amount) - self.fee - self.spread - self.tax


@dataclass(frozen=True, slots=True, kw_only=True)
class DayResult:
    """The account after a session, and what happened to it.

    ``fills`` has an entry for every order, in the order given: None where nothing was traded.
    ``taxed`` is what the law looks at, empty without tax rules.
    """

    state: AccountState
    flows: DayFlows
    actions: tuple[CorporateAction, ...]
    fills: tuple[AccountFill | None, ...]
    taxed: tuple[Taxed, ...] = ()


def account_day(
    state: AccountState, session: date, due: Due, orders: Sequence[DayOrder], rules: DayRules
) -> DayResult:
    """Return what one session does to an account.

    Raises :class:`~jeoul.errors.BeyondData` for a sale that settles beyond the known calendar.

    >>> import numpy as np
    >>> from jeoul.model.series import PriceTable
    >>> day, none = np.array(["2026-06-01"], dtype="datetime64[D]"), np.zeros(1, dtype=np.int64)
    >>> closes = np.array([[40_000.0]])
    >>> table = PriceTable("XKRX", "KRW", "raw", ("069500",), day, none, closes, None, None)
    >>> krx = Calendar("XKRX", "Asia/Seoul", day, none, none, date(2026, 12, 31))
    >>> free = Tariff()
    >>> rules = DayRules(events=PriceEvents((table,)), calendar=krx, buys=free, sells=free)
    >>> wish = DayOrder(Side.BUY, "069500", 5)
    >>> before = AccountState(portfolio=Portfolio({}, 100_000))
    >>> after = account_day(before, date(2026, 6, 1), Due(deposit=30_000), [wish], rules)
    >>> dict(after.state.portfolio.shares), after.state.portfolio.cash
    ({'069500': 3}, 10000)
    """
    actions = tuple(rules.events.openings(session, state.portfolio.shares))
    # Down to a whole unit: no bank pays the fraction, and a model must not earn it.
    interest = floor(state.overnight * due.interest)
    taxable = interest if rules.taxes is not None else 0
    # Most days of a backtest end here, but not one with taxed interest: its tax is due today.
    if not (actions or orders or taxable) and _nothing_moves(state, due):
        return _quiet(state, interest)
    taxes = _taxes(state, session, rules)
    earned = interest - taxes.interest(interest)
    state = settle(replace(state, portfolio=_paid(state.portfolio, earned)), session)
    # What settles and what is paid in can pay a withdrawal of the same morning, so it comes first.
    state, paid_in, deposit = _pay_in(state, session, due.deposit, rules.exchange)
    state = replace(state, owed=state.owed + due.withdrawal)
    state, paid_out, withdrawal = _pay_out(state, session, rules.exchange)
    exchanged = 0
    if rules.exchange is not None:
        # What the money is at the middle rate, less what the account got for it; the same way out.
        exchanged += rules.exchange.away(paid_in, session) - deposit
        exchanged += withdrawal - rules.exchange.away(paid_out, session)
    taken = taxes.opening(dict(state.portfolio.shares), actions)
    opened = _paid(_acted(state.portfolio, actions), -taken)
    fills = _fills(opened, orders, session, rules, needed(state, session, rules.exchange), taxes)
    closed = _traded(opened, [fill for fill in fills if fill is not None], rules, taxes)
    return DayResult(
        state=replace(state, portfolio=closed, overnight=closed.cash, ledger=taxes.ledger),
        flows=DayFlows(
            interest=interest,
            paid_in=paid_in,
            deposit=deposit,
            paid_out=paid_out,
            withdrawal=withdrawal,
            exchanged=exchanged,
        ),
        actions=actions,
        fills=fills,
        taxed=tuple(taxes.found),
    )


def _nothing_moves(state: AccountState, due: Due) -> bool:
    return not (due.deposit or due.withdrawal or state.owed or state.portfolio.unsettled)


def _quiet(state: AccountState, interest: int) -> DayResult:
    """Return what a session does to an account of which only the cash earns something."""
    portfolio = _paid(state.portfolio, interest)
    if portfolio.cash != state.overnight:
        state = replace(state, portfolio=portfolio, overnight=portfolio.cash)
    flows = replace(_STILL, interest=interest) if interest else _STILL
    return DayResult(state=state, flows=flows, actions=(), fills=())


def _taxes(state: AccountState, session: date, rules: DayRules) -> Untaxed:
    if rules.taxes is None:
        return Untaxed()
    return DayTaxes(rules.taxes, state.ledger, session, rules.events, rules.exchange, rules.parts)


def settle(state: AccountState, until: date) -> AccountState:
    """Return the account with money that is due by a day as cash; it is fresh money too."""
    if not state.portfolio.unsettled:
        return state
    portfolio = settled(state.portfolio, until)
    arrived = portfolio.cash - state.portfolio.cash
    fresh = state.fresh._replace(settled=state.fresh.settled + arrived)
    return replace(state, portfolio=portfolio, fresh=fresh)


def needed(state: AccountState, session: date, exchange: CurrencyExchange | None) -> int:
    """Return the money of the account that pays what it owes."""
    return state.owed if exchange is None else exchange.cost(state.owed, session)


def _pay_in(
    state: AccountState, session: date, paid: int, exchange: CurrencyExchange | None
) -> tuple[AccountState, int, int]:
    """Return the account with a deposit, and that in the owner's money and in the account's."""
    amount = paid if exchange is None else exchange.bought(paid, session)
    if not amount:
        return state, paid, amount
    portfolio = _paid(state.portfolio, amount)
    fresh = state.fresh._replace(deposited=state.fresh.deposited + amount)
    return replace(state, portfolio=portfolio, fresh=fresh), paid, amount


def _pay_out(
    state: AccountState, session: date, exchange: CurrencyExchange | None
) -> tuple[AccountState, int, int]:
    """Return the account after what it owes is paid, if the cash is there, and what that was.

    An emptied account pays all there is, once nothing more is on its way. Money that was paid out
    is not fresh any more.
    """
    held, amount = state.portfolio, needed(state, session, exchange)
    if not amount:
        return state, 0, 0
    paid = state.owed
    if amount > held.cash:
        if any(held.shares.values()) or held.unsettled or held.cash <= 0:
            return state, 0, 0
        amount = held.cash
        paid = amount if exchange is None else exchange.sold(amount, session)
    portfolio = _paid(held, -amount)
    fresh = state.fresh.within(portfolio.cash)
    after = replace(state, portfolio=portfolio, fresh=fresh, owed=state.owed - paid)
    return after, paid, amount


def _paid(portfolio: Portfolio, amount: int) -> Portfolio:
    return replace(portfolio, cash=portfolio.cash + amount) if amount else portfolio


def _acted(portfolio: Portfolio, actions: Sequence[CorporateAction]) -> Portfolio:
    if not actions:
        return portfolio
    shares, cash = dict(portfolio.shares), portfolio.cash
    for action in actions:
        shares[action.ticker] += action.shares
        cash += action.cash
    return replace(portfolio, shares=shares, cash=cash)


def _fills(
    portfolio: Portfolio,
    orders: Sequence[DayOrder],
    session: date,
    rules: DayRules,
    reserved: int,
    taxes: Untaxed,
) -> tuple[AccountFill | None, ...]:
    """Return what a close fills of each order; cash that is ``reserved`` buys nothing."""
    fills: list[AccountFill | None] = [None] * len(orders)
    held, buys = dict(portfolio.shares), {}
    for place, order in enumerate(orders):
        price = rules.events.close(order.ticker, session)
        if price is None or not _within(order, price):
            continue
        most = min(order.shares, rules.depth.get(order.ticker, order.shares))
        if order.side is Side.BUY:
            buys[place] = (most, price)
            continue
        fill = _filled(order, min(most, held.get(order.ticker, 0)), price, session, rules)
        if fill is not None and fill.cash > 0:  # a sale that brings nothing is not made
            held[order.ticker] -= fill.shares
            tax = taxes.sale(fill.ticker, fill.shares, price, fill.cash)
            fills[place] = replace(fill, tax=tax) if tax else fill
    # Sells are all filled by now, whatever the order of the list: buys may spend what they bring.
    money = spendable(portfolio, rules.proceeds).cash - reserved
    if rules.proceeds == "reuse":
        money += sum(fill.cash for fill in fills if fill is not None)
    counts = affordable_buys(buys.values(), money, rules.buys)
    for (place, (_, price)), count in zip(buys.items(), counts, strict=True):
        fills[place] = _filled(orders[place], count, price, session, rules)
    return tuple(fills)


def _within(order: DayOrder, price: int) -> bool:
    if order.limit is None:
        return True
    return price <= order.limit if order.side is Side.BUY else price >= order.limit


def _filled(
    order: DayOrder, count: int, price: int, session: date, rules: DayRules
) -> AccountFill | None:
    if not count:
        return None
    costs = rules.tariff(order.side).costs(count * price)
    return AccountFill(
        session=session,
        side=order.side,
        ticker=order.ticker,
        shares=count,
        price=price,
        fee=costs.fee,
        spread=costs.spread,
    )


def _traded(
    portfolio: Portfolio, fills: Sequence[AccountFill], rules: DayRules, taxes: Untaxed
) -> Portfolio:
    """Return the account after its fills: bought is paid, sold is on its way."""
    shares, cash = dict(portfolio.shares), portfolio.cash
    unsettled = dict(portfolio.unsettled)
    # Sells first here too, so that what they bring is there to be set off against the buys.
    for fill in sorted(fills, key=lambda fill: fill.side is Side.BUY):
        if fill.side is Side.BUY:
            cash += fill.cash
            had = shares.get(fill.ticker, 0)
            taxes.purchase(fill.ticker, had, fill.shares, fill.price, -fill.cash)
            shares[fill.ticker] = had + fill.shares
            if rules.proceeds == "reuse":
                for day, part in set_off(-fill.cash, unsettled).items():
                    unsettled[day] -= part
                    cash += part
        else:
            arrives = settlement_date(rules.calendar, fill.session)
            unsettled[arrives] = unsettled.get(arrives, 0) + fill.cash
            shares[fill.ticker] -= fill.shares
    unsettled = {day: money for day, money in unsettled.items() if money}
    # In the order of codes, so that the same account is the same record however it came about.
    kept = {ticker: count for ticker, count in sorted(shares.items()) if count}
    return replace(portfolio, shares=kept, cash=cash, unsettled=unsettled)
