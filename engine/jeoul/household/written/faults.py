"""What no household can have, found in the file that describes it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from jeoul.advice.first import loan_faults
from jeoul.advice.person_keys import fact_faults, isa_form_fault, isa_paid_faults, opened_fault
from jeoul.files.faults import Fault, Location, did_you_mean, shown
from jeoul.household.written.keys import AccountTable, Goal, HouseholdKeys, PersonTable
from jeoul.korea.rulebook import Rulebook
from jeoul.korea.tables import load_rules, years

MOST_GOALS = 6
"""A plan's program has a row for every set of goals, so each one more doubles them."""

_FIRST_BIRTH = 1900  # nobody alive was born before; a typed 195 or 1595 is caught
_LAST_YEAR = 2199
_FROM_CONFIG = ("kind", "holdings", "broker", "opened", "paid", "proceeds")
_PENSIONS = ("pension_savings", "irp")
_ONLY = {
    "universe": ("overseas",),
    "currency": ("overseas",),
    "form": ("isa",),
    "gain_so_far": ("isa",),
    "credited": _PENSIONS,
    "uncredited": _PENSIONS,
    "severance": _PENSIONS,
}
"""Keys of an account that only some kinds have; any account in won may say ``currency``."""


def reference_faults(data: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what the file names and does not have, whatever else is wrong with it."""
    people, accounts = _names(data.get("people")), _names(data.get("accounts"))
    for name, table in _tables(data.get("accounts")):
        yield from _unknown_person(("accounts", name, "owner"), table.get("owner"), people)
        if "owner" not in table and len(people) > 1:
            remedy = f"name one of {', '.join(people)}"
            yield Fault(("accounts", name, "owner"), "is missing", remedy)
    for name, table in _tables(data.get("goals")):
        listed = table.get("from")
        for place, account in enumerate(listed if isinstance(listed, list) else ()):
            yield from _unknown_account(("goals", name, "from", place), account, accounts)
    flows = data.get("flows")
    for place, flow in enumerate(flows if isinstance(flows, list) else ()):
        if isinstance(flow, dict):
            key = ("flows", place, "person")
            yield from _unknown_person(key, flow.get("person"), people)
            if "person" not in flow and len(people) > 1:
                yield Fault(key, "is missing", f"name one of {', '.join(people)}")
    policy = data.get("policy")
    if isinstance(policy, dict):
        yield from _unknown_account(("policy", "pays_tax"), policy.get("pays_tax"), accounts)


def _names(table: object) -> list[str]:
    return list(table) if isinstance(table, dict) else []


def _tables(table: object) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(table, dict):
        yield from ((name, inner) for name, inner in table.items() if isinstance(inner, dict))


def _unknown_person(key: Location, name: object, people: list[str]) -> Iterator[Fault]:
    if isinstance(name, str) and name not in people:
        wrong = f"{shown(name)} is not a person of this file"
        yield Fault(key, wrong, did_you_mean(name, people))


def _unknown_account(key: Location, name: object, accounts: list[str]) -> Iterator[Fault]:
    if isinstance(name, str) and name not in accounts:
        wrong = f"{shown(name)} is not an account of this file"
        yield Fault(key, wrong, did_you_mean(name, accounts))


def table_faults(keys: HouseholdKeys) -> Iterator[Fault]:
    """Yield what no household can have, in tables whose keys and types are sound."""
    for name, person in keys.people.items():
        yield from (_under(fault, "people", name) for fault in _person_faults(person, keys))
    for name, account in keys.accounts.items():
        yield from (_under(fault, "accounts", name) for fault in _account_faults(account))
    yield from _same_names(keys)
    yield from _one_isa_each(keys)
    yield from _paid_faults(keys)
    yield from _goal_faults(keys)
    for place, flow in enumerate(keys.flows):
        if not flow.amount:
            remedy = "write won above 0 for what is saved, below 0 for what is taken out"
            yield Fault(("flows", place, "amount"), "is 0", remedy)
    yield from loan_faults(keys.loans, date.min)
    yield from _policy_faults(keys)


def owner_of(keys: HouseholdKeys, account: AccountTable) -> str:
    """Return whose an account is: the only person's where nobody is named."""
    return account.owner or next(iter(keys.people))


def _under(fault: Fault, table: str, name: str) -> Fault:
    return fault._replace(key=(table, name, *fault.key))


def _person_faults(person: PersonTable, keys: HouseholdKeys) -> Iterator[Fault]:
    if person.born.year < _FIRST_BIRTH:
        wrong = f"{person.born} is not a birthday"
        yield Fault(("born",), wrong, f"give a day from {_FIRST_BIRTH} on")
    if (person.answers is None) == (person.profile is None):
        wrong = "either answers or profile decides what a person may hold"
        yield Fault(("answers",), wrong, "write one of the two")
    if person.strategy is not None and keys.policy.target != "person":
        wrong = "the household has one target, so it has one strategy"
        yield Fault(("strategy",), wrong, 'remove it, or write policy.target = "person"')
    yield from fact_faults(person)


def _account_faults(account: AccountTable) -> Iterator[Fault]:
    written = account.model_fields_set
    if account.config is not None:
        for key in _FROM_CONFIG:
            if key in written:
                yield Fault((key,), "is what the config says", "remove it, or remove config")
        return
    if account.kind is None:
        yield Fault(("kind",), "is missing", "add it, or name the config of a run")
        return
    for key, kinds in _ONLY.items():
        in_won = key == "currency" and account.currency == "KRW" and account.kind != "overseas"
        if key in written and account.kind not in kinds and not in_won:
            wrong = f"an account of kind {account.kind} has none"
            yield Fault((key,), wrong, f"remove it; it belongs to {' and '.join(kinds)}")
    if account.kind == "overseas" and account.currency == "KRW":
        wrong = "an account of kind overseas holds another currency"
        yield Fault(("currency",), wrong, 'write "USD", or leave it out')
    if account.holdings is None and (account.broker is None or account.broker.kind == "ticket"):
        remedy = "name the broker's export; `jeoul import` shows how it is read"
        yield Fault(("holdings",), "is missing", remedy)
    if account.opened is None and account.paid:
        remedy = "give the day of the contract, or the year alone"
        yield Fault(("opened",), "is missing beside paid", remedy)
    yield from isa_form_fault(("form",), account.form)


def _same_names(keys: HouseholdKeys) -> Iterator[Fault]:
    """Yield accounts whose folders a system without capitals takes for one."""
    seen: dict[str, str] = {}
    for name in keys.accounts:
        before = seen.setdefault(name.casefold(), name)
        if before != name:
            wrong = f"differs from {before!r} in capitals alone, and names a folder"
            yield Fault(("accounts", name), wrong, "choose another name")


def _one_isa_each(keys: HouseholdKeys) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for name, account in keys.accounts.items():
        if account.kind != "isa":
            continue
        owner = owner_of(keys, account)
        before = seen.setdefault(owner, name)
        if before != name:
            wrong = f"is a second ISA of one person, beside {before!r}; the law allows one"
            yield Fault(("accounts", name), wrong, "correct its kind or its owner")


def _paid_faults(keys: HouseholdKeys) -> Iterator[Fault]:
    """Yield payments beyond what the law lets accounts take, under the newest table of rules."""
    book = load_rules(years()[-1])
    by_year: dict[tuple[str, str], int] = defaultdict(int)
    cap = book.won("pension.annual_cap")
    for name, account in keys.accounts.items():
        if account.opened is None or account.kind is None:
            continue
        key = ("accounts", name)
        last = max([account.opened.year, *map(int, account.paid)])
        yield from opened_fault((*key, "opened"), account.kind, account.opened, last)
        if account.kind == "isa":
            law = _law_of(book, last)
            yield from isa_paid_faults(law, (*key, "paid"), account.opened, account.paid, None)
            continue
        for year, amount in sorted(account.paid.items()):
            if int(year) < account.opened.year:
                wrong = f"{shown(year)} is not a year of this account"
                remedy = f"use a year from {account.opened.year}"
                yield Fault((*key, "paid", year), wrong, remedy)
            if account.kind not in _PENSIONS:
                continue
            by_year[owner_of(keys, account), year] += amount
            paid = by_year[owner_of(keys, account), year]
            if paid > cap >= paid - amount:
                wrong = f"pensions then took {paid} in {year}; they take {cap} a year together"
                remedy = "leave out what was moved from an ISA, which counts apart"
                yield Fault((*key, "paid", year), wrong, remedy)


def _law_of(book: Rulebook, year: int) -> Rulebook:
    return replace(book, year=max(book.year, year))


def _goal_faults(keys: HouseholdKeys) -> Iterator[Fault]:
    for place, name in enumerate(keys.goals):
        if place >= MOST_GOALS:
            wrong = f"is goal number {place + 1}; a household has at most {MOST_GOALS}"
            yield Fault(("goals", name), wrong, "put goals of near dates together")
    for name, goal in keys.goals.items():
        if goal.by.year > _LAST_YEAR:
            wrong = f"{goal.by} is too far away"
            yield Fault(("goals", name, "by"), wrong, f"give a day up to {_LAST_YEAR}")
        yield from _lived_on_faults(keys, name, goal)
        twice = [account for account, count in Counter(goal.accounts).items() if count > 1]
        if twice:
            wrong = f"names {', '.join(twice)} twice"
            yield Fault(("goals", name, "from"), wrong, "name every account once")


def _lived_on_faults(keys: HouseholdKeys, name: str, goal: Goal) -> Iterator[Fault]:
    names = [owner_of(keys, keys.accounts[each]) for each in goal.accounts if each in keys.accounts]
    owners = [keys.people[name] for name in names if name in keys.people]
    if not owners:  # which is said of the accounts
        return
    if not goal.lived_on:
        if goal.until != Goal.model_fields["until"].default:
            wrong = "is set without spending"
            yield Fault(("goals", name, "until"), wrong, "set spending, or remove until")
        return
    if goal.spending is None and not sum(each.spending for each in owners):
        wrong = "its people have no spending, so no money is needed"
        yield Fault(("goals", name), wrong, "set spending to an amount a month in today's won")
    age = min(goal.by.year - each.born.year for each in owners)
    if goal.until <= age:
        wrong = f"{goal.until} is not above the age on the goal's date, {age}"
        yield Fault(("goals", name, "until"), wrong, "set the age up to which money is needed")


def _policy_faults(keys: HouseholdKeys) -> Iterator[Fault]:
    payer = keys.policy.pays_tax
    kind = None if payer is None else keys.accounts[payer].kind if payer in keys.accounts else None
    if kind not in (None, "general"):
        wrong = f"{shown(payer)} is of kind {kind}, from which no tax can be paid"
        yield Fault(("policy", "pays_tax"), wrong, "name an account of kind general")
