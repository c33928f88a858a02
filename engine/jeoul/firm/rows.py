"""Rows of a table that a firm's own system writes: CSV with a header, in any usual encoding."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from jeoul.errors import DataError, InputError, Problem, UsageError
from jeoul.files.faults import did_you_mean, shown
from jeoul.files.sheets.delimited import Malformed, check_text
from jeoul.files.sheets.encoding import Undecodable, decoded
from jeoul.files.text import read_content
from jeoul.firm.records import Unread
from jeoul.model.portfolio import Reason
from jeoul.model.session import parse_session

MOST = 200_000_000  # bytes; a hundred thousand clients of fifteen funds are a quarter of it


class FirmRow(NamedTuple):
    """The line of a row, and its cells by column, without spaces around them."""

    line: int
    cells: Mapping[str, str]


class Misfit(NamedTuple):
    """A line with another number of cells than the header, and the accounts that it may be of."""

    line: int
    cells: int
    accounts: tuple[str, ...]


class RowTable(NamedTuple):
    """The rows of a table, ``width`` cells each, and the lines that have another number."""

    rows: tuple[FirmRow, ...]
    misfits: tuple[Misfit, ...]
    width: int


class Misread(Exception):
    """A row that cannot be used; ``what`` says why."""

    def __init__(self, key: str, **detail: object) -> None:
        self.what = Reason.of(f"firm.row_{key}", **detail)
        super().__init__(key)


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
        lines = list(_cells(text))
    except Undecodable as fault:
        raise error(
            [Problem(file, str(fault), line=fault.line, remedy="save it in UTF-8")]
        ) from None
    except Malformed as fault:
        raise error([Problem(file, fault.wrong, line=fault.line, remedy=fault.remedy)]) from None
    except csv.Error as fault:
        wrong = f"is not a table of comma-separated values: {fault}"
        raise error([Problem(file, wrong, remedy="export it again as CSV")]) from None
    names = [cell.lower() for cell in lines[0][1]] if lines else []
    if problems := _header_faults(file, names, needed, others):
        raise error(problems)
    whole = [each for each in lines[1:] if len(each[1]) == len(names)]
    rows = tuple(FirmRow(line, dict(zip(names, cells, strict=True))) for line, cells in whole)
    known = {row.cells.get("account", "") for row in rows}
    misfits = tuple(
        Misfit(line, len(cells), _accounts_in(cells, names, known))
        for line, cells in lines[1:]
        if len(cells) != len(names)
    )
    return RowTable(rows, misfits, len(names))


def misfit_rows(file: str, table: RowTable) -> list[Unread]:
    """Return the rows of a table that have other cells than its header, by what they may be of."""
    return [
        Unread(f"{file}:{row.line}", account, Reason.of("firm.row_cells", cells=row.cells,
                                                        wanted=table.width))
        for row in table.misfits
        for account in row.accounts or (None,)
    ]  # fmt: skip


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


def _cells(text: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    found, begun = [], 1
    for cells in reader:
        stripped = [cell.strip() for cell in cells]
        if any(stripped):
            found.append((begun, stripped))
        begun = reader.line_num + 1
    return found


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
