"""The templates of the pages: how they are loaded, and how they speak."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from jeoul.errors import UsageError
from jeoul.messages import LANGUAGES, catalogue, counted

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"


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


@cache
def environment() -> Environment:
    """Return the environment in which the templates are loaded: all that fills them is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
