"""The page of decisions looked back at."""

from __future__ import annotations

from datetime import date

from jeoul.account.hindsight.found import Hindsight
from jeoul.account.hindsight.records import HORIZONS
from jeoul.reporting.charts.axes import day_axis, percent_axis
from jeoul.reporting.charts.figure import Figure, FigureTable
from jeoul.reporting.charts.scatter import Point, scatter_chart
from jeoul.reporting.hindsight.words import HindsightWords
from jeoul.reporting.pages import PageHead, render_page
from jeoul.reporting.templating import checked_language

_EPOCH = date(1970, 1, 1)


def render_hindsight(found: Hindsight, language: str) -> str:
    """Return the decisions of an account with their outcomes as one self-contained HTML page.

    Raises :class:`~jeoul.errors.UsageError` for another language than ``ko`` and ``en``.
    """
    words = HindsightWords(found, checked_language(language))
    head = PageHead(
        language=language,
        kind=words.say("kind"),
        title=f"{found.account}: {words.say('title')}",
        simulated=found.simulated,
        day=found.last,
        meta=((words.say("as_of"), found.last.isoformat()),),
        notes=[words.say("proves_nothing")],
    )
    return render_page("hindsight/page.html.j2", head, "hindsight", **hindsight_parts(words))


def hindsight_parts(words: HindsightWords) -> dict[str, object]:
    """Return the names that the sections of ``hindsight/sections.html.j2`` are filled with.

    Another page includes them with these names and the messages of ``hindsight`` as ``h``.
    """
    return {
        "words": words,
        "found": words.found,
        "summaries": summary_table(words),
        "outcomes": outcome_table(words),
        "effects": effect_charts(words),
        "method": list(words.method()),
    }


def summary_table(words: HindsightWords) -> FigureTable:
    """Return the decisions by cause and horizon as a table."""
    names = ("cause", "horizon", "known", "apart", "better", "mean", "verdict")
    return FigureTable(
        tuple(map(words.say, names)),
        tuple(
            (
                words.cause(each.cause),
                words.say("days", days=each.days),
                words.say("pending_count", known=each.known, pending=each.pending),
                words.formats.count(each.apart),
                words.better(each),
                words.mean(each),
                words.verdict(each),
            )
            for each in words.found.summaries
        ),
    )


def outcome_table(words: HindsightWords) -> FigureTable:
    """Return every outcome that is known as a table, newest decision first."""
    names = ("session", "cause", "orders", "horizon", "untraded", "traded", "effect", "share")
    return FigureTable(
        tuple(map(words.say, names)),
        tuple(
            (
                looked.decision.session.isoformat(),
                words.cause(looked.decision.cause),
                words.counts(looked.decision),
                words.say("days", days=outcome.days),
                words.money(outcome.untraded),
                words.money(outcome.traded),
                words.signed(outcome.effect),
                words.share(looked.decision, outcome),
            )
            for looked in reversed(words.found.decisions)
            for outcome in looked.outcomes.values()
        ),
    )


def effect_charts(words: HindsightWords) -> list[Figure]:
    """Return one chart of the differences by day of decision for each horizon that is known."""
    found = []
    for days in HORIZONS:
        points = [
            Point(
                float((looked.decision.session - _EPOCH).days),
                looked.outcomes[days].effect / looked.decision.value,
            )
            for looked in words.found.decisions
            if days in looked.outcomes and looked.decision.value > 0
        ]
        if len(points) > 1:
            caption = f"{words.say('effects')}: {words.say('days', days=days)}"
            axis = percent_axis(words.formats, words.say("share"), 0.0, digits=2)
            found.append(scatter_chart(caption, day_axis(words.say("session")), axis, points))
    return found
