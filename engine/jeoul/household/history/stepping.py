"""A household that is known as a problem alone, stepped along assumed paths of its classes.

For studies over households that were drawn: prices follow the classes, with an assumed yield that
is paid out each quarter and an assumed part of the price that the taxable base price follows. Every
tax input of such a study is simulated, and whoever shows its figures says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from statistics import median

import numpy as np

from jeoul.account.day import AccountState, DayRules
from jeoul.account.price_events import PriceEvents
from jeoul.account.withholding import US, Basis, TaxLedger, TaxRules
from jeoul.household.history.records import (
    Carried,
    HistoryAccount,
    HistoryHousehold,
    HistoryPerson,
    NewMoney,
)
from jeoul.household.problem.after import CREDITED
from jeoul.household.problem.records import CASH, Account, Gains, Household, Position
from jeoul.korea.rulebook import Rulebook
from jeoul.model.calendar import Calendar, Reals
from jeoul.model.portfolio import Portfolio
from jeoul.model.series import PriceTable
from jeoul.model.years import DAYS_A_YEAR
from jeoul.rebalance import Tariff


@dataclass(frozen=True, slots=True, kw_only=True)
class FundTerms:
    """What is assumed of a fund: its tax, what it pays out and costs a year, its base price.

    ``tax_kind`` is that of accounts at home; what an account abroad holds is listed there.
    ``base`` is the part of a change of the price that the taxable base price follows, ``abroad``
    the rate of tax that the fund pays abroad on its dividends, where the law credits it. ``cost``
    is what its managers take of its value a year.
    """

    tax_kind: str
    payout: float = 0.0
    cost: float = 0.0
    base: float = 1.0
    abroad: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a study adds to a drawn household.

    ``levels`` are total-return levels in won by class, one for each of ``days``, which are sessions
    of ``calendar``: those that the history is stepped through, of each plan and of the one after
    it, on which its orders are filled. ``terms`` are by fund; ``people`` say incomes and ages;
    ``flows`` is new money.
    """

    book: Rulebook
    calendar: Calendar
    days: Sequence[date]
    levels: Mapping[str, Reals]
    terms: Mapping[str, FundTerms]
    people: Mapping[str, HistoryPerson]
    flows: Mapping[date, Sequence[NewMoney]] = field(default_factory=dict)
    pays_tax: str | None = None


def fund_table(household: Household, setting: Setting) -> PriceTable:
    """Return the paths of a household's funds, from the prices that it has on the first day.

    A fund's total return is that of its classes by its exposure, held at these shares, less its
    cost. On the first
    day of each quarter it pays out price x payout x the years since the last payment, and its price
    falls by that. The base price begins at the price.
    """
    days = np.array(setting.days, dtype="datetime64[D]")
    closes, paid, bases = [], [], []
    for fund in household.funds:
        terms = setting.terms[fund.code]
        growth = sum(
            share * (setting.levels[name][1:] / setting.levels[name][:-1] - 1.0)
            for name, share in fund.exposure.items()
            if name in setting.levels or name != CASH  # the cash of a fund may earn nothing
        )
        costs = terms.cost * np.diff(days).astype(float) / DAYS_A_YEAR
        net = (1.0 + np.asarray(growth)) * (1.0 - costs) - 1.0
        close, dividend = _path(fund.price, net, terms.payout, setting.days)
        closes.append(close)
        paid.append(dividend)
        bases.append(np.maximum(1.0, close[0] + terms.base * (close - close[0])))
    return PriceTable(
        exchange=setting.calendar.name,
        currency="KRW",
        adjusted="raw",
        tickers=tuple(fund.code for fund in household.funds),
        sessions=days,
        known_at=np.zeros(len(days), dtype=np.int64),
        close=np.column_stack(closes),
        dividends=np.column_stack(paid),
        splits=None,
        tax_base=np.round(np.column_stack(bases), 2),
    )


def _path(price: float, growth: Reals, payout: float, days: Sequence[date]) -> tuple[Reals, Reals]:
    """Return a fund's prices in whole won and what a share pays out, by day."""
    closes, paid = [round(price)], [0.0]
    exact, last = float(price), days[0]
    for before, day, rate in zip(days[:-1], days[1:], growth, strict=True):
        exact *= 1.0 + float(rate)
        dividend = 0.0
        if payout and (before.month - 1) // 3 != (day.month - 1) // 3:
            dividend = round(exact * payout * (day - last).days / DAYS_A_YEAR, 2)
            exact -= dividend
            last = day
        closes.append(max(1, round(exact)))
        paid.append(dividend)
    return np.array(closes, dtype=np.float64), np.array(paid)


def begin(household: Household, setting: Setting) -> HistoryHousehold:
    """Return a drawn household at the beginning of its history.

    Lots are averaged; a gain that stays is one of the price and of the base price alike. An account
    pays the median of its funds' costs, and changing money into an account abroad costs nothing.
    """
    events = PriceEvents((fund_table(household, setting),))
    return HistoryHousehold(
        book=setting.book,
        people=setting.people,
        accounts={
            each.id: _account(household, each, setting, events) for each in household.accounts
        },
        pays_tax=setting.pays_tax,
        flows=setting.flows,
    )


def _account(
    household: Household, account: Account, setting: Setting, events: PriceEvents
) -> HistoryAccount:
    own = [each for each in household.positions if each.account == account.id]
    prices = {fund.code: fund.price for fund in household.funds}
    terms, abroad = setting.terms, account.gains is Gains.YEARLY
    due = {setting.days[0]: round(account.due)} if account.due else {}
    portfolio = Portfolio(
        {each.fund: each.shares for each in own if each.shares},
        round(account.cash),
        "KRW",
        due,
    )
    ledger = TaxLedger({each.fund: _basis(each, prices[each.fund]) for each in own if each.shares})
    accrued = 0 if account.settlement is None else round(account.settlement.accrued)
    return HistoryAccount(
        id=account.id,
        owner=account.owner,
        kind=account.kind,
        rules=DayRules(
            events=events,
            calendar=setting.calendar,
            buys=_tariff(own, account, "buy_cost"),
            sells=_tariff(own, account, "sell_cost"),
            proceeds="reuse" if account.reuse else "settled",
            taxes=TaxRules(
                book=setting.book,
                account=account.kind,
                kinds={code: US if abroad else each.tax_kind for code, each in terms.items()},
                foreign={
                    code: each.abroad for code, each in terms.items() if each.abroad and not abroad
                },
            ),
        ),
        start=AccountState(portfolio=portfolio, overnight=portfolio.cash, ledger=ledger),
        carried=_carried(household, account, accrued, setting.days[0]),
    )


def _carried(household: Household, account: Account, accrued: int, first: date) -> Carried:
    """Return what an account brings along: of a pension all that it holds is taken as credited."""
    if account.kind in CREDITED:
        prices = {fund.code: fund.price for fund in household.funds}
        held = sum(
            each.shares * prices[each.fund]
            for each in household.positions
            if each.account == account.id
        )
        return Carried(credited=round(held + account.cash + account.due))
    if account.settlement is None:
        return Carried()
    years = max(0, 3 - round(account.settlement.years))
    return Carried(opened=date(first.year - years, 1, 1), gain_so_far=accrued)


def _basis(position: Position, price: float) -> Basis:
    shares = sum(lot.shares for lot in position.lots)
    gain = sum(lot.shares * lot.gain for lot in position.lots) / shares if shares else 0.0
    cost = Decimal(repr(round(max(0.0, price - gain), 4)))
    return Basis(cost, cost)


def _tariff(own: Sequence[Position], account: Account, name: str) -> Tariff:
    costs = [getattr(each, name) for each in own]
    rate = Decimal(repr(round(median(costs), 6))) if costs else Decimal(0)
    return Tariff(rate, 0, round(account.order_fee))
