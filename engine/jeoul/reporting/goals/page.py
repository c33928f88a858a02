"""One self-contained HTML page for the goals of a household."""

from __future__ import annotations

import numpy as np

from jeoul.goals.case import SavingCase
from jeoul.goals.chance import Chance
from jeoul.goals.fan import Fan
from jeoul.household.goals.answering import AnsweredGoal, GoalsAnswered
from jeoul.reporting.charts.axes import day_axis, money_axis
from jeoul.reporting.charts.figure import Figure, FigureTable
from jeoul.reporting.charts.lines import Band, Line, line_chart
from jeoul.reporting.goals.words import GoalWords, shown_changes
from jeoul.reporting.pages import PageHead, page_view, render_page
from jeoul.reporting.templating import checked_language


def render_goals(facts: GoalsAnswered, language: str) -> str:
    """Return the goals of a household as one HTML page in ``ko`` or ``en``: same facts, same bytes.

    Raises :class:`~jeoul.errors.UsageError` for another language.
    """
    words = GoalWords(facts, checked_language(language))
    return render_page("goals/page.html.j2", _head(words), "goals", w=words, goals=_goals(words))


def goals_view(facts: GoalsAnswered, language: str) -> dict[str, object]:
    """Return what the templates of the goals' page read."""
    words = GoalWords(facts, checked_language(language))
    return page_view(_head(words), "goals", w=words, goals=_goals(words))


def _head(words: GoalWords) -> PageHead:
    gathered = words.facts.gathered
    return PageHead(
        language=words.language,
        kind=words.say("kind"),
        title=gathered.file.title,
        simulated=gathered.simulated,
        day=gathered.as_of,
        meta=((words.won.say("report.as_of"), gathered.as_of.isoformat()),),
    )


def _goals(words: GoalWords) -> list[dict[str, object]]:
    return [
        {
            "id": f"goal-{place}",
            "facts": goal,
            "title": words.title(goal),
            "figures": _figures(words, goal),
            "fan": None if goal.answer.past else fan_chart(words, goal.goal.case, goal.answer.fan),
            "rungs": _rungs(words, goal),
            "changes": _changes(words, goal),
        }
        for place, goal in enumerate(words.facts.goals, start=1)
    ]


def chance_figure(words: GoalWords, chance: Chance) -> tuple[str, str, str]:
    """Return a probability as a key figure: its name, its value, its interval."""
    low, high = words.percent(chance.low), words.percent(chance.high)
    sub = words.say("figure_chance_sub", low=low, high=high)
    return words.say("figure_chance"), words.percent(chance.probability), sub


def _figures(words: GoalWords, goal: AnsweredGoal) -> list[tuple[str, str, str]]:
    case, answer = goal.goal.case, goal.answer
    needed = answer.needed
    return [
        chance_figure(words, answer.chance),
        (words.say("figure_least"), words.least_short(goal), ""),
        (
            words.say("figure_needed"),
            words.money(needed.cautious),
            words.say("figure_needed_sub", middle=words.money(needed.middle)),
        ),
        (words.say("figure_saved"), words.money(case.saved), ""),
        (words.say("figure_planned"), words.money(case.planned), ""),
    ]


def fan_chart(words: GoalWords, case: SavingCase, fan: Fan) -> Figure | None:
    """Return the bands of a goal's paths in won of today, with the goal itself as a line."""
    days = np.array(fan.days, dtype="datetime64[D]")
    bands = np.array(fan.bands, dtype=np.float64)
    amount = words.say("fan_amount", amount=words.money(case.amount))
    return line_chart(
        words.say("fan"),
        day_axis(),
        money_axis(words.won, words.say("fan_axis")),
        [
            Line(words.say("fan_middle"), days, bands[:, 2]),
            Line(amount, days, np.full(len(days), float(fan.amount))),
            Line(words.say("fan_paid"), days, np.array(fan.paid, dtype=np.float64)),
        ],
        bands=[
            Band(words.say("fan_wide"), days, bands[:, 0], bands[:, 4]),
            Band(words.say("fan_narrow"), days, bands[:, 1], bands[:, 3]),
        ],
    )


def _rungs(words: GoalWords, goal: AnsweredGoal) -> FigureTable:
    heads = tuple(words.say(name) for name in ("rung", "rung_cautious", "rung_enough"))
    rows = tuple(
        (words.rung(each.name), words.money(each.cautious), words.is_enough(each))
        for each in goal.answer.rungs
    )
    return FigureTable(heads, rows)


def _changes(words: GoalWords, goal: AnsweredGoal) -> FigureTable:
    now = (words.say("change_now"), words.percent(goal.answer.chance.probability))
    rows = tuple(
        (words.change(each), words.percent(each.probability)) for each in shown_changes(goal)
    )
    return FigureTable((words.say("change"), words.say("change_to")), (now, *rows))
