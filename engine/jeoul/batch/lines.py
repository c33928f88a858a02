"""Orders as lines of CSV, written by a compiler into one array of bytes."""

from __future__ import annotations

from typing import Any, NamedTuple

from jeoul.batch.arrays import Aims, FoundOrders, Places
from jeoul.batch.cells import Bytes, Cells
from jeoul.files.cells import COMMA, QUOTE
from jeoul.rebalance.problem import Counts

POINT, ZERO_DIGIT = 46, 48
LONGEST = 128  # bytes of a line beside the account, its words and 2 numbers of 20 digits each


class ByteWords(NamedTuple):
    """Words as bytes one behind the other; word i goes from ``at[i]`` to ``at[i + 1]``."""

    data: Bytes
    at: Counts


class Lines(NamedTuple):
    """What lines are made of: accounts with the row that names them, and words of three kinds."""

    row: Places
    aim: Places
    ticker: ByteWords
    reason: ByteWords
    side: ByteWords


def put_word(out: Bytes, at: int, words: ByteWords, which: int, after: int) -> int:
    """Write a word and the byte behind it, and return where the next one goes."""
    for k in range(words.at[which], words.at[which + 1]):
        out[at] = words.data[k]
        at += 1
    out[at] = after
    return at + 1


def put_number(out: Bytes, at: int, number: int, places: int, after: int) -> int:
    """Write a number of 0 or more with its decimal places and the byte behind it."""
    digits, rest = 1, number // 10
    while rest > 0:
        digits, rest = digits + 1, rest // 10
    digits = max(digits, places + 1)
    length = digits + (places > 0)
    for k in range(length - 1, -1, -1):
        if places > 0 and k == length - 1 - places:
            out[at + k] = POINT
        else:
            out[at + k] = ZERO_DIGIT + number % 10
            number //= 10
    out[at + length] = after
    return at + length + 1


def put_account(out: Bytes, at: int, cells: Cells, row: int) -> int:
    """Write the account of a row and a comma, in quotes where other readers need them."""
    start, end = cells.start[row, 0], cells.end[row, 0]
    quoted = start < end and (cells.data[start] <= 32 or cells.data[end - 1] <= 32)
    for k in range(start, end):
        quoted = quoted or cells.data[k] == COMMA or cells.data[k] == QUOTE or cells.data[k] < 32
    if quoted:
        out[at] = QUOTE
        at += 1
    for k in range(start, end):
        if cells.data[k] == QUOTE:
            out[at] = QUOTE
            at += 1
        out[at] = cells.data[k]
        at += 1
    if quoted:
        out[at] = QUOTE
        at += 1
    out[at] = COMMA
    return at + 1


def length_of(lines: Lines, cells: Cells, found: FoundOrders) -> int:
    """Return how many bytes the lines need at most."""
    total = 0
    for i in range(len(lines.row)):
        account = cells.end[lines.row[i], 0] - cells.start[lines.row[i], 0]
        total += found.orders[i] * (2 * account + LONGEST)  # each byte may be a quote
    return total


def write_lines(
    out: Bytes, lines: Lines, cells: Cells, aims: Aims, found: FoundOrders, places: int
) -> int:
    """Write the orders of all accounts and return how many bytes they are."""
    at = 0
    for i in range(len(lines.row)):
        for k in range(found.orders[i]):
            fund, shares = found.fund[i, k], found.shares[i, k]
            bought = 1 if shares > 0 else 0
            price = aims.buy[lines.aim[i], fund] if shares > 0 else aims.sell[lines.aim[i], fund]
            at = put_account(out, at, cells, lines.row[i])
            at = put_word(out, at, lines.side, bought, COMMA)
            at = put_word(out, at, lines.ticker, fund, COMMA)
            at = put_number(out, at, abs(shares), 0, COMMA)
            at = put_number(out, at, price, places, COMMA)
            at = put_word(out, at, lines.reason, found.reason[i, k], 10)
    return at


PARTS: tuple[Any, ...] = (put_word, put_number, put_account)
"""What :func:`write_lines` is compiled from."""
