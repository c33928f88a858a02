"""Lanes on a common axis of days: what each one covers, what it lacks, and what happened in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape
from typing import NamedTuple

import numpy as np

from jeoul.reporting.charts.axes import day_axis
from jeoul.reporting.charts.figure import Figure, FigureTable, LegendKey, edges, opening
from jeoul.reporting.charts.scales import Scale

LANE, TOP = 18, 24  # pixels


class LaneSpan(NamedTuple):
    """A stretch of days in a style of the kit, such as ``s1``."""

    style: str
    first: date
    last: date


class Lane(NamedTuple):
    """One lane: its name, its stretches (the later ones lie on top), days that are marked."""

    name: str
    spans: Sequence[LaneSpan]
    marks: Sequence[date] = ()


def lane_chart(
    caption: str,
    lanes: Sequence[Lane],
    ends: tuple[date, date],
    table: FigureTable,
    keys: Sequence[LegendKey],
) -> Figure:
    """Return the lanes under one another, with the days between both ends above them.

    >>> first, last = date(2023, 1, 2), date(2024, 6, 28)
    >>> lane = Lane("VIX", [LaneSpan("s1", first, last)])
    >>> table = FigureTable(("Series",), ())
    >>> lane_chart("Series", [lane], (first, last), table, []).svg.count("<rect")
    1
    """
    across = Scale(day_axis(), np.array([_count(day) for day in ends]), room=0.0)
    height = TOP + LANE * len(lanes)
    parts = [opening(f"chart lanes {edges(lane.name for lane in lanes)}", caption, height=height)]
    for place, (share, text) in enumerate(reversed(across.marks())):
        minor = " minor" if place % 2 else ""
        parts.append(
            f'<line class="level" x1="{share:.2%}" x2="{share:.2%}" y1="{TOP - 4}" y2="{height}"/>'
            f'<text class="foot{minor}" x="{share:.2%}" y="12">{text}</text>'
        )
    for place, lane in enumerate(lanes):
        parts += _lane(lane, across, TOP + LANE * place)
    return Figure(caption, "".join([*parts, "</svg>"]), table, tuple(keys), mark="box")


def _count(day: date) -> float:
    return float(np.datetime64(day, "D").astype(np.int64))


def _lane(lane: Lane, across: Scale, top: int) -> list[str]:
    parts = [f'<text class="tick" x="0" y="{top + 13}" dx="-8">{escape(lane.name)}</text>']
    for style, first, last in lane.spans:
        left, right = (float(across.share(_count(day))) * 100 for day in (first, last))
        hint = f"{first} – {last}"
        parts.append(
            f'<rect class="span {style}" x="{left:.2f}%" y="{top + 4}"'
            f' width="{max(right - left, 0.2):.2f}%" height="10"><title>{hint}</title></rect>'
        )
    for day in lane.marks:
        share = float(across.share(_count(day)))
        flag = f'<circle class="flag" cx="{share:.2%}" cy="{top + 9}" r="4">'
        parts.append(f"{flag}<title>{day}</title></circle>")
    return parts
