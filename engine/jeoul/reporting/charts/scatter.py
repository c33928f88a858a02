"""Points over two axes: calibration with its diagonal and intervals, a frontier with its curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from jeoul.model.calendar import Reals
from jeoul.reporting.charts.axes import Axis
from jeoul.reporting.charts.figure import (
    HEIGHT,
    STYLES,
    WIDTH,
    Figure,
    FigureTable,
    edges,
    foot_texts,
    framed,
    grid,
    level_texts,
    pixels,
    title_texts,
)
from jeoul.reporting.charts.scales import Scale, path


@dataclass(frozen=True, slots=True)
class Point:
    """One point: where it is, its name beside it, and the interval of its height if it has one.

    ``style`` is a series of the charts (its colour and its shape); ``name`` may be "".
    """

    x: float
    y: float
    name: str = ""
    style: int = 0
    interval: tuple[float, float] | None = None


def scatter_chart(
    caption: str,
    x: Axis,
    y: Axis,
    points: Sequence[Point],
    *,
    curve: tuple[Reals, Reals] | None = None,
    diagonal: bool = False,
    heads: tuple[str, str] = ("", ""),
    label: str | None = None,
) -> Figure:
    """Return points, over a curve or a diagonal on which both axes agree.

    Both axes of a diagonal need ``ends``. ``heads`` name the table's columns of names and of
    intervals. ``label`` says what the chart shows for a reader who does not see it; by default
    its caption.

    >>> from jeoul.reporting.charts.axes import percent_axis
    >>> from jeoul.reporting.formats import Formats
    >>> f = Formats("en", "Asia/Seoul")
    >>> axes = [percent_axis(f, title, 0.0, 1.0) for title in ("Promised", "Came true")]
    >>> points = [Point(0.8, 0.75, "Balanced", interval=(0.7, 0.8))]
    >>> scatter_chart("Calibration", *axes, points, diagonal=True).table.rows
    (('Balanced', '80.0%', '75.0%', '70.0% – 80.0%'),)
    """
    intervals = [end for each in points for end in each.interval or ()]
    curves = (np.array([]), np.array([])) if curve is None else curve
    across = Scale(x, np.array([each.x for each in points] + [*curves[0]]), room=0.06)
    up = Scale(y, np.array([each.y for each in points] + intervals + [*curves[1]]), room=0.06)
    marks = [(1.0 - share, text) for share, text in up.marks()]
    inner = [*grid(share for share, _ in marks)]
    if diagonal:
        inner.append(_diagonal(x, y, across, up))
    if curve is not None:
        line = path(across.share(curve[0]) * WIDTH, (1.0 - up.share(curve[1])) * HEIGHT)
        inner.append(f'<path class="track s1 plain" d="{line}"/>')
    inner += [_interval(each, across, up) for each in points if each.interval is not None]
    texts = [
        *level_texts(marks),
        *foot_texts(across.marks()),
        *title_texts(x.title, y.title),
        *_marks(points, across, up),
    ]
    table = _table((heads[0], x.title, y.title, heads[1]), x, y, points)
    kind = f"scatter {edges([text for _, text in marks])}"
    return Figure(caption, framed(kind, label or caption, inner, texts), table)


def _diagonal(x: Axis, y: Axis, across: Scale, up: Scale) -> str:
    """Return the line on which a value of one axis is the same on the other."""
    ends = np.array([max(min(x.ends), min(y.ends)), min(max(x.ends), max(y.ends))])
    line = path(across.share(ends) * WIDTH, (1.0 - up.share(ends)) * HEIGHT)
    return f'<path class="diagonal" d="{line}"/>'


def _interval(point: Point, across: Scale, up: Scale) -> str:
    assert point.interval is not None
    low, high = (HEIGHT * float(1.0 - up.share(end)) for end in point.interval)
    left = float(across.share(point.x)) * WIDTH
    return f'<path class="interval s{point.style % STYLES}" d="M{left:.1f} {low:.1f}V{high:.1f}"/>'


def _marks(points: Sequence[Point], across: Scale, up: Scale) -> list[str]:
    """Return the points with their names, each where it meets no other name or point."""
    spots = [(float(across.share(p.x)), float(1.0 - up.share(p.y))) for p in points]
    taken = [_box(left, down, 5, 0, 0) for left, down in spots]
    found = []
    for place, (point, (left, down)) in enumerate(zip(points, spots, strict=True)):
        style = f"s{point.style % STYLES}"
        found.append(f'<circle class="mark {style}" cx="{left:.2%}" cy="{down:.2%}" r="5"/>')
        if not point.name:
            continue
        length = pixels(point.name)
        others = taken[:place] + taken[place + 1 :]
        rated = [(_clashes(_box(left, down, length, *way), others), way) for way in _WAYS]
        _, (side, drop) = min(rated, key=lambda one: one[0])
        taken.append(_box(left, down, length, side, drop))
        anchor = "start" if side > 0 else "end"
        found.append(
            f'<text class="name {style}" x="{left:.2%}" y="{down:.2%}" dx="{10 * side}"'
            f' dy="{drop}" text-anchor="{anchor}">{escape(point.name)}</text>'
        )
    return found


_WAYS = ((1, 18), (-1, -8), (1, -8), (-1, 18))  # the side of a name, and how far below
_PLOT = (290.0, 260.0)  # pixels of the picture on a phone
_Box = tuple[float, float, float, float]


def _box(left: float, down: float, length: float, side: int, drop: int) -> _Box:
    """Return the room of a name beside a point in pixels, or of the point where no side is."""
    x, y = left * _PLOT[0], down * _PLOT[1]
    if not side:
        return x - length, y - length, x + length, y + length
    near, far = x + 8 * side, x + (10 + length) * side
    return min(near, far), y + drop - 12, max(near, far), y + drop + 3


def _clashes(box: _Box, others: Sequence[_Box]) -> float:
    """Return how much of a box lies on others or beyond the picture, in square pixels."""
    left, top, right, foot = box
    lost = max(0.0, -left) + max(0.0, right - _PLOT[0])
    total = lost * (foot - top)
    for x0, y0, x1, y1 in others:
        total += max(0.0, min(right, x1) - max(left, x0)) * max(0.0, min(foot, y1) - max(top, y0))
    return total


def _table(heads: tuple[str, ...], x: Axis, y: Axis, points: Sequence[Point]) -> FigureTable:
    rows = tuple(
        (each.name or str(place), x.text(each.x), y.text(each.y), _ends(y, each.interval))
        for place, each in enumerate(points, 1)
    )
    if any(each.interval is not None for each in points):
        return FigureTable(heads, rows)
    return FigureTable(heads[:-1], tuple(row[:-1] for row in rows))


def _ends(y: Axis, interval: tuple[float, float] | None) -> str:
    return "–" if interval is None else f"{y.text(interval[0])} – {y.text(interval[1])}"
