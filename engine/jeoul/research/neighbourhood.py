"""Whether a good variant stands on a plateau or on a needle."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isnan
from statistics import median
from typing import Any

from jeoul.messages import say
from jeoul.reporting.charts.axes import number_axis
from jeoul.reporting.charts.figure import Figure, FigureTable
from jeoul.reporting.charts.ranges import MarkedRange, range_chart
from jeoul.reporting.formats import Formats
from jeoul.reporting.pages import PageHead, render_page
from jeoul.research.grid import Values

HEADS = ("map_value", "map_count", "map_worst", "map_median", "map_best", "map_beside")
"""The messages that name the columns of the map."""


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
                Neighbour(
                    key=key,
                    value=value,
                    count=len(ratios),
                    worst=min(ratios),
                    median=median(ratios),
                    best=max(ratios),
                    beside=beside,
                )
            )
    return found


def page(found: Sequence[Neighbour], title: str, language: str, *, simulated: bool = False) -> str:
    """Return the map as one HTML page: a chart with its table for each key, nothing loaded."""
    head = PageHead(
        language=language,
        kind=say(language, "research.map_kind"),
        title=title,
        simulated=simulated,
        notes=[say(language, "research.map_note")],
    )
    keys = dict.fromkeys(one.key for one in found)
    own = {key: [one for one in found if one.key == key] for key in keys}
    maps = [(key, _chart(key, ones, language)) for key, ones in own.items()]
    return render_page("sweep/page.html.j2", head, "research", maps=maps)


def _order(value: Any) -> tuple[bool, Any]:
    number = isinstance(value, int | float)
    return (not number, value if number else str(value))


def _chart(key: str, own: Sequence[Neighbour], language: str) -> Figure:
    """Return the range of each value, its median, and the best one's neighbour."""
    heads = tuple(say(language, f"research.{name}") for name in HEADS)
    formats = Formats(language, "Asia/Seoul")
    return range_chart(
        say(language, "research.map_caption", {"key": key}),
        number_axis(formats, say(language, "research.map_axis")),
        [
            MarkedRange(
                name=str(one.value),
                low=one.worst,
                middle=one.median,
                high=one.best,
                marked=one.beside,
            )
            for one in own
        ],
        FigureTable(heads, tuple(cells(one) for one in own)),
    )


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
