"""From a file to the tables that it may hold: kind, encoding and separator found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from jeoul.errors import DataError, InputError, Problem
from jeoul.files.sheets.delimited import Malformed, check_text, delimited_rows, separators
from jeoul.files.sheets.encoding import Undecodable, decoded
from jeoul.files.sheets.markup import markup_rows
from jeoul.files.sheets.page import is_markup, is_workbook, stated_charset
from jeoul.files.sheets.sheet import Overflow, Sheet
from jeoul.files.sheets.workbook import workbook_sheets
from jeoul.files.text import read_content

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WANTED = "a CSV, .xlsx or HTML file"


class SheetFormat(NamedTuple):
    """What a person has said of a file; None is found from the file itself."""

    encoding: str | None = None


def read_sheets(
    path: Path | str,
    error: type[InputError] | type[DataError],
    given: SheetFormat | None = None,
) -> tuple[Sheet, ...]:
    """Return what a file may be read as, the likeliest first; there is at least one.

    A text comes once for each separator that it may have, a workbook once for each sheet. Raises
    ``error`` for a file that cannot be read, and for one that is none of these.
    """
    file = str(path)
    content = read_content(path, error, wanted=_WANTED)
    try:
        found = _sheets(content, given or SheetFormat())
    except Malformed as fault:
        problem = Problem(file, fault.wrong, line=fault.line, remedy=fault.remedy)
    except Overflow as fault:
        problem = Problem(file, str(fault), remedy="give the holdings alone")
    except Undecodable as fault:
        remedy = "export it again, or save it as CSV in UTF-8"
        problem = Problem(file, str(fault), line=fault.line, remedy=remedy)
    else:
        if found:
            return found
        remedy = "give a file with a header and rows below it"
        problem = Problem(file, "is empty", remedy=remedy)
    raise error([problem])


def _sheets(content: bytes, given: SheetFormat) -> tuple[Sheet, ...]:
    if content.startswith(_OLE):
        wrong = "is a workbook of Excel 97 (.xls) or an encrypted one"
        raise Malformed(wrong, "save it as .xlsx without a password, or as CSV")
    if content.startswith(b"PK"):
        return workbook_sheets(content)
    named = given.encoding
    if named is None and content.lstrip()[:1] == b"<":
        named = stated_charset(content)
    text, encoding = decoded(content, named)
    if is_markup(text) or is_workbook(text):
        rows = markup_rows(text)
        kind = "xml" if is_workbook(text) else "html"
        return (Sheet(kind, rows, encoding),) if rows else ()
    if text.lstrip().startswith("<"):
        raise Malformed("is markup with no table that is read here", "save it as .xlsx or CSV")
    check_text(text)
    return tuple(_delimited(text, encoding))


def _delimited(text: str, encoding: str) -> Iterator[Sheet]:
    """Yield a text by each separator; one that fits no quotes is refused if none fits."""
    failure: Malformed | None = None
    several = False
    for mark in separators(text):
        try:
            rows = delimited_rows(text, mark)
        except Malformed as fault:
            failure = failure or fault
            continue
        if rows:
            several = True
            yield Sheet("csv", rows, encoding, mark)
    if failure is not None and not several:
        raise failure
