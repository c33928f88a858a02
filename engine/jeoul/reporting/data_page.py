"""The page of ``jeoul data``: what every column of a market folder covers, and what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from jeoul.messages import say
from jeoul.model.finding import Severity
from jeoul.reporting.charts.figure import Figure, Key, Table
from jeoul.reporting.charts.lanes import Lane, Span, lane_chart
from jeoul.reporting.data_words import caption, finding_text, group_text, ordered
from jeoul.reporting.pages import Head, render_page

if TYPE_CHECKING:
    from jeoul.market import Market
    from jeoul.market.coverage import Coverage
    from jeoul.model.finding import Finding

_ROWS, _GAP, _FLAG = "s1", "w1", "flag"


def render_data(
    market: Market, rows: Sequence[Coverage], found: Sequence[Finding], lang: str
) -> str:
    """Return the coverage and the findings of a market folder as one HTML page."""
    head = Head(
        language=lang,
        kind=say(lang, "data.kind"),
        title=say(lang, "data.title", {"source": market.source}),
        simulated=market.simulated,
        day=market.last,
        notes=[caption(rows, lang)],
    )
    return render_page(
        "data/page.html.j2",
        head,
        "data",
        coverage=coverage_chart(rows, found, lang),
        findings=[(f.severity is Severity.SERIOUS, finding_text(f, lang)) for f in ordered(found)],
    )


def coverage_chart(rows: Sequence[Coverage], found: Sequence[Finding], lang: str) -> Figure | None:
    """Return one lane for each column on a common axis of days; None for a folder without rows."""
    serious = [f for f in found if f.severity is Severity.SERIOUS]
    lanes = [
        Lane(row.name, _spans(row), [f.day for f in serious if f.subject == row.name])
        for row in rows
    ]
    days = [day for lane in lanes for span in lane.spans for day in span[1:]]
    detail = {"count": len(rows), "first": min(days, default=""), "last": max(days, default="")}
    keys = [Key(style, say(lang, f"data.legend_{name}")) for style, name in _KEYS]
    return lane_chart(say(lang, "data.picture", detail), lanes, _table(rows, lang), keys)


_KEYS = ((_ROWS, "rows"), (_GAP, "gap"), (_FLAG, "serious"))


def _spans(row: Coverage) -> list[Span]:
    if row.first is None or row.last is None:
        return []
    gaps = [Span(_GAP, gap.first, gap.last) for gap in row.gaps]
    return [Span(_ROWS, row.first, row.last), *gaps]


def _table(rows: Sequence[Coverage], lang: str) -> Table:
    names = ("column", "group", "first", "last", "rows", "missing", "serious", "notices")
    cells = tuple(
        (
            row.name,
            group_text(row, lang),
            *("–" if day is None else day.isoformat() for day in (row.first, row.last)),
            *(f"{number:,}" for number in (row.rows, row.missing, row.serious, row.notices)),
        )
        for row in rows
    )
    return Table(tuple(say(lang, f"data.{name}") for name in names), cells)
