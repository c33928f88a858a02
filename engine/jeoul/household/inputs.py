"""What a household file names, read: strategies, universes, questionnaires and holdings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from jeoul.account.holdings.known import securities_of
from jeoul.account.holdings.reading import read_holdings
from jeoul.account.holdings.record import Holdings
from jeoul.errors import ConfigError, HoldingsError, InputError, Problem
from jeoul.household.file import HouseholdAccount, HouseholdFile
from jeoul.household.targets import Wanted
from jeoul.model.instrument import Universe
from jeoul.profile import classify, load_answers
from jeoul.strategy.load import load_strategy
from jeoul.strategy.schema import Strategy
from jeoul.strategy.universe import load_universe


@dataclass(frozen=True, slots=True, kw_only=True)
class Investor:
    """What a person may be offered: a profile, and the type of the questionnaire behind it.

    ``type`` and ``age``, as the answers say it, are None where the profile was named without them.
    """

    profile: str
    type: str | None = None
    age: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What stands behind a household file, by person and by account.

    ``strategies`` are by person, the same for all where the household has one target;
    ``universes`` by account, in its currency. ``mixed`` are the shares by class of funds that hold
    several, by code; any other is in its universe's class as a whole. ``wanted``
    are targets by aim and profile that are known already, for who plans many households on a day.
    """

    strategies: Mapping[str, Strategy]
    investors: Mapping[str, Investor]
    universes: Mapping[str, Universe]
    holdings: Mapping[str, Holdings] = field(default_factory=dict)
    mixed: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    wanted: Mapping[tuple[str, str], Wanted] = field(default_factory=dict)


def read_inputs(
    file: HouseholdFile, *, on: date, holdings: Mapping[str, Holdings] | None = None
) -> Inputs:
    """Return what a household file names.

    ``holdings`` are those of accounts whose broker tells them, or whose config has a ledger; the
    others are read from the files that they name. Raises :class:`~jeoul.errors.ConfigError` with
    every problem of every file.
    """
    problems: list[Problem] = []
    names = {name: person.strategy or file.strategy for name, person in file.people.items()}
    loaded = {}
    for name in sorted(set(names.values())):
        try:
            loaded[name] = load_strategy(name)
        except InputError as error:
            problems += error.problems
    investors = {}
    for name in file.people:
        try:
            investors[name] = _investor(file, name, on)
        except InputError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    strategies = {name: loaded[strategy] for name, strategy in names.items()}
    universes = {
        each.id: load_universe(each.universe or strategies[each.owner].universe)
        for each in file.accounts.values()
    }
    found = dict(holdings or {})
    for account in file.accounts.values():
        if account.id in found:
            continue
        try:
            found[account.id] = _holdings(file, account, universes[account.id])
        except HoldingsError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return Inputs(strategies=strategies, investors=investors, universes=universes, holdings=found)


def _investor(file: HouseholdFile, name: str, on: date) -> Investor:
    person = file.people[name]
    if person.answers is None:
        return Investor(profile=person.profile or "")
    answers = load_answers(person.answers)
    found = classify(answers, as_of=on)
    if found.name == "none":
        wrong = f"the answers of {name} give type {found.type}, for which there is no portfolio"
        remedy = "leave the person's money in deposits, or answer again if something has changed"
        raise ConfigError([Problem(str(person.answers), wrong, remedy=remedy)])
    return Investor(profile=found.name, type=found.type, age=answers.age)


def _holdings(file: HouseholdFile, account: HouseholdAccount, universe: Universe) -> Holdings:
    if account.holdings is None:
        wrong = f"account {account.id} has no holdings file, and no broker was asked"
        remedy = "name a file under holdings, or run the household with its brokers"
        problem = Problem(str(file.path), wrong, key=f"accounts.{account.id}", remedy=remedy)
        raise HoldingsError([problem])
    found = read_holdings(account.holdings, securities_of(universe), currency=account.currency)
    return refuse_unknown_cash(found)


def refuse_unknown_cash(holdings: Holdings) -> Holdings:
    """Return holdings whose cash is known. Raises :class:`HoldingsError` for others."""
    if holdings.cash is not None:
        return holdings
    wrong = "has no row of cash"
    raise HoldingsError([Problem(holdings.file, wrong, remedy="add a row CASH")])
