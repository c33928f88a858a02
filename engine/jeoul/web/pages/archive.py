"""Archive: the quarterly letters that are filed, and a form that writes the next one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import numpy as np
from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from jeoul import api, assets
from jeoul.errors import JeoulError
from jeoul.market.manifest import read_manifest
from jeoul.messages import say
from jeoul.model.quarter import Quarter, parse_quarter, quarter_of
from jeoul.operations.letter.filing import Filed
from jeoul.reporting.templating import speaker
from jeoul.translation import in_language
from jeoul.web.market_seen import folders_of
from jeoul.web.names import ServedNames, names_of
from jeoul.web.shared import Page, Serving, changes, language_of, page, serving_of
from jeoul.web.shelves import Shelf, shelves_of
from jeoul.workspace.letter import file_at, letter_at

router = APIRouter(prefix="/archive")
PAGE = Page("archive", "/archive", router)

QUARTERS = 8
"""How many quarters can be chosen, back from the newest that has ended."""
ZONE = "Asia/Seoul"

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "font-src data:",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "sandbox",
    )
)
"""What a filed page may do: show itself. It is not one of this server's pages."""


@router.get("")
def archive(request: Request) -> Response:
    """Show every letter that is filed, the newest quarter first."""
    serving = serving_of(request)
    if not serving.place.begun:
        return RedirectResponse("/begin", status_code=303)
    language = language_of(request)
    shelves, names = shelves_of(serving.place), names_of(serving.place, language)
    context = {
        "letters": sorted(_letters(shelves, names, language), key=_newest_first, reverse=True),
        "shelves": [(each.id, _whose(each, names, language)) for each in shelves],
        "quarters": [str(each) for each in _quarters(serving)],
        "letter": _letter(serving, language),
    }
    return page(request, "archive.html.j2", {**_words(request), **context})


@router.get("/letter/{shelf}/{name}")
def letter(request: Request, shelf: str, name: str) -> Response:
    """Return a letter that is listed, as it was filed; every other name is not found."""
    for each in shelves_of(serving_of(request).place):
        content = each.letter(name) if each.id == shelf else None
        if content is not None:
            return Response(
                content,
                media_type="text/html; charset=utf-8",
                headers={"content-security-policy": POLICY},
            )
    raise HTTPException(status_code=404)


@router.get("/writing")
def writing(request: Request) -> Response:
    """Return whether a letter is still being written; once it is filed the page loads again."""
    serving = serving_of(request)
    context = {"letter": _letter(serving, language_of(request))}
    answer = page(request, "archive_writing.html.j2", {**_words(request), **context})
    if not serving.letter.running:
        answer.headers["HX-Refresh"] = "true"
    return answer


@router.post("/write", dependencies=[Depends(changes)])
def write(
    request: Request, quarter: Annotated[str, Form()], shelf: Annotated[str, Form()]
) -> Response:
    """Begin to write the letter of a quarter, as `jeoul letter` does, and file it."""
    serving, language = serving_of(request), language_of(request)
    named = parse_quarter(quarter)
    found = next((each for each in shelves_of(serving.place) if each.id == shelf), None)
    if found is None:
        raise HTTPException(status_code=404)
    if not serving.letter.running:
        serving.letter.begin(lambda _: _written(found.file, named, language, serving.place.data))
    return RedirectResponse("/archive", status_code=303)


def _written(file: str, quarter: Quarter, language: str, folder: Path | None) -> Filed:
    return file_at(file, letter_at(file, quarter, folder), language)


def _words(request: Request) -> dict[str, Any]:
    return {"w": speaker(language_of(request), "web_archive")}


def _letters(
    shelves: tuple[Shelf, ...], names: ServedNames, language: str
) -> Iterator[dict[str, Any]]:
    for shelf in shelves:
        for each in shelf.letters():
            yield {
                "shelf": shelf.id,
                "whose": _whose(shelf, names, language),
                "quarter": each.quarter,
                "language": each.language,
                "edition": each.edition,
                "name": each.name,
                "filed": _day(each.path),
            }


def _newest_first(shown: dict[str, Any]) -> tuple[str, str, int]:
    return shown["quarter"], shown["filed"], shown["edition"]


def _whose(shelf: Shelf, names: ServedNames, language: str) -> str:
    if shelf.account is None:
        return say(language, "web_archive.whole")
    return names.account(shelf.account)


def _day(path: Path) -> str:
    at = datetime.fromtimestamp(path.stat().st_mtime, UTC).astimezone(ZoneInfo(ZONE))
    return f"{at:%Y-%m-%d}"


def _letter(serving: Serving, language: str) -> dict[str, Any]:
    job = serving.letter
    fault = None
    if job.error is not None:
        fault = in_language(str(job.error), language) or type(job.error).__name__
    return {"running": job.running, "fault": fault, "filed": job.result}


def _quarters(serving: Serving) -> Iterator[Quarter]:
    """Yield quarters that have ended in the market's data, the newest first."""
    folder = folders_of(serving.place)[0]
    try:
        last = read_manifest(assets.data("sample") if folder is None else folder).last
    except JeoulError:  # the page of the data says what is wrong with it
        return
    sessions = api.calendars()["XKRX"].sessions
    after = sessions[sessions > np.datetime64(last)]
    quarter = quarter_of(after[0].astype(object) if len(after) else last)
    for _ in range(QUARTERS):
        quarter = quarter_of(quarter.first - timedelta(days=1))
        yield quarter
