"""The page of ``jeoul data``: what every column of a market folder covers, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import TYPE_CHECKING

from jeoul.messages import say
from jeoul.model.finding import Severity
from jeoul.reporting.charts.figure import Figure, FigureTable, LegendKey
from jeoul.reporting.charts.lanes import Lane, LaneSpan, lane_chart
from jeoul.reporting.data_words import caption, coded_text, group_text, ordered
from jeoul.reporting.pages import PageHead, render_page

if TYPE_CHECKING:
    from jeoul.market import Market
    from jeoul.market.coverage import Coverage
    from jeoul.model.finding import Finding

_ROWS, _GAP, _FLAG = "s1", "w1", "flag"


def render_data(
    market: Market, rows: Sequence[Coverage], found: Sequence[Finding], lang: str
) -> str:
    """Return the coverage and the findings of a market folder as one HTML page."""
    head = PageHead(
        language=lang,
        kind=say(lang, "data.kind"),
        title=say(lang, "data.title", {"source": market.source}),
        simulated=market.simulated,
        day=market.last,
        notes=[caption(rows, lang)],
    )
    days = [day for row in rows for day in (row.first, row.last) if day is not None]
    detail = {"count": len(rows), "first": min(days, default=""), "last": max(days, default="")}
    return render_page(
        "data/page.html.j2",
        head,
        "data",
        picture=say(lang, "data.picture", detail),
        coverage=coverage_charts(rows, found, lang),
        findings=[(f.severity is Severity.SERIOUS, coded_text(f, lang)) for f in ordered(found)],
    )


def coverage_charts(rows: Sequence[Coverage], found: Sequence[Finding], lang: str) -> list[Figure]:
    """Return the lanes of each exchange, and of the other columns, on a common axis of days."""
    serious = [f for f in found if f.severity is Severity.SERIOUS]
    keys = [LegendKey(style, say(lang, f"data.legend_{name}")) for style, name in _KEYS]
    days = [day for row in rows for day in (row.first, row.last) if day is not None]
    if not days:
        return []
    charts = []
    for _, members in groupby(rows, key=lambda row: row.group):
        for part in batched(members, LANES):
            lanes = [
                Lane(row.name, _spans(row), [f.day for f in serious if f.subject == row.name])
                for row in part
            ]
            detail = {
                "group": group_text(part[0], lang),
                "first": part[0].name,
                "last": part[-1].name,
            }
            caption = say(lang, "data.lanes", detail)
            charts.append(
                lane_chart(caption, lanes, (min(days), max(days)), _table(part, lang), keys)
            )
    return charts


LANES = 24
"""The lanes of one chart, at most: a page of A4 has room for two charts."""

_KEYS = ((_ROWS, "rows"), (_GAP, "gap"), (_FLAG, "serious"))


def batched(rows: Iterable[Coverage], count: int) -> Iterator[list[Coverage]]:
    """Yield rows by so many at a time."""
    left = iter(rows)
    while part := list(islice(left, count)):
        yield part


def _spans(row: Coverage) -> list[LaneSpan]:
    if row.first is None or row.last is None:
        return []
    gaps = [LaneSpan(_GAP, gap.first, gap.last) for gap in row.gaps]
    return [LaneSpan(_ROWS, row.first, row.last), *gaps]


def _table(rows: Sequence[Coverage], lang: str) -> FigureTable:
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
    return FigureTable(tuple(say(lang, f"data.{name}") for name in names), cells)
