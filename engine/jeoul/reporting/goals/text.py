"""The goals of a household for a terminal: lines of at most 80 columns."""

from __future__ import annotations

from collections.abc import Iterator

from jeoul.household.goals.answering import AnsweredGoal, GoalsAnswered
from jeoul.reporting.columns import table, wrapped
from jeoul.reporting.goals.words import GoalWords, shown_changes


def goal_lines(facts: GoalsAnswered, language: str) -> list[str]:
    """Return what a person reads in a terminal: each goal, then what all of them rest on."""
    words = GoalWords(facts, language)
    lines = list(_head(words))
    for goal in facts.goals:
        lines += ["", *_goal(words, goal)]
    if facts.goals:
        lines.append("")
        for text in words.assumptions:
            lines += wrapped(text)
    return lines


def _head(words: GoalWords) -> Iterator[str]:
    if words.facts.gathered.simulated:
        yield from wrapped(words.say("simulated"))
    yield from wrapped(words.head)
    if not words.facts.goals:
        yield from wrapped(words.say("none"))


def _goal(words: GoalWords, goal: AnsweredGoal) -> Iterator[str]:
    yield from wrapped(words.title(goal))
    for text in words.lines(goal):
        yield from wrapped(text, "  ")
    if goal.answer.past:
        return
    yield ""
    yield f"  {words.say('least_title')}"
    rows = [tuple(words.say(name) for name in ("rung", "rung_cautious", "rung_enough"))]
    rows += [
        (words.rung(each.name), words.money(each.cautious), words.is_enough(each))
        for each in goal.answer.rungs
    ]
    yield from _indented(table(rows, (32, 20, 16)))
    yield ""
    yield f"  {words.say('changes_title')}"
    now = words.percent(goal.answer.chance.probability)
    changes = [(words.say("change"), words.say("change_to")), (words.say("change_now"), now)]
    changes += [
        (words.change(each), words.percent(each.probability)) for each in shown_changes(goal)
    ]
    yield from _indented(table(changes, (62, 12)))


def _indented(lines: Iterator[str] | list[str]) -> Iterator[str]:
    for line in lines:
        yield f"  {line}"
