"""One self-contained HTML page from the facts of a run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from jeoul.errors import UsageError
from jeoul.messages import LANGUAGES, catalogue
from jeoul.reporting.bars import colours
from jeoul.reporting.facts import TOPICS, ReportFacts
from jeoul.reporting.font import FAMILY, font_faces
from jeoul.reporting.formats import Formats
from jeoul.reporting.reasons import reason_text
from jeoul.reporting.views import (
    class_weights,
    finding_groups,
    profile_views,
    side_by_side,
)

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"


def render_html(facts: ReportFacts, lang: str) -> str:
    """Return the report as one HTML page in ``ko`` or ``en``: the same facts, the same bytes.

    The page loads nothing: style, charts and the glyphs it uses are inside. Names are escaped.
    Raises :class:`UsageError` for another language.
    """
    if lang not in LANGUAGES:
        raise UsageError(f"{lang!r} is not a language of jeoul; use one of {', '.join(LANGUAGES)}")
    formats = Formats(lang, facts.timezone, facts.currency)
    template = _environment().get_template("page.html.j2")
    page = template.render(
        facts=facts,
        lang=lang,
        family=FAMILY,
        f=formats,
        t=_speaker(lang),
        views=profile_views(facts, formats),
        sides=side_by_side(facts, formats),
        groups=finding_groups(facts.findings, formats),
        colours=colours(facts.classes),
        topics={topic: formats.say(f"stance.topic_{topic}") for topic in TOPICS},
        shares=[class_weights(profile) for profile in facts.profiles],
        reason=lambda given: reason_text(given, lang),
        fonts="/*fonts*/",
    )
    return page.replace("/*fonts*/", font_faces(page), 1)


def _speaker(language: str) -> Callable[..., str]:
    """Return the messages of the report's own table as a function for the templates.

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
        return Markup(texts[f"report.{name}"]).format(**shown)

    return speak


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
