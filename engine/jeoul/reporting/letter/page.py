"""The quarterly letter as one HTML page that prints on A4."""

from __future__ import annotations

from jeoul.reporting.charts.axes import day_axis, percent_axis
from jeoul.reporting.charts.figure import Figure
from jeoul.reporting.charts.lines import Line, line_chart
from jeoul.reporting.charts.rows import BarRow, Piece, colours, row_chart
from jeoul.reporting.letter.facts import LetterFacts, Managed
from jeoul.reporting.letter.words import LetterWords
from jeoul.reporting.pages import PageHead, render_page
from jeoul.reporting.templating import checked_language
from jeoul.reporting.views import whole_percent


def render_letter(facts: LetterFacts, language: str) -> str:
    """Return a letter as one HTML page in ``ko`` or ``en``: same facts, same bytes.

    Raises :class:`~jeoul.errors.UsageError` for another language.
    """
    words = LetterWords(facts, checked_language(language))
    start, end = words.days
    head = PageHead(
        language=language,
        kind=words.say("kind"),
        title=words.say("title", title=facts.statement.title, quarter=facts.quarter),
        simulated=facts.statement.simulated,
        day=end,
        meta=(
            (words.say("period"), f"{start} ~ {end}"),
            ("", words.say("account_count", count=len(facts.statement.accounts))),
        ),
        notes=(words.lead,),
    )
    return render_page(
        "letter/page.html.j2",
        head,
        "letter",
        facts=facts,
        w=words,
        f=words.won,
        courses={each.id: course_chart(words, each) for each in facts.managed},
        weights=weights_chart(words),
        colours=colours(facts.classes),
    )


def course_chart(words: LetterWords, managed: Managed) -> Figure | None:
    """Return an account's return since the quarter began beside its benchmark's."""
    lines = [
        Line(words.say("own"), managed.sessions, managed.unit - 1.0),
        Line(words.say("benchmark"), managed.sessions, managed.benchmark - 1.0),
    ]
    axis = percent_axis(words.won, words.say("chart_axis"), 0.0)
    return line_chart(words.say("chart"), day_axis(), axis, lines, size="short")


def weights_chart(words: LetterWords) -> Figure:
    """Return bars of the classes before and at the end of the quarter."""
    styles = colours(words.facts.classes)
    parts = {part.key: part for part in words.facts.by_class}

    def pieces(when: str) -> list[Piece]:
        return [
            Piece(styles[item.key], words.into(item.name), getattr(parts[item.key], when))
            for item in words.facts.classes
            if getattr(parts[item.key], when) > 0.0
        ]

    rows = [BarRow(words.say(when), "", pieces(when)) for when in ("before", "now") if pieces(when)]
    text = words.won.percent
    return row_chart(words.say("weights"), rows, text, inside=whole_percent, whole=1.0)
