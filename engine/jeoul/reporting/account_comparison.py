"""A self-contained page with the table and the chart of an account comparison."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from jeoul.advice.compare import Point, RouteResult, yearly_return
from jeoul.advice.explain import explain, word
from jeoul.messages import say
from jeoul.reporting.font import FAMILY, font_faces

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 840, 380, 56, 34, 14
_COLOURS = (
    "#1f6f8b", "#8fb8c6", "#b5532a", "#3b7d3a", "#6a4c93", "#7a7a7a",
    "#c28f2c", "#2c4a7c", "#a03a5b", "#5b8c85", "#4d4d4d", "#9c7bb8",
)  # fmt: skip


def columns(*, health: bool) -> tuple[str, ...]:
    """Return the columns of the table; premiums only where the status is known.

    What is left after tax stands first: a phone shows two columns without scrolling.

    >>> columns(health=False)
    ('route', 'after', 'rate', 'paid', 'value', 'tax', 'credits')
    """
    behind = ("paid", "value", "tax", *(("health",) if health else ()), "credits")
    return ("route", "after", "rate", *behind)


def cells(found: RouteResult, *, health: bool) -> tuple[str, ...]:
    """Return the figures of a row, in the order of the columns behind the name."""
    numbers = [found.paid, found.value, found.tax]
    numbers += [found.health] if health else []
    numbers += [found.credits]
    first = (f"{found.after_tax:,}", f"{yearly_return(found):.2%}")
    return (*first, *(f"{number:,}" for number in numbers))


def label(language: str, found: RouteResult) -> str:
    """Return what a route is called in a language."""
    route = found.route
    if route.title is None:
        name = say(language, f"compare.route_{route.name}")
    elif route.yearly:
        name = say(language, "compare.own_yearly", {"fund": route.title})
    else:
        detail = {"fund": route.title, "account": word(language, route.account)}
        name = say(language, "compare.own", detail)
    return say(language, "compare.lump", {"name": name}) if found.lump else name


def title_of(language: str, results: Sequence[RouteResult]) -> str:
    """Return the title: what is paid, when, and that the figures are after tax."""
    monthly = next((found for found in results if not found.lump), None)
    lump = next((found for found in results if found.lump), None)
    first = results[0].line
    detail: dict[str, object] = {"first": first[0].day, "last": first[-1].day}
    if monthly is not None:
        months = len(monthly.line) - 1
        detail |= {"months": months, "monthly": monthly.paid // months, "paid": monthly.paid}
    if lump is not None:
        detail["lump"] = lump.paid
    if lump is None:
        return say(language, "compare.title", detail)
    return say(language, "compare.title_lump" if monthly is None else "compare.title_both", detail)


def render(
    language: str, results: Sequence[RouteResult], remarks: Sequence[str], *, health: bool = False
) -> str:
    """Return an HTML page: the table after all taxes, the chart, and every tax step.

    Nothing is loaded from elsewhere; every text is escaped.
    """
    title = title_of(language, results)
    head = "".join(
        f"<th>{escape(say(language, f'compare.column_{name}'))}</th>"
        for name in columns(health=health)
    )
    body = "".join(_row(language, found, health=health) for found in results)
    steps = "".join(_steps(language, found) for found in results)
    notes = "".join(f"<p>{escape(remark)}</p>" for remark in remarks)
    page = (
        f'<h1>{escape(title)}</h1><div class="wide"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
        f"<figure>{bars(language, results)}</figure>"
        f'<figure><div class="wide">{chart(language, results)}</div>'
        f"{_legend(language, results)}</figure>"
        f"{steps}<footer>{notes}</footer>"
    )
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{font_faces(page)}{_STYLE}</style></head>"
        f"<body>{page}</body></html>"
    )


_STYLE = (
    f'body{{font-family:"{FAMILY}",system-ui,sans-serif;'
    "max-width:880px;margin:2rem auto;padding:0 1rem;"
    "color:#222;line-height:1.45;overflow-wrap:anywhere}"
    ".wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem}"
    "td,th{padding:.35rem .6rem;border-bottom:1px solid #ddd;text-align:right}"
    "td:first-child,th:first-child{text-align:left;min-width:8.5rem}td+td,th{white-space:nowrap}"
    "h1{font-size:1.3rem}h2{font-size:1rem}figure{margin:1.2rem 0}"
    "ul.key{list-style:none;padding:0;margin:.4rem 0;display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;"
    "font-size:.85rem}ul.key i{display:inline-block;width:.8em;height:.8em;margin-right:.4em}"
    ".bar{font-size:.85rem;margin:.45rem 0}.bar div{display:flex;align-items:center}"
    ".bar i{height:1rem}.bar b{font-weight:400;margin-left:.4rem}figcaption{color:#555}"
    "footer{color:#555;font-size:.85rem}svg{width:100%;min-width:34rem;height:auto}"
)


def _row(language: str, found: RouteResult, *, health: bool) -> str:
    figures = "".join(f"<td>{figure}</td>" for figure in cells(found, health=health))
    return f"<tr><td>{escape(label(language, found))}</td>{figures}</tr>"


def _steps(language: str, found: RouteResult) -> str:
    items = "".join(f"<li>{escape(explain(language, step))}</li>" for step in found.steps)
    return f"<h2>{escape(label(language, found))}</h2><ol>{items}</ol>"


def _colour(place: int) -> str:
    return _COLOURS[place % len(_COLOURS)]


def _legend(language: str, results: Sequence[RouteResult]) -> str:
    names = [(say(language, "compare.paid"), "#bbbbbb")]
    names += [(label(language, found), _colour(place)) for place, found in enumerate(results)]
    items = "".join(
        f'<li><i style="background:{colour}"></i>{escape(name)}</li>' for name, colour in names
    )
    return f'<ul class="key">{items}</ul>'


def chart(language: str, results: Sequence[RouteResult]) -> str:
    """Return an SVG of what was paid in and what each route was worth, in million won."""
    top = max(point.value for found in results for point in found.line) or 1
    paid = [point._replace(value=point.paid) for point in results[0].line]
    series: list[tuple[Sequence[Point], str]] = [(paid, "#bbbbbb")]
    series += [(found.line, _colour(place)) for place, found in enumerate(results)]
    lines = "".join(
        f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{_points(line, top)}"/>'
        for line, colour in series
    )
    name = escape(say(language, "compare.chart"))
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{name}">'
        f"<title>{name}</title>{_grid(results[0].line, top)}{lines}"
        f'<text x="{_LEFT + 12}" y="{_TOP + 12}" font-size="15" fill="#555">{name}</text></svg>'
    )


def bars(language: str, results: Sequence[RouteResult]) -> str:
    """Return bars of what each route leaves after tax, with its taxes beside it."""
    top = max(found.value + found.credits for found in results) or 1
    rows = "".join(
        _bar(label(language, found), found, _colour(place), 85 / top)
        for place, found in enumerate(results)
    )
    return f"<figcaption>{escape(say(language, 'compare.bars'))}</figcaption>{rows}"


def _bar(name: str, found: RouteResult, colour: str, scale: float) -> str:
    kept, taxed = (width * scale for width in (found.after_tax, found.tax + found.health))
    return (
        f'<div class="bar">{escape(name)}<div><i style="width:{kept:.1f}%;background:{colour}"></i>'
        f'<i style="width:{taxed:.1f}%;background:{colour};opacity:.3"></i>'
        f"<b>{found.after_tax / 1e6:,.1f}</b></div></div>"
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
