"""Rows of a table that a firm's own system writes: CSV with a header, in any usual encoding."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from jeoul.account.holdings.codes import code_of
from jeoul.errors import DataError, InputError, Problem
from jeoul.files.cells import MOST_DIGITS, amount_of, day_of, record_of, separator_of
from jeoul.files.faults import did_you_mean, shown
from jeoul.files.sheets.delimited import Malformed, check_text
from jeoul.files.sheets.encoding import Undecodable, decoded
from jeoul.files.text import read_content
from jeoul.firm.records import Unread
from jeoul.model.portfolio import CASH, Reason

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
    if len(text) <= MOST_DIGITS and text.isascii() and text.isdigit():
        return int(text)
    data = text.encode()
    found, fault = amount_of(data, 0, len(data), 0)
    if fault or not data:
        raise Misread("number", value=text[:40])
    return found


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
    """Return the day in a cell; raise :class:`Misread` for anything else.

    >>> day_in("2026-07-02") == day_in("20260702") == date(2026, 7, 2)
    True
    """
    data = text.encode()
    found = day_of(data, 0, len(data))
    if not found:
        raise Misread("date", value=text[:40])
    return date(found // 10_000, found // 100 % 100, found % 100)


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
    """Yield the records of a text that have anything in them, by the rules of the cells."""
    data = text.replace("\r\n", "\n").replace("\r", "\n").encode() + b"\n"
    separator = separator_of(data.partition(b"\n")[0].decode())
    at, number = 0, 1
    while at < len(data):
        end, crossed, slip = data.index(b"\n", at), 0, False
        line = data[at:end]
        if b'"' in line:
            cells, end, crossed, slip = record_of(data, at, separator)
        else:  # nearly all: names and whole numbers need no quotes
            cells = line.decode().split(separator)
        stripped = [cell.strip() for cell in cells]
        if any(stripped):
            yield _Record(number, stripped, slip)
        at, number = end + 1, number + crossed + 1


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
