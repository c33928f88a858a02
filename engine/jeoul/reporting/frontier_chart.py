"""The efficient frontier as a chart: expected return over volatility."""

from __future__ import annotations

from html import escape

import numpy as np

from jeoul.model.calendar import Reals
from jeoul.reporting.facts import FrontierFacts
from jeoul.reporting.formats import Formats
from jeoul.reporting.plot import path, round_levels

WIDTH, HEIGHT = 1200, 1000  # units of the inner, stretched drawing
_ROOM = 0.06  # of an axis, beyond what is drawn


def frontier_chart(facts: FrontierFacts | None, formats: Formats) -> str:
    """Return the frontier with the allocation and the strategic split, "" without a frontier.

    What the chart shows is also in its label, for a reader who does not see it.
    """
    if facts is None:
        return ""
    across = _Axis([*facts.volatility, facts.allocation[0], facts.strategic[0]])
    up = _Axis([*facts.mean, facts.allocation[1], facts.strategic[1]])
    line = path(across.shares(facts.volatility) * WIDTH, (1.0 - up.shares(facts.mean)) * HEIGHT)
    label = formats.say(
        "report.frontier_label",
        {
            "least": formats.percent(float(facts.volatility[0])),
            "least_mean": formats.percent(float(facts.mean[0]), 2),
            "most": formats.percent(float(facts.volatility[-1])),
            "most_mean": formats.percent(float(facts.mean[-1]), 2),
            "volatility": formats.percent(facts.allocation[0]),
            "mean": formats.percent(facts.allocation[1], 2),
        },
    )
    title = escape(label)
    parts = [
        f'<svg class="lines frontier" role="img" aria-label="{title}"><title>{title}</title>',
        f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none">',
        *(
            f'<path class="level" d="M0 {round((1.0 - up.share(level)) * HEIGHT)}h{WIDTH}"/>'
            for level in up.levels
        ),
        f'<path class="track s1" d="{line}"/>',
        "</svg>",
        *(
            f'<text class="tick" x="0" y="{1.0 - up.share(level):.2%}" dx="-8" dy="4">'
            f"{escape(formats.percent(level, up.digits))}</text>"
            for level in up.levels
        ),
        *(
            f'<text class="year" x="{across.share(level):.2%}" y="100%" dy="16">'
            f"{escape(formats.percent(level, across.digits))}</text>"
            for level in across.levels
        ),
        _point(across, up, facts.strategic, formats.say("report.frontier_strategic"), "s2"),
        _point(across, up, facts.allocation, formats.say("report.frontier_allocation"), "s0"),
        "</svg>",
    ]
    return "".join(parts)


class _Axis:
    """One axis: from its values to shares of its length, and the round levels on it."""

    def __init__(self, values: list[float]) -> None:
        low, high = min(values), max(values)
        room = max((high - low) * _ROOM, 1e-4)
        self._low, self._length = low - room, high - low + 2.0 * room
        self.levels, self.digits = round_levels(low - room, high + room)

    def share(self, value: float) -> float:
        return (value - self._low) / self._length

    def shares(self, values: Reals) -> Reals:
        return np.asarray((values - self._low) / self._length)


def _point(across: _Axis, up: _Axis, place: tuple[float, float], name: str, style: str) -> str:
    """Return a portfolio as a mark with its name; the two differ by shape as well as by colour."""
    x, y = across.share(place[0]), 1.0 - up.share(place[1])
    # The line rises and bends down: there is room above it to the left, below it to the right.
    above = style == "s2"
    side, away = ("end", -10) if above and x > 0.25 else ("start", 10)
    down = -8 if above else 18
    return (
        f'<circle class="mark {style}" cx="{x:.2%}" cy="{y:.2%}" r="5"/>'
        f'<text class="name {style}" x="{x:.2%}" y="{y:.2%}" dx="{away}" dy="{down}"'
        f' text-anchor="{side}">{escape(name)}</text>'
    )
