"""One account along history: what the model wants, traded session by session in money and shares.

A session of the account, by the rules that a paper account and a broker follow too:

1. at the open cash has earned its interest and settled money arrives; then deposits come in,
   withdrawals that are due are paid if the cash is there, and splits and dividends happen; a
   decision counts the money that arrives at the open of the session on which it is filled
2. at the close the orders decided before it are filled, sells first, in the order of the plan;
   what is bought is paid from settled cash alone, what is sold settles as the exchange's rules of
   the day say, T+2 on KRX
3. after the close the account decides on the next session; for a withdrawal that could not be paid
   it sells what is most above its target, and pays when that has settled

Money never appears or disappears: cash and money on its way change by exactly what a day records.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import floor

from jeoul.account.orders import account_orders
from jeoul.account.price_events import Movement, Tape
from jeoul.account.records import AccountDay, AccountFill, AccountRun, AccountTerms
from jeoul.model.calendar import Calendar
from jeoul.model.decision import Target
from jeoul.model.portfolio import Order, Portfolio, Reason, Side
from jeoul.pipeline.targets import Wanted
from jeoul.rebalance import TradeRules, affordable_shares, settlement_date


@dataclass(slots=True)
class _Account:
    """The fold's working state, changed in place only here."""

    shares: dict[str, int]
    cash: int
    unsettled: dict[date, int]
    overnight: int  # cash after the last close, before what settles by the next one
    fresh: int = 0
    owed: int = 0  # in the owner's money

    def portfolio(self, currency: str) -> Portfolio:
        held = {code: count for code, count in sorted(self.shares.items()) if count}
        return Portfolio(held, self.cash, currency, dict(self.unsettled))

    def settle(self, until: date) -> None:
        for day in sorted(self.unsettled):
            if day <= until:
                arrived = self.unsettled.pop(day)
                self.cash += arrived
                self.fresh += arrived


def account_backtest(
    wanted: Iterable[Wanted], tape: Tape, calendar: Calendar, terms: AccountTerms
) -> AccountRun:
    """Return an account day by day; pure: same inputs, same account, to the won.

    ``wanted`` are consecutive sessions of ``calendar``, as
    :func:`~jeoul.pipeline.targets.targets_along` gives them. Dividends are gross: no tax is
    counted. Where the model has no target the account holds.
    """
    parts, start = terms.parts, terms.start
    rules = replace(
        terms.rules,
        buffer=terms.rules.buffer * parts,
        min_trade=terms.rules.min_trade * parts,
        min_fee=terms.rules.min_fee * parts,
        fixed_fee=terms.rules.fixed_fee * parts,
    )
    account = _Account(
        {code: count * parts for code, count in start.shares.items()},
        start.cash * parts,
        {day: money * parts for day, money in start.unsettled.items()},
        overnight=start.cash * parts,
    )
    fold = _Fold(account, tape, calendar, terms, rules, start.currency)
    begun = 0
    days: list[AccountDay] = []
    for each in wanted:
        if not days:
            begun = fold.begun(each.session)
        days.append(fold.day(each))
    traded = {fill.ticker for day in days for fill in day.fills}
    return AccountRun(
        terms=terms, begun=begun, days=tuple(days), approximate=tape.is_adjusted(traded)
    )


@dataclass(slots=True)
class _Fold:
    account: _Account
    tape: Tape
    calendar: Calendar
    terms: AccountTerms
    rules: TradeRules
    currency: str
    orders: tuple[Order, ...] = ()

    def begun(self, first: date) -> int:
        """Return what the account is worth to its owner before its first session.

        A holding without an earlier price counts at its first one.
        """
        value, exchange = self._value(first - timedelta(days=1)), self.terms.exchange
        for code, count in self.account.shares.items():
            if self.tape.last_close(code, first - timedelta(days=1)) is None:
                value += count * (self.tape.last_close(code, first) or 0)
        return value if exchange is None else exchange.sold(value, first)

    def day(self, wanted: Wanted) -> AccountDay:
        session, account, exchange = wanted.session, self.account, self.terms.exchange
        interest = self._interest(session)
        account.settle(session)
        paid_in, deposit = self._deposit(session)
        paid_out, withdrawal = self._withdraw(session)
        movements = self._corporate_actions(session)
        fills = self._fill(session)
        closing = account.portfolio(self.currency)
        account.overnight = closing.cash
        owed, value = account.owed, self._value(session)
        worth = value if exchange is None else exchange.home(value, session)
        mid_in = deposit if exchange is None else exchange.away(paid_in, session)
        mid_out = withdrawal if exchange is None else exchange.away(paid_out, session)
        reasons = self._decide(wanted)
        return AccountDay(
            session=session,
            interest=interest,
            paid_in=paid_in,
            deposit=deposit,
            paid_out=paid_out,
            withdrawal=withdrawal,
            exchanged=(mid_in - deposit) + (withdrawal - mid_out),
            movements=movements,
            fills=fills,
            portfolio=closing,
            owed=owed,
            value=value,
            worth=worth,
            orders=self.orders,
            reasons=reasons,
            held_back=wanted.target is None,
        )

    def _interest(self, session: date) -> int:
        earned = floor(self.account.overnight * self.terms.interest.get(session, 0.0))
        self.account.cash += earned
        return earned

    def _deposit(self, session: date) -> tuple[int, int]:
        """Take in what is due; return it in the owner's money and in the account's."""
        account, exchange = self.account, self.terms.exchange
        paid = self.terms.deposits.get(session, 0) * self.terms.parts
        amount = paid if exchange is None else exchange.bought(paid, session)
        account.cash += amount
        account.fresh += amount
        return paid, amount

    def _withdraw(self, session: date) -> tuple[int, int]:
        """Pay out what is owed once the cash is there, or all there is of an emptied account."""
        account, exchange = self.account, self.terms.exchange
        account.owed += self.terms.withdrawals.get(session, 0) * self.terms.parts
        needed = self._needed(session)
        if not needed:
            return 0, 0
        paid = account.owed
        if needed > account.cash:
            if any(account.shares.values()) or account.unsettled or account.cash <= 0:
                return 0, 0
            needed = account.cash
            paid = needed if exchange is None else exchange.sold(needed, session)
        account.owed -= paid
        account.cash -= needed
        account.fresh = min(account.fresh, account.cash)
        return paid, needed

    def _needed(self, session: date) -> int:
        """Return what is owed in the money of the account."""
        exchange = self.terms.exchange
        return self.account.owed if exchange is None else exchange.cost(self.account.owed, session)

    def _corporate_actions(self, session: date) -> tuple[Movement, ...]:
        movements = tuple(self.tape.openings(session, self.account.shares))
        for movement in movements:
            self.account.shares[movement.ticker] += movement.shares
            self.account.cash += movement.cash
        return movements

    def _fill(self, session: date) -> tuple[AccountFill, ...]:
        fills = []
        for order in sorted(self.orders, key=lambda order: order.side is Side.BUY):
            price = self.tape.close(order.ticker, session)
            fill = None if price is None else self._filled(order, price, session)
            if fill is not None:
                self._book(fill)
                fills.append(fill)
        return tuple(fills)

    def _filled(self, order: Order, price: int, session: date) -> AccountFill | None:
        account, tariff = self.account, self.rules.tariff(order.side)
        if order.side is Side.SELL:
            most = account.shares.get(order.ticker, 0)
        else:
            spare = max(account.cash - self._needed(session), 0)
            most = affordable_shares(spare, price, tariff).shares
        count = min(order.shares, most)
        costs = tariff.costs(count * price)
        if not count or (order.side is Side.SELL and costs.total >= count * price):
            return None
        return AccountFill(session, order.side, order.ticker, count, price, costs.fee, costs.spread)

    def _book(self, fill: AccountFill) -> None:
        account = self.account
        if fill.side is Side.BUY:
            account.cash += fill.cash
            account.shares[fill.ticker] = account.shares.get(fill.ticker, 0) + fill.shares
            return
        day = settlement_date(self.calendar, fill.session)
        account.unsettled[day] = account.unsettled.get(day, 0) + fill.cash
        account.shares[fill.ticker] -= fill.shares
        if not account.shares[fill.ticker]:
            del account.shares[fill.ticker]

    def _value(self, session: date) -> int:
        held = sum(
            count * (self.tape.last_close(code, session) or 0)
            for code, count in self.account.shares.items()
        )
        return held + self.account.cash + sum(self.account.unsettled.values())

    def _decide(self, wanted: Wanted) -> tuple[Reason, ...]:
        """Decide the orders of the next session; return why."""
        account, target = self.account, wanted.target
        self.orders = ()
        if target is None:
            return ()
        # What settles by then is known and there before the next orders are filled.
        account.settle(target.executed)
        portfolio = account.portfolio(self.currency)
        owed = min(self._needed(wanted.session), _priced(portfolio, target))
        if not portfolio.shares and portfolio.cash + sum(portfolio.unsettled.values()) <= 0:
            return ()
        placed = account_orders(target, portfolio, account.fresh, self.rules, owed=owed)
        account.fresh = 0
        self.orders = placed.orders
        return placed.reasons


def _priced(portfolio: Portfolio, target: Target) -> int:
    """Return what an account is worth at the prices that orders are made with."""
    quotes = target.quotes
    held = sum(n * quotes[code].price for code, n in portfolio.shares.items() if code in quotes)
    return held + portfolio.cash + sum(portfolio.unsettled.values())
