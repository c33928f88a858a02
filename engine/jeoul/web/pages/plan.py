"""Plan: what is left to do before the year ends, the years ahead, and the goals, to be tried.

A goal is tried with another amount, day or monthly saving; nothing of that is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from jeoul.errors import JeoulError, UsageError
from jeoul.goals.answer import Attempt
from jeoul.household.explaining.answer import Questions
from jeoul.household.goals.answering import AnsweredGoal, GoalsAnswered, PreparedGoals
from jeoul.household.goals.answering import SimulationRequest as Simulated
from jeoul.household.goals.trying import OtherGoal, monthly_saved, try_goal
from jeoul.messages import say
from jeoul.model.amount import MOST, refuse_foreign, whole_amount
from jeoul.reporting.formats import Formats
from jeoul.reporting.goals.page import chance_figure, fan_chart, goals_view
from jeoul.reporting.goals.words import GoalWords
from jeoul.reporting.household.facts import HouseholdFacts
from jeoul.reporting.household.words import HouseholdWords
from jeoul.reporting.templating import speaker
from jeoul.translation import in_language
from jeoul.web.shared import Page, Serving, changes, language_of, page, part, serving_of
from jeoul.workspace.goals import goals_at
from jeoul.workspace.household import household_answer

router = APIRouter(prefix="/plan")
PAGE = Page("plan", "/plan", router)

WAIT = 0.1
YEARS = 3
LATEST = 60  # years from today: the longest goal that can be tried
ZONE = "Asia/Seoul"


@dataclass(frozen=True, slots=True)
class _Goals:
    """The goals of a household as they are planned, and what trying them needs."""

    prepared: PreparedGoals
    answered: GoalsAnswered


@router.get("")
def plan(request: Request) -> Response:
    """Show the year, the years ahead, and every goal."""
    serving = serving_of(request)
    if not serving.place.begun:
        return RedirectResponse("/begin", status_code=303)
    household = serving.place.household is not None
    state = serving.place.state()
    parts = {**_year(request, state), **_goals(request, state)} if household else {}
    return page(request, "plan.html.j2", {**_words(request), "household": household, **parts})


@router.get("/year")
def year(request: Request) -> Response:
    """Return the part of the page that waits for the year."""
    return page(
        request, "plan_year.html.j2", {**_words(request), **_year(request, _state(request))}
    )


@router.get("/goals")
def goals(request: Request) -> Response:
    """Return the part of the page that waits for the goals."""
    return page(
        request, "plan_goals.html.j2", {**_words(request), **_goals(request, _state(request))}
    )


@router.post("/try", dependencies=[Depends(changes)])
def try_it(
    request: Request,
    goal: Annotated[str, Form()],
    amount: Annotated[str, Form()] = "",
    by: Annotated[str, Form()] = "",
    monthly: Annotated[str, Form()] = "",
) -> Response:
    """Return what becomes of a goal with the values of the form; nothing is kept of it."""
    language = language_of(request)
    found = _asked(serving_of(request), _state(request)).result()
    words = GoalWords(found.answered, language)
    answered = next((each for each in found.answered.goals if each.goal.case.id == goal), None)
    if answered is None:
        raise UsageError(say(language, "web_plan.no_goal", {"goal": goal}))
    shown: dict[str, Any] = {**_words(request), "id": goal, "fault": None}
    try:
        other = _other(found, answered, {"amount": amount, "by": by, "monthly": monthly}, language)
        attempt = try_goal(found.prepared, other, Simulated())
    except JeoulError as error:
        fault = {"fault": in_language(str(error), language), "result": None}
        return page(request, "plan_try.html.j2", {**shown, **fault})
    result = _result(words, answered, attempt)
    return page(request, "plan_try.html.j2", {**shown, "result": result})


def _words(request: Request) -> dict[str, Any]:
    language = language_of(request)
    return {"w": speaker(language, "web_plan"), "page": speaker(language, "page")}


def _year(request: Request, state: str) -> dict[str, Any]:
    """Return what the part with the year shows, or that it is still being made."""
    serving, language = serving_of(request), language_of(request)
    home = _home(serving)
    asked = serving.kept.ask(
        "plan",
        state,
        lambda: household_answer(
            home, Questions(year_end=True, years=YEARS), serving.place.data, None, ({}, {})
        ),
        wait=WAIT,
    )
    if not asked.done():
        return {"year": None}
    try:
        facts: HouseholdFacts = asked.result()
    except JeoulError as error:
        return {"year": {"fault": in_language(str(error), language)}}
    words, won = HouseholdWords(facts, language), Formats(language, ZONE)
    return {
        "year": {
            "fault": None,
            "simulated": facts.simulated,
            "planned": facts.is_planned,
            "day": facts.as_of,
            "year_end": [text.into(language) for text in facts.answers.year_end or ()],
            "taxes": [
                words.say(
                    words.year_tax_message(tax),
                    person=tax.person,
                    amount=won.money(abs(tax.amount)),
                    due=tax.due,
                )
                for tax in facts.taxes
            ],
            "years": [text.into(language) for text in facts.answers.years or ()],
        }
    }


def _goals(request: Request, state: str) -> dict[str, Any]:
    """Return what the part with the goals shows, or that it is still being made."""
    asked = _asked(serving_of(request), state)
    if not asked.done():
        return {"goals": None}
    language = language_of(request)
    try:
        found = asked.result()
    except JeoulError as error:
        return {"goals": [], "goals_fault": in_language(str(error), language)}
    view: dict[str, Any] = goals_view(found.answered, language)
    words = GoalWords(found.answered, language)
    return {
        "goals_fault": None,
        "goals": [_goal(view, words, place, each) for place, each in enumerate(view["goals"])],
        "basis": words.assumptions if found.answered.goals else (),
    }


def _goal(
    view: Mapping[str, Any], words: GoalWords, place: int, shown: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what the page shows of a goal as it is planned."""
    answered: AnsweredGoal = shown["facts"]
    case, own = answered.goal.case, {**view, "goal": shown}
    if answered.answer.past:
        return {"title": shown["title"], "past": list(words.lines(answered)), "place": place}
    return {
        "title": shown["title"],
        "past": None,
        "place": place,
        "id": case.id,
        "lead": part("goals/lead.html.j2", own),
        "about": part("goals/about.html.j2", own),
        "amount": f"{case.amount:,}",
        "by": case.by.isoformat(),
        "monthly": f"{monthly_saved(case):,}",
        "figures": [*shown["figures"][2:]],
        "result": _result(words, answered, None),
    }


def _result(words: GoalWords, answered: AnsweredGoal, attempt: Attempt | None) -> dict[str, Any]:
    """Return the probability with its interval and the fan, as planned or as tried."""
    planned = chance_figure(words, answered.answer.chance)
    before = (words.say("change_now"), *planned[1:])
    if attempt is None:
        case, fan = answered.goal.case, answered.answer.fan
        return {"figures": [planned], "fan": fan_chart(words, case, fan), "changed": False}
    return {
        "figures": [chance_figure(words, attempt.chance), before],
        "fan": fan_chart(words, attempt.case, attempt.fan),
        "changed": True,
    }


def _other(
    found: _Goals, answered: AnsweredGoal, given: Mapping[str, str], language: str
) -> OtherGoal:
    """Return the goal that a form describes; raise :class:`UsageError` with all that is wrong."""
    case, faults = answered.goal.case, list[str]()
    amount = _won(given["amount"], "amount", 1, language, faults)
    monthly = _won(given["monthly"], "monthly", 0, language, faults)
    on = found.prepared.gathered.as_of
    try:
        by = date.fromisoformat(given["by"])
    except ValueError:
        by = on
    if not on < by <= date(on.year + LATEST, 12, 31):
        faults.append(say(language, "web_plan.by_wrong", {"on": on, "last": on.year + LATEST}))
    if faults:
        raise UsageError("\n".join(faults))
    same = monthly == monthly_saved(case)
    return OtherGoal(id=case.id, amount=amount, by=by, monthly=None if same else monthly)


def _won(text: str, field: str, least: int, language: str, faults: list[str]) -> int:
    name = say(language, f"web_plan.{field}")
    try:
        found = whole_amount(text.strip())
        refuse_foreign("KRW", amount=found)
    except UsageError as error:
        faults.append(f"{name}: {in_language(str(error), language)}")
        return least
    if not least <= found <= MOST:
        detail = {"name": name, "least": f"{least:,}"}
        faults.append(say(language, "web_plan.amount_wrong", detail))
    return int(found)


def _asked(serving: Serving, state: str) -> Future[_Goals]:
    home = _home(serving)

    def made() -> _Goals:
        prepared = goals_at(home, serving.place.data)
        return _Goals(prepared, prepared.answer(Simulated()))

    return serving.kept.ask("goals", state, made, wait=WAIT)


def _state(request: Request) -> str:
    return serving_of(request).place.state()


def _home(serving: Serving) -> Path:
    if serving.place.household is None:
        raise UsageError("goals and the year-end belong to a household; serve its file")
    return serving.place.household
