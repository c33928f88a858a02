"""The application: what every page shares, and the pages in the order of the menu."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from jinja2 import ChoiceLoader, Environment, FileSystemLoader
from starlette.types import ASGIApp

from jeoul import assets
from jeoul.errors import AlreadyRunning, JeoulError
from jeoul.messages import LANGUAGES, say
from jeoul.reporting.templating import environment, speaker
from jeoul.translation import in_language
from jeoul.web.access import Access, Gate, change_allowed, change_secret
from jeoul.web.kept import Kept
from jeoul.web.place import Place

HERE = Path(__file__).parent
CHANGE = "change"
"""The field of a form, and the header of a request, with the secret of its page."""


@dataclass(slots=True)
class Serving:
    """What the pages share: the files served, what was made of them, and the language at first."""

    place: Place
    access: Access
    language: str
    kept: Kept = field(default_factory=Kept)


def create_app(serving: Serving) -> ASGIApp:
    """Return the application behind its gate."""
    from jeoul.web.pages import MENU

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        serving.kept.close()

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.serving = serving
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.mount("/fonts", StaticFiles(directory=assets.data("fonts")), name="fonts")
    app.include_router(_ROUTER)
    for page in MENU:
        app.include_router(page.router)
    app.add_exception_handler(JeoulError, _refused)
    app.add_exception_handler(404, _missing)
    return Gate(app, serving.access)


def serving_of(request: Request) -> Serving:
    """Return what the pages of a request's server share."""
    found: Serving = request.app.state.serving
    return found


def language_of(request: Request) -> str:
    """Return the language of a request: the one that was chosen, else that of the server."""
    serving = serving_of(request)
    chosen = request.cookies.get(_language_cookie(serving))
    return chosen if chosen in LANGUAGES else serving.language


def page(
    request: Request, template: str, context: Mapping[str, Any], status: int = 200
) -> Response:
    """Return a page of the menu, or a part of it for an element that asks again."""
    from jeoul.web.pages import MENU

    language = language_of(request)
    serving = serving_of(request)
    shared = {
        "lang": language,
        "other": next(each for each in LANGUAGES if each != language),
        "t": speaker(language, "web"),
        "menu": [(each.path, each.name) for each in MENU],
        "here": request.url.path,
        "change": change_secret(request.state.session),
        "begun": serving.place.begun,
    }
    body = templates().get_template(template).render({**shared, **context})
    return HTMLResponse(body, status_code=status)


def templates() -> Environment:
    """Return the environment of the pages: their own templates, and those of the reports."""
    own = environment().overlay()
    shared = own.loader
    assert shared is not None
    own.loader = ChoiceLoader([FileSystemLoader(HERE / "templates"), shared])
    return own


async def changes(request: Request) -> None:
    """Refuse a change that lacks the secret of the session's pages; for every router with one."""
    sent = request.headers.get(f"x-{CHANGE}")
    if sent is None:
        form = await request.form()
        value = form.get(CHANGE)
        sent = value if isinstance(value, str) else None
    if not change_allowed(request.state.session, sent):
        raise ForeignChange


class ForeignChange(JeoulError):
    """A change without the secret of the session's own pages."""

    def __init__(self) -> None:
        super().__init__("this form is not from a page of this session; open the page again")


async def _refused(request: Request, error: Exception) -> Response:
    """Show what stopped a page, in the language of its reader."""
    language = language_of(request)
    if isinstance(error, ForeignChange):
        return PlainTextResponse(in_language(str(error), language), status_code=403)
    status = 409 if isinstance(error, AlreadyRunning) else 422
    said = say(language, "web.running") if status == 409 else in_language(str(error), language)
    return page(request, "refused.html.j2", {"lines": said.splitlines()}, status)


async def _missing(request: Request, _: Exception) -> Response:
    return page(
        request, "refused.html.j2", {"lines": [say(language_of(request), "web.missing")]}, 404
    )


_ROUTER = APIRouter()


@_ROUTER.get("/")
def first() -> Response:
    """Lead to the first page of the menu."""
    return RedirectResponse("/today", status_code=303)


@_ROUTER.get("/style.css")
def style() -> Response:
    """Return the style of every page: that of the reports, and that of the menu."""
    names = ("style.css", "household/household.css", "web.css")
    text = "\n".join(templates().get_template(name).render() for name in names)
    return Response(text, media_type="text/css")


@_ROUTER.get("/language/{language}")
def choose_language(request: Request, language: str, back: str = "/today") -> Response:
    """Keep the language that a reader chose in their browser; it changes nothing else."""
    from jeoul.web.pages import MENU

    known = [each.path for each in MENU]
    response = RedirectResponse(back if back in known else "/today", status_code=303)
    if language in LANGUAGES:
        name = _language_cookie(serving_of(request))
        response.set_cookie(name, language, httponly=True, samesite="strict", max_age=31_536_000)
    return response


def _language_cookie(serving: Serving) -> str:
    return f"jeoul_lang_{serving.access.port}"
