"""The file of a household: who its people are, what they have, and what it is for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from jeoul.account.file import FeeSettings
from jeoul.account.room_keys import facts_of
from jeoul.account.rooms import PaidFacts
from jeoul.account.suitability_keys import SuitabilitySettings
from jeoul.advice.first import RESERVE_MONTHS, Loan
from jeoul.advice.person import Income, LegalStatus, YearGains
from jeoul.advice.person_keys import gains_of, income_of, status_of
from jeoul.errors import ConfigError
from jeoul.files.document import parse
from jeoul.files.faults import Fault, Location
from jeoul.files.toml import check
from jeoul.household.written.faults import owner_of, reference_faults, table_faults
from jeoul.household.written.keys import (
    AccountTable,
    Flow,
    Goal,
    HouseholdKeys,
    PersonTable,
    PolicyTable,
)
from jeoul.model.portfolio import Proceeds

__all__ = [
    "Flow",
    "Goal",
    "HouseholdAccount",
    "HouseholdFile",
    "HouseholdPerson",
    "PolicyTable",
    "RunTables",
    "WrittenTerms",
    "read_household",
]

_US = ("us-core", "USD")  # the only shipped universe of another country


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdPerson:
    """A person of the household: the facts that :class:`jeoul.advice.person.Person` holds too.

    ``spending`` is a month's. Either ``answers`` or ``profile`` decides the profile;
    ``suitability`` is None where the file has no such table. ``strategy`` is the person's own where
    every person has a target, else None.
    """

    id: str
    born: date
    spending: int
    income: Income
    status: LegalStatus
    gains: YearGains
    answers: Path | None = None
    profile: str | None = None
    suitability: SuitabilitySettings | None = None
    strategy: str | None = None

    def age_on(self, day: date) -> int:
        """Return the full years of age on a day (만 나이)."""
        return day.year - self.born.year - ((day.month, day.day) < (self.born.month, self.born.day))


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenTerms:
    """How an account counts costs and proceeds, and what only its kind has, in won.

    ``form`` is the kind of an ISA, ``gain_so_far`` the taxed gain realised inside it. Of a pension,
    ``credited`` and ``uncredited`` are payments with and without a tax credit, ``severance`` is
    severance pay that was paid into it.
    """

    cost_method: str = "average"
    proceeds: Proceeds = "settled"
    form: str | None = None
    gain_so_far: int = 0
    credited: int = 0
    uncredited: int = 0
    severance: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdAccount:
    """An account of the household.

    ``kind`` is None where ``config`` names the config of a run, which then says it with holdings,
    broker and what was paid in. ``holdings`` is None where the broker tells them. ``broker`` is the
    table as it is written, empty without one; ``fees`` what of it every broker has. ``universe`` is
    that of an account of kind ``overseas``, else None.
    """

    id: str
    owner: str
    kind: str | None
    currency: str = "KRW"
    universe: str | None = None
    holdings: Path | None = None
    config: Path | None = None
    broker: Mapping[str, Any]
    fees: FeeSettings
    paid: PaidFacts
    terms: WrittenTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTables:
    """What a run of the household needs beside it; the tables are checked where it runs.

    ``data`` is the market folder, None for the simulated sample. ``tables`` has the keys
    ``schedule``, ``safety``, ``approval``, and ``notify`` where it is written, empty or not.
    """

    lang: str
    ledger: str | None
    encrypt: str | None
    data: Path | None
    tables: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdFile:
    """A checked ``household.toml``; its paths are absolute, or relative to where it was read.

    ``policy.within_reach`` and ``policy.pays_tax`` have their defaults filled in. ``pays_tax`` is
    None if there is no ordinary account, or if an account before it has its kind only in its
    ``config``.
    """

    path: Path
    name: str
    title: str
    strategy: str
    state: Path
    people: Mapping[str, HouseholdPerson]
    accounts: Mapping[str, HouseholdAccount]
    goals: Mapping[str, Goal]
    flows: tuple[Flow, ...]
    loans: tuple[Loan, ...]
    policy: PolicyTable
    runs: RunTables

    def accounts_of(self, person: str) -> tuple[HouseholdAccount, ...]:
        """Return the accounts of a person, in the order of the file."""
        return tuple(each for each in self.accounts.values() if each.owner == person)

    def goal_date(self, person: str) -> date | None:
        """Return the day that a person's strategy glides to: that of the first goal, if any.

        Goals come by priority and then by date. Where every person has a target, only goals that
        an account of the person pays for count.
        """
        own = {account.id for account in self.accounts_of(person)}
        shared = self.policy.target == "household"
        goals = [goal for goal in self.goals.values() if shared or own & set(goal.accounts)]
        first = min(goals, key=lambda goal: (goal.priority or math.inf, goal.by), default=None)
        return None if first is None else first.by


def read_household(path: Path | str) -> HouseholdFile:
    """Return the household in a TOML file.

    Raises :class:`ConfigError` with everything wrong in the file, by line: keys and types, people
    and accounts that it names and does not have, and, where the keys are sound, what no household
    can have, among it more than an ISA or pensions take.
    """
    document = parse(path, ConfigError, kind="household")
    faults = list(reference_faults(document.data))
    try:
        keys = check(document, HouseholdKeys, ConfigError)
    except ConfigError as error:
        every = [*error.problems, *document.problems(faults)]
        raise ConfigError(sorted(every, key=lambda one: one.line or 0)) from None
    place = Path(path).resolve()
    faults += [*table_faults(keys), *_home_faults(keys)]
    if faults:
        raise ConfigError(document.problems(faults))
    return _household(place, keys)


def _household(place: Path, keys: HouseholdKeys) -> HouseholdFile:
    only = next(iter(keys.people))
    accounts = {
        each: _account(each, table, owner_of(keys, table), place.parent)
        for each, table in keys.accounts.items()
    }
    return HouseholdFile(
        path=place,
        name=keys.name,
        title=keys.title or keys.name,
        strategy=_strategy(place.parent, keys.strategy),
        state=_beside(place.parent, keys.state),
        people={each: _person(each, one, place.parent) for each, one in keys.people.items()},
        accounts=accounts,
        goals=keys.goals,
        flows=tuple(flow.model_copy(update={"person": flow.person or only}) for flow in keys.flows),
        loans=keys.loans,
        policy=_policy(keys, accounts),
        runs=_runs(keys, place.parent),
    )


def _person(name: str, table: PersonTable, base: Path) -> HouseholdPerson:
    return HouseholdPerson(
        id=name,
        born=table.born,
        spending=table.spending,
        income=income_of(table),
        status=status_of(table),
        gains=gains_of(table),
        answers=None if table.answers is None else _beside(base, table.answers),
        profile=table.profile,
        suitability=table.suitability,
        strategy=None if table.strategy is None else _strategy(base, table.strategy),
    )


def _account(name: str, table: AccountTable, owner: str, base: Path) -> HouseholdAccount:
    overseas = table.kind == "overseas"
    broker = {} if table.broker is None else table.broker.model_dump(exclude_unset=True)
    universe = (table.universe or _US[0]) if overseas else None
    if universe is not None and universe.endswith(".toml"):
        universe = str(_beside(base, universe))
    return HouseholdAccount(
        id=name,
        owner=owner,
        kind=table.kind,
        currency=_US[1] if overseas else "KRW",
        universe=universe,
        holdings=None if table.holdings is None else _beside(base, table.holdings),
        config=None if table.config is None else _beside(base, table.config),
        broker=broker,
        fees=FeeSettings() if table.broker is None else table.broker,
        paid=facts_of(table.opened, table.paid),
        terms=WrittenTerms(
            cost_method=table.cost_method,
            proceeds=table.proceeds,
            form=table.form,
            gain_so_far=table.gain_so_far,
            credited=table.credited,
            uncredited=table.uncredited,
            severance=table.severance,
        ),
    )


def _policy(keys: HouseholdKeys, accounts: Mapping[str, HouseholdAccount]) -> PolicyTable:
    """Return the policy with the defaults that depend on the rest of the file."""
    spending = sum(person.spending for person in keys.people.values())
    first = next((each for each in accounts.values() if each.kind in ("general", None)), None)
    payer = None if first is None or first.kind is None else first.id  # its config has the kind
    found = keys.policy
    filled = {
        "within_reach": RESERVE_MONTHS * spending
        if found.within_reach is None
        else found.within_reach,
        "pays_tax": payer if found.pays_tax is None else found.pays_tax,
    }
    return found.model_copy(update=filled)


def _runs(keys: HouseholdKeys, base: Path) -> RunTables:
    tables = {
        "schedule": keys.schedule,
        "safety": keys.safety,
        "approval": keys.approval,
        "notify": keys.notify,
    }
    folder = keys.data.folder
    return RunTables(
        lang=keys.lang,
        ledger=keys.ledger,
        encrypt=keys.encrypt,
        data=None if folder is None else _beside(base, folder),
        tables={name: table for name, table in tables.items() if table is not None},
    )


def _strategy(base: Path, name: str) -> str:
    """Return a shipped name as it is, and a path as it is found from the file."""
    return str(_beside(base, name)) if name.endswith(".toml") else name


def _beside(base: Path, name: str) -> Path:
    found = Path(name).expanduser()
    return found if found.is_absolute() else base / found


def _home_faults(keys: HouseholdKeys) -> Iterator[Fault]:
    """Yield a fault for every path that begins in the home folder of nobody."""
    named: dict[Location, str | None] = {
        ("state",): keys.state,
        ("data", "folder"): keys.data.folder,
        **{("people", who, "answers"): one.answers for who, one in keys.people.items()},
        **{("accounts", each, "holdings"): one.holdings for each, one in keys.accounts.items()},
        **{("accounts", each, "config"): one.config for each, one in keys.accounts.items()},
    }
    for key, name in named.items():
        try:
            Path(name or "").expanduser()
        except RuntimeError:
            wrong = f"{name!r} begins in a home folder that does not exist"
            yield Fault(key, wrong, "write ~/ for your own, or the whole path")
