"""A self-contained page with the table and the chart of an account comparison."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from jeoul.advice.compare import Point, RouteResult, yearly_return
from jeoul.advice.explain import explain
from jeoul.messages import say

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 840, 380, 56, 34, 14
_NAMES, _ROW = 282, 28
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
        f"<figure>{bars(language, results)}</figure><figure>{chart(language, results)}</figure>"
        f"{steps}<footer>{notes}</footer></body></html>"
    )


_STYLE = (
    "body{font-family:system-ui,sans-serif;max-width:880px;margin:2rem auto;padding:0 1rem;"
    "color:#222}table{border-collapse:collapse;width:100%}td,th{padding:.35rem .6rem;"
    "border-bottom:1px solid #ddd;text-align:right}td:first-child,th:first-child{text-align:left}"
    "table{font-size:.9rem}td+td,th{white-space:nowrap}h1{font-size:1.3rem}h2{font-size:1rem}"
    "figure{margin:1.2rem 0}"
    "footer{color:#555;font-size:.85rem}svg{width:100%;height:auto}"
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
        f'<rect x="{_LEFT + 12}" y="{_TOP + 8 + 17 * place}" width="12" height="9" '
        f'fill="{colour}"/><text x="{_LEFT + 30}" y="{_TOP + 17 + 17 * place}" fill="#222" '
        f'font-size="13">{escape(name)}</text>'
        for place, (name, _, colour) in enumerate(series)
    )
    label = escape(say(language, "compare.chart"))
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}">'
        f"<title>{label}</title>{_grid(results[0].line, top)}{lines}{legend}</svg>"
    )


def bars(language: str, results: Sequence[RouteResult]) -> str:
    """Return an SVG of what each route leaves after tax, with its taxes beside it."""
    top = max(found.value + found.credits for found in results) or 1
    across = _WIDTH - _NAMES - 130
    rows = "".join(
        _bar(say(language, f"compare.route_{found.route.name}"), found, place, across / top)
        for place, found in enumerate(results)
    )
    label = escape(say(language, "compare.bars"))
    height = _ROW * len(results) + 22
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{label}">'
        f'<title>{label}</title><text x="0" y="13" font-size="13" fill="#555">{label}</text>'
        f"{rows}</svg>"
    )


def _bar(name: str, found: RouteResult, place: int, scale: float) -> str:
    y, colour = 22 + _ROW * place, _COLOURS[place % len(_COLOURS)]
    kept, taxed = found.after_tax * scale, found.tax * scale
    return (
        f'<text x="0" y="{y + 17}" font-size="13" fill="#222">{escape(name)}</text>'
        f'<rect x="{_NAMES}" y="{y + 4}" width="{kept:.1f}" height="18" fill="{colour}"/>'
        f'<rect x="{_NAMES + kept:.1f}" y="{y + 4}" width="{taxed:.1f}" height="18" '
        f'fill="{colour}" opacity="0.3"/>'
        f'<text x="{_NAMES + kept + taxed + 6:.1f}" y="{y + 17}" font-size="13" fill="#222">'
        f"{found.after_tax / 1e6:,.1f}</text>"
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
    # the last label would run over the edge
    years = range(0, len(line) - 6, 24)
    columns = "".join(
        f'<text x="{_x(place, len(line)):.1f}" y="{_HEIGHT - 12}" text-anchor="middle" '
        f'font-size="12" fill="#555">{line[place].day.year}-{line[place].day.month:02d}</text>'
        for place in years
    )
    return rows + columns
