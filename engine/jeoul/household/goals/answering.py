"""Every goal of a household answered: gathered, shared, simulated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from jeoul.goals.answer import PATHS, GoalAnswer, GoalQuestion, answer_goal
from jeoul.goals.belief import Belief, ObservedMix, believe, certain, mixed_history
from jeoul.goals.fan import INFLATION
from jeoul.goals.retiring import RetirementAnswer, retire
from jeoul.household.gathering.aims import aims_in
from jeoul.household.gathering.gather import gather
from jeoul.household.gathering.gathered import Gathered
from jeoul.household.gathering.inputs import HouseholdInputs, read_inputs
from jeoul.household.goals.beliefs import ProfilePast, profiles_of
from jeoul.household.goals.cases import GoalCase, cases_of
from jeoul.household.goals.pots import PotFacts
from jeoul.household.goals.retirement import retiring
from jeoul.household.written.file import HouseholdFile
from jeoul.korea.rulebook import Rulebook
from jeoul.market import Market
from jeoul.market.calendars import load_calendar
from jeoul.profile import PROFILES


@dataclass(frozen=True, slots=True, kw_only=True)
class MixMeans:
    """Means of a year of a goal's mix after costs, as simple returns; ``used`` is what counts.

    ``history`` is the past above cash with today's rate, ``expected`` what the strategy expects and
    ``equilibrium`` what its reference portfolio implies, both with that rate.
    """

    history: float
    expected: float
    equilibrium: float
    used: float
    volatility: float
    years: float
    proxies: float
    first: str
    last: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AnsweredGoal:
    """A goal with its answer, the money that it counts on, and what its mix is believed to earn.

    ``means`` is None where the goal's day is so near that no portfolio suits it, ``retirement``
    where the money is needed on that day and not lived on.
    """

    goal: GoalCase
    answer: GoalAnswer
    belief: Belief
    means: MixMeans | None
    retirement: RetirementAnswer | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GoalsAnswered:
    """The goals of a household on a day, in the order in which money serves them."""

    gathered: Gathered
    goals: tuple[AnsweredGoal, ...]
    deposit: float
    inflation: float
    paths: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationRequest:
    """How goals are simulated: how many paths, from which seed."""

    paths: int = PATHS
    seed: int = 1


Facts = Mapping[str, Mapping[str, ProfilePast]]
"""What is known of each profile, by aim."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PreparedGoals:
    """A household on a session with what takes seconds to find: the past of every profile.

    ``deposit`` is the rate of a year that a deposit pays.
    """

    gathering: Callable[[HouseholdFile], Gathered]
    gathered: Gathered
    book: Rulebook
    facts: Facts
    deposit: float

    def answer(self, request: SimulationRequest) -> GoalsAnswered:
        """Return every goal answered, in the order in which money serves them."""
        pots = PotFacts(gathered=self.gathered, book=self.book)
        answers = (_answered(goal, self.facts, self.deposit, request) for goal in cases_of(pots))
        return GoalsAnswered(
            gathered=self.gathered,
            goals=tuple(
                replace(each, retirement=_retirement(pots, each.goal, each.belief, request))
                for each in answers
            ),
            deposit=self.deposit,
            inflation=INFLATION,
            paths=request.paths,
            seed=request.seed,
        )


def prepare_goals(
    file: HouseholdFile,
    *,
    market: Market,
    as_of: date,
    book: Rulebook,
    inputs: HouseholdInputs | None = None,
) -> PreparedGoals:
    """Return a household on a session, ready to have its goals answered.

    Raises what :func:`~jeoul.household.gathering.gather.gather` raises, and
    :class:`~jeoul.errors.ShortHistory` for data with less than two years of the strategy.
    """
    given = read_inputs(file, on=as_of) if inputs is None else inputs
    snapshot = market.as_of(as_of)
    calendars = {name: load_calendar(name) for name in ("XKRX", "XNYS")}
    facts: dict[str, Mapping[str, ProfilePast]] = {}
    for aim, members in aims_in(file).items():
        facts[aim] = profiles_of(file, given, members, snapshot, calendars)
    known = {
        (aim, profile): each.wanted
        for aim, profiles in facts.items()
        for profile, each in profiles.items()
    }
    gathering = partial(
        gather, market=market, as_of=as_of, book=book, inputs=replace(given, wanted=known)
    )
    first = next(iter(facts.values()))
    return PreparedGoals(
        gathering=gathering,
        gathered=gathering(file),
        book=book,
        facts=facts,
        deposit=next(iter(first.values())).riskless,
    )


def belief_of(goal: GoalCase, facts: Facts, deposit: float) -> Belief:
    """Return what is believed of the mix that a goal's money follows."""
    held = _held(goal, facts)
    return believe(_observed(held, deposit)) if held else certain(deposit)


def _answered(
    goal: GoalCase, facts: Facts, deposit: float, request: SimulationRequest
) -> AnsweredGoal:
    held = _held(goal, facts)
    seen = _observed(held, deposit) if held else None
    belief = certain(deposit) if seen is None else believe(seen)
    profiles = facts[goal.parts[0].aim]
    answer = answer_goal(
        goal.case,
        GoalQuestion(
            belief=belief,
            profiles={name: believe(each.observed) for name, each in profiles.items()},
            allowed=frozenset(
                name for name in profiles if PROFILES.index(name) <= PROFILES.index(goal.allowed)
            ),
            deposit=deposit,
            reserve=goal.reserve,
            paths=request.paths,
            seed=request.seed,
        ),
    )
    means = None if seen is None else _means(held, seen, belief, deposit)
    return AnsweredGoal(goal=goal, answer=answer, belief=belief, means=means)


def _retirement(
    pots: PotFacts, goal: GoalCase, belief: Belief, request: SimulationRequest
) -> RetirementAnswer | None:
    asked = retiring(pots, goal, belief)
    return None if asked is None else retire(asked, paths=request.paths, seed=request.seed)


Held = Sequence[tuple[ProfilePast, float]]


def _held(goal: GoalCase, facts: Facts) -> Held:
    parts = ((facts[part.aim].get(part.profile), part.share) for part in goal.parts)
    return [(each, share) for each, share in parts if each is not None]


def _observed(held: Held, deposit: float) -> ObservedMix:
    """Return the past of a mix; what no profile holds lies in a deposit."""
    months = min(len(each.months) for each, _ in held)
    cash = held[0][0].cash[-months:]
    idle = 1.0 - sum(share for _, share in held)
    past = mixed_history([*((each.months[-months:], share) for each, share in held), (cash, idle)])
    return ObservedMix(
        excess=past - cash,
        riskless=held[0][0].riskless,
        anchor=_mean(held, deposit, lambda each: each.anchor),
    )


def _mean(held: Held, idle: float, figure: Callable[[ProfilePast], float]) -> float:
    """Return a figure of a mix; what no profile holds counts as ``idle``."""
    rest = 1.0 - sum(share for _, share in held)
    return sum(share * figure(each) for each, share in held) + rest * idle


def _means(held: Held, seen: ObservedMix, belief: Belief, deposit: float) -> MixMeans:
    return MixMeans(
        history=seen.mean,
        expected=_mean(held, deposit, lambda each: each.wanted.expected),
        equilibrium=_mean(held, deposit, lambda each: each.wanted.equilibrium),
        used=belief.mean,
        volatility=seen.volatility,
        years=seen.years,
        proxies=_mean(held, 0.0, lambda each: each.proxies),
        first=max(each.first for each, _ in held),
        last=held[0][0].last,
    )
