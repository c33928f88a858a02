"""The goals of a household as data: the contract of ``jeoul.goals/1``."""

from __future__ import annotations

from typing import Any

from jeoul.goals.fan import SHARES
from jeoul.household.goals.answering import AnsweredGoal, GoalsAnswered
from jeoul.reporting.goals.retirement import retirement_document
from jeoul.reporting.goals.words import GoalWords, beyond_room, is_empty, shown_changes

DIGITS = 4


def goals_document(facts: GoalsAnswered, language: str) -> dict[str, Any]:
    """Return the goals as JSON values; amounts are whole won."""
    words, gathered = GoalWords(facts, language), facts.gathered
    return {
        "as_of": gathered.as_of.isoformat(),
        "simulated": gathered.simulated,
        "name": gathered.file.name,
        "title": gathered.file.title,
        "deposit_rate": facts.deposit,
        "inflation": facts.inflation,
        "goals": [_goal(words, goal) for goal in facts.goals],
        "sentences": [words.head, *([] if facts.goals else [words.say("none")])],
        "assumptions": list(words.assumptions) if facts.goals else [],
    }


def _goal(words: GoalWords, goal: AnsweredGoal) -> dict[str, Any]:
    case, answer, facts = goal.goal.case, goal.answer, words.facts
    chance, needed = answer.chance, answer.needed
    return {
        "id": case.id,
        "purpose": words.purpose(goal),
        "amount": case.amount,
        "by": case.by.isoformat(),
        "status": "past" if answer.past else "empty" if is_empty(case) else "open",
        "accounts": list(facts.gathered.file.goals[case.id].accounts),
        "saved": round(case.saved),
        "planned": round(case.planned),
        "beyond_room": beyond_room(case),
        "reserve": round(goal.goal.reserve),
        "probability": chance.probability,
        "interval": [round(chance.low, DIGITS), round(chance.high, DIGITS)],
        "lognormal": answer.lognormal,
        "outcomes": dict(zip(("cautious", "middle", "good"), answer.planned, strict=True)),
        "needed_monthly": {
            "cautious": needed.cautious,
            "middle": needed.middle,
            "good": needed.good,
        },
        "needed_return": answer.needed_return,
        "least_risk": answer.least,
        "rungs": [
            {
                "id": each.name,
                "cautious": each.cautious,
                "enough": each.enough,
                "allowed": each.allowed,
            }
            for each in answer.rungs
        ],
        "changes": [
            {"id": each.name, "won": each.won, "probability": each.probability}
            for each in shown_changes(goal)
        ],
        "profiles": [
            {"profile": part.profile, "share": round(part.share, DIGITS)}
            for part in goal.goal.parts
        ],
        "capped": [
            {"person": person, "from": before, "to": after}
            for person, (before, after) in goal.goal.capped.items()
        ],
        "means": _means(goal),
        "retirement": None if goal.retirement is None else retirement_document(goal.retirement),
        "fan": _fan(goal),
        "sentences": [words.title(goal), *words.lines(goal)],
        "paths": facts.paths,
        "seed": facts.seed,
    }


def _means(goal: AnsweredGoal) -> dict[str, Any] | None:
    """Return the means of the goal's mix, None where no portfolio counts for it."""
    means = goal.means
    if means is None:
        return None
    return {
        "used": means.used,
        "history": means.history,
        "expected": means.expected,
        "equilibrium": means.equilibrium,
        "volatility": means.volatility,
        "years": means.years,
        "proxies": means.proxies,
        "from": means.first,
        "to": means.last,
    }


def _fan(goal: AnsweredGoal) -> dict[str, Any]:
    """Return the bands in won of today, one list for each share of paths."""
    fan = goal.answer.fan
    return {
        "days": [day.isoformat() for day in fan.days],
        "paid": list(fan.paid),
        "amount": fan.amount,
        **{
            f"p{round(100 * share)}": [row[place] for row in fan.bands]
            for place, share in enumerate(SHARES)
        },
    }
