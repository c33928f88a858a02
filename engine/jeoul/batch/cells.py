"""Cells of a table of accounts as places in one array of bytes, and what they say.

Written for a compiler, as :mod:`jeoul.batch.kernel` is: no objects, only arrays.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from jeoul.rebalance.problem import Counts

Bytes = NDArray[np.uint8]
Hashes = NDArray[np.uint64]
Spots = NDArray[np.int32]

COLUMNS = ("account", "kind", "profile", "ticker", "shares", "deposit", "withdrawal", "currency")
NEEDED = COLUMNS[:5]
ACCOUNT, KIND, PROFILE, TICKER, SHARES, DEPOSIT, WITHDRAWAL, CURRENCY = range(len(COLUMNS))

QUOTE, RETURN, NEWLINE, DASH, DOT, ZERO, AT = 34, 13, 10, 45, 46, 48, 64
NOT_A_NUMBER, TOO_MANY_DIGITS, TOO_MANY_PLACES = 1, 2, 3
MOST_DIGITS = 16
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


def line_end(data: Bytes, start: int) -> int:
    """Return where the line that begins at ``start`` ends, without its newline."""
    at = start
    while at < len(data) and data[at] != NEWLINE:
        at += 1
    return at


def is_blank(data: Bytes, start: int, end: int) -> bool:
    """Return whether a line has nothing in it."""
    for at in range(start, end):  # noqa: SIM110  a generator does not compile
        if data[at] != RETURN and data[at] != 32:
            return False
    return True


def cell_end(data: Bytes, start: int, end: int, separator: int) -> int:
    """Return where the cell that begins at ``start`` ends; a quoted one may hold separators."""
    begun = start < end and data[start] == QUOTE
    quoted, at = begun, start + begun
    while at < end:
        if begun and data[at] == QUOTE:
            quoted = not quoted  # two in a row are one of the text
        elif not quoted and data[at] == separator:
            return at
        at += 1
    return end


def bare(data: Bytes, start: int, end: int) -> tuple[int, int]:
    """Return a cell without the spaces and quotes around it."""
    while start < end and data[start] <= 32:
        start += 1
    while end > start and data[end - 1] <= 32:
        end -= 1
    if end - start >= 2 and data[start] == QUOTE and data[end - 1] == QUOTE:
        return start + 1, end - 1
    return start, end


def count_lines(data: Bytes) -> int:
    """Return how many lines bytes have, one without an end included."""
    found = 0
    for byte in data:
        found += byte == NEWLINE
    return found + (len(data) > 0 and data[len(data) - 1] != NEWLINE)


def split_rows(
    data: Bytes, separator: int, column: Counts, line: int, start: Spots, end: Spots, rows: Counts
) -> int:
    """Write the cells of every line and return how many lines have any.

    ``column`` maps a place in a line to a column, below 0 for one that is not read. ``rows`` has a
    row each: the number of the line, and of its cells.
    """
    at, n = 0, 0
    while at < len(data):
        stop = line_end(data, at)
        if not is_blank(data, at, stop):
            cells = 0
            while True:
                after = cell_end(data, at, stop, separator)
                if cells < len(column) and column[cells] >= 0:
                    first, last = bare(data, at, after)
                    start[n, column[cells]], end[n, column[cells]] = first, last
                cells += 1
                if after >= stop:
                    break
                at = after + 1
            rows[n, 0], rows[n, 1] = line, cells
            n += 1
        line += 1
        at = stop + 1
    return n


def runs_of(
    data: Bytes, separator: int, column: Counts, before: int, at: Counts, hashes: Hashes
) -> tuple[int, int, int]:
    """Write where each run of rows with one account begins: byte and line, and three hashes.

    ``hashes`` has a row each, of the account, its kind and its profile. ``before`` is the hash of
    the account in front, so that a run may go on in these bytes. Returns how many runs begin, the
    hash of the last account and how many lines there are.
    """
    spot, n, number = 0, 0, 0
    last = before
    while spot < len(data):
        stop = line_end(data, spot)
        if not is_blank(data, spot, stop):
            first, cell = spot, 0
            while cell < len(column):
                after = cell_end(data, first, stop, separator)
                if 0 <= column[cell] <= PROFILE:
                    begin, end = bare(data, first, after)
                    hashes[n, column[cell]] = hash_of(data, begin, end)
                cell += 1
                first = min(after + 1, stop)
            found = hashes[n, ACCOUNT]
            at[n, 0], at[n, 1] = spot, number
            n += found != last or n == 0
            last = found
        number += 1
        spot = stop + 1
    return n, last, number


def amount_of(data: Bytes, start: int, end: int, places: int) -> tuple[int, int]:
    """Return a decimal number with so many places as a whole one, and what is wrong with it.

    An empty cell is 0; places of zeros beyond are allowed.
    """
    negative = start < end and data[start] == DASH
    at = start + 1 if negative else start
    found, digits, behind, dots = 0, 0, 0, 0
    while at < end:
        byte = data[at]
        if byte == DOT and dots == 0 and digits > 0:
            dots = 1
        elif byte < ZERO or byte > ZERO + 9:
            return 0, NOT_A_NUMBER
        elif dots == 0 or behind < places:
            found = found * 10 + (byte - ZERO)
            digits += found > 0 or dots == 0
            behind += dots
        elif byte != ZERO:
            return 0, TOO_MANY_PLACES
        if digits > MOST_DIGITS:
            return 0, TOO_MANY_DIGITS
        at += 1
    if digits == 0 and (end > start or dots):
        return 0, NOT_A_NUMBER
    while behind < places:
        found *= 10
        behind += 1
    return (-found if negative else found), 0


def day_of(data: Bytes, start: int, end: int) -> int:
    """Return a date as 20240702, 0 for what is not written as 2024-07-02 or 20240702."""
    found, digits = 0, 0
    for at in range(start, end):
        byte = data[at]
        if ZERO <= byte <= ZERO + 9:
            found = found * 10 + (byte - ZERO)
            digits += 1
        elif byte != DASH or (at - start) not in (4, 7) or end - start != 10:
            return 0
    if digits != 8 or end - start not in (8, 10):
        return 0
    year, month, day = found // 10000, found // 100 % 100, found % 100
    most = 31 - (month in (4, 6, 9, 11))
    if month == 2:
        most = 28 + (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
    return found if year >= 1 and 1 <= month <= 12 and 1 <= day <= most else 0


PARTS: tuple[Any, ...] = (hash_of, line_end, is_blank, cell_end, bare, amount_of, day_of)
"""What the functions over cells are compiled from, each behind what it calls."""
