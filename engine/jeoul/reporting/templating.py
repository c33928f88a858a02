"""The templates of the pages: how they are loaded, and how they speak."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jeoul.errors import UsageError
from jeoul.messages import LANGUAGES, catalogue, counted

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
_WHOLE = '<span class="whole">'
_APART = re.compile(
    rf"({_WHOLE}.*?</span>|<(style|script|title|svg|textarea|option|pre)\b.*?</\2>|<[^>]*>)",
    re.DOTALL,
)
_COMMAND = re.compile(r"`([^`\n]+)`")
_DAY = re.compile(r"(?<!<time>)\b\d{4}-\d{2}-\d{2}\b")
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


def checked_language(language: str) -> str:
    """Return a language that has a catalogue, or raise :class:`UsageError`."""
    if language not in LANGUAGES:
        raise UsageError(
            f"{language!r} is not a language of jeoul; use one of {', '.join(LANGUAGES)}"
        )
    return language


def speaker(language: str, table: str) -> Callable[..., str]:
    """Return the messages of a page's own table as a function for its templates.

    What fills the places is escaped; a date is kept on one line.
    """
    from markupsafe import Markup

    texts = catalogue(language)

    def speak(name: str, /, **detail: object) -> str:
        shown = {
            key: Markup("<time>{}</time>").format(value)
            if isinstance(value, date | np.datetime64)
            else value
            for key, value in detail.items()
        }
        return Markup(counted(texts[f"{table}.{name}"], detail)).format(**shown)

    return speak


def with_code(page: str) -> str:
    """Return a page whose texts have commands as code, where a message has them in backticks.

    The name of an option is not broken at its hyphens.

    >>> with_code("<p title='`a`'>Run `jeoul data`.</p>")
    "<p title='`a`'>Run <code>jeoul data</code>.</p>"
    >>> with_code("Give --answers.")
    'Give <span class="whole">--answers</span>.'
    >>> with_code(with_code("Give --answers."))
    'Give <span class="whole">--answers</span>.'
    """
    if "`" not in page and "--" not in page:
        return page
    texts = _APART.split(page)  # a text, what is apart from it, the name of its tag, a text …
    texts[::3] = [
        _COMMAND.sub(r"<code>\1</code>", _OPTION.sub(rf"{_WHOLE}\g<0></span>", text))
        for text in texts[::3]
    ]
    texts[2::3] = [""] * len(texts[2::3])
    return "".join(texts)


def dated(text: str) -> str:
    """Return a title in which no date is broken at its hyphens.

    >>> dated("2023-06-01 to 2026-06-30")
    Markup('<time>2023-06-01</time> to <time>2026-06-30</time>')
    """
    from markupsafe import Markup, escape

    return Markup(_DAY.sub(r"<time>\g<0></time>", str(escape(text))))


@cache
def environment() -> Environment:
    """Return the environment in which the templates are loaded.

    All that fills them is escaped, and commands in backticks become code.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

    class Coded(Template):
        def render(self, *given: Any, **named: Any) -> str:
            text = super().render(*given, **named)
            return text if str(self.name).endswith(".css") else with_code(text)

    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.template_class = Coded
    found.filters["dated"] = dated
    return found
