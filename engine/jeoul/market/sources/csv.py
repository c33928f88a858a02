"""A CSV file of the user's own: ``date,close`` and whatever else of the columns it has.

The columns are ``date close dividend split volume nav benchmark``, in any order; prices as traded.
The symbol is the path of the file, relative to the fetch plan. Rows that stand twice are handed
on: what to make of them is for the gates.
"""

from __future__ import annotations

import csv
import math
from datetime import date
from pathlib import Path

from jeoul.errors import DataError
from jeoul.files.faults import shown
from jeoul.files.text import read_text
from jeoul.market.raw.answer import AS_TRADED, Fetched, Payment, Request, Row
from jeoul.market.sources.errors import BadRows, EmptyAnswer, UnknownSymbol
from jeoul.market.sources.port import Place, Source

NETWORK = False
KEYS = ()
NAME = "csv"
COLUMNS = ("date", "close", "dividend", "split", "volume", "nav", "benchmark")
SHOWN = 20
_NAMES = ",".join(COLUMNS)
MOST = 2_000_000  # bytes: a hundred years of days


def connect(place: Place) -> Source:
    """Return the CSV files beside a fetch plan."""
    return CsvFiles(place.base)


class CsvFiles:
    """CSV files in a folder, one instrument each."""

    def __init__(self, base: Path) -> None:
        self._base = base

    def fetch(self, request: Request) -> Fetched:
        """Return the rows of a file from the first to the last day wanted."""
        path = self._base / request.symbol
        try:
            there = path.exists()
        except (OSError, ValueError) as error:
            raise UnknownSymbol(NAME, request.symbol, f"cannot be read: {error}") from None
        if not there:
            raise UnknownSymbol(NAME, request.symbol, "cannot be read: No such file")
        try:
            text = read_text(path, DataError, most=MOST)
        except DataError as error:
            raise BadRows(NAME, request.symbol, _reasons(error)) from None
        found = _Reading(request.symbol, text).records()
        wanted = [r for r in found if request.first <= r[0].day <= request.last]
        if not wanted:
            raise EmptyAnswer(NAME, request.symbol, f"no row from {request.first} on")
        payments = tuple(p for _, p in wanted if p.dividend or p.split != 1.0)
        return Fetched(AS_TRADED, tuple(row for row, _ in wanted), payments)


def _reasons(error: DataError) -> str:
    return "; ".join(f"{problem.message}; {problem.remedy}" for problem in error.problems)


class _Reading:
    """One pass over a file that collects what is wrong before it refuses."""

    def __init__(self, symbol: str, text: str) -> None:
        self.symbol = symbol
        self.lines = text.splitlines()
        self.wrong: list[str] = []

    def records(self) -> list[tuple[Row, Payment]]:
        header = [name.strip() for name in self.cells(1) or ()]
        self.refuse()
        unknown = [name for name in header if name not in COLUMNS]
        if unknown or len(set(header)) != len(header) or not {"date", "close"} <= set(header):
            reason = f"the header is {shown(','.join(header))}; write columns out of {_NAMES}"
            raise BadRows(NAME, self.symbol, reason)
        found = [self.record(header, line) for line in range(2, len(self.lines) + 1)]
        self.refuse()
        return [record for record in found if record is not None]

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

    def record(self, header: list[str], line: int) -> tuple[Row, Payment] | None:
        cells = self.cells(line)
        if not cells:
            return None
        if len(cells) != len(header):
            self.wrong.append(f"line {line} has {len(cells)} cells, not {len(header)}")
            return None
        given = dict(zip(header, cells, strict=True))
        try:
            day = date.fromisoformat(given["date"])
        except ValueError:
            self.wrong.append(
                f"line {line}: {shown(given['date'])} is not a date, write 2024-06-28"
            )
            return None
        value = {name: self.number(given.get(name, ""), name, line) for name in COLUMNS[1:]}
        return (
            Row(day, value["close"], value["volume"], value["nav"], value["benchmark"]),
            self.payment(day, value["dividend"], value["split"], line),
        )

    def payment(self, day: date, dividend: float | None, split: float | None, line: int) -> Payment:
        found = Payment(day, dividend or 0.0, 1.0 if split is None else split)
        if found.dividend < 0:
            self.wrong.append(f"line {line}: dividend {found.dividend:g} is below 0")
        if found.split <= 0:
            reason = "is not a split, write new shares per old share, or leave it empty"
            self.wrong.append(f"line {line}: split {found.split:g} {reason}")
        return found

    def number(self, cell: str, name: str, line: int) -> float | None:
        if not cell.strip():
            return None
        try:
            found = float(cell)
        except ValueError:
            found = math.nan
        if math.isfinite(found):
            return found
        self.wrong.append(f"line {line}: {name} {shown(cell)} is not a number")
        return None
