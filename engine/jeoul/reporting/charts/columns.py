"""Upright bars of several series, beside one another or stacked, above and below zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

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
    foot_texts,
    framed,
    grid,
    level_texts,
    title_texts,
)
from jeoul.reporting.charts.scales import Scale, as_reals

FILLED = 0.76  # of the room of a place is bars, the rest is between places
FEET = 10  # at most so many places are named
LABELLED = 12  # at most so many bars say their value


@dataclass(frozen=True, slots=True, eq=False)
class BarSeries:
    """One series of bars: its name, and a value for each place; NaN draws nothing."""

    name: str
    values: npt.ArrayLike


def column_chart(
    caption: str,
    series: Sequence[BarSeries],
    places: Sequence[str],
    y: Axis,
    *,
    named: str = "",
    stacked: bool = False,
) -> Figure:
    """Return bars at places, such as years: grouped, or stacked from 0 up and down.

    ``named`` says what the places are. A few bars say their value; the table has them all, with
    the places in rows.

    >>> from jeoul.reporting.charts.axes import percent_axis
    >>> from jeoul.reporting.formats import Formats
    >>> axis = percent_axis(Formats("en", "Asia/Seoul"), "Return a year")
    >>> bars = [BarSeries("Model", [0.1, -0.02])]
    >>> column_chart("Returns", bars, ["2023", "2024"], axis).table.rows
    (('2023', '10.0%'), ('2024', '−2.0%'))
    """
    values = np.array([as_reals(each.values) for each in series]).reshape(len(series), len(places))
    low, high = _ends(np.nan_to_num(values), stacked=stacked)
    up = Scale(y, np.concatenate((low.ravel(), high.ravel(), [0.0])), room=0.06)
    marks = [(1.0 - share, text) for share, text in up.marks()]
    zero = (1.0 - float(up.share(0.0))) * HEIGHT
    inner = [
        *grid(share for share, _ in marks),
        f'<path class="zero" d="M0 {zero:.1f}h{WIDTH}"/>',
    ]
    labels = []
    for order, place in np.argwhere(np.isfinite(values)).tolist():
        beside = (1, 0) if stacked else (len(series), order)
        left, thick = _across(len(places), place, *beside)
        top, foot = (float(1.0 - up.share(end[order, place])) for end in (high, low))
        text = y.text(values[order, place])
        hint = escape(f"{places[place]} {series[order].name} {text}")
        inner.append(
            f'<rect class="bar s{order % STYLES}" x="{left * WIDTH:.1f}" y="{top * HEIGHT:.1f}"'
            f' width="{thick * WIDTH:.1f}" height="{(foot - top) * HEIGHT:.1f}">'
            f"<title>{hint}</title></rect>"
        )
        if values.size <= LABELLED and not stacked:
            down, away = (top, -5) if values[order, place] >= 0 else (foot, 14)
            labels.append(
                f'<text class="value" x="{left + thick / 2:.2%}" y="{down:.2%}" dy="{away}">'
                f"{escape(text)}</text>"
            )
    texts = [*level_texts(marks), *_feet(places), *title_texts(named, y.title), *labels]
    rows = [
        (name, *(y.cell(value) for value in values[:, place].tolist()))
        for place, name in enumerate(places)
    ]
    keys = [LegendKey(f"s{order % STYLES}", each.name) for order, each in enumerate(series)]
    return Figure(
        caption,
        framed(f"upright {edges([text for _, text in marks])}", caption, inner, texts),
        FigureTable((named, *(each.name for each in series)), tuple(rows)),
        tuple(keys if len(keys) > 1 else ()),
        mark="box",
    )


def _across(places: int, place: int, bars: int, order: int) -> tuple[float, float]:
    """Return where a bar begins and how wide it is, as shares of the picture."""
    room = 1.0 / places
    thick = room * FILLED / bars
    return place * room + room * (1 - FILLED) / 2 + order * thick, thick


def _feet(places: Sequence[str]) -> list[str]:
    """Return the names of at most ten places, the last among them."""
    every = -(-len(places) // FEET)
    marks = [((place + 0.5) / len(places), name) for place, name in enumerate(places)]
    return foot_texts(marks[::-1][::every][::-1])


def _ends(values: Reals, *, stacked: bool) -> tuple[Reals, Reals]:
    """Return the low and the high end of every bar."""
    if not stacked:
        return np.minimum(values, 0.0), np.maximum(values, 0.0)
    above, below = np.maximum(values, 0.0), np.minimum(values, 0.0)
    tops, feet = np.cumsum(above, axis=0), np.cumsum(below, axis=0)
    rising = values >= 0.0
    return np.where(rising, tops - above, feet), np.where(rising, tops, feet - below)
