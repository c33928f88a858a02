"""What the cells of a firm's tables say: separators, quotes, numbers and days.

Every reader of accounts keeps these rules. They are written for a compiler, over bytes and without
objects, and run as plain Python over ``bytes`` where few cells need them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

SEPARATORS = (",", "\t", ";", "|")
MOST_DIGITS = 15  # a spreadsheet keeps no more: it writes zeros for the others
LONGEST_LINES = 1_000  # bytes of a quoted cell with line breaks; a longer one is a slip of a quote

QUOTE, RETURN, NEWLINE, COMMA, DASH, DOT, ZERO = 34, 13, 10, 44, 45, 46, 48
NOT_A_NUMBER, TOO_MANY_DIGITS, TOO_MANY_PLACES = 1, 2, 3
OPEN = -1  # lines of a quoted cell whose end is not among the bytes


def separator_of(header: str) -> str:
    """Return the separator of a table: the one that its header has most often.

    >>> separator_of("account;ticker;shares")
    ';'
    """
    return max(SEPARATORS, key=header.count)


class CellRecord(NamedTuple):
    """The cells of a record, where it ends, how many lines it crosses, and whether a quote slips.

    A slip is a quote that nothing closes; its record is the rest of its line, as it stands.
    """

    cells: list[str]
    end: int
    crossed: int
    slip: bool


def record_of(data: bytes, start: int, separator: str) -> CellRecord:
    r"""Return the record that begins at ``start`` of a text in UTF-8 whose lines end in ``\n``.

    A quote is one only where a cell begins.

    >>> record_of(b'A1,"1,000"\nA2,5\n', 0, ",")
    CellRecord(cells=['A1', '1,000'], end=10, crossed=0, slip=False)
    >>> record_of(b'"A1,5\nA2,5\n', 0, ",")
    CellRecord(cells=['A1', '5'], end=5, crossed=0, slip=True)
    """
    cells, first, crossed, mark = list[str](), start, 0, ord(separator)
    while True:
        begin = text_start(data, first, mark)
        if data[begin : begin + 1] == b'"' and quote_end(data, begin, mark)[0] < 0:
            end = data.index(b"\n", start)
            plain = [cell.strip(' "') for cell in data[start:end].decode().split(separator)]
            return CellRecord(plain, end, 0, slip=True)
        after, more = cell_end(data, first, mark)
        here, last, quoted = bare(data, first, after)
        text = data[here:last].decode()
        cells.append(text.replace('""', '"') if quoted else text)
        crossed += more
        if data[after] == NEWLINE:
            return CellRecord(cells, after, crossed, slip=False)
        first = after + 1


def text_start(data: Any, start: int, separator: int) -> int:
    """Return where the text of a cell begins, behind the spaces in front of it."""
    at = start
    while at < len(data) and data[at] <= 32 and data[at] not in (NEWLINE, separator):
        at += 1
    return at


def quote_end(data: Any, start: int, separator: int) -> tuple[int, int]:
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


def cell_end(data: Any, start: int, separator: int) -> tuple[int, int]:
    """Return where the cell that begins at ``start`` ends, and how many lines it crosses.

    That is at a separator, at the end of its line or of the data. One with a slip of a quote takes
    the rest of its line, so that its row has too few cells; ``OPEN`` lines say that more data could
    still close it.
    """
    at, crossed = text_start(data, start, separator), 0
    if at < len(data) and data[at] == QUOTE:
        after, crossed = quote_end(data, at, separator)
        if after >= 0:
            return after, crossed
        separator = NEWLINE
    while at < len(data) and data[at] != separator and data[at] != NEWLINE:
        at += 1
    return at, crossed


def bare(data: Any, start: int, end: int) -> tuple[int, int, bool]:
    """Return a cell without the spaces and quotes around it, and whether it had quotes."""
    while start < end and data[start] <= 32:
        start += 1
    while end > start and data[end - 1] <= 32:
        end -= 1
    if end - start >= 2 and data[start] == QUOTE and data[end - 1] == QUOTE:
        return start + 1, end - 1, True
    return start, end, False


def undoubled(data: Any, start: int, end: int) -> int:
    """Bring two quotes in a row together in the bytes of a quoted cell, and return its new end."""
    to, at = start, start
    while at < end:
        data[to] = data[at]
        at += 2 if data[at] == QUOTE and at + 1 < end and data[at + 1] == QUOTE else 1
        to += 1
    return to


def amount_of(data: Any, start: int, end: int, places: int) -> tuple[int, int]:
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


def day_of(data: Any, start: int, end: int) -> int:
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


PARTS: tuple[Any, ...] = (undoubled, text_start, quote_end, cell_end, bare, amount_of, day_of)
"""What a compiler takes of these rules, each behind what it calls."""
