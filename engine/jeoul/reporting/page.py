"""One self-contained HTML page from the facts of a run."""

from __future__ import annotations

from jeoul.model.money import UNITS
from jeoul.reporting.charts.rows import colours
from jeoul.reporting.facts import TOPICS, ReportFacts
from jeoul.reporting.formats import Formats
from jeoul.reporting.measurements import market_document
from jeoul.reporting.pages import Head, render_page
from jeoul.reporting.reasons import reason_text
from jeoul.reporting.templating import checked_language
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
    return render_page(
        "report/page.html.j2",
        _head(facts, formats),
        "report",
        facts=facts,
        f=formats,
        views=profile_views(facts, formats),
        sides=side_by_side(facts, formats),
        market=market_document(facts.measured, lang),
        groups=finding_groups(facts.findings, formats),
        colours=colours(facts.classes),
        topics={topic: formats.say(f"stance.topic_{topic}") for topic in TOPICS},
        shares=[class_weights(profile) for profile in facts.profiles],
        reason=lambda given: reason_text(given, lang),
    )


def _head(facts: ReportFacts, formats: Formats) -> Head:
    if facts.held:
        money = formats.say("report.held_worth", {"amount": formats.money(facts.held.value)})
    else:
        amount = facts.amount * UNITS[facts.currency]
        money = formats.say("report.each_profile", {"amount": formats.money(amount)})
    return Head(
        language=formats.language,
        kind=formats.say("report.kind"),
        title=facts.title.into(formats.language),
        simulated=facts.simulated,
        day=facts.as_of,
        meta=(
            (formats.say("report.as_of"), facts.as_of.isoformat()),
            (formats.say("report.account"), formats.say(f"report.account_{facts.account}")),
            ("", money),
        ),
        notes=[note.into(formats.language) for note in facts.notes],
    )
