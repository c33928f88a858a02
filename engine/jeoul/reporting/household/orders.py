"""What a plan does in each account, in whole units of its money: orders, taxes, holdings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from jeoul.account.holdings.record import Holdings
from jeoul.household.gathering.gathered import Gathered
from jeoul.household.gathering.inputs import HouseholdInputs
from jeoul.household.problem.records import Account, Moves
from jeoul.household.problem.sale_tax import Sale, SaleTax, sale_tax, sold_at
from jeoul.household.written.file import HouseholdAccount as FileAccount
from jeoul.korea.rulebook import Rulebook
from jeoul.model.money import UNITS
from jeoul.model.portfolio import CASH, Reason, Side
from jeoul.reporting.household.facts import HoldingFacts, HouseholdAccountFacts, HouseholdOrder
from jeoul.reporting.household.plan import CASH_CLASS
from jeoul.reporting.text import Text

_UNTAXED = SaleTax(0, 0, 0)


@dataclass(frozen=True)
class Desk:
    """The orders of a plan: ``reasons`` are by account and fund, ``titles`` by account."""

    gathered: Gathered
    inputs: HouseholdInputs
    book: Rulebook
    moves: Moves
    titles: Mapping[str, Text]
    reasons: Mapping[tuple[str, str], tuple[Reason, ...]]

    def account(self, name: str) -> HouseholdAccountFacts:
        """Return an account with its orders, and what it holds before and after them."""
        account, held = self._file(name), self.inputs.holdings[name]
        orders = self._orders(name)
        deposit = round(self.moves.deposits.get(name, 0.0))
        withdrawal = round(self.moves.withdrawals.get(name, 0.0))
        before = (held.cash or 0) + sum(held.incoming.values())
        after = before + self._changed(name, deposit) - self._taken(name, withdrawal)
        after += sum(_brought(order) for order in orders)
        return HouseholdAccountFacts(
            id=name,
            kind=account.kind or "",
            owner=account.owner,
            title=self.titles[name],
            currency=held.currency,
            deposit=deposit,
            withdrawal=withdrawal,
            cash_before=before,
            cash_after=after,
            holdings=self._holdings(name, before, after),
            orders=orders,
            lock_years=self._account(name).lock_years,
            reuse=self._account(name).reuse,
            outside=dict(held.outside),
        )

    def sale(self, name: str, code: str) -> SaleTax:
        """Return the tax that is withheld where a plan sells a fund; nothing where none is."""
        account, priced = self._file(name), self.gathered.prices[code]
        shares = -self.moves.trades.get((name, code), 0)
        if account.kind != "general" or shares <= 0:
            return _UNTAXED
        cost, base = sold_at(
            self.inputs.holdings[name],
            code,
            shares,
            first_in=account.terms.cost_method == "fifo",
        )
        fund = self.inputs.universes[name].instruments[code]
        return sale_tax(
            self.book,
            Sale(
                kind=fund.tax_kind,
                shares=shares,
                price=priced.main,
                cost=cost,
                base=base,
                base_now=priced.tax_base,
            ),
        )

    def name(self, account: str, code: str) -> Text:
        """Return what a fund is called."""
        fund = self.inputs.universes[account].instruments[code]
        return Text(fund.name_ko, fund.name_en)

    def _orders(self, name: str) -> tuple[HouseholdOrder, ...]:
        found = [
            self._order(name, code, count)
            for (account, code), count in self.moves.trades.items()
            if account == name and count
        ]
        return tuple(sorted(found, key=lambda order: (order.side is Side.BUY, -order.value_won)))

    def _order(self, name: str, code: str, count: int) -> HouseholdOrder:
        priced, held = self.gathered.prices[code], self.inputs.holdings[name]
        value, unit = abs(count) * priced.price, UNITS[held.currency]
        fee = self._file(name).fees.tariff(unit).costs(value).fee
        tax = self.sale(name, code)
        return HouseholdOrder(
            side=Side.BUY if count > 0 else Side.SELL,
            code=code,
            name=self.name(name, code),
            shares=abs(count),
            price=priced.price,
            fee=fee,
            tax=tax.tax,
            value_won=_won(value, priced.fx, unit),
            fee_won=_won(fee, priced.fx, unit),
            tax_won=tax.tax,  # withheld in won alone
            reasons=self.reasons.get((name, code), ()),
            least=tax.least,
        )

    def _holdings(self, name: str, before: int, after: int) -> tuple[HoldingFacts, ...]:
        held = self.inputs.holdings[name]
        unit, found = UNITS[held.currency], []
        traded = {c: n for (account, c), n in self.moves.trades.items() if account == name}
        for code in sorted({*held.shares, *traded}):
            priced = self.gathered.prices[code]
            counts = (held.shares.get(code, 0), held.shares.get(code, 0) + traded.get(code, 0))
            worth = [_won(count * priced.price, priced.fx, unit) for count in counts]
            if any(counts):
                fund = self.inputs.universes[name].instruments[code]
                found.append(
                    HoldingFacts(
                        code=code,
                        name=self.name(name, code),
                        asset_class=fund.asset_class,
                        before=worth[0],
                        after=worth[1],
                    )
                )
        fx = self._fx(name)
        cash = HoldingFacts(
            code=CASH,
            name=Text.of("household_page.cash"),
            asset_class=CASH_CLASS,
            before=_won(before, fx, unit),
            after=_won(after, fx, unit),
        )
        return (*sorted(found, key=lambda each: -max(each.before, each.after)), cash)

    def _changed(self, name: str, deposit: int) -> int:
        """Return what a deposit comes to in the account's money, after exchange."""
        kept = Decimal(repr(1.0 - self._account(name).exchange))
        return int(deposit * kept / self._fx(name) * UNITS[self._held(name).currency])

    def _taken(self, name: str, withdrawal: int) -> int:
        """Return what has to leave the account so that a withdrawal arrives."""
        more = Decimal(repr(1.0 + self._account(name).exchange))
        units = withdrawal * more / self._fx(name) * UNITS[self._held(name).currency]
        return -int(-units // 1)

    def _fx(self, name: str) -> Decimal:
        currency = self._held(name).currency
        if currency == "KRW":
            return Decimal(1)
        return next(p.fx for p in self.gathered.prices.values() if p.currency == currency)

    def _held(self, name: str) -> Holdings:
        return self.inputs.holdings[name]

    def _file(self, name: str) -> FileAccount:
        return self.gathered.file.accounts[name]

    def _account(self, name: str) -> Account:
        return next(each for each in self.gathered.household.accounts if each.id == name)


def _brought(order: HouseholdOrder) -> int:
    """Return what an order brings in money, below 0 for what it costs."""
    signed = order.value if order.side is Side.SELL else -order.value
    return signed - order.fee - order.tax


def _won(units: int, fx: Decimal, unit: int) -> int:
    """Return an amount of smallest units in whole won."""
    return round(units * fx / unit)
