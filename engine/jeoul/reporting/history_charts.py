"""The growth and the drawdown of a profile's tracks, with what the overlay did behind them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from jeoul.reporting.charts.axes import day_axis, percent_axis, times_axis
from jeoul.reporting.charts.figure import Figure
from jeoul.reporting.charts.lines import EventTick, Line, Stretch, line_chart
from jeoul.reporting.facts import Overlay, Track
from jeoul.reporting.formats import Formats

CHARTED = ("strategy", "account", "static", "sixty_forty", "cash")
_TURNS = {"overlay.cut": False, "overlay.rise": True}  # a step up is a minor tick


def growth_chart(tracks: Sequence[Track], overlay: Overlay, formats: Formats) -> Figure | None:
    """Return the growth of one unit on a logarithmic axis; None for less than two days.

    A stretch with fewer risk assets is grey; a tick at its foot is a cut (long) or a step up.
    """
    behind = [Stretch(e.start, e.end, 1.0 - e.scale) for e in overlay.episodes]
    turns = [
        EventTick(turn.session, _TURNS[turn.cause.kind])
        for turn in overlay.transitions
        if turn.cause.kind in _TURNS
    ]
    return line_chart(
        formats.say("report.chart_growth"),
        day_axis(formats.say("report.log_session")),
        times_axis(formats, formats.say("report.axis_growth")),
        [Line(name, track.sessions, _grown(track)) for name, track in _charted(tracks, formats)],
        behind=[*behind, *turns],
    )


def drawdown_chart(tracks: Sequence[Track], formats: Formats) -> Figure | None:
    """Return how far each way of having been invested was below its own peak."""
    return line_chart(
        formats.say("report.chart_drawdown"),
        day_axis(formats.say("report.log_session")),
        percent_axis(formats, formats.say("report.axis_drawdown"), 0.0, -0.005),
        [
            Line(name, track.sessions, _falls(track), area=track.key == "strategy")
            for name, track in _charted(tracks, formats)
        ],
        size="short",
    )


def _grown(track: Track) -> np.ndarray:
    """Return the growth of one; an account begins where the strategy is on that day."""
    nav = np.asarray(track.nav)
    return nav if track.key == "account" else nav / nav[0]


def _falls(track: Track) -> np.ndarray:
    return np.asarray(track.nav / np.maximum.accumulate(track.nav) - 1.0)


def _charted(tracks: Sequence[Track], formats: Formats) -> list[tuple[str, Track]]:
    """Return the tracks that a chart shows, each with its short name."""
    return [
        (formats.say(f"report.label_{track.key}"), track)
        for track in tracks
        if track.key in CHARTED and len(track.nav)
    ]
