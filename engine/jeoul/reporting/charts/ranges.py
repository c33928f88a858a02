"""Ranges under one another: from the least to the largest, with the middle and one marked value."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import numpy as np

from jeoul.reporting.charts.axes import Axis
from jeoul.reporting.charts.figure import Figure, FigureTable, LegendKey, edges, opening
from jeoul.reporting.charts.scales import Scale

ROW = 26  # pixels


class MarkedRange(NamedTuple):
    """One range with its name; ``marked`` is a value to compare with, None without one."""

    name: str
    low: float
    middle: float
    high: float
    marked: float | None = None


def range_chart(
    caption: str,
    x: Axis,
    ranges: Sequence[MarkedRange],
    table: FigureTable,
    keys: Sequence[LegendKey] = (),
) -> Figure:
    """Return one bar from low to high for each range, a dot in the middle, a ring where marked.

    >>> from jeoul.reporting.charts.axes import number_axis
    >>> from jeoul.reporting.formats import Formats
    >>> axis = number_axis(Formats("en", "Asia/Seoul"), "Sharpe ratio")
    >>> bars, table = [MarkedRange("0.05", 0.4, 0.5, 0.7)], FigureTable(("Band",), ())
    >>> figure = range_chart("Band", axis, bars, table)
    >>> figure.svg.count("<circle")
    1
    """
    ends = [value for each in ranges for value in (each.low, each.high, each.marked)]
    across = Scale(x, np.array([end for end in ends if end is not None]), room=0.05)
    height = ROW * len(ranges)
    parts = [opening(f"chart ranges {edges(each.name for each in ranges)}", caption, height=height)]
    for share, text in across.marks():
        parts.append(
            f'<line class="level" x1="{share:.2%}" x2="{share:.2%}" y1="0" y2="{height}"/>'
            f'<text class="foot" x="{share:.2%}" y="{height + 16}">{escape(text)}</text>'
        )
    parts.append(f'<text class="axis end" x="100%" y="{height + 34}">{escape(x.title)}</text>')
    for place, each in enumerate(ranges):
        parts += _range(each, across, place * ROW + ROW / 2)
    return Figure(caption, "".join([*parts, "</svg>"]), table, tuple(keys), mark="box")


def _range(each: MarkedRange, across: Scale, middle: float) -> list[str]:
    low, high = float(across.share(each.low)), float(across.share(each.high))
    top, wide = f"{middle - 4:g}", f"{high - low:.2%}"
    parts = [
        f'<text class="tick" x="0" y="{middle + 4:g}" dx="-8">{escape(each.name)}</text>',
        f'<rect class="span s1" x="{low:.2%}" y="{top}" width="{wide}" height="8"/>',
        f'<circle class="dot" cx="{float(across.share(each.middle)):.2%}" cy="{middle:g}" r="4"/>',
    ]
    if each.marked is not None:
        share = float(across.share(each.marked))
        parts.append(f'<circle class="ring" cx="{share:.2%}" cy="{middle:g}" r="7"/>')
    return parts
