"""Rows of an .xlsx workbook, read with openpyxl."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from jeoul.files.sheets.delimited import Malformed
from jeoul.files.sheets.sheet import MOST_COLUMNS, MOST_ROWS, Overflow, Sheet, rows_of

_UNPACKED = 32_000_000  # bytes of all parts; what an account exports has a hundredth
_PARTS = 2_000
_DAMAGED = "is a spreadsheet file (.xlsx) that is damaged or cut short"
_AGAIN = "export it again, or save it as CSV"


def workbook_sheets(content: bytes) -> tuple[Sheet, ...]:
    """Return the visible sheets of a workbook that have rows.

    Raises :class:`Malformed` for one that is damaged, encrypted or unpacks to more than 32 MB.
    """
    _check_size(content)
    from openpyxl import load_workbook  # only a workbook needs it

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
    except (BadZipFile, ValueError, EOFError, OSError, NotImplementedError):
        raise Malformed(_DAMAGED, _AGAIN) from None
    if len(parts) > _PARTS or sum(part.file_size for part in parts) > _UNPACKED:
        raise Malformed("is a spreadsheet file that unpacks to too much", _AGAIN)
    if not any(part.filename.startswith("xl/") for part in parts):
        raise Malformed("is an archive (.zip), not a spreadsheet", "unpack it first")


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
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)
