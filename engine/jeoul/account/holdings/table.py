"""Where the table of holdings is in a sheet, and what its columns hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import NamedTuple

from jeoul.account.holdings.amounts import amount_of
from jeoul.account.holdings.headers import heading, names_of, role_of
from jeoul.account.holdings.labels import Money, money_label
from jeoul.account.holdings.units import currency_named, stated_unit
from jeoul.files.faults import likely, shown
from jeoul.files.sheets import Sheet, SheetRow

_LOOKED_AT = 200  # rows in which a header is looked for
_SECURITY = ("ticker", "isin", "name")
_PRICED = ("cost", "cost_total", "tax_base", "value")


class ColumnNames(NamedTuple):
    """The headings that a person has said; None is found by synonym."""

    ticker: str | None = None
    shares: str | None = None


class TableFault(Exception):
    """A table that cannot be told apart; says what is wrong, where, and the remedy."""

    def __init__(self, wrong: str, remedy: str, line: int | None = None) -> None:
        self.wrong = wrong
        self.remedy = remedy
        self.line = line
        super().__init__(wrong)


class HoldingsTable(NamedTuple):
    """A header with the columns that are read, the rows before it and those after it.

    ``places`` gives the columns of each role from left to right; ``money`` are columns whose
    heading is that of money.
    """

    sheet: Sheet
    header: SheetRow
    places: Mapping[str, tuple[int, ...]]
    money: Mapping[int, Money]
    before: tuple[SheetRow, ...]
    body: tuple[SheetRow, ...]

    def cell(self, row: SheetRow, role: str) -> str:
        """Return the cell of a row under a role, empty where there is none."""
        places = self.places.get(role, ())
        return row.cells[places[0]] if places and places[0] < len(row.cells) else ""

    def cells(self, row: SheetRow, role: str) -> list[str]:
        """Return every cell of a row under a role."""
        return [row.cells[p] for p in self.places.get(role, ()) if p < len(row.cells)]

    def names(self) -> dict[str, str]:
        """Return the heading of each role that is read."""
        return {role: self.header.cells[places[0]] for role, places in self.places.items()}

    def unread(self) -> list[str]:
        """Return the headings of the columns that are not read."""
        read = {place for places in self.places.values() for place in places} | set(self.money)
        return [name for place, name in enumerate(self.header.cells) if name and place not in read]


def find_table(sheets: Sequence[Sheet], names: ColumnNames, currency: str) -> HoldingsTable:
    """Return the table of holdings among what a file may be read as.

    Raises :class:`TableFault` if there is none, if two sheets of a workbook have one, and if a
    heading that is read appears twice.
    """
    found = [table for sheet in sheets if (table := _table(sheet, names, currency)) is not None]
    if not found:
        raise _no_header(sheets[0], names)
    if sheets[0].kind == "xlsx" and len(found) > 1:
        both = " and ".join(str(table.sheet.name) for table in found[:2])
        raise TableFault(f"has holdings on two sheets, {both}", "keep one of them")
    table = found[0]
    _check_twice(table)
    return table


def is_header(row: SheetRow) -> bool:
    """Return whether a row names the columns of a table of holdings."""
    roles = {role_of(cell) for cell in row.cells}
    return "shares" in roles and bool(roles & set(_SECURITY))


def _table(sheet: Sheet, names: ColumnNames, currency: str) -> HoldingsTable | None:
    rows = sheet.rows
    for number_, row in enumerate(rows[:_LOOKED_AT]):
        below = rows[number_ + 1] if number_ + 1 < len(rows) else None
        for header, begins in ((_of_two_rows(row, below), number_ + 2), (row, number_ + 1)):
            if header is None:
                continue
            places = _places(header, names, currency)
            if "shares" in places and any(role in places for role in _SECURITY):
                return HoldingsTable(
                    sheet=sheet,
                    header=header,
                    places=places,
                    money=_money_columns(header, currency),
                    before=rows[:number_],
                    body=rows[begins:],
                )
    return None


def _of_two_rows(upper: SheetRow, lower: SheetRow | None) -> SheetRow | None:
    """Return a header whose groups are in one row and whose columns are in the next, None if none.

    A column that spans both rows has its name in the upper one, and in a page in both.
    """
    if lower is None or not any(role_of(cell) in _SECURITY for cell in upper.cells):
        return None
    pairs = list(zip_longest(upper.cells, lower.cells, fillvalue=""))
    named = [role_of(below) for _, below in pairs if below]
    apart = any(role_of(above) in _SECURITY and below not in ("", above) for above, below in pairs)
    if apart or not any(named) or any(amount_of(below) is not None for _, below in pairs):
        return None
    return SheetRow(lower.line, tuple(below or above for above, below in pairs))


def _money_columns(header: SheetRow, currency: str) -> dict[int, Money]:
    """Return the columns that are money; one that is called by a currency alone may be a price."""
    labels = (
        (column, money_label(cell, currency))
        for column, cell in enumerate(header.cells)
        if currency_named(cell) is None
    )
    return {column: label for column, label in labels if label is not None}


def _places(row: SheetRow, names: ColumnNames, currency: str) -> dict[str, tuple[int, ...]]:
    """Return the columns of each role; what a person has named is the only one of its role.

    A column of money in another currency is not read.
    """
    found: dict[str, list[int]] = {}
    for column, cell in enumerate(row.cells):
        role = role_of(cell)
        abroad = role in _PRICED and stated_unit(cell).currency not in (None, currency)
        if role is not None and not abroad:
            found.setdefault(role, []).append(column)
    for role, name in names._asdict().items():
        if name is not None:
            named = [c for c, cell in enumerate(row.cells) if heading(cell) == heading(name)]
            found = {r: [c for c in columns if c not in named] for r, columns in found.items()}
            found[role] = named
    return {role: tuple(columns) for role, columns in found.items() if columns}


def _check_twice(table: HoldingsTable) -> None:
    for role, places in table.places.items():
        headings = [heading(table.header.cells[place]) for place in places]
        for place, name in zip(places, headings, strict=True):
            if role not in ("name", "as_of") and headings.count(name) > 1:
                wrong = f"the column {table.header.cells[place]} appears twice"
                raise TableFault(wrong, "keep the one that is right", table.header.line)


def _no_header(sheet: Sheet, names: ColumnNames) -> TableFault:
    first = sheet.rows[0]
    begins = ", ".join(cell for cell in first.cells if cell)
    begins = begins if len(begins) <= 80 else f"{begins[:80]}…"
    for name in names:
        every = {heading(cell) for row in sheet.rows[:_LOOKED_AT] for cell in row.cells}
        if name is not None and heading(name) not in every:
            remedy = "correct the name in the config, or leave it out to have the column found"
            return TableFault(
                f"has no column {name!r}; it begins with {begins}", remedy, first.line
            )
    known = {role_of(cell) for cell in first.cells} - {None}
    # A header without one of the two columns that every row needs has it misspelt, if at all.
    missing = names_of("shares") if known & set(_SECURITY) else names_of(*_SECURITY)
    for cell in first.cells if known else ():
        if role_of(cell) is None and (meant := likely(heading(cell), missing)) is not None:
            remedy = f"did you mean {meant!r}?"
            return TableFault(f"has an unknown column {shown(cell)}", remedy, first.line)
    wrong = f"has no header line that names a code and a number of shares; it begins with {begins}"
    return TableFault(wrong, "write the header ticker,shares, or 종목코드,보유수량", first.line)
