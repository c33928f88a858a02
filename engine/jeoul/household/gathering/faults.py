"""What makes a household impossible to plan: every fault of file and holdings together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from jeoul.account.holdings.record import Holdings
from jeoul.errors import ConfigError, Problem
from jeoul.household.gathering.inputs import HouseholdInputs
from jeoul.household.gathering.people import free_on
from jeoul.household.gathering.pieces import PENSIONS
from jeoul.household.gathering.positions import allowed_in
from jeoul.household.gathering.priced import Priced
from jeoul.household.written.file import HouseholdAccount, HouseholdFile
from jeoul.korea.isa import isa_limit
from jeoul.korea.isa_entry import isa_eligible
from jeoul.korea.rulebook import Rulebook
from jeoul.model.amount import MOST
from jeoul.model.instrument import Universe


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyRequest:
    """What is asked of a plan beside the file: new money and money to take out, won by person."""

    deposits: Mapping[str, int]
    withdrawals: Mapping[str, int]


def refuse_impossible(
    book: Rulebook,
    file: HouseholdFile,
    inputs: HouseholdInputs,
    prices: Mapping[str, Priced],
    asked: MoneyRequest,
    on: date,
) -> None:
    """Refuse a household that cannot be planned.

    Raises :class:`~jeoul.errors.ConfigError` with everything that is wrong.
    """
    problems = [
        *_asked_faults(file, asked),
        *_age_faults(book, file, on),
        *_goal_faults(book, file, on),
        *(
            problem
            for account in file.accounts.values()
            for problem in _account_faults(book, file, account, inputs, prices, on)
        ),
        *_room_faults(book, file, on),
    ]
    if problems:
        raise ConfigError(problems)


def _asked_faults(file: HouseholdFile, asked: MoneyRequest) -> Iterator[Problem]:
    for name, amount in (*asked.deposits.items(), *asked.withdrawals.items()):
        if name not in file.people:
            wrong = f"money moves for {name!r}, who is not a person of this household"
            yield Problem(str(file.path), wrong, remedy=f"name one of {', '.join(file.people)}")
        if amount < 0:
            wrong = f"the amount {amount} of {name} is below zero"
            remedy = "give 0 or more; --deposit pays in and --withdrawal takes out"
            yield Problem(str(file.path), wrong, remedy=remedy)
        if amount > MOST:
            wrong = f"{amount} is too large"
            yield Problem(str(file.path), wrong, remedy=f"give {MOST} at most")
    if sum(asked.deposits.values()) and sum(asked.withdrawals.values()):
        wrong = "a deposit and a withdrawal are both given"
        yield Problem(str(file.path), wrong, remedy="give one of them, the net amount")


def _age_faults(book: Rulebook, file: HouseholdFile, on: date) -> Iterator[Problem]:
    """Yield people who are not born yet, or too young to own an ISA by the law of ``book``."""
    for name, person in file.people.items():
        if person.born > on:
            wrong = f"{name} is born on {person.born}, after {on}"
            key = f"people.{name}.born"
            yield Problem(str(file.path), wrong, key=key, remedy="correct the day")
            continue
        age = person.age_on(on)
        entry = isa_eligible(book, age=age, earned_income_last_year=person.income.wages > 0)
        for account in file.accounts_of(name) if entry.reasons else ():
            if account.kind == "isa":
                wrong = f"{name} is {age}, too young for an ISA"
                key = f"accounts.{account.id}.owner"
                remedy = "correct the owner, or the birthday"
                yield Problem(str(file.path), wrong, key=key, remedy=remedy)


def _goal_faults(book: Rulebook, file: HouseholdFile, on: date) -> Iterator[Problem]:
    """Yield goals of accounts that are another person's, or locked beyond the day of the goal."""
    for name, goal in file.goals.items():
        for each in goal.accounts:
            account = file.accounts.get(each)
            if account is None or account.owner not in file.people:
                continue
            free = free_on(book, account, file.people[account.owner].born, on)
            if free > max(on, goal.by):
                wrong = f"goal {name} rests on account {each}, which is locked until {free}"
                remedy = f"name accounts that can be drawn by {goal.by}, or a later day"
                yield Problem(str(file.path), wrong, key=f"goals.{name}.from", remedy=remedy)
        owners = {file.accounts[each].owner for each in goal.accounts if each in file.accounts}
        if len(owners) > 1 and file.policy.target == "person":
            wrong = f"goal {name} rests on accounts of {' and '.join(sorted(owners))}"
            remedy = 'name accounts of one person, or write policy.target = "household"'
            yield Problem(str(file.path), wrong, key=f"goals.{name}.from", remedy=remedy)


def _account_faults(
    book: Rulebook,
    file: HouseholdFile,
    account: HouseholdAccount,
    inputs: HouseholdInputs,
    prices: Mapping[str, Priced],
    on: date,
) -> Iterator[Problem]:
    key = f"accounts.{account.id}"
    if account.owner not in file.people:
        wrong = f"account {account.id} belongs to {account.owner!r}, who is not in this household"
        remedy = f"name one of {', '.join(file.people)}"
        yield Problem(str(file.path), wrong, key=f"{key}.owner", remedy=remedy)
        return
    holdings, universe = inputs.holdings[account.id], inputs.universes[account.id]
    if account.kind is None:
        wrong = f"account {account.id} has no kind"
        remedy = "read its config first, or write the kind into the household file"
        yield Problem(str(file.path), wrong, key=f"{key}.kind", remedy=remedy)
        return
    yield from _holdings_faults(book, account, holdings, inputs, prices)
    yield from _purchase_faults(holdings, on)
    if account.kind == "overseas":
        yield from _class_faults(file, holdings, inputs, universe)


def _holdings_faults(
    book: Rulebook,
    account: HouseholdAccount,
    holdings: Holdings,
    inputs: HouseholdInputs,
    prices: Mapping[str, Priced],
) -> Iterator[Problem]:
    universe = inputs.universes[account.id]
    if holdings.cash is None:
        yield Problem(holdings.file, "has no row of cash", remedy="add a row CASH")
    if holdings.currency != account.currency:
        wrong = f"is in {holdings.currency}, and account {account.id} is in {account.currency}"
        yield Problem(holdings.file, wrong, remedy="export the account again in its currency")
    for code in sorted(holdings.shares):
        fund = universe.instruments.get(code)
        if fund is None:
            wrong = f"{code} is not a fund of universe {universe.name}"
            remedy = "correct the code, or add the fund to a universe of your own"
            yield Problem(holdings.file, wrong, key=code, remedy=remedy)
        elif not allowed_in(book, account.kind or "", fund):
            wrong = f"an account of kind {account.kind} cannot hold {code}"
            remedy = "correct the code, or the kind of the account"
            yield Problem(holdings.file, wrong, key=code, remedy=remedy)
        elif code not in prices:
            wrong = f"no current price of {code} is known"
            remedy = "fetch the market folder again, or take a later date"
            yield Problem(holdings.file, wrong, key=code, remedy=remedy)


def _purchase_faults(holdings: Holdings, on: date) -> Iterator[Problem]:
    for code, lots in sorted(holdings.lots.items()):
        for lot in lots:
            if lot.bought > on:
                wrong = f"{code} was bought on {lot.bought}, after {on}, the day of the plan"
                yield Problem(holdings.file, wrong, key=code, remedy="correct the day")


def _class_faults(
    file: HouseholdFile, holdings: Holdings, inputs: HouseholdInputs, universe: Universe
) -> Iterator[Problem]:
    """Yield funds abroad of a class that no target in won has: classes are matched by name."""
    at_home = [each for each in file.accounts.values() if each.kind != "overseas"]
    known = {name for each in at_home for name in inputs.universes[each.id].classes}
    for code in sorted(holdings.shares):
        fund = universe.instruments.get(code)
        if fund is not None and known and fund.asset_class not in known:
            wrong = f"{code} is of class {fund.asset_class}, which the target does not know"
            remedy = f"use one of {', '.join(sorted(known))} for it in a universe of your own"
            yield Problem(holdings.file, wrong, key=code, remedy=remedy)


def _room_faults(book: Rulebook, file: HouseholdFile, on: date) -> Iterator[Problem]:
    """Yield accounts into which more was paid than the law of ``book`` lets them take."""
    for name in file.people:
        own = file.accounts_of(name)
        pensions = [each for each in own if each.kind in PENSIONS]
        paid = sum(each.paid.paid.get(on.year, 0) for each in pensions)
        cap = book.won("pension.annual_cap")
        if paid > cap:
            wrong = f"the pensions of {name} took {paid} in {on.year}, and they take {cap} a year"
            remedy = "leave out what was moved from an ISA, which counts apart"
            key = f"accounts.{pensions[0].id}.paid"
            yield Problem(str(file.path), wrong, key=key, remedy=remedy)
        for account in own:
            ahead = [str(year) for year in sorted(account.paid.paid) if year > on.year]
            if ahead:
                wrong = f"account {account.id} was paid into in {', '.join(ahead)}, after {on}"
                key = f"accounts.{account.id}.paid"
                remedy = "leave out what is not paid yet"
                yield Problem(str(file.path), wrong, key=key, remedy=remedy)
            if account.kind == "isa":
                yield from _isa_faults(book, file, account, on)


def _isa_faults(
    book: Rulebook, file: HouseholdFile, account: HouseholdAccount, on: date
) -> Iterator[Problem]:
    key, opened = f"accounts.{account.id}", account.paid.opened
    if opened is not None and opened > on:
        wrong = f"account {account.id} is opened on {opened}, after {on}"
        yield Problem(str(file.path), wrong, key=f"{key}.opened", remedy="correct the day")
        return
    total = sum(amount for year, amount in account.paid.paid.items() if year <= on.year)
    most = book.won("isa.total_cap")
    if opened is not None:
        most = isa_limit(book, on.year - opened.year)
    if total > most:
        wrong = f"account {account.id} took {total} by {on.year}, and the law lets it take {most}"
        remedy = "correct what was paid in each year, or the day on which it was opened"
        yield Problem(str(file.path), wrong, key=f"{key}.paid", remedy=remedy)
