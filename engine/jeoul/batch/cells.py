"""Cells of a table of accounts as places in one array of bytes.

Written for a compiler, as :mod:`jeoul.batch.kernel` is: no objects, only arrays. What a cell says
is in :mod:`jeoul.files.cells`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from jeoul.files import cells as rules
from jeoul.files.cells import NEWLINE, OPEN, QUOTE, RETURN, bare, cell_end, undoubled
from jeoul.rebalance.problem import Counts


class Columns(NamedTuple):
    """The columns of a table: those that are read, how many must be there, and ones left unread."""

    read: tuple[str, ...]
    needed: int
    unread: tuple[str, ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        """Return the names that a table may have."""
        return (*self.read, *self.unread)


Bytes = NDArray[np.uint8]
Hashes = NDArray[np.uint64]
Spots = NDArray[np.int32]

COLUMNS = ("account", "kind", "profile", "ticker", "shares", "deposit", "withdrawal", "currency")
ACCOUNTS = Columns(COLUMNS, 5, unread=("answers_id",))
ACCOUNT, KIND, PROFILE, TICKER, SHARES, DEPOSIT, WITHDRAWAL, CURRENCY = range(len(COLUMNS))

OFFSET, PRIME = 14695981039346656037, 1099511628211  # of the 64-bit FNV-1a hash
MIX = 0xFF51AFD7ED558CCD


class Cells(NamedTuple):
    """Rows of cells: where each begins and ends in ``data``, its row, and how many it had."""

    data: Bytes
    start: Spots
    end: Spots
    line: Counts
    width: Counts


def text_of(cells: Cells, row: int, column: int) -> str:
    """Return the text of a cell; bytes that are not UTF-8 are shown as escapes."""
    content = cells.data[cells.start[row, column] : cells.end[row, column]].tobytes()
    return content.decode("utf-8", "backslashreplace")


def hash_of(data: Bytes, start: int, end: int) -> np.uint64:
    """Return a hash of some bytes: FNV-1a with its high bits mixed into the low ones."""
    found = np.uint64(OFFSET)
    for at in range(start, end):
        found = (found ^ np.uint64(data[at])) * np.uint64(PRIME)
    found = (found ^ (found >> np.uint64(33))) * np.uint64(MIX)
    return found ^ (found >> np.uint64(33))


def is_blank(data: Bytes, start: int, end: int) -> bool:
    """Return whether a line has nothing in it."""
    for at in range(start, end):  # noqa: SIM110  a generator does not compile
        if data[at] != RETURN and data[at] != 32:
            return False
    return True


def hash_undoubled(data: Bytes, start: int, end: int) -> np.uint64:
    """Return the hash of a quoted cell's text, in which two quotes in a row are one."""
    found, at = np.uint64(OFFSET), start
    while at < end:
        found = (found ^ np.uint64(data[at])) * np.uint64(PRIME)
        at += 2 if data[at] == QUOTE and at + 1 < end and data[at + 1] == QUOTE else 1
    found = (found ^ (found >> np.uint64(33))) * np.uint64(MIX)
    return found ^ (found >> np.uint64(33))


def count_lines(data: Bytes) -> int:
    """Return how many lines bytes have, one without an end included."""
    found = 0
    for byte in data:
        found += byte == NEWLINE
    return found + (len(data) > 0 and data[len(data) - 1] != NEWLINE)


def split_rows(
    data: Bytes, separator: int, column: Counts, line: int, start: Spots, end: Spots, rows: Counts
) -> int:
    """Write the cells of every row and return how many rows have any.

    ``column`` maps a place in a row to a column, below 0 for one that is not read. ``rows`` has a
    row each: the number of its first line, and of its cells. Two quotes in a row of a quoted cell
    become one in ``data``.
    """
    at, n = 0, 0
    while at < len(data):
        first, cells, begun = at, 0, line
        while True:
            after, crossed = cell_end(data, first, separator)
            line += max(crossed, 0)
            if cells < len(column) and column[cells] >= 0:
                here, last, quoted = bare(data, first, after)
                if quoted:
                    last = undoubled(data, here, last)
                start[n, column[cells]], end[n, column[cells]] = here, last
            cells += 1
            if after >= len(data) or data[after] == NEWLINE:
                break
            first = after + 1
        if cells > 1 or not is_blank(data, at, after):
            rows[n, 0], rows[n, 1] = begun, cells
            n += 1
        line += 1
        at = after + 1
    return n


def runs_of(
    data: Bytes,
    separator: int,
    column: Counts,
    before: int,
    whole: bool,
    at: Counts,
    hashes: Hashes,
) -> tuple[int, int, int, int]:
    """Write where each run of rows with one account begins: byte and line, and three hashes.

    ``hashes`` has a row each, of the account, its kind and its profile. ``before`` is the hash of
    the account in front, so that a run may go on in these bytes. Unless they are ``whole``, a row
    that might go on behind them is left. Returns how many runs begin, the hash of the last account,
    how many lines were read, and how many bytes.
    """
    spot, n, number, last = 0, 0, 0, before
    nothing = hash_of(data, 0, 0)
    while spot < len(data):
        first, cell, line = spot, 0, number
        for k in range(PROFILE + 1):
            hashes[n, k] = nothing
        while True:
            after, crossed = cell_end(data, first, separator)
            if crossed == OPEN and not whole:
                return n, last, line, spot
            number += max(crossed, 0)
            if cell < len(column) and 0 <= column[cell] <= PROFILE:
                begin, end, quoted = bare(data, first, after)
                hashes[n, column[cell]] = (
                    hash_undoubled(data, begin, end) if quoted else hash_of(data, begin, end)
                )
            cell += 1
            if after >= len(data) or data[after] == NEWLINE:
                break
            first = after + 1
        if cell > 1 or not is_blank(data, spot, after):
            found = hashes[n, ACCOUNT]
            at[n, 0], at[n, 1] = spot, line
            n += found != last or n == 0
            last = found
        number += 1
        spot = after + 1
    return n, last, number, len(data)


PARTS: tuple[Any, ...] = (*rules.PARTS, hash_of, hash_undoubled, is_blank)
"""What the functions over cells are compiled from, each behind what it calls."""
