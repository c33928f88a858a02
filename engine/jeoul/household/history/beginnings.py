"""The accounts of a household file on the first session of a history.

They hold what they hold today, by value: as many shares as the money of today bought then, with
cost and taxable base price in the same proportion to the price; a fund without a price is cash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

import numpy as np

from jeoul.account.day import AccountState, DayRules
from jeoul.account.exchange import CurrencyExchange
from jeoul.account.holdings.record import Holdings
from jeoul.account.price_events import PriceEvents
from jeoul.account.tax_rules import tax_rules
from jeoul.account.withholding import AVERAGE, Basis, TaxLedger
from jeoul.advice.situation import kind_of
from jeoul.household.gathering.accounts import EXCHANGE
from jeoul.household.gathering.inputs import HouseholdInputs
from jeoul.household.gathering.people import person_of
from jeoul.household.gathering.priced import Priced, prices_of
from jeoul.household.history.records import PENSIONS, Carried, HistoryAccount
from jeoul.household.written.file import HouseholdAccount, HouseholdFile
from jeoul.korea.rulebook import Rulebook
from jeoul.market import Market
from jeoul.market.calendars import load_calendar
from jeoul.market.fx import known_rate
from jeoul.model.calendar import Reals
from jeoul.model.money import UNITS
from jeoul.model.portfolio import Portfolio

LISTINGS = {"KRW": "XKRX", "USD": "XNYS"}
SPREAD = {"KRW": Decimal("0.0005"), "USD": Decimal("0.0002")}
"""Width between bid and ask as a share of the price: assumptions of this project."""

_EVENING = 21 * 3600  # UTC seconds of a day by which its rate of exchange is known


@dataclass(frozen=True)
class Beginnings:
    """Makes the accounts of ``file`` as they begin on the first of some sessions.

    ``today`` is the market whose newest prices say what the accounts are worth, ``market`` the one
    along which they go on.
    """

    file: HouseholdFile
    inputs: HouseholdInputs
    today: Market
    market: Market
    book: Rulebook
    sessions: Sequence[date]

    def account(self, account: HouseholdAccount) -> HistoryAccount:
        """Return one account on the first session."""
        rules = self._rules(account)
        state = self._state(self.inputs.holdings[account.id], rules)
        return HistoryAccount(
            id=account.id,
            owner=account.owner,
            kind=account.kind or "",
            rules=rules,
            start=state,
            carried=self._carried(account, state, rules),
        )

    @cached_property
    def _prices(self) -> Mapping[str, Priced]:
        snapshot = self.today.as_of(self.today.last_session())
        return prices_of(snapshot, self.inputs.universes.values())

    def _rules(self, account: HouseholdAccount) -> DayRules:
        currency = account.currency
        listing, unit = LISTINGS[currency], UNITS[currency]
        tables = tuple(each for each in self.market.prices if each.exchange == listing)
        tariff = account.fees.tariff(unit)._replace(spread=SPREAD[currency])
        funds = self.inputs.universes[account.id].instruments
        return DayRules(
            events=PriceEvents(tables, unit),
            calendar=load_calendar(listing),
            buys=tariff,
            sells=tariff,
            exchange=None if currency == "KRW" else self._exchange(currency),
            proceeds=account.terms.proceeds,
            taxes=tax_rules(self.book, funds, account.kind or ""),
        )

    def _exchange(self, currency: str) -> CurrencyExchange:
        days = np.array(self.sessions, dtype="datetime64[s]").astype(np.int64)
        series = self.market.series["usdkrw"]
        return CurrencyExchange(
            owner="KRW",
            account=currency,
            rates=self._by_day(known_rate(series, days + _EVENING)),
            before=self._by_day(known_rate(series, days)),
            spread=Decimal(repr(2.0 * EXCHANGE)),
        )

    def _by_day(self, rates: Reals) -> dict[date, Decimal]:
        found = zip(self.sessions, rates.tolist(), strict=True)
        return {day: Decimal(repr(rate)) for day, rate in found if not np.isnan(rate)}

    def _state(self, holdings: Holdings, rules: DayRules) -> AccountState:
        first = self.sessions[0]
        fx = Decimal(1)  # how much of the account's money a unit of its money of today is then
        if rules.exchange is not None:
            now = next(each.fx for each in self._prices.values() if each.currency != "KRW")
            fx = now / rules.exchange.rates[first]
        cash = int(((holdings.cash or 0) + sum(holdings.incoming.values())) * fx)
        shares: dict[str, int] = {}
        basis: dict[str, Basis] = {}
        for code, count in sorted(holdings.shares.items()):
            priced = self._prices.get(code)
            if priced is None:
                continue
            money, price = int(count * priced.price * fx), rules.events.last_close(code, first)
            if price and money >= price:
                shares[code] = money // price
                money -= shares[code] * price
                basis[code] = _basis(holdings, code, priced, rules, first, price)
            cash += money
        portfolio = Portfolio(shares, cash, holdings.currency)
        return AccountState(portfolio=portfolio, overnight=cash, ledger=TaxLedger(basis))

    def _form(self, owner: str) -> str:
        """Return the kind of ISA that a person's incomes give."""
        return kind_of(self.book, person_of(self.file, owner, self.sessions[0]))

    def _carried(self, account: HouseholdAccount, state: AccountState, rules: DayRules) -> Carried:
        terms = account.terms
        credited, uncredited = terms.credited, terms.uncredited
        if account.kind in PENSIONS and not credited + uncredited:
            # Nobody said what was paid in: all of it is taxed when it is drawn, the dear side.
            prices = rules.events.prices(state.portfolio.shares, self.sessions[0])
            credited = max(0, state.portfolio.value(prices))
        return Carried(
            opened=account.paid.opened,
            form=terms.form or self._form(account.owner),
            gain_so_far=terms.gain_so_far,
            credited=credited,
            uncredited=uncredited,
            paid=dict(account.paid.paid),
        )


def _basis(
    holdings: Holdings, code: str, now: Priced, rules: DayRules, first: date, price: int
) -> Basis:
    """Return cost and base price of then in the proportion that those of today have to the price.

    A cost that nobody knows is 0, a base price that nobody knows stays unknown.
    """
    cost = holdings.cost.get(code, Decimal(0))
    if rules.exchange is not None:
        won = price * rules.exchange.rates[first] / UNITS[holdings.currency]
        return Basis((won * cost / now.main).quantize(AVERAGE), None)
    paid = (price * cost / now.main).quantize(AVERAGE)
    then, bought = rules.events.tax_base(code, first), holdings.tax_base.get(code)
    if then is None or bought is None or not now.tax_base:
        return Basis(paid, None)
    return Basis(paid, (Decimal(repr(then)) * bought / now.tax_base).quantize(AVERAGE))
