"""What the pages share: the files served, the language, the frame of a page, and its changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import ChoiceLoader, Environment, FileSystemLoader
from markupsafe import Markup
from starlette.background import BackgroundTask

from jeoul.errors import JeoulError
from jeoul.messages import LANGUAGES
from jeoul.operations.letter.filing import Filed
from jeoul.reporting.templating import environment, speaker
from jeoul.web.access import Access, change_allowed, change_secret
from jeoul.web.job import Job
from jeoul.web.kept import Kept
from jeoul.web.place import ServedFiles
from jeoul.workspace.fetch_report import FetchReport
from jeoul.workspace.holdings_file import NewHoldings

HERE = Path(__file__).parent
CHANGE = "change"
"""The field of a form, and the header of a request, with the secret of its page."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page: the message ``web.NAME`` is its word in the menu, ``path`` where it is."""

    name: str
    path: str
    router: APIRouter


@dataclass(slots=True)
class Serving:
    """What the pages share: the files served, what was made of them, and the language at first.

    ``uploads`` are the holdings files that a page has shown and nobody has taken yet, by account.
    """

    place: ServedFiles
    access: Access
    language: str
    menu: tuple[Page, ...] = ()
    kept: Kept = field(default_factory=Kept)
    fetch: Job[FetchReport] = field(default_factory=Job)
    letter: Job[Filed] = field(default_factory=Job)
    uploads: dict[str, NewHoldings] = field(default_factory=dict)

    @property
    def language_cookie(self) -> str:
        """Return the name of the cookie with the language that a reader chose."""
        return f"jeoul_lang_{self.access.port}"


def serving_of(request: Request) -> Serving:
    """Return what the pages of a request's server share."""
    found: Serving = request.app.state.serving
    return found


def language_of(request: Request) -> str:
    """Return the language of a request: the one that was chosen, else that of the server."""
    serving = serving_of(request)
    chosen = request.cookies.get(serving.language_cookie)
    return chosen if chosen in LANGUAGES else serving.language


def page(
    request: Request, template: str, context: Mapping[str, Any], status: int = 200
) -> Response:
    """Return a page in its frame, or a part of one for an element that asks again."""
    language = language_of(request)
    serving = serving_of(request)
    frame = {
        "lang": language,
        "other": next(each for each in LANGUAGES if each != language),
        "t": speaker(language, "web"),
        "menu": [(each.path, each.name) for each in serving.menu] if serving.place.begun else [],
        "here": request.url.path,
        "change": change_secret(request.state.session),
    }
    body = templates().get_template(template).render({**frame, **context})
    return HTMLResponse(body, status_code=status, background=BackgroundTask(serving.kept.begin))


def part(template: str, view: Mapping[str, object]) -> Markup:
    """Return a part of a report's page as it is there, for a page around it."""
    return Markup(templates().get_template(template).render(view))


@cache
def templates() -> Environment:
    """Return the environment of the pages: their own templates, and those of the reports.

    It is made once, so that no request compiles a template that an earlier one has compiled.
    """
    own = environment().overlay()
    shared = own.loader
    assert shared is not None
    own.loader = ChoiceLoader([FileSystemLoader(HERE / "templates"), shared])
    return own


async def changes(request: Request) -> None:
    """Refuse a change that lacks the secret of the session's pages; for every route with one."""
    sent = request.headers.get(f"x-{CHANGE}")
    if sent is None:
        value = (await request.form()).get(CHANGE)
        sent = value if isinstance(value, str) else None
    if not change_allowed(request.state.session, sent):
        raise ForeignChange


class ForeignChange(JeoulError):
    """A change without the secret of the session's own pages."""

    def __init__(self) -> None:
        super().__init__("this form is not from a page of this session; open the page again")
