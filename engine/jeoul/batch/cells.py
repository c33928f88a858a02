"""Cells of a table of accounts as places in one array of bytes, and what they say.

Written for a compiler, as :mod:`jeoul.batch.kernel` is: no objects, only arrays.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

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

QUOTE, RETURN, NEWLINE, COMMA, DASH, DOT, ZERO, AT = 34, 13, 10, 44, 45, 46, 48, 64
NOT_A_NUMBER, TOO_MANY_DIGITS, TOO_MANY_PLACES = 1, 2, 3
MOST_DIGITS = 16
OFFSET, PRIME = 14695981039346656037, 1099511628211  # of the 64-bit FNV-1a hash
MIX = 0xFF51AFD7ED558CCD
OPEN = -1  # lines of a quoted cell whose end is not among the bytes
LONGEST_LINES = 1_000  # bytes of a quoted cell with line breaks; a longer one is a slip of a quote


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


def quote_end(data: Bytes, start: int, separator: int) -> tuple[int, int]:
    """Return where the quoted cell that begins at ``start`` ends, and how many lines it crosses.

    A quote that nothing closes before a separator or the end of a line is a slip: -1 then, and
    ``OPEN`` lines where the bytes end before that is known. So one slip spoils no row behind it.
    """
    at, crossed = start + 1, 0
    while at < len(data):
        if data[at] == QUOTE:
            at += 1
            if at < len(data) and data[at] == QUOTE:  # two in a row are one of the text
                at += 1
                continue
            while at < len(data) and data[at] <= 32 and data[at] not in (NEWLINE, separator):
                at += 1
            closed = at == len(data) or data[at] == NEWLINE or data[at] == separator
            return (at, crossed) if closed else (-1, 0)
        crossed += data[at] == NEWLINE
        if crossed > 0 and at - start > LONGEST_LINES:
            return -1, 0
        at += 1
    return -1, OPEN


def cell_end(data: Bytes, start: int, separator: int) -> tuple[int, int]:
    """Return where the cell that begins at ``start`` ends, and how many lines it crosses.

    That is at a separator, at the end of its line or of the data. One with a slip of a quote takes
    the rest of its line, so that its row has too few cells; ``OPEN`` lines say that more data could
    still close it.
    """
    at = start
    while at < len(data) and data[at] <= 32 and data[at] not in (NEWLINE, separator):
        at += 1
    crossed = 0
    if at < len(data) and data[at] == QUOTE:
        after, crossed = quote_end(data, at, separator)
        if after >= 0:
            return after, crossed
        separator = NEWLINE
    while at < len(data) and data[at] != separator and data[at] != NEWLINE:
        at += 1
    return at, crossed


def bare(data: Bytes, start: int, end: int) -> tuple[int, int, bool]:
    """Return a cell without the spaces and quotes around it, and whether it had quotes."""
    while start < end and data[start] <= 32:
        start += 1
    while end > start and data[end - 1] <= 32:
        end -= 1
    if end - start >= 2 and data[start] == QUOTE and data[end - 1] == QUOTE:
        return start + 1, end - 1, True
    return start, end, False


def undoubled(data: Bytes, start: int, end: int) -> int:
    """Bring two quotes in a row together in the bytes of a quoted cell, and return its new end."""
    to, at = start, start
    while at < end:
        data[to] = data[at]
        at += 2 if data[at] == QUOTE and at + 1 < end and data[at + 1] == QUOTE else 1
        to += 1
    return to


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


def amount_of(data: Bytes, start: int, end: int, places: int) -> tuple[int, int]:
    """Return a decimal number with so many places as a whole one, and what is wrong with it.

    An empty cell is 0; places of zeros beyond are allowed, and so are commas between thousands.
    """
    negative = start < end and data[start] == DASH
    at = start + 1 if negative else start
    found, digits, behind, dots = 0, 0, 0, 0
    group, commas = 0, 0  # digits since the last comma
    while at < end:
        byte = int(data[at])  # without a compiler a byte would stay one
        if byte == COMMA and dots == 0 and (group == 3 or (commas == 0 and 0 < group < 3)):
            group, commas = 0, commas + 1
            at += 1
            continue
        if byte == DOT and dots == 0 and digits > 0 and (commas == 0 or group == 3):
            dots = 1
        elif byte < ZERO or byte > ZERO + 9:
            return 0, NOT_A_NUMBER
        elif dots == 0 or behind < places:
            found = found * 10 + (byte - ZERO)
            digits += found > 0 or dots == 0
            behind += dots
        elif byte != ZERO:
            return 0, TOO_MANY_PLACES
        group += dots == 0
        if digits > MOST_DIGITS:
            return 0, TOO_MANY_DIGITS
        at += 1
    if (digits == 0 and (end > start or dots)) or (commas > 0 and group != 3):
        return 0, NOT_A_NUMBER
    while behind < places:
        found *= 10
        behind += 1
    return (-found if negative else found), 0


def day_of(data: Bytes, start: int, end: int) -> int:
    """Return a date as 20240702, 0 for what is not written as 2024-07-02 or 20240702."""
    found, digits = 0, 0
    for at in range(start, end):
        byte = int(data[at])
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


PARTS: tuple[Any, ...] = (
    hash_of,
    hash_undoubled,
    undoubled,
    is_blank,
    quote_end,
    cell_end,
    bare,
    amount_of,
    day_of,
)
"""What the functions over cells are compiled from, each behind what it calls."""
