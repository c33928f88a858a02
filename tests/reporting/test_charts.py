"""Charts: lines keep their extremes, coordinates are finite and inside, labels do not collide."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, time
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jeoul.model.portfolio import Reason
from jeoul.reporting.charts.axes import day_axis, percent_axis
from jeoul.reporting.charts.figure import HEIGHT, WIDTH, Figure
from jeoul.reporting.charts.lines import LABEL_GAP, Line, line_chart
from jeoul.reporting.charts.rows import BarRow, Piece, row_chart
from jeoul.reporting.charts.scales import MAX_POINTS, linear_levels, log_levels, path, spread, thin
from jeoul.reporting.facts import FrontierFacts, Transition
from jeoul.reporting.formats import Formats
from jeoul.reporting.frontier_chart import frontier_chart
from jeoul.reporting.history_charts import drawdown_chart, growth_chart

EN = Formats("en", "Asia/Seoul")


def points(d: str) -> np.ndarray:
    """Return the corners of a path in absolute units."""
    numbers = [int(n) for n in re.findall(r"-?\d+", d.partition("V")[0])]
    return np.cumsum(np.array(numbers).reshape(-1, 2), axis=0)


def drawn(figure: Figure | None) -> ElementTree.Element:
    """Return the drawing of a figure as a tree."""
    assert figure is not None
    return ElementTree.fromstring(figure.svg)


def tracks(tree: ElementTree.Element) -> list[ElementTree.Element]:
    """Return the lines inside the picture, without the strokes beside their names."""
    picture = next(node for node in tree.iter("svg") if node.get("class") == "plot")
    return [node for node in picture.iter("path") if "track" in str(node.get("class"))]


@given(st.lists(st.floats(0.1, 100.0), min_size=2, max_size=3000), st.booleans())
def test_thinning_keeps_ends_and_the_deepest_value(values: Any, lows_only: Any) -> None:
    line = np.array(values)
    kept = thin(line, lows_only=lows_only)
    assert len(kept) <= MAX_POINTS
    assert kept[0] == 0
    assert kept[-1] == len(line) - 1
    assert line[kept].min() == line.min()
    if not lows_only:
        assert line[kept].max() == line.max()


@given(st.floats(0.01, 1.0), st.floats(1.3, 400.0))
def test_levels_of_a_logarithmic_axis_lie_inside_and_are_few(low: Any, high: Any) -> None:
    levels = log_levels(low, high)
    assert len(levels) <= 6
    assert levels == sorted(levels)
    assert all(low <= level <= high for level in levels)


@given(st.floats(-1e9, 1e9), st.floats(1e-4, 1e9))
def test_levels_of_a_plain_axis_lie_inside_and_are_few(low: Any, length: Any) -> None:
    high = low + length
    levels, digits = linear_levels(low, high)
    near = (high - low) * 1e-6
    assert len(levels) <= 6
    assert all(low - near <= level <= high + near for level in levels)
    assert len({f"{level:.{digits}f}" for level in levels}) == len(levels)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_frontier_rises_and_says_in_words_where_the_allocation_is(language: str) -> None:
    facts = FrontierFacts(
        volatility=np.array([0.05, 0.06, 0.08]),
        mean=np.array([0.010, 0.014, 0.016]),
        allocation=(0.06, 0.014),
        strategic=(0.07, 0.0145),
    )
    svg = drawn(frontier_chart(facts, Formats(language, "Asia/Seoul")))
    (track,) = tracks(svg)
    corners = points(str(track.get("d")))
    assert np.all(np.diff(corners[:, 0]) > 0)
    assert np.all(np.diff(corners[:, 1]) < 0)  # upwards
    assert "6.0%" in str(svg.get("aria-label"))
    assert "1.40%" in str(svg.get("aria-label"))
    marks = {each.get("class"): float(each.get("cx").rstrip("%")) for each in svg.iter("circle")}
    assert marks["mark s0"] < marks["mark s1"]


def test_without_a_program_there_is_no_frontier_to_draw() -> None:
    assert frontier_chart(None, EN) is None


@given(st.lists(st.floats(0.0, 200.0), min_size=1, max_size=5))
def test_labels_keep_their_distance(heights: Any) -> None:
    placed = sorted(spread(heights, LABEL_GAP, 0.0, 200.0))
    assert all(b - a >= LABEL_GAP - 1e-9 for a, b in pairwise(placed))
    assert placed[-1] <= 200.0 + 1e-9


def test_a_path_returns_to_its_points() -> None:
    x, y = np.array([0.0, 10.4, 11.0, 300.0]), np.array([5.0, -7.6, 900.2, 3.3])
    assert points(path(x, y)).tolist() == [[0, 5], [10, -8], [11, 900], [300, 3]]


@pytest.mark.parametrize("chart", ["growth", "drawdown"])
def test_lines_lie_inside_the_drawing(profile: Any, chart: str) -> None:
    figure = (
        growth_chart(profile.tracks, profile.overlay, EN)
        if chart == "growth"
        else drawdown_chart(profile.tracks, EN)
    )
    tree = drawn(figure)
    assert str(tree.get("aria-label")).startswith(EN.say(f"report.chart_{chart}"))
    lines = tracks(tree)
    assert len(lines) == 4
    for line in lines:
        corners = points(str(line.get("d")))
        assert corners.min() >= 0
        assert corners[:, 0].max() <= WIDTH
        assert corners[:, 1].max() <= HEIGHT
    assert not re.search("nan|inf", str(figure))


def test_the_deepest_fall_is_drawn_at_its_depth(profile: Any) -> None:
    (own,) = (t for t in profile.tracks if t.key == "strategy")
    (line,) = tracks(drawn(drawdown_chart((own,), EN)))
    fall = own.nav / np.maximum.accumulate(own.nav) - 1.0
    room = 0.03 * -fall.min()
    expected = (room - fall.min()) / (-fall.min() + 2 * room) * HEIGHT
    assert points(str(line.get("d")))[:, 1].max() == pytest.approx(expected, abs=1.0)


def test_each_episode_is_a_band_and_the_open_one_reaches_the_end(profile: Any) -> None:
    tree = drawn(growth_chart(profile.tracks, profile.overlay, EN))
    bands = list(tree.iter("rect"))
    assert len(bands) == 2
    closed, still = bands
    assert float(still.get("x")) + float(still.get("width")) == pytest.approx(WIDTH, abs=0.2)  # type: ignore[arg-type]
    assert float(closed.get("fill-opacity")) > float(still.get("fill-opacity"))  # type: ignore[arg-type]


def test_a_history_of_one_day_has_no_chart(profile: Any) -> None:
    short = tuple(replace(t, sessions=t.sessions[:1], nav=t.nav[:1]) for t in profile.tracks)
    assert growth_chart(short, profile.overlay, EN) is None
    assert drawdown_chart(short, EN) is None


def test_a_class_that_offsets_risk_has_no_hollow_bar() -> None:
    rows = [
        BarRow("Shares", "", [Piece("r0", "Shares", 0.4)], outline=1.1),
        BarRow("Bonds", "", [Piece("w0", "Bonds", 0.6)], outline=-0.1),
    ]
    tree = drawn(row_chart("Weights", rows, EN.percent))
    widths = [(n.get("class"), n.get("width")) for n in tree.iter("rect")]
    assert widths == [("piece r0", "36.36%"), ("hollow", "100.00%"), ("piece w0", "54.55%")]


@pytest.mark.parametrize("chart", [growth_chart, drawdown_chart])
def test_the_names_of_the_levels_are_left_of_the_plot(profile: Any, chart: Any) -> None:
    """Nothing is drawn there; the style sheet ends them at the margin that it leaves."""
    more = (profile.overlay,) if chart is growth_chart else ()
    tree = drawn(chart(profile.tracks, *more, EN))
    ticks = [text for text in tree.iter("text") if text.get("class") == "tick"]
    assert ticks
    assert all(text.get("x") == "0" and int(text.get("dx")) < 0 for text in ticks)  # type: ignore[arg-type]


def test_what_is_not_known_interrupts_a_line() -> None:
    days = np.arange("2024-01-01", "2024-01-08", dtype="datetime64[D]")
    values = [0.0, 0.01, np.nan, np.nan, 0.03, 0.02, 0.04]
    figure = line_chart("R", day_axis(), percent_axis(EN, "Return"), [Line("A", days, values)])
    (line,) = tracks(drawn(figure))
    assert str(line.get("d")).count("M") == 2
    assert figure is not None
    assert [row[1] for row in figure.table.rows][1:5] == ["1.0%", "–", "–", "3.0%"]


def test_a_cut_and_a_step_up_are_ticks_at_the_foot(profile: Any) -> None:
    def turned(kind: Any, day: Any) -> Any:
        known = datetime.combine(day, time(21), UTC)
        return Transition(
            session=day,
            known=known,
            executed=day,
            cause=Reason.of(f"overlay.{kind}", before="100%", after="50%", target="50%"),
            scale=0.5,
        )

    sessions = profile.tracks[0].sessions
    first, last = sessions[0].astype(object), sessions[-1].astype(object)
    overlay = replace(
        profile.overlay, transitions=(turned("cut", first), turned("rise", last), turned("x", last))
    )
    tree = drawn(growth_chart(profile.tracks, overlay, EN))
    ticks = {p.get("class"): p.get("d") for p in tree.iter("path") if "turn" in p.get("class")}  # type: ignore[operator]
    assert ticks["turn"].startswith(f"M0.0 {HEIGHT}v-")
    assert ticks["turn minor"].startswith(f"M{WIDTH}.0 {HEIGHT}v-")
    assert len(ticks) == 2


def test_a_bar_of_an_account_with_borrowed_money_stays_in_its_drawing() -> None:
    rows = [
        BarRow("Now", "", [Piece("r0", "Shares", 1.0), Piece("w0", "Bonds", 0.25)]),
        BarRow("Target", "", [Piece("r0", "Shares", 0.5), Piece("w0", "Bonds", 0.5)]),
    ]
    tree = drawn(row_chart("Weights", rows, EN.percent, whole=1.0))
    ends = [
        float(str(n.get("x")).strip("%")) + float(str(n.get("width")).strip("%"))
        for n in tree.iter("rect")
    ]
    assert ends == [80.0, 100.0, 40.0, 80.0]
