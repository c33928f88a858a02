"""Rows of a table that a firm's own system writes: CSV with a header, in any usual encoding."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from jeoul.account.holdings.codes import code_of
from jeoul.errors import DataError, InputError, Problem, UsageError
from jeoul.files.faults import did_you_mean, shown
from jeoul.files.sheets.delimited import Malformed, check_text
from jeoul.files.sheets.encoding import Undecodable, decoded
from jeoul.files.text import read_content
from jeoul.firm.records import Unread
from jeoul.model.portfolio import CASH, Reason
from jeoul.model.session import parse_session

_WHOLE = re.compile(r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.0*)?")
_MOST_DIGITS = 15
_LONGEST_RECORD = 2_000  # characters of a record with line breaks; a longer one is a slip
MOST = 200_000_000  # bytes; a hundred thousand clients of fifteen funds are a quarter of it


class FirmRow(NamedTuple):
    """The line of a row, and its cells by column, without spaces around them."""

    line: int
    cells: Mapping[str, str]


class Misfit(NamedTuple):
    """A line that does not fit the header, how many cells it has, and the accounts it may be of.

    ``quoted`` says that a quote in it is opened and never closed.
    """

    line: int
    cells: int
    accounts: tuple[str, ...]
    quoted: bool


class RowTable(NamedTuple):
    """The rows of a table, ``width`` cells each, and the lines that do not fit it."""

    rows: tuple[FirmRow, ...]
    misfits: tuple[Misfit, ...]
    width: int


class Misread(Exception):
    """A row that cannot be used; ``what`` says why."""

    def __init__(self, key: str, **detail: object) -> None:
        self.what = Reason.of(f"firm.row_{key}", **detail)
        super().__init__(key)


def whole_number(text: str) -> int:
    """Return the whole number in a cell; raise :class:`Misread` for anything else.

    >>> whole_number("-1,500"), whole_number("3.0")
    (-1500, 3)
    """
    whole = text.partition(".")[0].replace(",", "")
    if not _WHOLE.fullmatch(text) or len(whole.lstrip("-")) > _MOST_DIGITS:
        raise Misread("number", value=text[:40])
    return int(whole)


def ticker_of(text: str, known: Collection[str]) -> str:
    """Return a ticker in its one form where that is a ``known`` one, else the text.

    >>> ticker_of("69500", {"069500"}), ticker_of("cash@2026-07-02", {"CASH"}), ticker_of("X", ())
    ('069500', 'CASH@2026-07-02', 'X')
    """
    if text in known or text.partition("@")[0].upper() == CASH:
        return text if text in known else text.upper()
    code = code_of(text)
    return code if code in known else text


def day_in(text: str) -> date:
    """Return the day in a cell; raise :class:`Misread` for anything else."""
    try:
        return parse_session(text)
    except UsageError:
        raise Misread("date", value=text[:40]) from None


def read_rows(
    file: str, needed: Collection[str], others: Collection[str], error: type[InputError | DataError]
) -> RowTable:
    """Return the rows of a CSV file whose header has the ``needed`` columns, and no unknown ones.

    Raises ``error`` for a file that cannot be read and for a header that does not fit, all at once.
    """
    content = read_content(file, error, most=MOST, wanted="a CSV file")
    try:
        text = decoded(content).text
        check_text(text)
        lines = list(_records(text))
    except Undecodable as fault:
        raise error(
            [Problem(file, str(fault), line=fault.line, remedy="save it in UTF-8")]
        ) from None
    except Malformed as fault:
        raise error([Problem(file, fault.wrong, line=fault.line, remedy=fault.remedy)]) from None
    names = [cell.lower() for cell in lines[0].cells] if lines else []
    if problems := _header_faults(file, names, needed, others):
        raise error(problems)
    fits = [not each.quoted and len(each.cells) == len(names) for each in lines]
    rows = tuple(
        FirmRow(each.line, dict(zip(names, each.cells, strict=True)))
        for each, fit in zip(lines[1:], fits[1:], strict=True)
        if fit
    )
    known = {row.cells.get("account", "") for row in rows}
    misfits = tuple(
        Misfit(each.line, len(each.cells), _accounts_in(each.cells, names, known), each.quoted)
        for each, fit in zip(lines[1:], fits[1:], strict=True)
        if not fit
    )
    return RowTable(rows, misfits, len(names))


def unread_rows(file: str, table: RowTable) -> list[Unread]:
    """Return the lines of a table that do not fit its header, by the accounts they may be of."""
    return [
        Unread(f"{file}:{row.line}", account, _because(row, table.width))
        for row in table.misfits
        for account in row.accounts or (None,)
    ]


def _because(row: Misfit, wanted: int) -> Reason:
    if row.quoted:
        return Reason.of("firm.row_quote")
    return Reason.of("firm.row_cells", cells=row.cells, wanted=wanted)


def _accounts_in(
    cells: Sequence[str], names: Sequence[str], known: Collection[str]
) -> tuple[str, ...]:
    """Return the accounts that a row with too few or too many cells may be of.

    The cell that is lacking, or one too many, may lie in front of the account or behind it. Where
    both places have a name, an account of other rows is meant, and any of two.
    """
    if "account" not in names:
        return ()
    place = names.index("account")
    shifted = place + len(cells) - len(names)
    places = dict.fromkeys([place, shifted] if place else [0])
    found = [cells[each] for each in places if 0 <= each < len(cells) and cells[each]]
    return tuple([name for name in found if name in known] or found[:1])


class _Record(NamedTuple):
    """The first line of a record, its cells, and whether a quote in it is not closed."""

    line: int
    cells: list[str]
    quoted: bool


def _records(text: str) -> Iterator[_Record]:
    """Yield the records of a text that have anything in them.

    Separators are those of the header: commas, semicolons or tabs. A quoted cell may hold line
    breaks; a quote that nothing closes spoils its own line alone.
    """
    lines = text.splitlines(keepends=True)
    separator = max(",;\t", key=lines[0].count) if lines else ","
    at = 0
    while at < len(lines):
        cells, count = _record(lines, at, separator)
        stripped = [cell.strip() for cell in cells]
        if any(stripped):
            yield _Record(at + 1, stripped, count == 0)
        at += count or 1


def _record(lines: Sequence[str], at: int, separator: str) -> tuple[list[str], int]:
    """Return the cells of the record that begins at a line, and how many lines it has.

    Where a quote is not closed it is the line's cells as they are, and 0.
    """
    if '"' not in lines[at]:
        return lines[at].rstrip("\r\n").split(separator), 1
    length = quotes = 0
    for count in range(1, len(lines) - at + 1):
        line = lines[at + count - 1]
        length, quotes = length + len(line), quotes + line.count('"')
        if count > 1 and length > _LONGEST_RECORD:
            break
        if quotes % 2 == 0:
            try:
                reader = csv.reader(lines[at : at + count], delimiter=separator, strict=True)
                return next(reader), count
            except csv.Error:
                break
    return [cell.strip(' "\r\n') for cell in lines[at].split(separator)], 0


def _header_faults(
    file: str, names: list[str], needed: Collection[str], others: Collection[str]
) -> list[Problem]:
    known = [*needed, *others]
    problems = [
        Problem(file, f"the column {name} is missing", line=1, remedy=f"write {','.join(known)}")
        for name in needed
        if name not in names
    ]
    for name in dict.fromkeys(names):
        if name not in known:
            wrong = f"{shown(name)} is not a column of this table"
            problems.append(Problem(file, wrong, line=1, remedy=did_you_mean(name, known)))
        elif names.count(name) > 1:
            wrong = f"the column {name} is there twice"
            problems.append(Problem(file, wrong, line=1, remedy="keep one of them"))
    return problems
