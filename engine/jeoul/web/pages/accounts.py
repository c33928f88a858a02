"""Accounts: what everything is worth, by account and together, and the limits of the law.

A holdings file of a broker is read by one form and shown beside what was there; a second form, with
the digest of what was shown, puts it in the place of the account's file.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, UploadFile
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response

from jeoul import api
from jeoul.errors import HoldingsError, UsageError
from jeoul.messages import say
from jeoul.model.amount import parse_amount, smallest_units
from jeoul.operations.setup.lock import locked
from jeoul.reporting.formats import Formats
from jeoul.reporting.statement.facts import AccountFacts
from jeoul.reporting.statement.words import StatementWords
from jeoul.reporting.templating import speaker
from jeoul.translation import in_language
from jeoul.web.names import names_of
from jeoul.web.shared import Page, Serving, changes, language_of, page, serving_of
from jeoul.web.worth import seen
from jeoul.workspace.holdings_file import (
    Importer,
    NewHoldings,
    content_of,
    importer_of,
    replace_file,
    takes_file,
)
from jeoul.workspace.kept import user_cache
from jeoul.workspace.limits import Limit
from jeoul.workspace.live import universe_of
from jeoul.workspace.worth import StatementWorth

router = APIRouter(prefix="/accounts")
PAGE = Page("accounts", "/accounts", router)

ZONE = "Asia/Seoul"


@router.get("")
def accounts(request: Request) -> Response:
    """Show what the accounts are worth."""
    if not serving_of(request).place.begun:
        return RedirectResponse("/begin", status_code=303)
    return page(request, "accounts.html.j2", _shown(request))


@router.get("/worth")
def worth(request: Request) -> Response:
    """Return the part of the page that waits for the values."""
    return page(request, "accounts_worth.html.j2", _shown(request))


@router.post("/read", dependencies=[Depends(changes)])
async def read(
    request: Request,
    account: Annotated[str, Form()],
    file: UploadFile,
    cash: Annotated[str, Form()] = "",
) -> Response:
    """Show what a broker's file says beside what the account's file says; nothing is written."""
    content = await file.read()
    serving, language = serving_of(request), language_of(request)
    try:
        new = await run_in_threadpool(
            _read, serving, account, file.filename or account, content, cash.strip()
        )
    except HoldingsError as error:
        lines = [in_language(str(each), language) for each in error.problems]
        return _answer(request, account, {"faults": lines}, 422)
    except UsageError as error:
        return _answer(request, account, {"faults": [in_language(str(error), language)]}, 422)
    serving.uploads[account] = new
    return _answer(request, account, {"new": new, "name": file.filename or ""})


@router.post("/take", dependencies=[Depends(changes)])
def take(
    request: Request, account: Annotated[str, Form()], digest: Annotated[str, Form()]
) -> Response:
    """Put the file that was shown in the place of the account's file; the former one is kept."""
    serving, language = serving_of(request), language_of(request)
    shown = serving.uploads.get(account)
    if shown is None or shown.digest != digest:
        raise UsageError(say(language, "web_accounts.not_shown"))
    home, config = serving.place.read(), serving.place.accounts()[account]
    with ExitStack() as stack:
        if home is not None:
            stack.enter_context(locked(home.state))
        stack.enter_context(locked(config.state))
        if content_of(shown.file) != shown.former:
            raise UsageError(say(language, "web_accounts.not_shown"))
        kept = replace_file(shown)
    serving.uploads.pop(account, None)
    return _answer(request, account, {"taken": shown.file.name, "kept": kept and kept.name})


def _answer(request: Request, account: str, told: dict[str, Any], status: int = 200) -> Response:
    language = language_of(request)
    context = {"faults": [], "new": None, "name": "", "taken": None, "kept": None, **told}
    new: NewHoldings | None = context["new"]
    words = {
        "a": speaker(language, "web_accounts"),
        "account": account,
        "title": names_of(serving_of(request).place, language).account(account),
        "names": names_of(serving_of(request).place, language),
        "f": Formats(language, ZONE, "KRW" if new is None else new.held.currency),
    }
    return page(request, "accounts_read.html.j2", {**words, **context}, status)


def _read(serving: Serving, account: str, name: str, content: bytes, cash: str) -> NewHoldings:
    found = _importer(serving, account)
    held = smallest_units(parse_amount(cash), found.universe.currency) if cash else None
    return found.read(name, content, held)


def _importer(serving: Serving, account: str) -> Importer:
    home, configs = serving.place.read(), serving.place.accounts()
    config = configs.get(account)
    if config is not None:
        own = None if home is None else home.accounts[account].universe
        folder = serving.place.data or config.folder
        market = api.open_market(folder, cache=user_cache())
        priced = frozenset(code for table in market.prices for code in table.tickers)
        found = importer_of(account, config, universe_of(config, own), priced)
        if found is not None:
            return found
    raise UsageError(f"account {account!r} takes no holdings file; open Accounts and choose one")


def _shown(request: Request) -> dict[str, Any]:
    serving, language = serving_of(request), language_of(request)
    asked = seen(serving)
    words: dict[str, Any] = {"a": speaker(language, "web_accounts"), "making": not asked.done()}
    if not asked.done():
        return words
    found, configs = asked.result(), serving.place.accounts()
    cards = [
        _card(each, worth, found.value, language)
        for worth in found.worths
        for each in worth.facts.accounts
    ]
    known = {card["id"] for card in cards}
    names = names_of(serving.place, language)
    without = [{"id": name, "title": names.account(name)} for name in configs if name not in known]
    return {
        **words,
        "s": speaker(language, "statement"),
        "say_page": speaker(language, "page"),
        "simulated": found.simulated,
        "f": Formats(language, ZONE),
        "value": found.value,
        "worths": [StatementWords(each.facts, language) for each in found.worths],
        "unstated": [(name, in_language(why, language)) for name, why in found.unstated],
        "cards": cards,
        "without": without,
        "limits": [
            _meter(each, worth, names, language) for worth in found.worths for each in worth.limits
        ],
        "brokers": {name: config.settings.broker.kind for name, config in configs.items()},
        "takes": {name: takes_file(config) for name, config in configs.items()},
    }


def _card(
    account: AccountFacts, worth: StatementWorth, whole: int, language: str
) -> dict[str, Any]:
    """Return an account as the page shows it: amounts of its own money beside those in won."""
    words, holding = StatementWords(worth.facts, language), worth.holdings[account.id]
    own = Formats(language, ZONE, holding.currency)
    value, drift = holding.value, account.drift
    targets = {} if drift is None else {each.code: each.target for each in drift.weights}
    rows = [
        (
            each.code if each.name is None else f"{each.name.into(language)} ({each.code})",
            own.count(each.shares),
            own.money(each.amount),
            None if each.amount is None else _share(each.amount, value),
            targets.pop(each.code, None),
        )
        for each in holding.positions
    ]
    names = {} if drift is None else {each.code: each.name for each in drift.weights}
    cash = (words.say("cash"), "", own.money(holding.cash), _share(holding.cash, value))
    last = (*cash, targets.pop("CASH", None))
    rows += [
        (words.code(code, names[code]), own.count(0), own.money(0), 0.0, target)
        for code, target in targets.items()
        if target
    ]
    rows.sort(key=lambda row: (row[3] or 0.0, row[4] or 0.0), reverse=True)
    return {
        "id": account.id,
        "title": words.into(account.title),
        "facts": account,
        "share": _share(account.figures.value, whole),
        "returned": words.returns(account.figures.returns)[0],
        "drift": None if drift is None else drift.drift,
        "drift_line": words.drift(drift) if account.source == "ledger" else None,
        "rows": [*rows, last],
        "targets": drift is not None,
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole > 0 else None


def _meter(limit: Limit, worth: StatementWorth, names: Any, language: str) -> dict[str, Any]:
    formats, percent = Formats(language, ZONE), limit.rule == "irp_risk"

    def shown(value: float) -> str:
        return formats.percent(value) if percent else formats.money(round(value))

    titles = {each.id: each.title.into(language) for each in worth.facts.accounts}
    detail = {"used": shown(limit.used), "most": shown(limit.most), "left": shown(limit.left)}
    message = limit.rule if limit.sure else f"{limit.rule}_unsure"
    several = len({each.owner for each in worth.limits}) > 1
    return {
        "title": say(language, f"web_accounts.limit_{limit.rule}"),
        "accounts": ", ".join(titles.get(each, names.account(each)) for each in limit.accounts),
        "owner": limit.owner if several and len(limit.accounts) > 1 else "",
        "used": limit.used,
        "most": limit.most,
        "over": limit.used > limit.most,
        "text": say(language, f"web_accounts.used_{message}", detail),
    }
