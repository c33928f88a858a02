"""The application: the pages behind the gate, and what a refusal looks like."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import cache

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.types import ASGIApp

from jeoul import assets
from jeoul.errors import AlreadyRunning, JeoulError
from jeoul.messages import LANGUAGES, catalogue, say
from jeoul.translation import in_language
from jeoul.web.access import Gate
from jeoul.web.pages import MENU, begin, why
from jeoul.web.shared import HERE, ForeignChange, Serving, language_of, page, serving_of, templates


def create_app(serving: Serving) -> ASGIApp:
    """Return the application behind its gate."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        read_ahead(serving)
        yield
        serving.kept.close()

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    serving.menu = MENU
    app.state.serving = serving
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.mount("/fonts", StaticFiles(directory=assets.data("fonts")), name="fonts")
    for router in ROUTERS:  # as they are: including them would build each again at the first page
        app.router.routes.extend(router.routes)
    app.add_exception_handler(JeoulError, _refused)
    app.add_exception_handler(404, _missing)
    return Gate(app, serving.access)


def read_ahead(serving: Serving) -> None:
    """Read what the first page needs, so that its reader does not wait for it.

    What is wrong with a file is said by the page that shows it.
    """
    for language in LANGUAGES:
        catalogue(language)
    for template in (HERE / "templates").glob("*.j2"):
        templates().get_template(template.name)
    _style()
    with suppress(JeoulError):
        serving.place.state()


async def _refused(request: Request, error: Exception) -> Response:
    """Show what stopped a page, in the language of its reader."""
    language = language_of(request)
    if isinstance(error, ForeignChange):
        return PlainTextResponse(in_language(str(error), language), status_code=403)
    status = 409 if isinstance(error, AlreadyRunning) else 422
    said = say(language, "web.running") if status == 409 else in_language(str(error), language)
    said += f" [{type(error).__name__}]"
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
    return Response(_style(), media_type="text/css")


@cache
def _style() -> str:
    names = ("base.css", "charts.css", "household/page.css", "web.css")
    return "\n".join(templates().get_template(name).render() for name in names)


@_ROUTER.get("/language/{language}")
def choose_language(request: Request, language: str, back: str = "/today") -> Response:
    """Keep the language that a reader chose in their browser; it changes nothing else."""
    known = [each.path for each in MENU]
    response = RedirectResponse(back if back in known else "/today", status_code=303)
    if language in LANGUAGES:
        name = serving_of(request).language_cookie
        response.set_cookie(name, language, httponly=True, samesite="strict", max_age=31_536_000)
    return response


ROUTERS = (_ROUTER, begin.router, why.router, *(each.router for each in MENU))
"""Every route there is: a test holds that each change among them needs the secret of its page."""
