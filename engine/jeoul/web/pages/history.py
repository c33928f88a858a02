"""History: value since the start, and every decision with what it came to later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from jeoul.account.hindsight.records import HORIZONS
from jeoul.errors import JeoulError, UsageError
from jeoul.messages import say
from jeoul.reporting.charts.figure import Figure
from jeoul.reporting.charts.lines import EventTick, Stretch
from jeoul.reporting.formats import MINUS, Formats
from jeoul.reporting.reasons import reason_text
from jeoul.reporting.statement.facts import StatementFacts
from jeoul.reporting.statement.page import unit_chart, value_chart
from jeoul.reporting.statement.words import StatementWords
from jeoul.reporting.templating import speaker
from jeoul.translation import in_language
from jeoul.web.names import ServedNames, names_of
from jeoul.web.shared import Page, changes, language_of, page, serving_of
from jeoul.web.worth import seen
from jeoul.workspace.past import PastDecision
from jeoul.workspace.replaying import replayed

router = APIRouter(prefix="/history")
PAGE = Page("history", "/history", router)

ZONE = "Asia/Seoul"
PAGE_SIZE = 50
"""Decisions of one page."""


@router.get("")
def history(request: Request, account: str = "", number: int = 1) -> Response:
    """Show the value since the start, and the decisions of a page."""
    if not serving_of(request).place.begun:
        return RedirectResponse("/begin", status_code=303)
    return page(request, "history.html.j2", _shown(request, account, number))


@router.get("/made")
def made(request: Request, account: str = "", number: int = 1) -> Response:
    """Return the part of the page that waits for the decisions."""
    return page(request, "history_made.html.j2", _shown(request, account, number))


@router.post("/replay", dependencies=[Depends(changes)])
def replay(
    request: Request, account: Annotated[str, Form()], run: Annotated[str, Form()]
) -> Response:
    """Decide a run again from what was kept of it, and say whether it comes out the same."""
    language = language_of(request)
    words = speaker(language, "web_history")
    config = serving_of(request).place.accounts().get(account)
    said: dict[str, Any]
    try:
        if config is None:
            raise UsageError(say(language, "web_history.no_account", {"account": account}))
        found = replayed(config, run)
    except JeoulError as error:
        said = {"same": None, "lines": in_language(str(error), language).splitlines()}
    else:
        said = {"same": found.same, "lines": list(found.differences), "source": found.source}
    context = {"h": words, "run": run, "account": account, **said}
    whole = request.headers.get("hx-request") is None
    template = "history_replay_page.html.j2" if whole else "history_replay.html.j2"
    return page(request, template, context)


def _shown(request: Request, account: str, number: int) -> dict[str, Any]:
    serving, language = serving_of(request), language_of(request)
    asked = seen(serving)
    query = urlencode({"account": account, "number": number})
    words: dict[str, Any] = {
        "h": speaker(language, "web_history"),
        "making": not asked.done(),
        "query": query,
    }
    if not asked.done():
        return words
    found, names = asked.result(), names_of(serving.place, language)
    chosen = [each for each in found.decisions if account in ("", each.account)]
    last = max(1, -(-len(chosen) // PAGE_SIZE))
    number = min(max(1, number), last)
    rows = chosen[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    stated = {each.id for worth in found.worths for each in worth.facts.accounts}
    deciding = {each.account for each in found.decisions}
    ids = serving.place.accounts()
    return {
        **words,
        "say_page": speaker(language, "page"),
        "page": speaker(language, "page"),
        "simulated": found.simulated,
        "charts": [
            chart
            for worth in found.worths
            for chart in _charts(worth.facts, found.decisions, language)
        ],
        "unstated": [(name, in_language(why, language)) for name, why in found.unstated],
        "quiet": [names.account(each) for each in ids if each not in deciding],
        "stated": stated,
        "account": account,
        "accounts": [(each, names.account(each)) for each in ids if each in deciding],
        "count": len(chosen),
        "number": number,
        "last": last,
        "horizons": HORIZONS,
        "rows": [_row(each, names, language) for each in rows],
        "earlier": urlencode({"account": account, "number": number + 1}),
        "later": urlencode({"account": account, "number": number - 1}),
    }


def _charts(
    facts: StatementFacts, decisions: Sequence[PastDecision], language: str
) -> Iterator[Figure]:
    """Yield the value with its flows and cuts, and what one unit became."""
    words = StatementWords(facts, language)
    own = {each.id for each in facts.accounts}
    behind: list[Stretch | EventTick] = [*flows(facts)]
    behind += cuts([each for each in decisions if each.account in own])
    charts = value_chart(words, behind), unit_chart(words)
    yield from (chart for chart in charts if chart is not None)


def cuts(decisions: Sequence[PastDecision]) -> tuple[Stretch, ...]:
    """Return the stretches in which the risk control held any account below its target.

    ``decisions`` are newest first. A stretch is as deep as the deepest cut of its accounts.
    """
    scales: dict[str, float] = {}
    found: list[Stretch] = []
    begun, depth = None, 0.0
    for each in reversed(decisions):
        scales[each.account] = each.scale
        lowest = min(scales.values())
        if lowest < 1.0:
            begun, depth = begun or each.session, max(depth, 1.0 - lowest)
        elif begun is not None:
            found.append(Stretch(begun, each.session, depth))
            begun, depth = None, 0.0
    if begun is not None:
        found.append(Stretch(begun, None, depth))
    return tuple(found)


def flows(facts: StatementFacts) -> tuple[EventTick, ...]:
    """Return a stroke for each session on which money came in or went out."""
    pairs = zip(facts.path, facts.path[1:], strict=False)
    return tuple(
        EventTick(after.day, minor=True) for before, after in pairs if before.paid != after.paid
    )


def _row(each: PastDecision, names: ServedNames, language: str) -> dict[str, Any]:
    formats = Formats(language, ZONE, each.currency)
    looked = each.looked
    cause = None if looked is None else say(language, f"hindsight.cause_{looked.decision.cause}")
    counts = {"sales": each.sells, "purchases": each.buys}
    return {
        "session": each.session,
        "account": names.account(each.account),
        "account_id": each.account,
        "run": each.run_id,
        "cause": cause or say(language, "web_history.not_traded"),
        "orders": say(language, "hindsight.counts", counts),
        "reasons": [reason_text(reason, language) for reason in each.reasons],
        "outcomes": [(days, *_outcome(each, days, formats)) for days in HORIZONS],
        "part_of": each.completes,
        "why": "/why?" + urlencode({"account": each.account, "run": each.run_id}),
    }


def _outcome(each: PastDecision, days: int, formats: Formats) -> tuple[str | None, str]:
    """Return what a decision added after some days, and as a part of the account; None for now."""
    found = each.outcomes.get(days)
    if found is None or each.looked is None:
        return None, ""
    sign = MINUS if found.effect < 0 else "+" if found.effect > 0 else ""
    value = each.looked.decision.value
    part = found.effect / value if value > 0 else None
    return f"{sign}{formats.money(abs(found.effect))}", formats.percent(part, 2, sign=True)
