"""The goals of a household as cases: which money counts for which, and under which profile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from jeoul.account.terms import dated
from jeoul.goals.case import SavingCase
from jeoul.goals.changes import a_year_after
from jeoul.goals.saving import PlannedSaving
from jeoul.goals.sharing import Claim, Share, shared
from jeoul.household.gathering.aims import aims_in
from jeoul.household.gathering.gathered import Gathered
from jeoul.household.goals.pots import PotFacts
from jeoul.household.written.file import Flow, HouseholdFile
from jeoul.profile import PROFILES, load_answers
from jeoul.profile.horizon import profile_until


class MixPart(NamedTuple):
    """A part of a goal's mix: an aim, the profile that counts for it, and the share of money."""

    aim: str
    profile: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalCase:
    """A goal ready to simulate.

    ``parts`` are the mix that its accounts follow: the targets of its owners, capped by the goal's
    day. ``allowed`` is the highest profile that all owners may have for it, and ``capped`` the
    profile by person where the day lowered it, as a pair of before and after. ``reserve`` is what
    of its money is for emergencies.
    """

    case: SavingCase
    parts: tuple[MixPart, ...]
    allowed: str
    capped: Mapping[str, tuple[str, str]]
    reserve: float


def cases_of(facts: PotFacts) -> tuple[GoalCase, ...]:
    """Return the goals of a household in the order in which money serves them."""
    gathered = facts.gathered
    file, values = gathered.file, facts.values()
    claims = [_claim(file, gathered, plan.id) for plan in gathered.goals]
    last = max((a_year_after(claim.by) for claim in claims), default=gathered.as_of)
    payments = list(payments_of(file.flows, gathered.as_of, last))
    if file.policy.gifts:
        payments = [payment._replace(person="") for payment in payments]
    shares = shared(claims, values, payments)
    return tuple(_case(facts, claim, shares[claim.id]) for claim in claims)


def payments_of(flows: Sequence[Flow], on: date, until: date) -> Iterator[PlannedSaving]:
    """Yield planned flows after a day and up to another, each by its person."""
    if until <= on:
        return
    days = [date.fromordinal(day) for day in range(on.toordinal() + 1, until.toordinal() + 1)]
    for flow in flows:
        for day, amount in dated([flow], days).items():
            yield PlannedSaving(day, float(amount), flow.person or "")


def _claim(file: HouseholdFile, gathered: Gathered, name: str) -> Claim:
    goal = file.goals[name]
    plan = next(each for each in gathered.goals if each.id == name)
    owners = frozenset(file.accounts[each].owner for each in goal.accounts)
    return Claim(
        id=name,
        amount=goal.amount,
        by=goal.by,
        accounts=goal.accounts,
        people=frozenset({""}) if file.policy.gifts else owners,
        multiple=plan.multiple,
        flow_multiple=plan.flow_multiple,
    )


def _case(facts: PotFacts, claim: Claim, share: Share) -> GoalCase:
    gathered = facts.gathered
    file = gathered.file
    weights = _weights(file, claim, share)
    case = SavingCase(
        id=claim.id,
        amount=claim.amount,
        on=gathered.as_of,
        by=claim.by,
        pots=facts.pots(claim.accounts, share.values, claim.by),
        payments=share.payments,
        later=share.later,
        payers=(("", 1.0),) if file.policy.gifts else tuple(weights.items()),
    )
    horizon = case.steps.years + _spent_over(file, claim)
    until = {
        name: _until(file, name, gathered.inputs.investors[name].profile, horizon)
        for name in file.people
    }
    own = {name: gathered.inputs.investors[name].profile for name in weights}
    return GoalCase(
        case=case,
        parts=tuple(_parts(gathered, weights, until)),
        allowed=min((until[name] for name in weights), key=PROFILES.index),
        capped={
            name: (profile, until[name]) for name, profile in own.items() if profile != until[name]
        },
        reserve=_reserve(facts, share),
    )


def _spent_over(file: HouseholdFile, claim: Claim) -> float:
    """Return for how many years after its day a won of a goal is needed on average."""
    goal = file.goals[claim.id]
    if not goal.lived_on:
        return 0.0
    ages = [file.people[file.accounts[name].owner].age_on(claim.by) for name in claim.accounts]
    return max(0.0, goal.until - min(ages)) / 2.0


def _parts(
    gathered: Gathered, weights: Mapping[str, float], until: Mapping[str, str]
) -> Iterator[MixPart]:
    """Yield the mix of a goal: every owner's aim, with the profiles of its people by money."""
    for aim, members in aims_in(gathered.file).items():
        whole = sum(weights.get(name, 0.0) for name in members.people)
        if not whole:
            continue
        facts = gathered.aims[aim]
        alike = Counter(facts.profiles.values())
        for name in members.people:
            profile = facts.profiles[name]
            share = whole * facts.shares[profile] / alike[profile]
            if share > 0.0:
                yield MixPart(aim, until[name], share)


def _weights(file: HouseholdFile, claim: Claim, share: Share) -> Mapping[str, float]:
    """Return the part of a goal's money by owner: saved and planned, equal parts of nothing."""
    owners = list(dict.fromkeys(file.accounts[each].owner for each in claim.accounts))
    money = dict.fromkeys(owners, 0.0)
    for account, value in share.values.items():
        money[file.accounts[account].owner] += value
    for payment in share.payments:
        if payment.person in money:
            money[payment.person] += max(0.0, payment.amount)
    whole = sum(money.values())
    return {
        name: each / whole if whole > 0.0 else 1.0 / len(owners) for name, each in money.items()
    }


def _until(file: HouseholdFile, name: str, profile: str, years: float) -> str:
    person = file.people[name]
    answers = None if person.answers is None else load_answers(person.answers)
    return profile_until(profile, years, answers)


def _reserve(facts: PotFacts, share: Share) -> float:
    """Return what of a goal's money is for emergencies: what no other open account has."""
    policy = facts.gathered.file.policy
    wanted = (policy.within_reach or 0) + policy.keep_liquid
    accounts = facts.gathered.household.accounts
    is_open = {each.id for each in accounts if not each.lock_years}
    whole = sum(value for name, value in facts.values().items() if name in is_open)
    own = sum(value for name, value in share.values.items() if name in is_open)
    return min(own, max(0.0, wanted - (whole - own)))
