"""A self-contained page with the table and the chart of an account comparison."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from jeoul.korea.compare import Point, RouteResult, yearly_return
from jeoul.korea.explain import explain
from jeoul.messages import say

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 840, 380, 56, 34, 14
_COLOURS = ("#1f6f8b", "#b5532a", "#3b7d3a", "#6a4c93", "#7a7a7a")
_COLUMNS = ("paid", "value", "tax", "credits", "after", "rate")


def render(language: str, results: Sequence[RouteResult], remarks: Sequence[str]) -> str:
    """Return an HTML page: the table after all taxes, the chart, and every tax step.

    Nothing is loaded from elsewhere; every text is escaped.
    """
    first = results[0]
    title = say(
        language,
        "compare.title",
        {
            "monthly": first.paid // (len(first.line) - 1),
            "first": first.line[0].day,
            "last": first.line[-1].day,
            "months": len(first.line) - 1,
        },
    )
    head = "".join(
        f"<th>{escape(say(language, f'compare.column_{name}'))}</th>"
        for name in ("route", *_COLUMNS)
    )
    body = "".join(_row(language, found) for found in results)
    steps = "".join(_steps(language, found) for found in results)
    notes = "".join(f"<p>{escape(remark)}</p>" for remark in remarks)
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(title)}</h1><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        f"<figure>{chart(language, results)}</figure>{steps}<footer>{notes}</footer></body></html>"
    )


_STYLE = (
    "body{font-family:system-ui,sans-serif;max-width:880px;margin:2rem auto;padding:0 1rem;"
    "color:#222}table{border-collapse:collapse;width:100%}td,th{padding:.35rem .6rem;"
    "border-bottom:1px solid #ddd;text-align:right}td:first-child,th:first-child{text-align:left}"
    "footer{color:#555;font-size:.85rem}svg{width:100%;height:auto}h2{font-size:1rem}"
)


def _row(language: str, found: RouteResult) -> str:
    name = say(language, f"compare.route_{found.route.name}")
    numbers = (found.paid, found.value, found.tax, found.credits, found.after_tax)
    cells = "".join(f"<td>{number:,}</td>" for number in numbers)
    return f"<tr><td>{escape(name)}</td>{cells}<td>{yearly_return(found):.2%}</td></tr>"


def _steps(language: str, found: RouteResult) -> str:
    name = escape(say(language, f"compare.route_{found.route.name}"))
    items = "".join(f"<li>{escape(explain(language, step))}</li>" for step in found.steps)
    return f"<h2>{name}</h2><ol>{items}</ol>"


def chart(language: str, results: Sequence[RouteResult]) -> str:
    """Return an SVG of what was paid in and what each route was worth, in million won."""
    top = max(point.value for found in results for point in found.line) or 1
    paid = [point._replace(value=point.paid) for point in results[0].line]
    names = [say(language, f"compare.route_{found.route.name}") for found in results]
    series = [(say(language, "compare.paid"), paid, "#bbbbbb")]
    series += [
        (name, list(found.line), colour)
        for name, found, colour in zip(names, results, _COLOURS, strict=True)
    ]
    lines = "".join(
        f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{_points(line, top)}"/>'
        for _, line, colour in series
    )
    legend = "".join(
        f'<text x="{_LEFT + 12}" y="{_TOP + 16 + 17 * place}" fill="{colour}" font-size="13">'
        f"{escape(name)}</text>"
        for place, (name, _, colour) in enumerate(series)
    )
    label = escape(say(language, "compare.chart"))
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}">'
        f"<title>{label}</title>{_grid(results[0].line, top)}{lines}{legend}</svg>"
    )


def _points(line: Sequence[Point], top: int) -> str:
    return " ".join(
        f"{_x(place, len(line)):.1f},{_y(point.value, top):.1f}" for place, point in enumerate(line)
    )


def _x(place: int, count: int) -> float:
    return _LEFT + (_WIDTH - _LEFT - 10) * place / (count - 1)


def _y(value: float, top: int) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _BOTTOM - _TOP) * value / top


def _grid(line: Sequence[Point], top: int) -> str:
    rows = "".join(
        f'<line x1="{_LEFT}" x2="{_WIDTH - 10}" y1="{_y(top * part / 4, top):.1f}" '
        f'y2="{_y(top * part / 4, top):.1f}" stroke="#eeeeee"/>'
        f'<text x="{_LEFT - 6}" y="{_y(top * part / 4, top) + 4:.1f}" text-anchor="end" '
        f'font-size="12" fill="#555">{top * part / 4 / 1e6:,.1f}</text>'
        for part in range(5)
    )
    years = [place for place in range(len(line)) if place % 24 == 0]
    columns = "".join(
        f'<text x="{_x(place, len(line)):.1f}" y="{_HEIGHT - 12}" text-anchor="middle" '
        f'font-size="12" fill="#555">{line[place].day.year}-{line[place].day.month:02d}</text>'
        for place in years
    )
    return rows + columns
