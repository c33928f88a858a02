"""A household's goals as sentences: terminal, page and JSON say the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from jeoul.goals.case import SavingCase
from jeoul.goals.changes import PlanChange
from jeoul.goals.least_risk import CASH, DEPOSIT, Reached
from jeoul.goals.saving import BESIDE
from jeoul.household.goals.answering import AnsweredGoal, GoalsAnswered
from jeoul.reporting.formats import Formats
from jeoul.reporting.goals.retirement import retirement_lines

RARE = 0.01
"""The probability below which a goal is called out of reach."""

_KINDS = ("general", "isa", "overseas", "pension")


@dataclass(frozen=True)
class GoalWords:
    """What is said of the goals of a household, in one language."""

    facts: GoalsAnswered
    language: str

    @cached_property
    def won(self) -> Formats:
        """Return the formats of won amounts."""
        return Formats(self.language, "Asia/Seoul")

    def say(self, name: str, /, **detail: object) -> str:
        """Return a message of the goals' own table."""
        return self.won.say(f"goals.{name}", detail)

    def money(self, won: float) -> str:
        """Return whole won with their currency."""
        return self.won.money(round(won))

    @cached_property
    def head(self) -> str:
        """Return whose goals these are, and of which day."""
        gathered = self.facts.gathered
        return self.say("head", title=gathered.file.title, as_of=gathered.as_of)

    def title(self, goal: AnsweredGoal) -> str:
        """Return a goal's name, purpose, amount and day."""
        case, purpose = goal.goal.case, self.purpose(goal)
        name = "goal" if purpose is None else "goal_purpose"
        detail = {"id": case.id, "amount": self.money(case.amount), "by": case.by}
        return self.say(name, purpose=purpose, **detail)

    def purpose(self, goal: AnsweredGoal) -> str | None:
        """Return what a goal is for, as the file says it."""
        return self.facts.gathered.file.goals[goal.goal.case.id].purpose

    def chance(self, goal: AnsweredGoal) -> str:
        """Return the probability with its interval."""
        chance = goal.answer.chance
        return self.say(
            "probability",
            probability=self.percent(chance.probability),
            low=self.percent(chance.low),
            high=self.percent(chance.high),
        )

    def percent(self, share: float) -> str:
        """Return a share in whole percent, with its limits where it is almost none or all.

        >>> from types import SimpleNamespace
        >>> words = GoalWords(SimpleNamespace(), "en")
        >>> [words.percent(share) for share in (0.0, 0.002, 0.55, 0.9996, 1.0)]
        ['0%', '<1%', '55%', '>99%', '100%']
        """
        if 0.0 < share < 0.01:
            return self.say("almost_none")
        if 0.99 < share < 1.0:
            return self.say("almost_all")
        return self.won.percent(share, 0)

    def lines(self, goal: AnsweredGoal) -> Iterator[str]:
        """Yield every sentence about a goal, what matters first."""
        if goal.answer.past:
            yield from self._past(goal)
            yield from self.retirement(goal)
            return
        yield from self.retirement(goal)
        yield self.least(goal)
        yield self.chance(goal)
        yield from self.warnings(goal)
        yield self.money_line(goal)
        yield self.outcomes(goal)
        yield self.needed(goal)
        yield self.needed_return(goal)
        yield from self.beneath(goal)

    def retirement(self, goal: AnsweredGoal) -> Iterator[str]:
        """Yield how long the money lasts, nothing for a goal that is not lived on."""
        if goal.retirement is not None:
            yield from retirement_lines(goal.retirement, self.won, self.percent)

    def _past(self, goal: AnsweredGoal) -> Iterator[str]:
        case = goal.goal.case
        yield self.say("past", saved=self.money(case.saved), amount=self.money(case.amount))
        missing = case.amount - round(case.saved)
        if missing > 0:
            yield self.say("past_missing", missing=self.money(missing))

    def warnings(self, goal: AnsweredGoal) -> Iterator[str]:
        """Yield that a goal has no money, loses it, or cannot be reached as it is planned."""
        case = goal.goal.case
        if is_empty(case):
            yield self.say("empty")
        elif case.saved + case.planned <= 0.0:
            yield self.say("overdrawn", taken=self.money(-case.planned))
        elif goal.answer.chance.probability < RARE:
            yield self.say("unreachable")

    def beneath(self, goal: AnsweredGoal) -> Iterator[str]:
        """Yield what a goal's figures rest on: profile, means, room, reserve, simulation."""
        case, answer = goal.goal.case, goal.answer
        for person, (before, after) in goal.goal.capped.items():
            name = "capped_none" if after == "none" else "capped"
            yield self.say(
                name,
                person=person,
                before=self.profile(before),
                after=self.profile(after),
                by=case.by,
            )
        if beyond := beyond_room(case):
            yield self.say("beside", amount=self.money(beyond))
        for change in answer.changes:
            if change.name == "reserve":
                yield self.say(
                    "reserve",
                    won=self.money(change.won),
                    probability=self.percent(change.probability),
                )
        yield from self._means(goal)

    def _means(self, goal: AnsweredGoal) -> Iterator[str]:
        means, facts = goal.means, self.facts
        if means is None:
            yield self.say("certain", rate=self.won.percent(facts.deposit, 2))
            return
        rate = self.won.percent
        yield self.say(
            "means",
            used=rate(means.used),
            volatility=rate(means.volatility),
            history=rate(means.history),
            expected=rate(means.expected),
            equilibrium=rate(means.equilibrium),
            first=means.first,
            last=means.last,
        )
        if means.proxies > 0.005:
            yield self.say("proxies", proxies=self.percent(means.proxies))
        yield self.say(
            "simulation",
            paths=self.won.count(facts.paths),
            years=f"{means.years:.0f}",
            seed=facts.seed,
            lognormal=self.percent(goal.answer.lognormal),
        )

    def money_line(self, goal: AnsweredGoal) -> str:
        """Return what is saved and planned."""
        case = goal.goal.case
        return self.say("money", saved=self.money(case.saved), planned=self.money(case.planned))

    def outcomes(self, goal: AnsweredGoal) -> str:
        """Return what the plan comes to."""
        cautious, middle, good = map(self.money, goal.answer.planned)
        return self.say("outcomes", cautious=cautious, middle=middle, good=good)

    def needed(self, goal: AnsweredGoal) -> str:
        """Return what is needed each month."""
        needed = goal.answer.needed
        return self.say(
            "needed",
            cautious=self.money(needed.cautious),
            middle=self.money(needed.middle),
            good=self.money(needed.good),
        )

    def needed_return(self, goal: AnsweredGoal) -> str:
        """Return the return that would be needed."""
        rate = goal.answer.needed_return
        if rate is None:
            return self.say("return_too_much")
        if rate <= 0.0:
            return self.say("return_nothing")
        return self.say("return", rate=self.won.percent(rate))

    def least(self, goal: AnsweredGoal) -> str:
        """Return the least risk that is enough, or that none is."""
        answer = goal.answer
        if answer.least is None:
            allowed = [each for each in answer.rungs if each.allowed]
            best = max(allowed, key=lambda each: each.cautious)
            return self.say(
                "least_none", cautious=self.money(best.cautious), name=self.rung(best.name)
            )
        found = next(each for each in answer.rungs if each.name == answer.least)
        name = f"least_{found.name}" if found.name in (CASH, DEPOSIT) else "least_profile"
        return self.say(
            name,
            cautious=self.money(found.cautious),
            name=self.rung(found.name),
            rate=self.won.percent(self.facts.deposit, 2),
        )

    def least_short(self, goal: AnsweredGoal) -> str:
        """Return the least risk that is enough in a few words."""
        if goal.answer.least is None:
            return self.say("least_short_none")
        if goal.answer.least == CASH:
            return self.say("least_short_cash")
        return self.rung(goal.answer.least)

    def rung(self, name: str) -> str:
        """Return the name of a way to hold the money."""
        if name in (CASH, DEPOSIT):
            return self.say(f"rung_{name}", rate=self.won.percent(self.facts.deposit, 2))
        return self.profile(name)

    def is_enough(self, rung: Reached) -> str:
        """Return whether a rung is enough, or does not suit the goal."""
        if not rung.allowed:
            return self.say("rung_barred")
        return self.say("yes" if rung.enough else "no")

    def profile(self, name: str) -> str:
        """Return the name of a profile."""
        return self.won.say(f"profile.{name}", {})

    def change(self, change: PlanChange) -> str:
        """Return what a change of the plan is."""
        name = f"change_{change.name}"
        if change.name == "year" and change.won:
            name = "change_year_paid"
        return self.say(name, won=self.money(change.won))

    @cached_property
    def assumptions(self) -> tuple[str, ...]:
        """Return what all goals rest on, of the kinds of account that serve them."""
        facts, rate = self.facts, self.won.percent
        kinds = {pot.kind for goal in facts.goals for pot in goal.goal.case.pots}
        names = (
            "share",
            "room",
            *(kind for kind in _KINDS if kind in kinds),
            "costs",
            "unknown",
            "law",
            "paths",
            "interval",
        )
        said = [
            self.say(
                f"assume_{name}",
                year=facts.gathered.law_of.year,
                rate=rate(facts.deposit, 2),
            )
            for name in names
        ]
        return (
            *said,
            self.say("assume_inflation", rate=rate(facts.inflation)),
            self.say("not_promised"),
        )


def is_empty(case: SavingCase) -> bool:
    """Return whether nothing is saved for a goal and nothing planned."""
    return case.saved < 1.0 and not case.payments


def beyond_room(case: SavingCase) -> int:
    """Return what of the planned payments no account of a goal takes."""
    saving = case.saving()
    place = next(place for place, pot in enumerate(saving.pots) if pot.id == BESIDE)
    return round(float(saving.untaxed[-1, place]))


def shown_changes(goal: AnsweredGoal) -> tuple[PlanChange, ...]:
    """Return the changes that a person can choose, the most effective first."""
    return tuple(change for change in goal.answer.changes if change.name != "reserve")
