"""The end of a household's history: everything sold, every account ended, every tax counted.

Ordinary accounts pay on their last sales. An ISA is settled once, early below three years. All
pension accounts of a person are drawn together over ten years from 55 at the earliest, and each
bears its share of that tax by value. No value is discounted: what is drawn later counts in full.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from jeoul.account.day import AccountState
from jeoul.account.exits import (
    Liquidation,
    draw_pension,
    end_isa,
    liquidated,
    pension_age,
    results_of,
)
from jeoul.account.withholding import Taxed
from jeoul.advice.rooms import full_years
from jeoul.household.history.records import (
    PENSIONS,
    AccountEnd,
    HistoryAccount,
    HistoryHousehold,
    HouseholdDay,
    HouseholdEnd,
)
from jeoul.household.history.year import Assessment
from jeoul.korea.gains import Gain


@dataclass(frozen=True, slots=True, kw_only=True)
class Last:
    """The accounts sold out on the last session, before their people are assessed for its year.

    ``years`` are the results of the last sales by person.
    """

    household: HistoryHousehold
    session: date
    sold: Mapping[str, Liquidation]
    taxed: Mapping[str, Sequence[Taxed]]
    paid: Mapping[str, Mapping[int, int]]
    opened: Mapping[str, date]

    @property
    def years(self) -> Mapping[str, tuple[Taxed, ...]]:
        """Return the results of the last sales by person."""
        return {
            name: tuple(
                one
                for each in self.household.accounts.values()
                if each.owner == name
                for one in self.sold[each.id].taxed
            )
            for name in self.household.people
        }

    def end(
        self,
        days: Sequence[HouseholdDay],
        money: int,
        *,
        unpaid: int,
        outside: int,
        assessments: Mapping[str, Sequence[Assessment]],
    ) -> HouseholdEnd:
        """Return the end of every account, and of the household."""
        exits = self._pensions(assessments)
        for name, each in self.household.accounts.items():
            if each.kind == "isa":
                exits[name] = self._isa(each)
        return HouseholdEnd(
            accounts=tuple(
                self._account(each, days, exits.get(each.id, 0))
                for each in self.household.accounts.values()
            ),
            money=money,
            unpaid=unpaid,
            outside=outside,
        )

    def _account(
        self, account: HistoryAccount, days: Sequence[HouseholdDay], exit_tax: int
    ) -> AccountEnd:
        name, sold, parts = account.id, self.sold[account.id], account.rules.parts
        passed = [day.accounts[name] for day in days if name in day.accounts]
        return AccountEnd(
            id=name,
            kind=account.kind,
            paid_in=sum(each.flows.paid_in for each in passed) // parts,
            paid_out=sum(each.flows.paid_out for each in passed) // parts,
            worth=passed[-1].worth if passed else 0,
            fees=sold.fees,
            withheld=sum(each.tax for each in self.taxed[name]) + sold.tax,
            exit_tax=exit_tax,
            in_hand=sold.money - exit_tax,
        )

    def _all(self, name: str) -> tuple[Taxed, ...]:
        return (*self.taxed[name], *self.sold[name].taxed)

    def _isa(self, account: HistoryAccount) -> int:
        name, carried = account.id, account.carried
        before = (Gain("fund", carried.gain_so_far),) if carried.gain_so_far else ()
        return end_isa(
            self.household.book,
            kind=carried.form,
            years=full_years(carried.opened or self.opened[name], self.session),
            results=(*before, *results_of(self._all(name))),
            value=self.sold[name].money,
            foreign_tax=sum(each.foreign for each in self._all(name)),
        ).tax

    def _pensions(self, assessments: Mapping[str, Sequence[Assessment]]) -> dict[str, int]:
        found: dict[str, int] = {}
        for person, years in assessments.items():
            mine = [
                each
                for each in self.household.accounts.values()
                if each.owner == person and each.kind in PENSIONS
            ]
            value = sum(self.sold[each.id].money for each in mine)
            if value <= 0:
                continue
            tax = self._pension_tax(person, mine, years, value)
            shares = [tax * self.sold[each.id].money // value for each in mine]
            shares[-1] += tax - sum(shares)
            found |= dict(zip((each.id for each in mine), shares, strict=True))
        return found

    def _pension_tax(
        self,
        person: str,
        mine: Sequence[HistoryAccount],
        years: Sequence[Assessment],
        value: int,
    ) -> int:
        book = self.household.book
        credited = sum(each.carried.credited for each in mine)
        for year in years:
            if year.pension is not None:
                before = sum(each.carried.paid.get(year.year, 0) for each in mine)
                credited += max(0, year.pension.base - year.pension.unused - before)
        untaxed = sum(each.carried.credited + each.carried.uncredited for each in mine)
        untaxed += sum(
            sum(self.paid[each.id].values()) - sum(each.carried.paid.values()) for each in mine
        )
        return draw_pension(
            book,
            credited=credited,
            earnings=value - untaxed,
            age=pension_age(book, self.household.people[person].age_on(self.session)),
            foreign_tax=sum(each.foreign for one in mine for each in self._all(one.id)),
        ).tax


def ended(
    household: HistoryHousehold,
    first: date,
    session: date,
    states: Mapping[str, AccountState],
    taxed: Mapping[str, Sequence[Taxed]],
    paid: Mapping[str, Mapping[int, int]],
) -> Last:
    """Return the accounts of a household sold out after a session."""
    return Last(
        household=household,
        session=session,
        sold={
            name: liquidated(states[name], session, each.rules)
            for name, each in household.accounts.items()
        },
        taxed=taxed,
        paid=paid,
        opened=dict.fromkeys(household.accounts, first),
    )
