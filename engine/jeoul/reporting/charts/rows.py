"""Lying bars, one under another: cut into pieces, with a thin bar or an outline to compare with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import NamedTuple

from jeoul.reporting.charts.figure import Figure, FigureTable, LegendKey, opening, pixels
from jeoul.reporting.facts import AssetClass

SMALLEST_LABEL = 0.045  # of the width: a narrower piece has no room for its figure
_LARGER = 14 / 12  # names are larger than the other texts of charts
_LINE = 330  # pixels of a bar on a phone, less a gap
NARROW, WIDE = 290, 1000  # pixels of a bar beside a table, and of one over the whole page


class Piece(NamedTuple):
    """One piece of a bar: its style, its name and its amount."""

    style: str
    name: str
    amount: float


class BarRow(NamedTuple):
    """One bar: its name with a figure on the right, its pieces, and what it is compared with.

    ``before`` is drawn as a thin bar above it; ``outline`` is the length of a hollow one below.
    """

    name: str
    figure: str
    pieces: Sequence[Piece]
    before: Sequence[Piece] = ()
    outline: float | None = None


def row_chart(
    caption: str,
    rows: Sequence[BarRow],
    text: Callable[[float], str],
    *,
    inside: Callable[[float], str] | None = None,
    whole: float | None = None,
    keys: Sequence[LegendKey] = (),
) -> Figure:
    """Return one bar for each row, as long as its pieces together.

    ``text`` writes an amount in the table, ``inside`` in a piece that has room for it. The longest
    bar fills the width unless ``whole`` is the amount that does. A cell of the table with an arrow
    says before and after. A bar that is longer than ``whole``, of an account with borrowed money,
    fills the width itself.

    >>> pieces = [Piece("r0", "Shares", 0.6), Piece("w0", "Bonds", 0.4)]
    >>> figure = row_chart("Weights", [BarRow("Growth", "", pieces)], "{:.0%}".format)
    >>> figure.table
    FigureTable(heads=('', 'Shares', 'Bonds'), rows=(('Growth', '60%', '40%'),))
    """
    lengths = [_length(row.pieces) for row in rows] + [_length(row.before) for row in rows]
    longest = max([*lengths, *(row.outline or 0.0 for row in rows)], default=0.0) or 1.0
    if whole is not None:
        longest = max(whole, max(lengths, default=0.0))
    parts, top = [], 0.0
    for row in rows:
        parts.append(f'<text class="label" x="0" y="{top + 14:g}">{escape(row.name)}</text>')
        if row.figure:
            figure = escape(row.figure)
            if (pixels(row.name) + pixels(row.figure)) * _LARGER > _LINE:
                top += 19  # they have no room beside each other on a phone
            parts.append(f'<text class="label amount" x="100%" y="{top + 14:g}">{figure}</text>')
        top += 22
        if row.before:
            parts += _drawn(row.before, longest, text, top, 6)
            top += 8
        thick = 30 if inside else 9
        parts += _drawn(row.pieces, longest, text, top, thick)
        if inside:
            parts += _figures(row.pieces, longest, inside, top + 20)
        top += thick + 3
        if row.outline is not None and row.outline > 0.0:
            width = row.outline / longest * 100
            parts.append(
                f'<rect class="hollow" x="0" y="{top:g}" width="{width:.2f}%" height="4"/>'
            )
        top += 5 if row.outline is not None else 0
        top += 9
    svg = "".join([opening("stack", caption, height=max(1, round(top))), *parts, "</svg>"])
    return Figure(caption, svg, _table(rows, text), tuple(keys), mark="box")


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


def _length(pieces: Sequence[Piece]) -> float:
    return sum(max(piece.amount, 0.0) for piece in pieces)


def _drawn(
    pieces: Sequence[Piece], longest: float, text: Callable[[float], str], top: float, height: int
) -> list[str]:
    """Return the pieces, each of which says what it is when it is pointed at."""
    found, left = [], 0.0
    for piece in pieces:
        width = max(piece.amount, 0.0) / longest * 100
        hint = escape(f"{piece.name} {text(piece.amount)}")
        found.append(
            f'<rect class="piece {piece.style}" x="{left:.2f}%" y="{top:g}" width="{width:.2f}%"'
            f' height="{height}"><title>{hint}</title></rect>'
        )
        left += width
    return found


def _figures(
    pieces: Sequence[Piece], longest: float, inside: Callable[[float], str], base: float
) -> list[str]:
    """Return the amounts in the pieces that have room for them, with names in the wide ones."""
    found, left = [], 0.0
    for piece in pieces:
        share = max(piece.amount, 0.0) / longest
        if share >= SMALLEST_LABEL:
            name = _named(piece.name, share, inside(piece.amount))
            found.append(
                f'<text class="on {piece.style}" x="{(left + share / 2) * 100:.2f}%" y="{base:g}">'
                f"{name}{escape(inside(piece.amount))}</text>"
            )
        left += share
    return found


def _named(name: str, share: float, figure: str) -> str:
    """Return the name of a piece, for the widths in which it has room beside its figure."""
    needed = pixels(f"{name} {figure}") + 10
    if share * WIDE < needed:
        return ""
    roomy = " roomy" if share * NARROW < needed else ""
    return f'<tspan class="named{roomy}">{escape(name)} </tspan>'


def _table(rows: Sequence[BarRow], text: Callable[[float], str]) -> FigureTable:
    names = list(dict.fromkeys(p.name for row in rows for p in (*row.pieces, *row.before)))
    return FigureTable(("", *names), tuple((row.name, *_cells(row, names, text)) for row in rows))


def _cells(row: BarRow, names: Sequence[str], text: Callable[[float], str]) -> list[str]:
    after = {piece.name: text(piece.amount) for piece in row.pieces}
    before = {piece.name: text(piece.amount) for piece in row.before}
    none = text(0.0)
    if not before:
        return [after.get(name, none) for name in names]
    return [f"{before.get(name, none)} → {after.get(name, none)}" for name in names]
