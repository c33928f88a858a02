"""What a household file names, read: strategies, universes, questionnaires and holdings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from jeoul.account.holdings.known import securities_of
from jeoul.account.holdings.reading import read_holdings
from jeoul.account.holdings.record import Holdings
from jeoul.account.suitability_keys import SuitabilitySettings
from jeoul.errors import ConfigError, HoldingsError, InputError, Problem
from jeoul.household.gathering.targets import WantedTarget
from jeoul.household.written.file import HouseholdAccount, HouseholdFile
from jeoul.korea.suitability import account_limit
from jeoul.korea.tables import whole_rules
from jeoul.model.grade_limit import PROFILE_TYPES, GradeLimit
from jeoul.model.instrument import Universe
from jeoul.model.portfolio import Reason
from jeoul.profile import diagnose, expired_reason, load_answers, other_insurance
from jeoul.strategy.load import load_strategy
from jeoul.strategy.schema import Strategy
from jeoul.strategy.universe import load_universe


@dataclass(frozen=True, slots=True, kw_only=True)
class InvestorProfile:
    """What a person may be offered: a profile, and the questionnaire behind it.

    ``age``, as the answers say it, is None where the profile was named without them. ``limit`` is
    how risky the person's products may be, None without a limit; ``stops`` is why nothing is bought
    in the person's accounts, None where buying is allowed.
    """

    profile: str
    age: int | None = None
    limit: GradeLimit | None = None
    stops: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdInputs:
    """What stands behind a household file, by person and by account.

    ``strategies`` are by person, the same for all where the household has one target;
    ``universes`` by account, in its currency. ``mixed`` are the shares by class of funds that hold
    several, by code; any other is in its universe's class as a whole. ``wanted``
    are targets by aim and profile that are known already, for who plans many households on a day.
    """

    strategies: Mapping[str, Strategy]
    investors: Mapping[str, InvestorProfile]
    universes: Mapping[str, Universe]
    holdings: Mapping[str, Holdings] = field(default_factory=dict)
    mixed: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    wanted: Mapping[tuple[str, str], WantedTarget] = field(default_factory=dict)


def read_inputs(
    file: HouseholdFile,
    *,
    on: date | None = None,
    holdings: Mapping[str, Holdings] | None = None,
    priced: Iterable[str] = (),
) -> HouseholdInputs:
    """Return what a household file names.

    ``on`` is the day that decides whether answers have expired; without it none have. ``holdings``
    are those of accounts whose broker tells them, or whose config has a ledger; the others are read
    from the files that they name, where codes that are ``priced`` exist for certain. Raises
    :class:`~jeoul.errors.ConfigError` with every problem of every file.
    """
    priced = frozenset(priced)
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
            investors[name] = _investor(file, name, loaded.get(names[name]), on)
        except InputError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    strategies = {name: _dated(file, name, loaded[each]) for name, each in names.items()}
    universes = {
        each.id: load_universe(each.universe or strategies[each.owner].universe)
        for each in file.accounts.values()
    }
    found = dict(holdings or {})
    for account in file.accounts.values():
        if account.id in found:
            continue
        try:
            found[account.id] = _holdings(file, account, universes[account.id], priced)
        except HoldingsError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return HouseholdInputs(
        strategies=strategies, investors=investors, universes=universes, holdings=found
    )


def _dated(file: HouseholdFile, person: str, strategy: Strategy) -> Strategy:
    """Return a person's strategy, with a glide path towards the first goal of the file."""
    if strategy.glide is None:
        return strategy
    by = file.goal_date(person)
    if by is None:
        fault = (
            f"strategy {strategy.name} needs a goal's date for its glide path, and none is given"
        )
        remedy = "add the goal as [goals.ID] with amount, by and from"
        raise ConfigError([Problem(str(file.path), fault, key="goals", remedy=remedy)])
    return strategy.towards(by)


def _investor(
    file: HouseholdFile, name: str, strategy: Strategy | None, on: date | None
) -> InvestorProfile:
    person = file.people[name]
    if person.answers is None:
        profile = person.profile or ""
        asked = person.suitability
        limit = None if asked is None else _limit(PROFILE_TYPES[profile], asked)
        return InvestorProfile(profile=profile, limit=limit)
    answers = load_answers(person.answers)
    found = diagnose(answers, day=on or answers.answered or date.min)
    if strategy is not None and (other := other_insurance(answers, strategy.name)):
        raise ConfigError([Problem(str(file.path), other[0], key="strategy", remedy=other[1])])
    return InvestorProfile(
        profile=found.profile.name,
        age=answers.age,
        limit=_limit(found.profile.type, person.suitability or SuitabilitySettings()),
        stops=None if on is None else expired_reason(found),
    )


def _limit(type: str, asked: SuitabilitySettings) -> GradeLimit:
    return account_limit(whole_rules(), type, **asked.model_dump())


def _holdings(
    file: HouseholdFile, account: HouseholdAccount, universe: Universe, priced: Collection[str]
) -> Holdings:
    if account.holdings is None:
        wrong = f"account {account.id} has no holdings file, and no broker was asked"
        remedy = "name a file under holdings, or run the household with its brokers"
        problem = Problem(str(file.path), wrong, key=f"accounts.{account.id}", remedy=remedy)
        raise HoldingsError([problem])
    securities = securities_of(universe, priced)
    found = read_holdings(account.holdings, securities, currency=account.currency)
    return refuse_unknown_cash(found)


def refuse_unknown_cash(holdings: Holdings) -> Holdings:
    """Return holdings whose cash is known. Raises :class:`HoldingsError` for others."""
    if holdings.cash is not None:
        return holdings
    wrong = "has no row of cash"
    raise HoldingsError([Problem(holdings.file, wrong, remedy="add a row CASH")])
