"""Today: what to do in each account, and the plan that waits for a yes.

Opening the page reads files and plans; it sends nothing and writes nothing. A plan is frozen,
approved and rejected by three forms, and each of them is one run with its lock.
"""

from __future__ import annotations

from datetime import UTC, datetime
from getpass import getuser
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from jeoul.errors import JeoulError, UsageError
from jeoul.household.explaining.answer import Questions
from jeoul.messages import say
from jeoul.operations.setup.request import RunRequest as Asked
from jeoul.reporting.formats import Formats
from jeoul.reporting.household.facts import HouseholdFacts
from jeoul.reporting.household.page import household_view
from jeoul.reporting.reasons import reason_text
from jeoul.reporting.templating import speaker
from jeoul.translation import in_language
from jeoul.web.names import names_of
from jeoul.web.shared import Page, Serving, changes, language_of, page, part, serving_of
from jeoul.web.waiting import WaitingPlan, waiting_plans
from jeoul.workspace.household import household_answer

router = APIRouter(prefix="/today")
PAGE = Page("today", "/today", router)

WAIT = 0.05  # seconds that a page waits for an answer that is nearly there
ZONE = "Asia/Seoul"


@router.get("")
def today(request: Request) -> Response:
    """Show what waits for a person, else what is planned today."""
    serving = serving_of(request)
    if not serving.place.begun:
        return RedirectResponse("/begin", status_code=303)
    plans = _waiting(serving)
    return page(request, "today.html.j2", _shown(request, serving, plans))


@router.get("/plan")
def plan(request: Request) -> Response:
    """Return the part of the page that waits for the plan."""
    serving = serving_of(request)
    return page(request, "today_plan.html.j2", _planned(request, serving))


@router.post("/freeze", dependencies=[Depends(changes)])
def freeze(request: Request, account: Annotated[str | None, Form()] = None) -> Response:
    """Freeze today's plan in every ledger, where it waits; nothing is sent."""
    return _ran(request, Asked(execute=True, hold=True, by=getuser()), account)


@router.post("/approve", dependencies=[Depends(changes)])
def approve(
    request: Request, name: Annotated[str, Form()], digest: Annotated[str, Form()]
) -> Response:
    """Release the plan that the page showed: another one under its name is refused."""
    found = _meant(request, name, digest)
    return _ran(request, Asked(approve=found.name, by=getuser()), _only(found))


@router.post("/reject", dependencies=[Depends(changes)])
def reject(
    request: Request, name: Annotated[str, Form()], digest: Annotated[str, Form()]
) -> Response:
    """Refuse the plan that the page showed; its orders are never sent."""
    found = _meant(request, name, digest)
    return _ran(request, Asked(reject=found.name, by=getuser()), _only(found))


def _meant(request: Request, name: str, digest: str) -> WaitingPlan:
    for found in _waiting(serving_of(request)):
        if (found.name, found.digest) == (name, digest):
            return found
    raise UsageError(say(language_of(request), "web.not_waiting"))


def _only(found: WaitingPlan) -> str | None:
    return found.accounts[0] if found.accounts else None


def _ran(request: Request, asked: Asked, account: str | None) -> Response:
    serving = serving_of(request)
    report = serving.place.run(asked, language_of(request), account)
    context = _shown(request, serving, _waiting(serving))
    return page(request, "today.html.j2", {**context, "report": report.as_json()})


def _waiting(serving: Serving) -> tuple[WaitingPlan, ...]:
    return waiting_plans(serving.place.accounts(), serving.place.clock.now())


def _shown(request: Request, serving: Serving, plans: tuple[WaitingPlan, ...]) -> dict[str, Any]:
    language = language_of(request)
    found = {
        "plans": plans,
        "names": names_of(serving.place, language),
        "deadline": lambda plan: _moment(plan.deadline),
        "reason": lambda order: reason_text(order.reason, language),
        "report": None,
        "formats": lambda currency: Formats(language, ZONE, currency),
    }
    return found if plans else {**found, **_planned(request, serving)}


def _planned(request: Request, serving: Serving) -> dict[str, Any]:
    """Return today's plan of the household, or that it is still being made."""
    home = serving.place.household
    if home is None:
        return {"making": False, "view": None, "fault": None}
    asked = serving.kept.ask(
        "today",
        serving.place.state(),
        lambda: household_answer(home, Questions(), serving.place.data, None, ({}, {})),
        wait=WAIT,
    )
    if not asked.done():
        return {"making": True, "view": None, "fault": None}
    language = language_of(request)
    try:
        facts: HouseholdFacts = asked.result()
    except JeoulError as error:
        lines = in_language(str(error), language).splitlines()
        return {"making": False, "view": None, "fault": lines}
    view = household_view(facts, language)
    return {
        "making": False,
        "fault": None,
        "simulated": facts.simulated,
        "say_page": speaker(language, "page"),
        "view": {
            "today": part("household/today.html.j2", view),
            "rest": part("household/rest.html.j2", view),
            "freezes": facts.is_planned and bool(facts.moving),
        },
    }


def _moment(seconds: float) -> str:
    """Return an instant to the minute, in Seoul."""
    at = datetime.fromtimestamp(seconds, UTC).astimezone(ZoneInfo(ZONE))
    return f"{at:%Y-%m-%d %H:%M}"
