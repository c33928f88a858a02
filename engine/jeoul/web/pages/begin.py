"""The first visit: who you are, the questionnaire, and what your accounts hold.

It writes ``household.toml`` with the files beside it, once; where the file is there, the page leads
to Today.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData, UploadFile

from jeoul.account.holdings import Holdings, read_holdings, refuse_empty
from jeoul.errors import ConfigError, HoldingsError, JeoulError, Problem, UsageError
from jeoul.household.written.keys import KINDS
from jeoul.messages import say
from jeoul.model.amount import parse_amount, smallest_units
from jeoul.profile import Answers, check_answers, classify, questionnaire
from jeoul.translation import in_language
from jeoul.web.shared import changes, language_of, page, serving_of
from jeoul.workspace.new_household import Facts, currency_of, write_files
from jeoul.workspace.today import today

router = APIRouter(prefix="/begin")

BROKERS = ("paper", "ticket")
_AMOUNTS = ("wages", "spending")


@router.get("")
def begin(request: Request) -> Response:
    """Show the form, filled in with nothing."""
    if serving_of(request).place.begun:
        return RedirectResponse("/today", status_code=303)
    return _form(request, {}, [])


@router.post("", dependencies=[Depends(changes)])
async def begun(request: Request) -> Response:
    """Write the household, or show the form again with everything that is wrong."""
    place = serving_of(request).place
    if place.begun or place.household is None:
        return RedirectResponse("/today", status_code=303)
    form, language = await request.form(), language_of(request)
    faults: list[str] = []
    facts = _facts(form, language, faults)
    accounts = await _accounts(form, language, faults)
    if faults or facts is None:
        return _form(request, _kept(form), faults, status=422)
    data = place.data
    facts = replace(facts, data=None if data is None else str(data.resolve()))
    try:
        write_files(place.household, facts, accounts, language)
    except JeoulError as error:
        return _form(request, _kept(form), [in_language(str(error), language)], status=422)
    return RedirectResponse("/today", status_code=303)


def _form(
    request: Request, given: Mapping[str, str], faults: list[str], status: int = 200
) -> Response:
    questions = [each for each in questionnaire().questions if not each.bands]
    context = {
        "given": given,
        "faults": faults,
        "questions": questions,
        "kinds": KINDS,
        "brokers": BROKERS,
    }
    return page(request, "begin.html.j2", context, status)


def _facts(form: FormData, language: str, faults: list[str]) -> Facts | None:
    """Return what the form says of the person, None where it says something that cannot be."""
    before = len(faults)
    wages, spending = (
        _amount(form, name, say(language, f"web.{name}"), language, faults) for name in _AMOUNTS
    )
    born = _born(form, language, faults)
    broker = str(form.get("broker", ""))
    if broker not in BROKERS:
        faults.append(say(language, "web.choose", {"name": say(language, "web.broker")}))
    answers = _answers(form, born, language, faults)
    if len(faults) > before or born is None:
        return None
    return Facts(born=born, wages=wages, spending=spending, answers=answers, broker=broker)


def _born(form: FormData, language: str, faults: list[str]) -> date | None:
    try:
        found = date.fromisoformat(str(form.get("born", "")))
    except ValueError:
        found = None
    if found is None or not date(1900, 1, 1) <= found <= today():
        faults.append(say(language, "web.born_wrong"))
        return None
    return found


def _amount(
    form: FormData, field: str, name: str, language: str, faults: list[str], currency: str = "KRW"
) -> int:
    """Return an amount in smallest units of its currency."""
    try:
        found = smallest_units(parse_amount(str(form.get(field, "")).strip()), currency)
    except UsageError as error:
        faults.append(f"{name}: {in_language(str(error), language)}")
        return 0
    if found < 0:
        faults.append(say(language, "web.below_zero", {"name": name}))
    return found


def _answers(form: FormData, born: date | None, language: str, faults: list[str]) -> Answers | None:
    given: dict[str, Any] = {}
    for question in questionnaire().questions:
        if question.bands:
            continue
        code = form.get(question.key)
        if code is None:
            faults.append(say(language, "web.choose", {"name": question.ask[language]}))
        else:
            given[question.key] = str(code)
    if born is None or len(given) < len(questionnaire().questions) - 1:
        return None
    day = today()
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    try:
        found = check_answers({**given, "age": age, "answered": day}, origin="web")
        classify(found, as_of=day)
    except ConfigError as error:
        faults.extend(_said(error.problems, language))
        return None
    return found


async def _accounts(
    form: FormData, language: str, faults: list[str]
) -> Mapping[str, tuple[str, Holdings]]:
    """Return the accounts that have a file or money, by their kind."""
    found = {}
    for kind in KINDS:
        currency = currency_of(kind)
        upload = form.get(f"file-{kind}")
        if isinstance(upload, UploadFile) and upload.filename:
            held = await _read(upload, kind, currency, language, faults)
            if held is not None:
                found[kind] = (kind, held)
        elif str(form.get(f"cash-{kind}", "")).strip():
            name = say(language, f"household_page.kind_{kind}")
            amount = _amount(form, f"cash-{kind}", name, language, faults, currency)
            found[kind] = (kind, Holdings("", {}, amount, currency))
    if not found and not faults:
        faults.append(say(language, "web.no_accounts"))
    return found


async def _read(
    upload: UploadFile, kind: str, currency: str, language: str, faults: list[str]
) -> Holdings | None:
    """Return the holdings in an uploaded file; its name is only looked at for what it ends in."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"{kind}{_ending(upload.filename or '')}"
        file.write_bytes(await upload.read())
        try:
            return refuse_empty(read_holdings(file, currency=currency), new=True)
        except HoldingsError as error:
            said = [replace(each, file=upload.filename or kind) for each in error.problems]
            faults.extend(_said(said, language))
            return None


def _ending(name: str) -> str:
    ending = Path(name).suffix.lower()
    return ending if ending in (".csv", ".xlsx", ".xls", ".html", ".htm", ".txt") else ".csv"


def _said(problems: list[Problem] | tuple[Problem, ...], language: str) -> list[str]:
    return [in_language(str(each), language) for each in problems]


def _kept(form: FormData) -> Mapping[str, str]:
    """Return what was typed in, to show it again; a file has to be chosen again."""
    return {name: value for name, value in form.items() if isinstance(value, str)}
