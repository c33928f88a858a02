"""Growth and drawdown charts as SVG that stretches to the width of the page.

Lines live in an inner drawing of fixed units that is stretched; texts are placed in percent, so
that they keep their size on a phone. Lines differ by dash as well as by colour.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date
from html import escape
from typing import NamedTuple

import numpy as np

from jeoul.model.calendar import Reals
from jeoul.reporting.facts import Episode, Overlay, Track, Transition
from jeoul.reporting.formats import Formats
from jeoul.reporting.plot import linear_levels, log_levels, path, spread, thin, year_marks

CHARTED = ("strategy", "static", "sixty_forty", "cash")
WIDTH, HEIGHT = 1200, 1000  # units of the inner, stretched drawing
HEIGHTS = {"growth": 260.0, "drawdown": 200.0}  # pixels, as the style sheet has them on a phone
LABEL_GAP = 15.0  # pixels between the names at the right end


class Line(NamedTuple):
    """One line of a chart: its place among the styles, its name, its days and values."""

    style: int
    name: str
    days: Reals
    values: Reals


def growth_chart(tracks: Sequence[Track], overlay: Overlay, formats: Formats) -> str:
    """Return the growth of one unit on a logarithmic axis, with what the overlay did behind.

    A band is a stretch with fewer risk assets; a tick at its foot a cut (full) or a step up (half).
    """
    lines = [
        line._replace(values=np.log(line.values / line.values[0]))
        for line in _lines(tracks, formats)
    ]
    if not lines:
        return ""
    low = min(float(line.values.min()) for line in lines)
    high = max(float(line.values.max()) for line in lines)
    levels = log_levels(math.exp(low) * 0.999, math.exp(high))
    marks = {
        math.log(level): formats.say("report.times", {"times": f"{level:g}"}) for level in levels
    }
    return _chart(lines, marks, (low, high), formats, kind="growth", overlay=overlay)


def drawdown_chart(tracks: Sequence[Track], formats: Formats) -> str:
    """Return how far each way of having been invested was below its own peak."""
    lines = [
        line._replace(values=line.values / np.maximum.accumulate(line.values) - 1.0)
        for line in _lines(tracks, formats)
    ]
    if not lines:
        return ""
    low = min(-0.005, *(float(line.values.min()) for line in lines))
    marks = {level: formats.percent(level, 1 if low > -0.02 else 0) for level in linear_levels(low)}
    return _chart(lines, marks, (low, 0.0), formats, kind="drawdown")


def _lines(tracks: Sequence[Track], formats: Formats) -> list[Line]:
    found = []
    for track in tracks:
        if track.key not in CHARTED or len(track.nav) < 2:
            continue
        name = formats.say(f"report.label_{track.key}")
        days = track.sessions.astype("datetime64[D]").astype(np.float64)
        found.append(Line(CHARTED.index(track.key), name, days, np.asarray(track.nav)))
    return found


def _chart(
    lines: Sequence[Line],
    marks: dict[float, str],
    ends: tuple[float, float],
    formats: Formats,
    *,
    kind: str,
    overlay: Overlay | None = None,
) -> str:
    """Return one chart: bands, levels, lines, ticks of the overlay, then the texts."""
    first = min(line.days[0] for line in lines)
    last = max(line.days[-1] for line in lines)
    low, high = ends
    room = (high - low) * 0.03 or 1.0

    def across(days: Reals) -> Reals:
        return np.asarray((days - first) / (last - first))

    def down(values: Reals) -> Reals:
        return np.asarray((high + room - values) / (high - low + 2 * room))

    title = escape(formats.say(f"report.chart_{kind}"))
    parts = [
        f'<svg class="lines {kind}" role="img" aria-label="{title}"><title>{title}</title>',
        f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none">',
        *([] if overlay is None else _bands(overlay.episodes, across)),
        *(
            f'<path class="level" d="M0 {round(float(down(np.array(level))) * HEIGHT)}h{WIDTH}"/>'
            for level in marks
        ),
        *_paths(lines, across, down, filled=kind == "drawdown"),
        *([] if overlay is None else _ticks(overlay.transitions, across)),
        "</svg>",
        *_level_texts(marks, down),
        *_year_texts(first, last, across),
        *_name_texts(lines, down, HEIGHTS[kind]),
        "</svg>",
    ]
    return "".join(parts)


Scale = Callable[[Reals], Reals]


def _bands(episodes: Sequence[Episode], across: Scale) -> list[str]:
    bands = []
    for episode in episodes:
        start = float(across(_ordinal(episode.start)))
        end = 1.0 if episode.end is None else float(across(_ordinal(episode.end)))
        left, right = max(0.0, start) * WIDTH, min(1.0, end) * WIDTH
        if right > left:
            depth = 0.08 + 0.16 * (1.0 - episode.scale)
            bands.append(
                f'<rect class="band" x="{left:.1f}" y="0" width="{max(right - left, 1.5):.1f}"'
                f' height="{HEIGHT}" fill-opacity="{depth:.2f}"/>'
            )
    return bands


def _ticks(transitions: Sequence[Transition], across: Scale) -> list[str]:
    """Return the cuts and the steps up as two paths of short strokes at the foot of the chart."""
    found = []
    for kind, height in (("cut", 40), ("rise", 20)):
        days = [t.session for t in transitions if t.cause.kind == f"overlay.{kind}"]
        places = [float(across(_ordinal(day))) for day in days]
        strokes = "".join(
            f"M{place * WIDTH:.1f} {HEIGHT}v-{height}" for place in places if 0.0 <= place <= 1.0
        )
        if strokes:
            found.append(f'<path class="turn {kind}" d="{strokes}"/>')
    return found


def _ordinal(day: date) -> Reals:
    return np.array(np.datetime64(day).astype("datetime64[D]").astype(np.float64))


def _paths(lines: Sequence[Line], across: Scale, down: Scale, *, filled: bool) -> list[str]:
    """Return the lines, the strategy last so that it lies on top."""
    found = []
    for line in reversed(lines):
        kept = thin(line.values, lows_only=filled)
        x, y = across(line.days[kept]) * WIDTH, down(line.values[kept]) * HEIGHT
        if filled and line.style == 0:
            area = path(x, y, closed_at=float(down(np.array(0.0))) * HEIGHT)
            found.append(f'<path class="area" d="{area}"/>')
        found.append(f'<path class="track s{line.style}" d="{path(x, y)}"/>')
    return found


def _level_texts(marks: dict[float, str], down: Scale) -> list[str]:
    """Return the levels' names left of the plot, where no line runs."""
    return [
        f'<text class="tick" x="0" y="{float(down(np.array(level))):.2%}" dx="-8" dy="4">'
        f"{escape(text)}</text>"
        for level, text in marks.items()
    ]


def _year_texts(first: float, last: float, across: Scale) -> list[str]:
    begun, ended = (int(np.datetime64(int(day), "D").astype(object).year) for day in (first, last))
    years = [(year, float(across(_ordinal(date(year, 1, 1))))) for year in year_marks(begun, ended)]
    inside = [(year, share) for year, share in years if 0.03 < share < 0.97]
    return [
        f'<text class="year{" minor" if place % 2 else ""}" x="{share * 100:.2f}%" y="100%"'
        f' dy="16">{year}</text>'
        for place, (year, share) in enumerate(reversed(inside))
    ]


def _name_texts(lines: Sequence[Line], down: Scale, height: float) -> list[str]:
    """Return each line's name at its right end, moved apart where they would collide."""
    ends = [float(down(line.values[-1:])[0]) * height for line in lines]
    return [
        f'<text class="name s{line.style}" x="100%" y="{place / height * 100:.2f}%" dx="8" dy="4">'
        f"{escape(line.name)}</text>"
        for line, place in zip(lines, spread(ends, LABEL_GAP, 4.0, height), strict=True)
    ]
