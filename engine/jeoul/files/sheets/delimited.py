"""Rows of a text whose fields are separated by a comma, a tab, a semicolon or a bar."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from jeoul.files.cells import SEPARATORS
from jeoul.files.sheets.sheet import MOST_ROWS, SheetRow, rows_of

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
_SEP = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_STRANGE = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_LOOKED_AT = 200  # lines from which the separator is judged


EXTRA = "pip install 'jeoul[files]', or save it as CSV"
"""The remedy for a file that only the libraries of an extra can read."""


class Malformed(Exception):
    """A text that is not separated fields; ``line`` is where, ``remedy`` what to do."""

    def __init__(self, wrong: str, remedy: str, line: int | None = None) -> None:
        self.wrong = wrong
        self.remedy = remedy
        self.line = line
        super().__init__(wrong)


def check_text(text: str) -> None:
    """Raise :class:`Malformed` for characters that no text table has."""
    nul = text.find("\0")
    if nul >= 0:
        line = text.count("\n", 0, nul) + 1
        raise Malformed("has a NUL byte: it is not a text file", "export it again", line)
    strange = _STRANGE.search(text)
    if strange is not None:
        line = text.count("\n", 0, strange.start()) + 1
        wrong = (
            f"has an unusual line break ({ascii(strange[0])[1:-1]}), so line {line} is not "
            "a header or a row"
        )
        raise Malformed(wrong, "save it with ordinary line breaks", line)


def separators(text: str) -> tuple[str, ...]:
    r"""Return the separators that a text may have, the likeliest first.

    A first line ``sep=;``, as Excel writes it, decides.

    >>> separators("sep=;\na;1\n"), separators("a\t1\nb\t\"1,000\"\n")
    ((';',), ('\t', ','))
    """
    lines = [match[0] for match, _ in zip(_LINE.finditer(text), range(_LOOKED_AT), strict=False)]
    named = _SEP.fullmatch(lines[0].strip("\r\n")) if lines else None
    if named is not None:
        return (named[1],)
    counts = {mark: sum(mark in line for line in lines) for mark in SEPARATORS}
    found = [mark for mark in sorted(SEPARATORS, key=lambda m: -counts[m]) if counts[mark]]
    return tuple(found) or (",",)


def delimited_rows(text: str, separator: str) -> tuple[SheetRow, ...]:
    r"""Return the rows of a text with a separator; the line ``sep=`` is not one of them.

    Raises :class:`Malformed` for a quote that is opened and never closed, with its line.

    >>> [row.cells for row in delimited_rows('a;b\n"1;2";3\n', ";")]
    [('a', 'b'), ('1;2', '3')]
    """
    return rows_of(_fields(text, separator))


def _fields(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    lines = (match[0] for match in _LINE.finditer(text))
    reader = csv.reader(lines, delimiter=separator, strict=True, skipinitialspace=True)
    begun = 1
    try:
        for number, cells in enumerate(reader):
            if number or not _SEP.fullmatch(separator.join(cells)):
                yield begun, cells
            begun = reader.line_num + 1
            if number > 10 * MOST_ROWS:
                raise Malformed("has too many lines", "give the holdings alone")
    except csv.Error as error:
        raise _malformed(str(error), begun) from None


def _malformed(reason: str, line: int) -> Malformed:
    if "end of data" in reason or "field limit" in reason:
        return Malformed("a quote is opened and never closed", "correct the quotes in it", line)
    return Malformed(f"is not a CSV file: {reason}", "correct the quotes in it", line)
