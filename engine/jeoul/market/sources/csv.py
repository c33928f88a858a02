"""A CSV file of prices that the user has: one of their own, of FinanceDataReader, pykrx or KRX.

A file of one's own has the columns ``date close dividend split volume nav benchmark``, ``date`` and
``close`` among them, in any order; prices as traded. Files that FinanceDataReader and pykrx write
and the exchange exports are read as they are: date, close, volume, and NAV and index where they
have them. Text is UTF-8 or CP949, thousands may be separated by commas in quotes, and a split is
written as ``4`` or ``1/3``. The symbol is the path of the file, relative to the fetch plan. A file
with something that cannot be meant, a date that appears twice for one, is refused with its lines.
"""

from __future__ import annotations

import csv
from datetime import date
from fractions import Fraction
from pathlib import Path

from jeoul.errors import DataError
from jeoul.files.faults import did_you_mean, shown
from jeoul.files.text import decoded, read_content
from jeoul.market.raw.answer import AS_TRADED, Fetched, Payment, SeriesRequest, VendorRow
from jeoul.market.sources.cells import COLUMNS, column_of, day_of, number_of
from jeoul.market.sources.errors import BadRows, UnknownSymbol
from jeoul.market.sources.port import Source, SourcePlace
from jeoul.market.sources.spans import within
from jeoul.model.ratio import WHOLE, plain_ratio

NETWORK = False
KEYS = ()
NAME = "csv"
MOST = 64_000_000  # bytes: a century of days is a tenth of it
SHOWN = 20
NUMBERS = ("close", "dividend", "volume", "nav", "benchmark")


def connect(place: SourcePlace) -> Source:
    """Return the CSV files beside a fetch plan."""
    return CsvFiles(place.base)


class CsvFiles:
    """CSV files in a folder, one instrument each."""

    def __init__(self, base: Path) -> None:
        self._base = base

    def fetch(self, request: SeriesRequest) -> Fetched:
        """Return the rows of a file from the first to the last day wanted."""
        path = self._base / request.symbol
        try:
            there = path.exists()
        except (OSError, ValueError) as error:
            raise UnknownSymbol(NAME, request.symbol, f"cannot be read: {error}") from None
        if not there:
            raise UnknownSymbol(NAME, request.symbol, "cannot be read: No such file")
        try:
            content = read_content(path, DataError, most=MOST)
            text = decoded(content, str(path), DataError, korean=True)
        except DataError as error:
            raise BadRows(NAME, request.symbol, _reasons(error)) from None
        found = _Reading(request.symbol, text).records()
        payments = tuple(p for _, p in found if p.dividend or p.split != 1)
        rows = tuple(row for row, _ in found)
        return within(NAME, request, Fetched(AS_TRADED, rows, payments))


def _reasons(error: DataError) -> str:
    return "; ".join(f"{problem.message}; {problem.remedy}" for problem in error.problems)


class _Reading:
    """One pass over a file that collects what is wrong before it refuses."""

    def __init__(self, symbol: str, text: str) -> None:
        self.symbol = symbol
        self.lines = text.splitlines()
        self.wrong: list[str] = []
        self.first_line: dict[date, int] = {}

    def records(self) -> list[tuple[VendorRow, Payment]]:
        header = self.header()
        found = [self.record(header, line) for line in range(2, len(self.lines) + 1)]
        self.refuse()
        return [record for record in found if record is not None]

    def header(self) -> list[str | None]:
        cells = self.cells(1) or ()
        self.refuse()
        header = [column_of(name) for name in cells]
        named = [name for name in header if name is not None]
        unknown = [name for name in named if name not in COLUMNS]
        if unknown or len(set(named)) != len(named) or not {"date", "close"} <= set(named):
            reason = (
                f"the header is {shown(','.join(cells))}; write columns out of {','.join(COLUMNS)}"
            )
            if unknown:
                reason += f"; {shown(unknown[0])} is not one: {did_you_mean(unknown[0], COLUMNS)}"
            raise BadRows(NAME, self.symbol, reason)
        return header

    def refuse(self) -> None:
        if self.wrong:
            first = "; ".join(self.wrong[:SHOWN])
            rest = len(self.wrong) - SHOWN
            raise BadRows(NAME, self.symbol, first + (f"; and {rest} more" if rest > 0 else ""))

    def cells(self, line: int) -> list[str] | None:
        """Return the cells of one line: no cell goes over its end, whatever quotes say."""
        try:
            return next(csv.reader(self.lines[line - 1 : line], strict=True), None)
        except csv.Error as error:
            self.wrong.append(f"line {line} is not valid CSV: {error}; correct its quotes")
            return None

    def record(self, header: list[str | None], line: int) -> tuple[VendorRow, Payment] | None:
        cells = self.cells(line)
        if not cells:
            return None
        if len(cells) != len(header):
            self.wrong.append(f"line {line} has {len(cells)} cells, not {len(header)}")
            return None
        given = {name: cell for name, cell in zip(header, cells, strict=True) if name}
        try:
            day = day_of(given["date"])
        except ValueError as error:
            self.wrong.append(f"line {line}: {error}")
            return None
        if (first := self.first_line.setdefault(day, line)) != line:
            self.wrong.append(f"line {line}: {day} is in line {first} too; keep one of the rows")
            return None
        value = {name: self.number(given.get(name, ""), name, line) for name in NUMBERS}
        dividend = value["dividend"] or 0.0
        if dividend < 0:
            self.wrong.append(f"line {line}: dividend {dividend:g} is below 0")
        return (
            VendorRow(
                day=day,
                close=value["close"],
                volume=value["volume"],
                nav=value["nav"],
                benchmark=value["benchmark"],
            ),
            Payment(day, dividend, self.split(given.get("split", ""), line)),
        )

    def split(self, cell: str, line: int) -> Fraction:
        try:
            return plain_ratio(cell) if cell.strip() else WHOLE
        except ValueError as error:
            self.wrong.append(f"line {line}: split {error}, or leave it empty")
            return WHOLE

    def number(self, cell: str, name: str, line: int) -> float | None:
        try:
            return number_of(cell)
        except ValueError as error:
            self.wrong.append(f"line {line}: {name} {error}")
            return None
