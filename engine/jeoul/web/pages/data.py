"""Data: how fresh prices are, what would stop a run, what is covered, and a fetch with progress."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from jeoul.errors import JeoulError, UsageError
from jeoul.market import as_problem
from jeoul.messages import say
from jeoul.model.finding import Finding
from jeoul.reporting.data_words import caption, sentence
from jeoul.reporting.templating import speaker
from jeoul.translation import in_language
from jeoul.web.market_seen import MarketSeen, folders_of, market_seen
from jeoul.web.names import ServedNames, names_of
from jeoul.web.shared import Page, Serving, changes, language_of, page, serving_of
from jeoul.workspace.fetching import PlanFile, fetch_now, plan_for, wanted_count

router = APIRouter(prefix="/data")
PAGE = Page("data", "/data", router)

WAIT = 0.2
SHOWN = 12  # findings of a kind that are written out


@router.get("")
def data(request: Request) -> Response:
    """Show every market folder of what is served."""
    serving = serving_of(request)
    if not serving.place.begun:
        return RedirectResponse("/begin", status_code=303)
    folders = folders_of(serving.place)
    context = {
        "markets": [_market(request, folder, place) for place, folder in enumerate(folders)],
        "fetch": _fetch(request, folders),
    }
    return page(request, "data.html.j2", {**_words(request), **context})


@router.get("/market/{place}")
def market(request: Request, place: int) -> Response:
    """Return the part of the page about one market folder."""
    folders = folders_of(serving_of(request).place)
    if not 0 <= place < len(folders):
        return RedirectResponse("/data", status_code=303)
    context = {"market": _market(request, folders[place], place)}
    return page(request, "data_market.html.j2", {**_words(request), **context})


@router.get("/fetch")
def fetch(request: Request) -> Response:
    """Return how far a fetch is; once it has ended the page loads again."""
    serving = serving_of(request)
    context = {"fetch": _fetch(request, folders_of(serving.place))}
    answer = page(request, "data_fetch.html.j2", {**_words(request), **context})
    if not serving.fetch.running:
        answer.headers["HX-Refresh"] = "true"
    return answer


@router.post("/fetch", dependencies=[Depends(changes)])
def fetch_it(request: Request) -> Response:
    """Begin the fetch of the plan; a second one waits for its own turn, and is not begun."""
    serving = serving_of(request)
    found = _plan(serving, folders_of(serving.place))
    if found is None:
        raise UsageError(say(language_of(request), "web_data.no_plan_here"))
    if not serving.fetch.running:
        clock = serving.place.clock
        serving.fetch.begin(
            lambda step: fetch_now(found, lambda: int(clock.now()), step), wanted_count(found.plan)
        )
    return RedirectResponse("/data", status_code=303)


def _words(request: Request) -> dict[str, Any]:
    language = language_of(request)
    return {"w": speaker(language, "web_data"), "page": speaker(language, "page")}


def _plan(serving: Serving, folders: Sequence[Path | None]) -> PlanFile | None:
    """Return the fetch plan of the first market folder that has one."""
    own = serving.place.household or serving.place.configs[0]
    beside = (own.parent, Path())
    found = (plan_for(each, beside) for each in folders if each is not None)
    return next((each for each in found if each is not None), None)


def _fetch(request: Request, folders: Sequence[Path | None]) -> dict[str, Any]:
    """Return what the part with the fetch shows: the plan, how far it is, what it came to."""
    serving, language = serving_of(request), language_of(request)
    job, fault = serving.fetch, None
    plan = None
    try:
        plan = _plan(serving, folders)
    except JeoulError as error:
        fault = in_language(str(error), language)
    if job.error is not None:
        fault = in_language(str(job.error), language) or type(job.error).__name__
    report = job.result
    return {
        "sample": not any(folders),
        "folder": next((str(each) for each in folders if each is not None), None),
        "plan": None if plan is None else plan.path.name,
        "series": 0 if plan is None else wanted_count(plan.plan),
        "running": job.running,
        "progress": job.progress,
        "fault": fault,
        "lines": [] if report is None else list(report.lines(language)),
        "good": report is not None and report.good,
    }


def _market(request: Request, folder: Path | None, place: int) -> dict[str, Any]:
    """Return what the page shows of a market folder, or that it is still being read."""
    serving, language = serving_of(request), language_of(request)
    name = say(language, "web_data.sample_name") if folder is None else str(folder)
    shown = {"place": place, "name": name, "making": False, "fault": None}
    if folder is not None and not folder.exists():
        return {**shown, "fault": say(language, "web_data.not_there")}
    asked = serving.kept.ask(
        f"market {folder}",
        serving.place.state(),
        lambda: market_seen(serving.place, folder),
        wait=WAIT,
    )
    if not asked.done():
        return {**shown, "making": True}
    try:
        seen = asked.result()
    except JeoulError as error:
        return {**shown, "fault": in_language(str(error), language)}
    return {**shown, **_seen(serving, seen, language)}


def _seen(serving: Serving, seen: MarketSeen, language: str) -> dict[str, Any]:
    names = names_of(serving.place, language)
    ours, others = seen.serious()
    notices, old = seen.notices(), seen.old(serving.place.clock.now())
    return {
        "simulated": seen.simulated,
        "source": seen.source,
        "ages": [
            (say(language, f"web_data.exchange_{name}"), day, old[name])
            for name, day in seen.newest.items()
        ],
        "caption": caption(seen.rows, language),
        "stops": [_finding(each, names, language) for each in islice(ours, SHOWN)],
        "stops_more": max(0, len(ours) - SHOWN),
        "others": [_finding(each, names, language) for each in islice(others, SHOWN)],
        "others_more": max(0, len(others) - SHOWN),
        "notices": [_finding(each, names, language) for each in islice(notices, SHOWN)],
        "notices_more": max(0, len(notices) - SHOWN),
        "coverage": seen.charts[language],
    }


def _finding(finding: Finding, names: ServedNames, language: str) -> dict[str, Any]:
    name = names.fund(finding.subject)
    return {
        "name": name,
        "code": finding.subject if name != finding.subject else "",
        "day": finding.day,
        "text": sentence(finding, language),
        "remedy": as_problem(finding, language).remedy,
    }
