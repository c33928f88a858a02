"""A goal of a household tried with another amount, another day, or another monthly saving."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from jeoul.goals.answer import Attempt, GoalQuestion, attempt_goal
from jeoul.goals.case import SavingCase
from jeoul.household.goals.answering import PreparedGoals, SimulationRequest, belief_of
from jeoul.household.goals.cases import GoalCase, cases_of
from jeoul.household.goals.pots import PotFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherGoal:
    """A goal as it is tried; ``monthly`` takes the place of its planned payments.

    None leaves the payments as the file plans them.
    """

    id: str
    amount: int
    by: date
    monthly: int | None = None


def try_goal(prepared: PreparedGoals, other: OtherGoal, request: SimulationRequest) -> Attempt:
    """Return what becomes of one goal of a household if it is changed; nothing is written.

    Its share of the money, the profiles that its day allows and the taxes of that day are found
    again, like those of a file with this goal. Raises what
    :func:`~jeoul.household.gathering.gather.gather` raises.
    """
    file = prepared.gathered.file
    changed = file.goals[other.id].model_copy(update={"amount": other.amount, "by": other.by})
    gathered = prepared.gathering(replace(file, goals={**file.goals, other.id: changed}))
    cases = cases_of(PotFacts(gathered=gathered, book=prepared.book))
    goal = next(each for each in cases if each.case.id == other.id)
    return attempt_goal(
        goal.case if other.monthly is None else _saving(goal.case, other.monthly),
        _asked(goal, prepared, request),
    )


def monthly_saved(case: SavingCase) -> int:
    """Return what a goal's planned payments come to a month, in won; 0 after its day."""
    return round(case.planned / case.steps.count) if case.steps.count else 0


def _saving(case: SavingCase, monthly: int) -> SavingCase:
    return replace(case, payments=case.monthly(float(monthly)))


def _asked(goal: GoalCase, prepared: PreparedGoals, request: SimulationRequest) -> GoalQuestion:
    return GoalQuestion(
        belief=belief_of(goal, prepared.facts, prepared.deposit),
        profiles={},
        allowed=frozenset(),
        deposit=prepared.deposit,
        reserve=goal.reserve,
        paths=request.paths,
        seed=request.seed,
    )
