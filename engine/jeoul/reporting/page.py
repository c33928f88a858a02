"""One self-contained HTML page from the facts of a run."""

from __future__ import annotations

from jeoul.reporting.bars import colours
from jeoul.reporting.facts import TOPICS, ReportFacts
from jeoul.reporting.font import FAMILY, font_faces
from jeoul.reporting.formats import Formats
from jeoul.reporting.measurements import market_document
from jeoul.reporting.reasons import reason_text
from jeoul.reporting.templating import checked_language, environment, speaker
from jeoul.reporting.views import (
    class_weights,
    finding_groups,
    profile_views,
    side_by_side,
)


def render_html(facts: ReportFacts, lang: str) -> str:
    """Return the report as one HTML page in ``ko`` or ``en``: the same facts, the same bytes.

    The page loads nothing: style, charts and the glyphs it uses are inside. Names are escaped.
    Raises :class:`UsageError` for another language.
    """
    formats = Formats(checked_language(lang), facts.timezone, facts.currency)
    template = environment().get_template("page.html.j2")
    page = template.render(
        facts=facts,
        lang=lang,
        family=FAMILY,
        f=formats,
        t=speaker(lang, "report"),
        views=profile_views(facts, formats),
        sides=side_by_side(facts, formats),
        market=market_document(facts.measured, lang),
        groups=finding_groups(facts.findings, formats),
        colours=colours(facts.classes),
        topics={topic: formats.say(f"stance.topic_{topic}") for topic in TOPICS},
        shares=[class_weights(profile) for profile in facts.profiles],
        reason=lambda given: reason_text(given, lang),
        fonts="/*fonts*/",
    )
    return page.replace("/*fonts*/", font_faces(page), 1)
