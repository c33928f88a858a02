"""One self-contained HTML page from the facts of a run."""

from __future__ import annotations

from markupsafe import Markup

from jeoul.model.money import UNITS
from jeoul.reporting.charts.rows import colours
from jeoul.reporting.facts import TOPICS, ReportFacts
from jeoul.reporting.formats import Formats
from jeoul.reporting.household.facts import HouseholdFacts
from jeoul.reporting.household.page import household_view
from jeoul.reporting.measurements import market_document
from jeoul.reporting.pages import PageHead, render_page
from jeoul.reporting.reasons import reason_text
from jeoul.reporting.templating import checked_language, environment, speaker
from jeoul.reporting.views import (
    class_weights,
    finding_groups,
    profile_views,
    side_by_side,
)


def render_html(facts: ReportFacts, lang: str, household: HouseholdFacts | None = None) -> str:
    """Return the report as one HTML page in ``ko`` or ``en``: the same facts, the same bytes.

    With a ``household`` its plan takes the place of the profiles' orders.
    The page loads nothing: style, charts and the glyphs it uses are inside. Names are escaped.
    Raises :class:`UsageError` for another language.
    """
    formats = Formats(checked_language(lang), facts.timezone, facts.currency)
    return render_page(
        "report/page.html.j2",
        _head(facts, formats, household),
        "report",
        facts=facts,
        f=formats,
        views=profile_views(facts, formats),
        sides=side_by_side(facts, formats),
        market=market_document(facts.measured, lang),
        today=speaker(lang, "today"),
        terms=speaker(lang, "terms"),
        household=() if household is None else _household(household, lang),
        groups=finding_groups(facts.findings, formats),
        colours=colours(facts.classes),
        topics={topic: formats.say(f"stance.topic_{topic}") for topic in TOPICS},
        shares=[class_weights(profile) for profile in facts.profiles],
        reason=lambda given: reason_text(given, lang),
    )


def _household(plan: HouseholdFacts, lang: str) -> tuple[Markup, ...]:
    """Return the sections of the plan of a household."""
    view, names = household_view(plan, lang), ["today"]
    if plan.is_planned:
        flows = ["flows"] if plan.new_money or plan.withdrawn else []
        names += ["orders", *flows, "exposure", "cost", *(["needs"] if plan.needs else [])]
    found = (environment().get_template(f"household/{name}.html.j2") for name in names)
    return tuple(Markup(each.render(view)) for each in found)


def _head(facts: ReportFacts, formats: Formats, household: HouseholdFacts | None) -> PageHead:
    if household is not None:
        money = formats.say("household_page.worth", {"value": formats.money(household.value)})
    elif facts.held:
        money = formats.say("report.held_worth", {"amount": formats.money(facts.held.value)})
    else:
        amount = facts.amount * UNITS[facts.currency]
        money = formats.say("report.each_profile", {"amount": formats.money(amount)})
    kind = formats.say(f"report.account_{facts.account}")
    account = () if household else ((formats.say("report.account"), kind),)
    return PageHead(
        language=formats.language,
        kind=formats.say("report.kind"),
        title=facts.title.into(formats.language) if household is None else household.title,
        simulated=facts.simulated,
        day=facts.as_of,
        meta=(
            (formats.say("report.as_of"), facts.as_of.isoformat()),
            *account,
            ("", money),
        ),
        notes=[note.into(formats.language) for note in facts.notes],
    )
