"""A heat map: one cell for a row and a column, warm below zero and cool above."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
import numpy.typing as npt

from jeoul.reporting.charts.axes import Axis
from jeoul.reporting.charts.figure import PHONE, Figure, Table, edges, opening, pixels
from jeoul.reporting.charts.scales import as_reals

ROW = 30  # pixels of a row
SHADES = 4
"""Shades on each side of zero; the darkest is for the largest amount."""


def heat_map(
    caption: str,
    rows: Sequence[str],
    columns: Sequence[str],
    values: npt.ArrayLike,
    value: Axis,
) -> Figure:
    """Return cells that are darker the further a value is from 0; NaN leaves a cell empty.

    A wide page writes the value into each cell, a phone shows the shades and has the table below.

    >>> from jeoul.reporting.charts.axes import percent_axis
    >>> from jeoul.reporting.formats import Formats
    >>> axis = percent_axis(Formats("en", "Asia/Seoul"), "Return")
    >>> heat_map("Months", ["2024"], ["Jan", "Feb"], [[0.02, -0.01]], axis).table.rows
    (('2024', '2.0%', '−1.0%'),)
    """
    cells = as_reals(values).reshape(len(rows), len(columns))
    largest = float(np.nanmax(np.abs(cells), initial=0.0)) or 1.0
    crowded = sum(pixels(name) + 4 for name in columns) > PHONE
    wide = 100 / max(1, len(columns))
    parts = [opening(f"chart heat {edges(rows)}", caption, height=ROW * len(rows) + 20)]
    parts += [
        f'<text class="foot{" minor" if crowded and place % 2 else ""}"'
        f' x="{(place + 0.5) * wide:.2f}%" y="12">{escape(name)}</text>'
        for place, name in enumerate(columns)
    ]
    for down, name in enumerate(rows):
        top = 20 + down * ROW
        parts.append(f'<text class="tick" x="0" y="{top + 19}" dx="-8">{escape(name)}</text>')
        for place, number in enumerate(cells[down].tolist()):
            if not np.isfinite(number):
                continue
            text, shade = escape(value.text(number)), _shade(number, largest)
            x, middle = f"{place * wide:.2f}%", f"{(place + 0.5) * wide:.2f}%"
            parts.append(
                f'<rect class="cell {shade}" x="{x}" y="{top}" width="{wide:.2f}%" height="{ROW}"/>'
                f'<text class="in {shade}" x="{middle}" y="{top + 19}">{text}</text>'
            )
    texts = [[value.cell(number) for number in row] for row in cells.tolist()]
    table = tuple((name, *row) for name, row in zip(rows, texts, strict=True))
    return Figure(caption, "".join([*parts, "</svg>"]), Table((value.title, *columns), table))


def _shade(number: float, largest: float) -> str:
    """Return the style of a value: ``h`` and the shade, ``m`` for one below zero.

    >>> _shade(0.05, 0.1), _shade(-0.1, 0.1), _shade(0.0, 0.1)
    ('h2', 'm4', 'h0')
    """
    steps = int(np.ceil(abs(number) / largest * SHADES - 1e-9))
    return ("m" if number < 0 and steps else "h") + str(steps)
