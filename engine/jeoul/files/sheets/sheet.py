"""A table of text as it was found in a file, before anything in it has a meaning."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

MOST_ROWS = 20_000  # of a file; an account with every fund of Korea has a twentieth
MOST_COLUMNS = 256
_LONGEST = 2_000  # characters of a cell
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_SPACES = re.compile(r"\s+")


class SheetRow(NamedTuple):
    """The cells of a row and the line of the file on which it begins."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a table that are not empty, and how they were found.

    ``kind`` is ``csv``, ``xlsx`` or ``html``; ``encoding`` and ``separator`` are None where the
    kind has none. ``name`` is the sheet's own in a workbook.
    """

    kind: str
    rows: tuple[SheetRow, ...]
    encoding: str | None = None
    separator: str | None = None
    name: str | None = None


class Overflow(Exception):
    """A table that no person has; says which bound it breaks."""


def rows_of(numbered: Iterable[tuple[int, Iterable[str]]]) -> tuple[SheetRow, ...]:
    """Return the rows that have a cell with text, cells cleaned.

    Raises :class:`Overflow` beyond 20,000 rows, 256 columns or 2,000 characters a cell.

    >>> rows_of([(1, ["０６９５００\u00a0", ""]), (2, ["", " "])])
    (SheetRow(line=1, cells=('069500',)),)
    """
    found: list[SheetRow] = []
    for line, cells in numbered:
        cleaned = [clean(cell) for cell in cells]
        while cleaned and not cleaned[-1]:
            cleaned.pop()
        if not cleaned:
            continue
        if len(cleaned) > MOST_COLUMNS:
            raise Overflow(f"has more than {MOST_COLUMNS} columns in line {line}")
        if len(found) == MOST_ROWS:
            raise Overflow(f"has more than {MOST_ROWS:,} rows")
        found.append(SheetRow(line, tuple(cleaned)))
    return tuple(found)


def clean(text: str) -> str:
    r"""Return a cell as it reads: half width, single spaces, nothing invisible.

    >>> clean("\u200b０６９５００\u00a0"), clean("예수금 \n 합계")
    ('069500', '예수금 합계')
    """
    if len(text) > _LONGEST:
        raise Overflow(f"has a cell of more than {_LONGEST:,} characters")
    if not text or (text.isascii() and text.isalnum()):
        return text
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    return _SPACES.sub(" ", plain).strip()
