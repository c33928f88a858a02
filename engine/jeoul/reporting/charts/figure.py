"""What every chart of a page becomes: a figure with its table, and the texts around a picture.

A chart is SVG without a script. Lines and bars are drawn in an inner picture that is stretched to
the width of the page; texts are placed in percent, so that they keep their size on a phone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from jeoul.reporting.columns import width

WIDTH, HEIGHT = 1200, 1000
"""Units of the inner picture."""

STYLES = 6
"""Series that readers can tell apart, by colour and by dash or shape; see charts.css."""

PHONE = 270
"""Pixels of the narrowest picture on a phone, about."""

_LEFT = (40, 56, 76, 104)
_RIGHT = (14, 100, 140, 192)
_TIP = 30  # of the room on the right is a stroke before the name


FIGURE = 24
"""Letters of the longest figure, such as a range of two amounts; a longer text is a sentence."""


class FigureTable(NamedTuple):
    """The figures behind a chart as text; the first cell of a row names it."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def wordy(self) -> list[bool]:
        """Return which columns hold sentences, which are broken into lines, and not figures.

        >>> row = ("2024-07-01", "A calendar date for rebalancing")
        >>> FigureTable(("Day", "Why"), (row,)).wordy()
        [False, True]
        """
        return [
            any(len(row[place]) > FIGURE for row in self.rows) for place in range(len(self.heads))
        ]


class LegendKey(NamedTuple):
    """One entry of a legend: a style such as ``s0`` and what it means."""

    style: str
    name: str


class Figure(NamedTuple):
    """A chart as a page shows it: caption, drawing, legend, and the table behind it.

    ``direct`` says that names are in the drawing too on a wide page, which needs no legend then.
    """

    caption: str
    svg: str
    table: FigureTable
    keys: tuple[LegendKey, ...] = ()
    direct: bool = False
    mark: str = "line"


def opening(kind: str, label: str, *, height: int | None = None) -> str:
    """Return the start of a drawing with what it shows, for a reader who does not see it."""
    size = "" if height is None else f' height="{height}"'
    return f'<svg class="{kind}"{size} role="img" aria-label="{escape(label)}">'


def framed(kind: str, label: str, inner: Iterable[str], texts: Iterable[str]) -> str:
    """Return a drawing with a stretched picture, and the texts around it."""
    picture = f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none">'
    return "".join([opening(f"chart {kind}", label), picture, *inner, "</svg>", *texts, "</svg>"])


def edges(levels: Iterable[str], names: Iterable[str] = ()) -> str:
    """Return the classes that leave room for the levels' names on the left, lines' on the right.

    >>> edges(["10%"], ["Cash"]), edges(["1,234.5M"], [])
    ('left0 right1', 'left2 right0')
    """
    left, right = _room(levels, _LEFT, 12), _room(names, _RIGHT, _TIP)
    return f"left{left} right{right}"


def fits(names: Iterable[str]) -> bool:
    """Return whether names have room on the right of a picture."""
    return all(pixels(name) + _TIP <= _RIGHT[-1] for name in names)


def pixels(text: str) -> float:
    """Return about how wide a text of a chart is.

    >>> pixels("현금"), pixels("VIX"), pixels("12.5%")
    (25.0, 25.5, 34.0)
    """
    return sum(
        12.5 if width(letter) == 2 else 8.5 if letter.isupper() or letter in "%mw" else 6.375
        for letter in text
    )


def _room(texts: Iterable[str], steps: Sequence[int], beside: int) -> int:
    longest = max(map(pixels, texts), default=0.0)
    needed = longest + beside if longest else 0.0
    return next((place for place, room in enumerate(steps) if needed <= room), len(steps) - 1)


def grid(levels: Iterable[float]) -> list[str]:
    """Return the lines across a picture at shares of its height, from above."""
    return [f'<path class="level" d="M0 {round(share * HEIGHT)}h{WIDTH}"/>' for share in levels]


def level_texts(levels: Iterable[tuple[float, str]]) -> list[str]:
    """Return the levels' names left of the picture, where nothing is drawn."""
    return [
        f'<text class="tick" x="0" y="{share:.2%}" dx="-8" dy="4">{escape(text)}</text>'
        for share, text in levels
    ]


def foot_texts(marks: Sequence[tuple[float, str]]) -> list[str]:
    """Return the names below the picture; a phone leaves out every second one if it must."""
    inside = [(share, text) for share, text in marks if 0.0 <= share <= 1.0]
    crowded = sum(pixels(text) + 10 for _, text in inside) > PHONE
    found = []
    for place, (share, text) in enumerate(reversed(inside)):
        minor = " minor" if crowded and place % 2 else ""
        found.append(f'<text class="foot{minor}" x="{share:.2%}" y="100%" dy="17">')
        found.append(f"{escape(text)}</text>")
    return found


def title_texts(x: str, y: str) -> list[str]:
    """Return the titles of both axes: above the levels, and below the right end."""
    up = f'<text class="axis" x="0" y="0" dy="-12">{escape(y)}</text>'
    across = f'<text class="axis end" x="100%" y="100%" dy="35">{escape(x)}</text>'
    return [up if y else "", across if x else ""]
