"""The aims of a household: what each target wants, for which accounts and which money."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from jeoul.household.gathering.gathered import AimFacts
from jeoul.household.gathering.inputs import HouseholdInputs
from jeoul.household.gathering.targets import factors_of, held_by, mixed, wanted_by
from jeoul.household.problem.records import Aim
from jeoul.household.written.file import HouseholdFile
from jeoul.model.calendar import Calendar
from jeoul.model.decision import Memory
from jeoul.model.grade_limit import GradeLimit
from jeoul.model.instrument import AccountKind, Universe
from jeoul.model.portfolio import CASH
from jeoul.model.snapshot import Snapshot
from jeoul.strategy.universe import load_universe

HOUSEHOLD = "household"
"""The name of the one aim of a household that shares its target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What the last plan knew: memories by aim and profile, and the overlay's scale by aim.

    ``risk_least`` is, by aim, the lowest share of risk assets that law and settlement let a plan
    reach today, where somebody has found that out.
    """

    memories: Mapping[tuple[str, str], Memory] = field(default_factory=dict)
    scales: Mapping[str, float] = field(default_factory=dict)
    risk_least: Mapping[str, float] = field(default_factory=dict)


class Members(NamedTuple):
    """The people of an aim and their accounts."""

    people: tuple[str, ...]
    accounts: tuple[str, ...]


def aims_in(file: HouseholdFile) -> Mapping[str, Members]:
    """Return who belongs to which aim: all to one, or each person to an own one."""
    if file.policy.target == HOUSEHOLD:
        return {HOUSEHOLD: Members(tuple(file.people), tuple(file.accounts))}
    return {
        name: Members((name,), tuple(each.id for each in file.accounts_of(name)))
        for name in file.people
    }


def facts_of_aims(
    file: HouseholdFile,
    inputs: HouseholdInputs,
    snapshot: Snapshot,
    calendars: Mapping[str, Calendar],
    *,
    money: Mapping[str, float],
    before: Before,
) -> Mapping[str, AimFacts]:
    """Return what each aim rests on; ``money`` is what each person has, new money in it.

    Profiles of people who share a target are mixed by it.
    """
    found = {}
    for aim, members in aims_in(file).items():
        profiles = {name: inputs.investors[name].profile for name in members.people}
        wanted = {}
        for name in members.people:
            profile = profiles[name]
            if profile in wanted:
                continue
            known = inputs.wanted.get((aim, profile))
            wanted[profile] = known or wanted_by(
                inputs.strategies[name],
                profile,
                masked(file, inputs, members),
                snapshot,
                calendars,
                memory=before.memories.get((aim, profile)),
                limit=strictest(
                    inputs.investors[each].limit
                    for each in members.people
                    if profiles[each] == profile
                ),
            )
        shares: dict[str, float] = dict.fromkeys(wanted, 0.0)
        whole = sum(money[name] for name in members.people)
        for name, profile in profiles.items():
            share = money[name] / whole if whole > 0.0 else 1.0 / len(profiles)
            shares[profile] += share
        scale = min(each.proposal.scale for each in wanted.values())
        found[aim] = AimFacts(
            profiles=profiles,
            wanted=wanted,
            shares=shares,
            scale=scale,
            cut=scale < before.scales.get(aim, scale),
            band=max(each.proposal.band for each in wanted.values()),
        )
    return found


def strictest(limits: Iterable[GradeLimit | None]) -> GradeLimit | None:
    """Return the limit that binds most among those of people with one profile."""
    known = [each for each in limits if each is not None]
    return max(
        known, key=lambda one: (one.binds, one.mode == "product", one.riskiest), default=None
    )


def masked(file: HouseholdFile, inputs: HouseholdInputs, members: Members) -> Universe:
    """Return the universe of an aim: the funds that some of its accounts in won may hold."""
    own = [file.accounts[name] for name in members.accounts]
    kinds = [AccountKind(each.kind) for each in own if each.kind not in (None, "overseas")]
    universe = load_universe(inputs.strategies[members.people[0]].universe)
    if not kinds:  # dollars alone: the strategy's own funds give the classes all the same
        return universe
    return held_by(universe, kinds)


def aims_of(
    file: HouseholdFile,
    facts: Mapping[str, AimFacts],
    classes: Sequence[str],
    *,
    pools: Mapping[str, str],
    withdrawals: Mapping[str, int],
    before: Before,
) -> tuple[Aim, ...]:
    """Return the aims as the program takes them; ``pools`` are by name with their person."""
    return tuple(
        Aim(
            id=aim,
            accounts=members.accounts,
            pools=tuple(pool for pool, person in pools.items() if person in members.people),
            weights=weights_of(facts[aim]),
            factors=_factors(facts[aim], classes),
            risk_most=_risk_most(facts[aim], before.risk_least.get(aim, 0.0)),
            withdrawal=float(sum(withdrawals.get(name, 0) for name in members.people)),
        )
        for aim, members in aims_in(file).items()
    )


def weights_of(facts: AimFacts) -> dict[str, float]:
    """Return the target of an aim by class: that of its profiles, mixed by money."""
    found = mixed([(each.weights, facts.shares[name]) for name, each in facts.wanted.items()])
    found[CASH] = 1.0 - sum(weight for name, weight in found.items() if name != CASH)
    return found


def risk_target(facts: AimFacts) -> float:
    """Return the share of an aim's target in the classes that the overlay scales."""
    risky = frozenset[str]().union(*(each.risk_classes for each in facts.wanted.values()))
    return sum(weight for name, weight in weights_of(facts).items() if name in risky)


def _risk_most(facts: AimFacts, least: float) -> float | None:
    """Return the most that risk assets may be, where the overlay has cut since the last plan."""
    return max(risk_target(facts) + facts.band, least) if facts.cut else None


def _factors(facts: AimFacts, classes: Sequence[str]) -> tuple[tuple[float, ...], ...]:
    """Return the factors of the profile with most money: profiles share the market's covariance."""
    largest = max(facts.wanted, key=lambda name: facts.shares[name])
    wanted = facts.wanted[largest]
    return factors_of(classes, wanted.classes, np.asarray(wanted.covariance))


def members_held(facts: Mapping[str, AimFacts]) -> Iterator[str]:
    """Yield the members of the universe that some target holds."""
    for each in facts.values():
        for wanted in each.wanted.values():
            yield from wanted.members
