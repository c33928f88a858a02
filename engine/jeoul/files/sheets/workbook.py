"""Rows of an .xlsx workbook, read with openpyxl."""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from io import BytesIO
from xml.parsers import expat
from zipfile import BadZipFile, LargeZipFile, ZipFile

from jeoul.files.sheets.delimited import EXTRA, Malformed
from jeoul.files.sheets.sheet import MOST_COLUMNS, MOST_ROWS, Overflow, Sheet, rows_of

_UNPACKED = 8_000_000  # bytes of all parts; what an account exports has a tenth
_PARTS = 2_000
_ELEMENTS, _DEEPEST = 400_000, 64
_UNREADABLE = (
    *(BadZipFile, LargeZipFile, zlib.error, expat.ExpatError),
    *(ValueError, EOFError, OSError, NotImplementedError, RuntimeError),  # the last: encrypted
)
_DAMAGED = "is a spreadsheet file (.xlsx) that is damaged or cut short"
_TOO_MUCH = "is a spreadsheet file that unpacks to too much"
_AGAIN = "export it again, or save it as CSV"


def workbook_sheets(content: bytes) -> tuple[Sheet, ...]:
    """Return the visible sheets of a workbook that have rows.

    Raises :class:`Malformed` for one that is damaged, encrypted or unpacks to more than 8 MB, and
    without the extra ``jeoul[files]``.
    """
    _check_size(content)
    try:
        from openpyxl import load_workbook  # only a workbook needs it
    except ModuleNotFoundError:
        raise Malformed("is a spreadsheet file (.xlsx), which needs openpyxl", EXTRA) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that do not matter here
            book = load_workbook(BytesIO(content), read_only=True, data_only=True)
            found = [_sheet(each) for each in book.worksheets if each.sheet_state == "visible"]
    except (Malformed, Overflow):
        raise
    except Exception:  # whatever a broken part does to openpyxl, the file is broken
        raise Malformed(_DAMAGED, _AGAIN) from None
    return tuple(sheet for sheet in found if sheet.rows)


def _check_size(content: bytes) -> None:
    """Refuse what unpacks beyond all measure: reading stops at the sizes that the parts state."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > _PARTS or sum(part.file_size for part in parts) > _UNPACKED:
                raise Malformed(_TOO_MUCH, _AGAIN)
            if not any(part.filename.startswith("xl/") for part in parts):
                raise Malformed("is an archive (.zip), not a spreadsheet", "unpack it first")
            tally = _Tally()
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    tally.count(archive.read(part))
    except _UNREADABLE:
        raise Malformed(_DAMAGED, _AGAIN) from None


class _Tally:
    """Counts elements before a tree of them is built, which takes far longer than to count."""

    def __init__(self) -> None:
        self.elements = 0
        self.depth = 0

    def count(self, content: bytes) -> None:
        """Count the elements of a part; raise :class:`Malformed` beyond what a workbook has."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        self.depth = 0
        parser.Parse(content, True)

    def _start(self, name: str, attributes: object) -> None:  # noqa: ARG002
        self.elements += 1
        self.depth += 1
        if self.elements > _ELEMENTS or self.depth > _DEEPEST:
            raise Malformed(_TOO_MUCH, _AGAIN)

    def _end(self, name: str) -> None:  # noqa: ARG002
        self.depth -= 1


def _sheet(sheet: object) -> Sheet:
    return Sheet(kind="xlsx", rows=rows_of(_rows(sheet)), name=getattr(sheet, "title", None))


def _rows(sheet: object) -> Iterator[tuple[int, list[str]]]:
    rows: Iterable[tuple[object, ...]] = sheet.iter_rows(  # type: ignore[attr-defined]
        values_only=True, max_col=MOST_COLUMNS + 1
    )
    for line, cells in enumerate(rows, start=1):
        if line > 10 * MOST_ROWS:
            raise Overflow(f"has more than {MOST_ROWS:,} rows")
        yield line, [_text(cell) for cell in cells]


def _text(value: object) -> str:
    """Return a cell's value as text: numbers in digits, dates as ISO."""
    if value is None:
        return ""
    # A spreadsheet keeps 15 digits; a whole number is shown without the point of a float.
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)
