"""Whether a good variant stands on a plateau or on a needle."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import isnan
from statistics import median
from typing import Any

from jeoul.messages import say
from jeoul.reporting.font import FAMILY, font_faces
from jeoul.research.grid import Values

_WIDTH, _HEIGHT, _EDGE, _AXIS = 420, 120, 24, 44
_STYLE = (
    f'body{{font:15px/1.5 "{FAMILY}",sans-serif;max-width:48em;margin:2em auto;padding:0 20px;'
    "color:#222}h2{font-size:1.1em;overflow-wrap:anywhere}table{border-collapse:collapse}"
    "table{font-size:.9em}td,th{padding:.2em .4em;text-align:right;border-bottom:1px solid #ddd}"
    f'svg{{display:block;max-width:100%;height:auto}}svg text{{font:11px "{FAMILY}",sans-serif}}'
)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One value of one key: Sharpe ratios over all variants that have it.

    ``beside`` is the ratio of the variant that differs from the best one in this key alone, None
    if it has none.
    """

    key: str
    value: Any
    count: int
    worst: float
    median: float
    best: float
    beside: float | None


def neighbourhood(variants: Sequence[Values], sharpes: Iterable[float]) -> list[Neighbour]:
    """Return the map: every value of every key, in the order of the values.

    ``sharpes`` are the variants' ratios over the sessions that all share, NaN where undefined.
    """
    rated = [
        (values, float(ratio))
        for values, ratio in zip(variants, sharpes, strict=True)
        if not isnan(ratio)
    ]
    if not rated:
        return []
    best, _ = max(rated, key=lambda one: one[1])
    found = []
    for key in best:
        own_values = {repr(values[key]): values[key] for values, _ in rated}
        for value in sorted(own_values.values(), key=_order):
            own = [(values, ratio) for values, ratio in rated if values[key] == value]
            ratios = [ratio for _, ratio in own]
            wanted = {**best, key: value}
            beside = next((ratio for values, ratio in own if values == wanted), None)
            found.append(
                Neighbour(key, value, len(ratios), min(ratios), median(ratios), max(ratios), beside)
            )
    return found


def page(found: Sequence[Neighbour], title: str, language: str, *, simulated: bool = False) -> str:
    """Return the map as one HTML page: a small chart and a table for each key, nothing loaded."""
    parts = []
    for key in dict.fromkeys(one.key for one in found):
        own = [one for one in found if one.key == key]
        parts += [f"<h2>{escape(key)}</h2>", _chart(own), _table(own, language)]
    note = escape(say(language, "research.map_note"))
    warning = f"<p><b>{escape(say(language, 'research.simulated'))}</b></p>" if simulated else ""
    body = f"<h1>{escape(title)}</h1>{warning}<p>{note}</p>{''.join(parts)}"
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{font_faces(body)}{_STYLE}</style>{body}</html>\n"
    )


def _order(value: Any) -> tuple[bool, Any]:
    number = isinstance(value, int | float)
    return (not number, value if number else str(value))


def _chart(own: Sequence[Neighbour]) -> str:
    """Draw the range of each value as a bar, the median as a dot, the best one's neighbours."""
    low, high = min(one.worst for one in own), max(one.best for one in own)
    room = (high - low) or 1.0

    def down(ratio: float) -> float:
        return _EDGE + (high - ratio) / room * (_HEIGHT - 2 * _EDGE)

    step = (_WIDTH - _AXIS - 2 * _EDGE) / max(1, len(own) - 1)
    marks = [_level(ratio, down(ratio)) for ratio in dict.fromkeys((high, low))]
    for place, one in enumerate(own):
        x = _AXIS + _EDGE + place * step
        marks.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{down(one.worst):.1f}" y2="{down(one.best):.1f}" '
            'stroke="#9bb" stroke-width="8"/>'
            f'<circle cx="{x:.1f}" cy="{down(one.median):.1f}" r="4" fill="#245"/>'
            f'<text x="{x:.1f}" y="{_HEIGHT - 6}" text-anchor="middle">'
            f"{escape(str(one.value))}</text>"
        )
        if one.beside is not None:
            marks.append(
                f'<circle cx="{x:.1f}" cy="{down(one.beside):.1f}" r="6" fill="none" '
                'stroke="#b40"/>'
            )
    return (
        f'<svg width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(own[0].key)}">{"".join(marks)}</svg>'
    )


def _level(ratio: float, y: float) -> str:
    """Draw a line at a Sharpe ratio, with its figure on the left."""
    return (
        f'<line x1="{_AXIS}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
        f'<text x="{_AXIS - 6}" y="{y + 4:.1f}" text-anchor="end">{ratio:.2f}</text>'
    )


def _table(own: Sequence[Neighbour], language: str) -> str:
    heads = ("map_value", "map_count", "map_worst", "map_median", "map_best", "map_beside")
    head = "".join(f"<th>{escape(say(language, f'research.{name}'))}</th>" for name in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells(one)) + "</tr>" for one in own
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def cells(one: Neighbour) -> tuple[str, ...]:
    """Return one line of the map as text."""
    return (
        str(one.value),
        str(one.count),
        f"{one.worst:.2f}",
        f"{one.median:.2f}",
        f"{one.best:.2f}",
        "-" if one.beside is None else f"{one.beside:.2f}",
    )
