"""Bar charts of weights as SVG in percent, so that they fit every width."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from jeoul.reporting.facts import AssetClass

ROW = 46  # pixels of a class: its name, its weight, its share of the risk
STACK = 62  # pixels of a stacked bar: its name and the bar
PAIR = 72  # pixels of a pair of stacked bars: their name, a thin bar, a bar
SMALLEST_LABEL = 0.045  # a narrower piece has no room for its figure
NAMED = 0.13  # a wider piece has room for its name on a wide page


class ClassBar(NamedTuple):
    """One class: its colour, name and figures, and the two shares that are drawn."""

    colour: str
    name: str
    figures: str
    weight: float
    risk: float | None


class Pair(NamedTuple):
    """Something before and after: a thin bar above a bar, and a figure beside the name."""

    name: str
    figure: str
    before: Sequence[Piece]
    after: Sequence[Piece]


class Piece(NamedTuple):
    """One piece of a stacked bar."""

    colour: str
    name: str
    weight: float


def colours(classes: Sequence[AssetClass]) -> dict[str, str]:
    """Return a style name for each class: blues for risk, warm for the rest, greys for cash.

    >>> from jeoul.reporting.facts import Text
    >>> colours([AssetClass(key=k, name=Text(k, k), risk=k == "gold") for k in ("gold", "cash")])
    {'gold': 'r0', 'cash': 'c0'}
    """
    counts = dict.fromkeys("rwc", 0)
    found = {}
    for item in classes:
        family = "r" if item.risk else "c" if item.key.startswith("cash") else "w"
        found[item.key] = f"{family}{counts[family] % 5}"
        counts[family] += 1
    return found


def class_bars(bars: Sequence[ClassBar], title: str) -> str:
    """Return one row a class: a solid bar for the weight, a hollow one for its risk share."""
    longest = max((max(bar.weight, bar.risk or 0.0) for bar in bars), default=0.0) or 1.0
    parts = [_opening("bars", ROW * len(bars), title)]
    for place, bar in enumerate(bars):
        top = place * ROW
        parts.append(f'<text class="label" x="0" y="{top + 14}">{escape(bar.name)}</text>')
        parts.append(f'<text class="amounts" x="100%" y="{top + 14}">{escape(bar.figures)}</text>')
        parts.append(_bar(f"fill {bar.colour}", bar.weight / longest, top + 20, 9))
        if bar.risk is not None and bar.risk > 0.0:
            parts.append(_bar("risk", bar.risk / longest, top + 31.5, 4))
    return "".join((*parts, "</svg>"))


def stacked_bars(stacks: Sequence[tuple[str, Sequence[Piece]]], title: str) -> str:
    """Return one bar a profile, cut into its classes, with the figure inside each wide piece."""
    parts = [_opening("stacks", STACK * len(stacks), title)]
    for place, (name, pieces) in enumerate(stacks):
        top, left = place * STACK, 0.0
        parts.append(f'<text class="label" x="0" y="{top + 14}">{escape(name)}</text>')
        for piece in pieces:
            parts.append(_piece(piece, left, top + 22))
            left += max(piece.weight, 0.0)
    return "".join((*parts, "</svg>"))


def paired_bars(pairs: Sequence[Pair], title: str) -> str:
    """Return two stacked bars for each pair: a thin one before, and one with figures after."""
    parts = [_opening("stacks", PAIR * len(pairs), title)]
    for place, pair in enumerate(pairs):
        top = place * PAIR
        parts.append(f'<text class="label" x="0" y="{top + 14}">{escape(pair.name)}</text>')
        parts.append(f'<text class="amounts" x="100%" y="{top + 14}">{escape(pair.figure)}</text>')
        left = 0.0
        for piece in pair.before:
            parts.append(_drawn(piece, left, top + 22, 6))
            left += max(piece.weight, 0.0)
        left = 0.0
        for piece in pair.after:
            parts.append(_piece(piece, left, top + 30))
            left += max(piece.weight, 0.0)
    return "".join((*parts, "</svg>"))


def _opening(kind: str, height: int, title: str) -> str:
    text = escape(title)
    return (
        f'<svg class="{kind}" height="{height}" role="img" aria-label="{text}">'
        f"<title>{text}</title>"
    )


def _bar(style: str, share: float, top: float, height: float) -> str:
    width = max(share, 0.0) * 100
    return f'<rect class="{style}" x="0" y="{top}" width="{width:.2f}%" height="{height}"/>'


def _piece(piece: Piece, left: float, top: float) -> str:
    drawn = _drawn(piece, left, top, 30)
    width = max(piece.weight, 0.0)
    if width < SMALLEST_LABEL:
        return drawn
    middle = (left + width / 2) * 100
    named = f'<tspan class="named">{escape(piece.name)} </tspan>' if width >= NAMED else ""
    text = f"{named}{piece.weight * 100:.0f}"
    return f'{drawn}<text class="on {piece.colour}" x="{middle:.2f}%" y="{top + 20}">{text}</text>'


def _drawn(piece: Piece, left: float, top: float, height: float) -> str:
    """Return a piece that says what it is when it is pointed at."""
    hint = escape(f"{piece.name} {piece.weight:.1%}")
    width = max(piece.weight, 0.0) * 100
    return (
        f'<rect class="fill piece {piece.colour}" x="{left * 100:.2f}%" y="{top}"'
        f' width="{width:.2f}%" height="{height}"><title>{hint}</title></rect>'
    )
