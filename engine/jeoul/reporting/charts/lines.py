"""Lines over days or numbers, with bands of percentiles, areas, and what happened behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Literal

import numpy as np
import numpy.typing as npt

from jeoul.model.calendar import Reals
from jeoul.reporting.charts.axes import Axis
from jeoul.reporting.charts.figure import (
    HEIGHT,
    STYLES,
    WIDTH,
    Figure,
    FigureTable,
    LegendKey,
    edges,
    fits,
    foot_texts,
    framed,
    grid,
    level_texts,
    title_texts,
)
from jeoul.reporting.charts.scales import MAX_POINTS, Scale, as_reals, path, runs, spread, thin

LABEL_GAP = 15.0  # pixels between the names at the right end
HEIGHTS = {"tall": 260.0, "short": 200.0}  # pixels, as charts.css has them on a phone
ROWS = 24
"""The table of a line names at most so many days: the last of each year, or evenly chosen."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One line: its name, where its points are, and their values; NaN interrupts it.

    ``x`` are days (datetime64) or numbers. The place of a line among the lines is its style, the
    first one lying on top. ``area`` fills what is between the line and 0.
    """

    name: str
    x: npt.ArrayLike
    y: npt.ArrayLike
    area: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """A band between two lines, such as the middle 80 % of simulated paths."""

    name: str
    x: npt.ArrayLike
    low: npt.ArrayLike
    high: npt.ArrayLike


@dataclass(frozen=True, slots=True)
class Stretch:
    """A grey stretch of days behind the lines; ``depth`` from 0 to 1, None ends at the last day."""

    start: date
    end: date | None
    depth: float = 0.5


@dataclass(frozen=True, slots=True)
class EventTick:
    """A stroke at the foot: something happened on that day; a ``minor`` one is half as long."""

    day: date
    minor: bool = False


def line_chart(
    caption: str,
    x: Axis,
    y: Axis,
    lines: Sequence[Line],
    *,
    bands: Sequence[Band] = (),
    behind: Sequence[Stretch | EventTick] = (),
    size: Literal["tall", "short"] = "tall",
) -> Figure | None:
    """Return lines over bands of percentiles, each named at its right end; None without two points.

    Names that have no room there are in a legend, as they are on a phone.
    Give the widest band first. The table has a row for each year's last day, or for at most
    24 points of a short axis.

    >>> from jeoul.reporting.charts.axes import day_axis, percent_axis
    >>> from jeoul.reporting.formats import Formats
    >>> axis = percent_axis(Formats("en", "Asia/Seoul"), "Since the start")
    >>> days = np.array(["2024-01-02", "2024-01-03"], "datetime64[D]")
    >>> figure = line_chart("Return", day_axis(), axis, [Line("Account", days, [0.0, 0.012])])
    >>> figure.table.rows
    (('2024-01-02', '0.0%'), ('2024-01-03', '1.2%'))
    """
    drawn = [(line, as_reals(line.x), as_reals(line.y)) for line in lines]
    fans = [(as_reals(each.x), as_reals(each.low), as_reals(each.high)) for each in bands]
    places = np.concatenate(
        [np.empty(0), *(each for _, each, _ in drawn), *(fan[0] for fan in fans)]
    )
    if len(places) < 2 or float(places.min()) == float(places.max()):
        return None
    across = Scale(x, places, room=0.0)
    values = [each for _, _, each in drawn] + [each for fan in fans for each in fan[1:]]
    up = Scale(y, np.concatenate(values), room=0.03)
    marks = [(1.0 - share, text) for share, text in up.marks()]
    names = [line.name for line in lines]
    direct = fits(names)
    inner = [
        *_behind(behind, across),
        *grid(share for share, _ in marks),
        *(_fan(fan, across, up) for fan in fans),
        *_lines(drawn, across, up),
    ]
    texts = [
        *level_texts(marks),
        *foot_texts(across.marks()),
        *title_texts(x.title, y.title),
        *(_names(drawn, up, HEIGHTS[size]) if direct else []),
    ]
    label = f"{caption}. " + ", ".join(
        f"{line.name} {y.cell(float(each[-1]))}" for line, _, each in drawn if len(each)
    )
    keys = [LegendKey(f"s{place % STYLES}", name) for place, name in enumerate(names)]
    keys += [LegendKey(f"f{place}", band.name) for place, band in enumerate(bands)]
    kind = f"lines {size} {edges([text for _, text in marks], names if direct else ())}"
    return Figure(
        caption,
        framed(kind, label, inner, texts),
        _table(x, y, drawn, bands),
        tuple(keys),
        direct=direct and not bands,
    )


_Drawn = tuple[Line, Reals, Reals]


def _behind(behind: Sequence[Stretch | EventTick], across: Scale) -> list[str]:
    found = []
    for each in behind:
        if isinstance(each, Stretch):
            start = float(across.share(_ordinal(each.start)))
            end = 1.0 if each.end is None else float(across.share(_ordinal(each.end)))
            left, right = max(0.0, start) * WIDTH, min(1.0, end) * WIDTH
            if right > left:
                opacity = 0.08 + 0.16 * each.depth
                found.append(
                    f'<rect class="band" x="{left:.1f}" y="0" width="{max(right - left, 1.5):.1f}"'
                    f' height="{HEIGHT}" fill-opacity="{opacity:.2f}"/>'
                )
    return found + _ticks([each for each in behind if isinstance(each, EventTick)], across)


def _ticks(ticks: Sequence[EventTick], across: Scale) -> list[str]:
    """Return strokes at the foot of the picture, in one path for each length."""
    found = []
    for minor, height in ((False, 40), (True, 20)):
        places = [float(across.share(_ordinal(t.day))) for t in ticks if t.minor is minor]
        strokes = "".join(
            f"M{place * WIDTH:.1f} {HEIGHT}v-{height}" for place in places if 0.0 <= place <= 1.0
        )
        if strokes:
            found.append(f'<path class="turn{" minor" if minor else ""}" d="{strokes}"/>')
    return found


def _ordinal(day: date) -> float:
    return float(np.datetime64(day, "D").astype(np.int64))


def _fan(fan: tuple[Reals, Reals, Reals], across: Scale, up: Scale) -> str:
    x, low, high = fan
    places = x[:: max(1, len(x) // (MAX_POINTS // 2))]
    kept = np.searchsorted(x, places)
    there, back = across.share(x[kept]) * WIDTH, across.share(x[kept])[::-1] * WIDTH
    above, below = (1.0 - up.share(high[kept])) * HEIGHT, (1.0 - up.share(low[kept])) * HEIGHT
    drawn = path(np.concatenate((there, back)), np.concatenate((above, below[::-1])))
    return f'<path class="fan" d="{drawn}z"/>'


def _lines(drawn: Sequence[_Drawn], across: Scale, up: Scale) -> list[str]:
    """Return the lines, the first last so that it lies on top."""
    found = []
    for place, (line, x, y) in reversed(list(enumerate(drawn))):
        strokes = []
        for run in runs(y):
            kept = thin(y[run], lows_only=line.area)
            left = across.share(x[run][kept]) * WIDTH
            down = (1.0 - up.share(y[run][kept])) * HEIGHT
            strokes.append(path(left, down))
            if line.area:
                level = (1.0 - float(up.share(0.0))) * HEIGHT
                area = path(left, down, closed_at=level)
                found.append(f'<path class="area" d="{area}"/>')
        found.append(f'<path class="track s{place % STYLES}" d="{"".join(strokes)}"/>')
    return found


def _names(drawn: Sequence[_Drawn], up: Scale, height: float) -> list[str]:
    """Return each line's name at its right end with its stroke, apart where they would collide."""
    ends = []
    for _, _, y in drawn:
        known = y[np.isfinite(y)]
        ends.append((1.0 - float(up.share(known[-1]))) * height if len(known) else height)
    placed = zip(drawn, spread(ends, LABEL_GAP, 4.0, height), strict=True)
    return [
        f'<svg class="tip" x="100%" y="{down / height:.2%}">'
        f'<path class="track s{place % STYLES}" d="M6 0h16"/>'
        f'<text class="name s{place % STYLES}" x="26" y="4">{escape(line.name)}</text></svg>'
        for place, ((line, _, _), down) in enumerate(placed)
    ]


def _table(x: Axis, y: Axis, drawn: Sequence[_Drawn], bands: Sequence[Band]) -> FigureTable:
    """Return the values at chosen places, those of a band as both of its ends."""
    columns = [
        dict(zip(each.tolist(), map(y.cell, values.tolist()), strict=True))
        for _, each, values in drawn
    ]
    for band in bands:
        ends = zip(as_reals(band.low).tolist(), as_reals(band.high).tolist(), strict=True)
        texts = [f"{y.cell(low)} – {y.cell(high)}" for low, high in ends]
        columns.append(dict(zip(as_reals(band.x).tolist(), texts, strict=True)))
    every = np.array(sorted(set().union(*columns)))
    rows = tuple(
        (x.text(place), *(column.get(place, "–") for column in columns))
        for place in chosen(every, days=x.days).tolist()
    )
    names = (*(line.name for line, _, _ in drawn), *(band.name for band in bands))
    return FigureTable((x.title, *names), rows)


def chosen(places: Reals, *, days: bool) -> Reals:
    """Return the places that a table names: the last of each year or month, or evenly chosen.

    >>> chosen(np.arange(0.0, 1000.0), days=True).tolist()
    [364.0, 729.0, 999.0]
    """
    if len(places) <= ROWS:
        return places
    if days:
        dates = places.astype(np.int64).astype("datetime64[D]")
        for unit in ("M", "Y"):
            periods = dates.astype(f"datetime64[{unit}]")
            found = places[np.append(periods[1:] != periods[:-1], True)]
            if len(found) <= ROWS or unit == "Y":
                return np.asarray(found)
    return np.asarray(places[np.linspace(0, len(places) - 1, ROWS).round().astype(int)])
