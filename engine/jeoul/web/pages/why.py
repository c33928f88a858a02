"""Why: one order back to its rule, the reading, the data, and the row of the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from jeoul.errors import JeoulError, UsageError
from jeoul.messages import known_text, say
from jeoul.model.portfolio import Reason
from jeoul.operations.desk.intents import reason_from
from jeoul.operations.ledger import has_ledger, in_words, ledger_of
from jeoul.operations.setup.config import Config
from jeoul.operations.told.kept_why import kept_why
from jeoul.operations.told.order_story import OrderStory, RunStory, order_story, run_story
from jeoul.reporting.formats import Formats
from jeoul.reporting.measurements import measured_from, measurement_texts
from jeoul.reporting.reasons import reason_text, rule_name
from jeoul.reporting.templating import speaker
from jeoul.reporting.why import FundView, WhyView, why_view
from jeoul.translation import in_language
from jeoul.web.names import names_of
from jeoul.web.shared import language_of, page, serving_of
from jeoul.workspace.replaying import stance_then

router = APIRouter(prefix="/why")

ZONE = "Asia/Seoul"
WAIT = 0.05  # seconds that a part of the page waits for readings that are nearly there


@router.get("")
def why(request: Request, run: str = "", order: int = 0, account: str = "") -> Response:
    """Show a decision, or one of its orders; without a run the history has them all."""
    serving, language = serving_of(request), language_of(request)
    if not serving.place.begun or not run:
        return RedirectResponse("/history" if serving.place.begun else "/begin", status_code=303)
    found = _found(serving.place.accounts(), run, order, account)
    if found is None:
        raise UsageError(say(language, "web_why.unknown", {"run": run}))
    stored = found.story.run.document
    names = names_of(serving.place, language)
    told = _why(stored, language)
    context = {
        "y": speaker(language, "web_why"),
        "s": speaker(language, "statement"),
        "say_page": speaker(language, "page"),
        "names": names,
        "account": found.account,
        "asked": urlencode({"account": found.account, "run": run}),
        "story": found.story,
        "order": found.order,
        "number": order,
        "f": Formats(language, ZONE, stored.get("currency", "KRW")),
        "moment": _moment,
        "order_reason": None
        if found.order is None
        else _coded(found.order.intent.order.reason, language),
        "fund": _fund(told, found.order),
        "told": told,
        "rules": _rules(stored, found.order),
        "target": None
        if found.order is None
        else stored.get("weights", {}).get(found.order.intent.order.ticker),
        "reasons": [_coded(reason_from(each), language) for each in stored.get("reasons", ())],
        "readings": list(_readings(stored, language)),
        "digests": list(_digests(stored)),
        "events": [(_event(name, language), _moment(at)) for name, _, at in found.story.events],
        "priced": None
        if found.order is None
        else stored.get("priced", {}).get(found.order.intent.order.ticker),
        "simulated": stored.get("simulated", False),
    }
    return page(request, "why.html.j2", context)


@router.get("/latches")
def latches(request: Request, account: str = "", run: str = "") -> Response:
    """Return what every latch read at a decision, computed again from the data that were kept."""
    serving, language = serving_of(request), language_of(request)
    config = serving.place.accounts().get(account)
    words = {
        "y": speaker(language, "web_why"),
        "r": speaker(language, "report"),
        "f": Formats(language, ZONE),
        "asked": urlencode({"account": account, "run": run}),
        "fault": None,
        "making": False,
        "rows": (),
    }
    if config is None:
        fault = say(language, "web_why.unknown", {"run": run})
        return page(request, "why_latches.html.j2", {**words, "fault": fault})
    made = serving.kept.ask(
        "latches", f"{account} {run}", lambda: stance_then(config, run), wait=WAIT
    )
    if not made.done():
        return page(request, "why_latches.html.j2", {**words, "making": True})
    try:
        rows = made.result()
    except JeoulError as error:
        fault = in_language(str(error), language)
        return page(request, "why_latches.html.j2", {**words, "fault": fault})
    return page(request, "why_latches.html.j2", {**words, "rows": rows})


@dataclass(frozen=True, slots=True)
class _Found:
    account: str
    story: RunStory
    order: OrderStory | None


def _found(configs: Mapping[str, Config], run: str, order: int, account: str) -> _Found | None:
    """Return a run of any account, the named one first; None where no ledger has it."""
    for name in sorted(configs, key=lambda each: each != account):
        config = configs[name]
        if not has_ledger(config):
            continue
        with in_words(config), closing(ledger_of(config)) as ledger:
            story = run_story(ledger, run)
            if story is not None:
                return _Found(name, story, order_story(ledger, story, order))
    return None


def _why(stored: Mapping[str, Any], language: str) -> WhyView | None:
    if "why" not in stored:
        return None
    return why_view(kept_why(stored["why"]), stored["weights"], language)


def _fund(told: WhyView | None, order: OrderStory | None) -> FundView | None:
    """Return why the fund of an order has its weight."""
    if told is None or order is None:
        return None
    code = order.intent.order.ticker
    return next((each for each in told.funds if each.code == code), None)


def _rules(stored: Mapping[str, Any], order: OrderStory | None) -> list[str]:
    """Return the keys of the strategy that decided on the fund of an order."""
    if order is None or "why" not in stored:
        return []
    fund = kept_why(stored["why"]).funds.get(order.intent.order.ticker)
    details = () if fund is None else (dict(reason.detail) for reason in fund.reasons)
    return [key for detail in details if (key := detail.get("key"))]


def _readings(stored: Mapping[str, Any], language: str) -> Iterator[str]:
    """Yield what was measured at the decision, and which rules held risk assets down."""
    kept = stored.get("measured")
    if kept is None:
        return
    measured = measured_from(kept)
    yield from measurement_texts(measured, language)
    if measured.latches:
        shown = ", ".join(rule_name(each, language) for each in measured.latches)
        yield say(language, "web_why.latches", {"latches": shown})
    if "scale" in stored:
        state = known_text(language, f"facts.state_{stored['state'].lower()}") or stored["state"]
        yield say(language, "web_why.scale", {"scale": f"{stored['scale']:z.0%}", "state": state})


def _digests(stored: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the message and the digest of everything that a decision rests on."""
    rules = stored.get("rules", {})
    named = {
        "snapshot": stored.get("snapshot"),
        "rules_digest": rules.get("digest"),
        "universe_digest": rules.get("universe"),
    }
    yield from ((name, str(value)) for name, value in named.items() if value)


def _coded(reason: Reason, language: str) -> str:
    """Return a reason as a sentence that ends with its code, which `jeoul explain` knows."""
    return f"{reason_text(reason, language)} [{reason.kind}]"


def _event(name: str, language: str) -> str:
    return known_text(language, f"web_why.event_{name}") or name


def _moment(seconds: float) -> str:
    """Return an instant to the second, in Seoul."""
    return f"{datetime.fromtimestamp(seconds, UTC).astimezone(ZoneInfo(ZONE)):%Y-%m-%d %H:%M:%S}"
