"""What a person has at the beginning of a year, as far as a plan of several years follows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from jeoul.household.gathering.gathered import Gathered
from jeoul.household.gathering.people import standing_of
from jeoul.household.problem.records import Gains
from jeoul.household.written.file import HouseholdAccount
from jeoul.household.years.isa import Isa
from jeoul.household.years.payments import YearDeposits
from jeoul.korea.rulebook import Rulebook


@dataclass(frozen=True)
class YearsState:
    """A person's accounts along the years, in won; pensions, which lock, are left out.

    ``open`` is what ordinary accounts and those abroad are worth, ``bank`` what no account took;
    ``abroad_gain`` is the gain that those abroad have not realised.
    """

    person: str
    open: float
    bank: float
    isa: Isa | None
    abroad_value: float
    abroad_gain: float

    @property
    def unlocked(self) -> float:
        """Return all that is not in a pension."""
        return self.open + self.bank + (0 if self.isa is None else self.isa.value)


def state_of(gathered: Gathered, book: Rulebook, name: str) -> YearsState:
    """Return what a person has on the day of a household."""
    own = gathered.file.accounts_of(name)
    accounts = {each.id: each for each in gathered.household.accounts}
    worth = {each.id: _worth(gathered, each.id) for each in own}
    isa = next((each for each in own if each.kind == "isa"), None)
    abroad = [each.id for each in own if accounts[each.id].gains is Gains.YEARLY]
    gains = [
        lot.shares * lot.gain
        for position in gathered.household.positions
        if position.account in abroad
        for lot in position.lots
    ]
    return YearsState(
        person=name,
        open=sum(worth[each.id] for each in own if each.kind in ("general", "overseas")),
        bank=0.0,
        isa=None if isa is None else _isa(gathered, book, isa, worth[isa.id]),
        abroad_value=sum(worth[each] for each in abroad),
        abroad_gain=float(sum(gains)),
    )


def _worth(gathered: Gathered, name: str) -> float:
    prices = {fund.code: fund.price for fund in gathered.household.funds}
    account = next(each for each in gathered.household.accounts if each.id == name)
    held = sum(
        position.shares * prices[position.fund]
        for position in gathered.household.positions
        if position.account == name
    )
    return held + account.cash + account.due


def _isa(gathered: Gathered, book: Rulebook, account: HouseholdAccount, value: float) -> Isa:
    end = next(each.settlement for each in gathered.household.accounts if each.id == account.id)
    standing = standing_of(book, gathered.file, account.owner, gathered.as_of)
    return Isa(
        account=account.id,
        kind=account.terms.form or standing.isa_kind,
        opened=account.paid.opened or gathered.as_of,
        paid=sum(account.paid.paid.values()),
        value=round(value),
        gain=round(0.0 if end is None else max(0.0, end.accrued)),
    )


def paid_into(
    state: YearsState, accounts: Iterable[HouseholdAccount], deposits: YearDeposits
) -> YearsState:
    """Return the state after the year's deposits."""
    kinds = {each.id: each.kind for each in accounts}
    general = 0
    isa = state.isa
    for name, amount in deposits.by_account.items():
        if kinds[name] == "isa" and isa is not None:
            isa = replace(isa, paid=isa.paid + amount, value=isa.value + amount)
        elif kinds[name] == "general":
            general += amount
    return replace(state, open=state.open + general, bank=float(deposits.stays), isa=isa)


def a_year_later(state: YearsState, realise: int, spent: float, growth: float) -> YearsState:
    """Return the state a year later: goals are paid, what was realised was bought back."""
    isa = state.isa
    if isa is not None:
        more = round(isa.value * growth)
        isa = replace(isa, value=isa.value + more, gain=isa.gain + more)
    return replace(
        state,
        open=max(0.0, state.open - spent) * (1.0 + growth),
        isa=isa,
        abroad_value=state.abroad_value * (1.0 + growth),
        abroad_gain=state.abroad_gain - realise + state.abroad_value * growth,
    )
