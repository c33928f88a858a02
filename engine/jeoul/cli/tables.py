"""Tables in a terminal: as wide as it is, and plain text where the output is piped."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import click

from jeoul.cli.terminal import is_terminal, room
from jeoul.reporting.columns import pad, width, wrapped

_GAP = 2
_NARROWEST = 4


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of cells under heads; the first column names the row.

    ``texts`` are the columns of words, which are aligned to the left and may be wrapped; all
    others hold figures, which are aligned to the right and never broken. ``note`` makes the last
    column a line below its row where it does not fit beside it.
    """

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    texts: frozenset[int] = frozenset({0})
    note: bool = False


def show(grid: Grid) -> None:
    """Write a table on stdout: fitted and ruled in a terminal, one line for each row in a pipe."""
    for line in styled_lines(grid, room(), is_styled=is_styled()):
        click.echo(line)


def is_styled() -> bool:
    """Return whether heads are bold: on a terminal that can, unless NO_COLOR is set."""
    return is_terminal() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def styled_lines(grid: Grid, columns: int | None, *, is_styled: bool) -> Iterator[str]:
    """Yield a table as lines, the heads bold with a rule below where that is asked for."""
    for place, (heads, lines) in enumerate(_blocks(grid, columns)):
        if place:
            yield ""
        if not is_styled:
            yield from (*heads, *lines)
            continue
        yield from (click.style(line, bold=True) for line in heads)
        yield "─" * max(map(width, (*heads, *lines)))
        yield from lines


def table_lines(grid: Grid, columns: int | None) -> list[str]:
    r"""Return a table as lines of at most ``columns`` cells, of any length for None.

    Where the columns do not fit side by side, the table is continued below, and each part begins
    with the first column again.

    >>> grid = Grid(("Fund", "Shares", "Weight"), [("KODEX 200", "12", "9.3%")])
    >>> print(*table_lines(grid, None), sep="\n")
    Fund       Shares  Weight
    KODEX 200      12    9.3%
    >>> print(*table_lines(grid, 18), sep="\n")
    Fund       Shares
    KODEX 200      12
    <BLANKLINE>
    Fund       Weight
    KODEX 200    9.3%
    """
    return list(styled_lines(grid, columns, is_styled=False))


def _blocks(grid: Grid, columns: int | None) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the heads and the lines of each part of a table."""
    inner, notes = (grid, None) if not grid.note else _without_notes(grid, columns)
    natural, least = _widths(inner)
    if columns is not None:  # the name of a row is read first, so it is broken last
        least[0] = max(least[0], min(natural[0], columns // 4))
    for chosen in _parts(least, natural, columns):
        widths = _shared([natural[c] for c in chosen], [least[c] for c in chosen], columns)
        aligned = [c in inner.texts for c in chosen]
        heads = _row([inner.heads[c] for c in chosen], widths, aligned)
        lines: list[str] = []
        for number, row in enumerate(inner.rows):
            lines += _row([row[c] for c in chosen], widths, aligned)
            if notes is not None and columns is not None and notes[number]:
                lines += wrapped(notes[number], "    ", columns)
        notes = None  # below the first part alone
        yield heads, lines


def _without_notes(grid: Grid, columns: int | None) -> tuple[Grid, Sequence[str] | None]:
    """Return a table and the notes below its rows; None where all fits on one line."""
    natural, _ = _widths(grid)
    if columns is None or sum(natural) + _GAP * (len(natural) - 1) <= columns:
        return grid, None
    last = len(grid.heads) - 1
    rows = [row[:last] for row in grid.rows]
    return Grid(grid.heads[:last], rows, grid.texts - {last}), [row[last] for row in grid.rows]


def _widths(grid: Grid) -> tuple[list[int], list[int]]:
    """Return the width that each column would take, and the least without a broken word."""
    natural, least = [], []
    for place, head in enumerate(grid.heads):
        cells = [row[place] for row in grid.rows]
        natural.append(max(map(width, (head, *cells)), default=0))
        unbroken = cells if place not in grid.texts else (w for c in cells for w in c.split())
        least.append(max(map(width, (*head.split(), *unbroken)), default=0))
    return natural, least


def _parts(
    least: Sequence[int], natural: Sequence[int], columns: int | None
) -> Iterator[tuple[int, ...]]:
    """Yield the columns of each part, the first column in every one of them."""
    if columns is None or sum(natural) + _GAP * (len(natural) - 1) <= columns:
        yield tuple(range(len(least)))
        return
    first = min(least[0], columns // 2)
    count = len(list(_filled(least, columns, first)))
    even = sum(natural[1:]) / count  # no narrow part at the end
    yield from _filled(least, columns, first, natural, even)


def _filled(
    least: Sequence[int],
    columns: int,
    first: int,
    natural: Sequence[int] | None = None,
    even: float = 0.0,
) -> Iterator[tuple[int, ...]]:
    """Yield parts, each as full as it can be, or up to the width ``even`` of what it would take."""
    part, taken, wanted = [0], first, 0
    for place in range(1, len(least)):
        is_full = taken + _GAP + least[place] > columns
        is_even = natural is not None and wanted + natural[place] / 2 > even
        if len(part) > 1 and (is_full or is_even):
            yield tuple(part)
            part, taken, wanted = [0], first, 0
        part.append(place)
        taken += _GAP + least[place]
        wanted += natural[place] if natural is not None else 0
    yield tuple(part)


def _shared(natural: Sequence[int], least: Sequence[int], columns: int | None) -> list[int]:
    """Return widths that fit together: the room beyond the least goes to where most is missing."""
    if columns is None:
        return list(natural)
    found = [min(pair) for pair in zip(natural, least, strict=True)]
    spare = columns - sum(found) - _GAP * (len(found) - 1)
    while spare < 0 and max(found) > _NARROWEST:  # a word longer than the terminal is broken
        found[found.index(max(found))] -= 1
        spare += 1
    while spare > 0 and any(have < want for have, want in zip(found, natural, strict=True)):
        missing = [want - have for have, want in zip(found, natural, strict=True)]
        found[missing.index(max(missing))] += 1
        spare -= 1
    return found


def _row(cells: Iterable[str], widths: Sequence[int], texts: Sequence[bool]) -> list[str]:
    """Return a row as its lines: every cell is wrapped in its column."""
    parts = [
        wrapped(cell, columns=columns) if width(cell) > columns else [cell]
        for cell, columns in zip(cells, widths, strict=True)
    ]
    lines = []
    for number in range(max(map(len, parts), default=0)):
        line = [
            pad(part[number] if number < len(part) else "", columns, right=not text)
            for part, columns, text in zip(parts, widths, texts, strict=True)
        ]
        lines.append((" " * _GAP).join(line).rstrip())
    return lines
