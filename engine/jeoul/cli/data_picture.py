"""The picture of ``jeoul data``: one lane per column on a common time axis, in one HTML file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from jeoul.cli.data_words import caption, finding_text, ordered
from jeoul.messages import say
from jeoul.model.finding import Severity

if TYPE_CHECKING:
    from jeoul.market import Market
    from jeoul.market.coverage import Coverage
    from jeoul.model.finding import Finding

WIDTH = 1000
LEFT = 150  # room for names
LANE = 18
TOP = 34

_PAGE = """\
<!doctype html>
<html lang="{{ lang }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>
:root { color-scheme: light dark; --ink: #1c2733; --paper: #ffffff; --soft: #c9d3dc;
  --rows: #2f6f9f; --gap: #d98a00; --serious: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf0; --paper: #12181f; --soft: #3a4652;
  --rows: #6fb1e0; --gap: #f0b34a; --serious: #ff8a80; } }
body { margin: 2rem auto; max-width: 68rem; padding: 0 1rem; background: var(--paper);
  color: var(--ink); font: 15px/1.55 system-ui, "Apple SD Gothic Neo", "Noto Sans KR",
  "Malgun Gothic", sans-serif; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.05rem; margin-top: 2rem; }
.simulated { border: 2px solid var(--serious); padding: .2rem .6rem; display: inline-block; }
.chart { overflow-x: auto; } svg { min-width: 46rem; width: 100%; height: auto; }
svg text { fill: var(--ink); font-size: 12px; } .grid { stroke: var(--soft); }
.rows { fill: var(--rows); } .gap { fill: var(--gap); } .serious { fill: var(--serious); }
.legend span { margin-right: 1.4rem; } .legend i { display: inline-block; width: .9em;
  height: .7em; margin-right: .4em; }
li.serious-text { font-weight: 600; } ul { padding-left: 1.2rem; }
</style>
</head>
<body>
<h1>{{ title }}</h1>
{% if simulated %}<p class="simulated">{{ simulated }}</p>{% endif %}
<p>{{ caption }}</p>
<p class="legend">
<span><i style="background: var(--rows)"></i>{{ legend_rows }}</span>
<span><i style="background: var(--gap)"></i>{{ legend_gap }}</span>
<span><i style="background: var(--serious)"></i>{{ legend_serious }}</span>
</p>
<div class="chart">{{ svg }}</div>
<h2>{{ found_title }}</h2>
{% if findings %}<ul>
{% for serious, text in findings %}
<li{% if serious %} class="serious-text"{% endif %}>{{ text }}</li>
{% endfor %}</ul>{% else %}<p>{{ none }}</p>{% endif %}
</body>
</html>
"""


def page(market: Market, rows: Sequence[Coverage], found: Sequence[Finding], lang: str) -> str:
    """Return a self-contained HTML page; it loads nothing from anywhere."""
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    return environment.from_string(_PAGE).render(
        lang=lang,
        title=say(lang, "data.title", {"source": market.source}),
        simulated=say(lang, "data.simulated") if market.simulated else "",
        caption=caption(rows, lang),
        legend_rows=say(lang, "data.legend_rows"),
        legend_gap=say(lang, "data.legend_gap"),
        legend_serious=say(lang, "data.legend_serious"),
        svg=_svg(rows, found, lang),
        found_title=say(lang, "data.found"),
        findings=[(f.severity is Severity.SERIOUS, finding_text(f, lang)) for f in ordered(found)],
        none=say(lang, "data.none"),
    )


def _svg(rows: Sequence[Coverage], found: Sequence[Finding], lang: str) -> Markup:
    dated = [row for row in rows if row.first is not None and row.last is not None]
    if not dated:
        return Markup("")
    first = min(row.first for row in dated if row.first is not None)
    last = max(row.last for row in dated if row.last is not None)
    height = TOP + LANE * len(rows) + 8
    detail = {"count": len(rows), "first": first, "last": last}
    parts = [
        Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
            WIDTH, height, say(lang, "data.picture", detail)
        ),
        *_years(first, last, height),
    ]
    serious = [f for f in found if f.severity is Severity.SERIOUS]
    for place, row in enumerate(rows):
        marks = [f.day for f in serious if f.subject == row.name]
        parts += _lane(row, marks, TOP + LANE * place, first, last)
    return Markup("\n").join([*parts, Markup("</svg>")])


def _x(day: date, first: date, last: date) -> float:
    span = max((last - first).days, 1)
    share = min(max((day - first).days / span, 0.0), 1.0)
    return LEFT + (WIDTH - LEFT - 8) * share


def _years(first: date, last: date, height: int) -> Iterator[Markup]:
    years = range(first.year + 1, last.year + 1)
    step = max(1, len(years) // 12)
    for year in years[::step]:
        x = f"{_x(date(year, 1, 1), first, last):.1f}"
        yield Markup('<line class="grid" x1="{}" x2="{}" y1="22" y2="{}"/>').format(x, x, height)
        yield Markup('<text x="{}" y="16" text-anchor="middle">{}</text>').format(x, year)


def _lane(
    row: Coverage, marks: Sequence[date], top: int, first: date, last: date
) -> Iterator[Markup]:
    middle = top + LANE - 6
    yield Markup('<text x="{}" y="{}" text-anchor="end">{}</text>').format(
        LEFT - 8, middle, escape(row.name)
    )
    if row.first is None or row.last is None:
        return
    yield _bar("rows", row.first, row.last, top + 4, first, last)
    for gap in row.gaps:
        yield _bar("gap", gap.first, gap.last, top + 4, first, last)
    for day in marks:
        x = _x(day, first, last)
        points = f"{x:.1f},{top + 2} {x - 5:.1f},{top + 14} {x + 5:.1f},{top + 14}"
        yield Markup('<polygon class="serious" points="{}"><title>{}</title></polygon>').format(
            points, day
        )


def _bar(kind: str, begin: date, end: date, top: int, first: date, last: date) -> Markup:
    left, right = _x(begin, first, last), _x(end, first, last)
    return Markup(
        '<rect class="{}" x="{:.1f}" y="{}" width="{:.1f}" height="10"><title>{}</title></rect>'
    ).format(kind, left, top, max(right - left, 1.5), f"{begin} – {end}")
