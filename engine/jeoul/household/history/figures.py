"""What a household's history came to in won: paid in, every tax, and what is left in hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import NamedTuple

import numpy as np

from jeoul import metrics
from jeoul.account.withholding import TAXED
from jeoul.household.history.records import PENSIONS, HouseholdHistory
from jeoul.model.portfolio import Reason


class YearSums(NamedTuple):
    """What the years asked of a household, and the credits that they gave back, in won."""

    overseas: int
    comprehensive: int
    health: int
    credit: int

    @property
    def total(self) -> int:
        """Return what was asked, credits taken off."""
        return self.overseas + self.comprehensive + self.health - self.credit


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryFigures:
    """A household over a span, in won; ``yearly_return`` is NaN for less than a year.

    ``worth`` is what was there before the end. ``withheld`` is the tax taken at source, the last
    sales included, ``exit_tax`` that of ending ISA and pension accounts, ``years`` what the years
    asked and gave back. ``in_hand`` is what is left when everything is sold and paid;
    ``yearly_return`` the money-weighted return of the owners' money to it.
    """

    start: date
    end: date
    paid_in: int
    paid_out: int
    worth: int
    withheld: int
    exit_tax: int
    years: YearSums
    in_hand: int
    yearly_return: float | None

    @property
    def overseas(self) -> int:
        """Return the tax on gains abroad."""
        return self.years.overseas

    @property
    def comprehensive(self) -> int:
        """Return the tax on interest and dividends above 20 M."""
        return self.years.comprehensive

    @property
    def health(self) -> int:
        """Return the premiums of health insurance on them."""
        return self.years.health

    @property
    def credit(self) -> int:
        """Return the pension credits."""
        return self.years.credit

    @property
    def gain(self) -> int:
        """Return what the owners have more than they paid in."""
        return self.in_hand + self.paid_out - self.paid_in

    @property
    def tax(self) -> int:
        """Return all taxes and premiums, credits taken off."""
        return self.withheld + self.exit_tax + self.years.total


def history_figures(run: HouseholdHistory) -> HistoryFigures:
    """Return what a household's history came to."""
    new = [day.new for day in run.days]
    assessed = [each for found in run.assessments.values() for each in found]
    sums = YearSums(
        *(sum(getattr(each, name) or 0 for each in assessed) for name in YearSums._fields)
    )
    sessions = np.array([day.session for day in run.days], dtype="datetime64[D]")
    rate = metrics.money_weighted(
        np.append(sessions[:1], sessions),
        np.array([run.begun, *new], dtype=np.float64),
        sessions[-1],
        float(run.end.in_hand),
    )
    return HistoryFigures(
        start=run.days[0].session,
        end=run.days[-1].session,
        paid_in=run.begun + sum(max(0, each) for each in new),
        paid_out=sum(max(0, -each) for each in new),
        worth=run.days[-1].worth,
        withheld=sum(each.withheld for each in run.end.accounts),
        exit_tax=sum(each.exit_tax for each in run.end.accounts),
        years=sums,
        in_hand=run.end.in_hand,
        yearly_return=rate if isfinite(rate) else None,
    )


def assumptions(run: HouseholdHistory) -> tuple[Reason, ...]:
    """Return what the figures after tax assume, in the order in which they matter."""
    return tuple(_assumed(run))


def _assumed(run: HouseholdHistory) -> Iterator[Reason]:
    household, last = run.household, run.days[-1].session
    accounts = household.accounts.values()
    yield Reason.of("tax_assumed.law", year=household.book.year)
    for person in household.people.values():
        income, age = person.income, person.age_on(run.days[0].session)
        yield Reason.of("tax_assumed.person", wages=f"{income.wages:,}", age=age)
        if person.status.health is None:
            yield Reason.of("tax_assumed.health")
    if any(
        each.rules.events.is_adjusted(each.rules.taxes.kinds)
        for each in accounts
        if each.rules.taxes
    ):
        yield Reason.of("tax_assumed.adjusted")
    if any(each.kind in (*TAXED, "isa") and _unknown_base(run, each.id) for each in accounts):
        yield Reason.of("tax_assumed.base")
    yield Reason.of("tax_assumed.sold", day=last)
    kinds = {each.kind for each in accounts}
    if "isa" in kinds:
        yield Reason.of("tax_assumed.isa")
    if kinds & set(PENSIONS):
        yield Reason.of("tax_assumed.pension")
    if any(day.money > 0 for day in run.days):
        yield Reason.of("tax_assumed.waiting")
    if household.pays_tax is None:
        yield Reason.of("tax_assumed.outside")


def _unknown_base(run: HouseholdHistory, name: str) -> bool:
    """Return whether some day had no taxable base price of the funds of an account."""
    first = np.datetime64(run.days[0].session)
    for table in run.household.accounts[name].rules.events.tables:
        if table.currency != "KRW":
            continue
        if table.tax_base is None or np.isnan(table.tax_base[table.sessions >= first][:1]).any():
            return True
    return False
