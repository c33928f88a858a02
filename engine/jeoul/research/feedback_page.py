"""One self-contained HTML page for what feedback came to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from jeoul.reporting.charts.axes import day_axis, percent_axis
from jeoul.reporting.charts.figure import Figure, FigureTable
from jeoul.reporting.charts.lines import Line, line_chart
from jeoul.reporting.formats import Formats
from jeoul.reporting.pages import PageHead, render_page
from jeoul.reporting.templating import checked_language
from jeoul.research.feedback_words import FeedbackWords, Judged

_HEADS = ("name", "cagr", "volatility", "fall", "sharpe", "loss", "weight")


def render_feedback(judged: Sequence[Judged], title: str, language: str, *, simulated: bool) -> str:
    """Return the feedback of some profiles as one HTML page in ``ko`` or ``en``.

    Raises :class:`~jeoul.errors.UsageError` for another language.
    """
    words = [FeedbackWords(each, checked_language(language)) for each in judged]
    head = PageHead(
        language=language,
        kind=words[0].say("kind"),
        title=title,
        simulated=simulated,
        day=judged[0].found.run.end,
        notes=(words[0].say("off"),),
    )
    profiles = [
        {
            "id": each.judged.found.profile,
            "title": each.title,
            "verdict": each.verdict,
            "table": _table(each),
            "weights": weights_chart(each),
            "sentences": list(each.sentences())[1:],
        }
        for each in words
    ]
    return render_page("feedback/page.html.j2", head, "feedback", profiles=profiles)


def _table(words: FeedbackWords) -> FigureTable:
    heads = tuple(words.say(f"column_{name}") for name in _HEADS)
    cells = [words.cells(name, each) for name, each in words.judged.found.figures.items()]
    return FigureTable(heads, tuple(tuple(row[name] for name in _HEADS) for row in cells))


def weights_chart(words: FeedbackWords) -> Figure | None:
    """Return the weight of each rule set by month, within the rails."""
    learning = words.judged.found.learning
    days = np.array(learning.months, dtype="datetime64[D]")
    formats = Formats(words.language, "Asia/Seoul")
    equal = 1.0 / len(learning.experts)
    axis = percent_axis(formats, words.say("weights_axis"), 0.5 * equal, 2.0 * equal)
    lines = [
        Line(words.name(name), days, learning.weights[:, place])
        for place, name in enumerate(learning.experts)
    ]
    return line_chart(words.say("weights"), day_axis(), axis, lines)
