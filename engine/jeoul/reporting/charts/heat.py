"""A heat map: one cell for a row and a column, warm below zero and cool above."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
import numpy.typing as npt

from jeoul.reporting.charts.axes import Axis
from jeoul.reporting.charts.figure import Figure, FigureTable
from jeoul.reporting.charts.scales import as_reals

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

    The drawing is a table, in which a cell takes a fifth of what it takes as SVG. A wide page
    writes the value into each cell, a phone shows the shades and has the table below.

    >>> from jeoul.reporting.charts.axes import percent_axis
    >>> from jeoul.reporting.formats import Formats
    >>> axis = percent_axis(Formats("en", "Asia/Seoul"), "Return")
    >>> heat_map("Months", ["2024"], ["Jan", "Feb"], [[0.02, -0.01]], axis).table.rows
    (('2024', '2.0%', '−1.0%'),)
    """
    cells = as_reals(values).reshape(len(rows), len(columns))
    largest = float(np.nanmax(np.abs(cells), initial=0.0)) or 1.0
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    lines = (
        f'<tr><th scope="row">{escape(name)}</th>'
        f"{''.join(_cell(each, largest, value) for each in row)}</tr>"
        for name, row in zip(rows, cells.tolist(), strict=True)
    )
    drawing = (
        f'<table class="heat" role="img" aria-label="{escape(caption)}">'
        f"<thead><tr><td></td>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    )
    texts = [[value.cell(number) for number in row] for row in cells.tolist()]
    table = tuple((name, *row) for name, row in zip(rows, texts, strict=True))
    return Figure(caption, drawing, FigureTable((value.title, *columns), table))


def _cell(number: float, largest: float, value: Axis) -> str:
    if not np.isfinite(number):
        return "<td></td>"
    return f'<td class="{_shade(number, largest)}">{escape(value.text(number))}</td>'


def _shade(number: float, largest: float) -> str:
    """Return the style of a value: ``h`` and the shade, ``m`` for one below zero.

    >>> _shade(0.05, 0.1), _shade(-0.1, 0.1), _shade(0.0, 0.1)
    ('h2', 'm4', 'h0')
    """
    steps = int(np.ceil(abs(number) / largest * SHADES - 1e-9))
    return ("m" if number < 0 and steps else "h") + str(steps)
