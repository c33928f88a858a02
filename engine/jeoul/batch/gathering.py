"""Rows of cells become accounts as arrays, for a compiler; a row that cannot be read is named."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from jeoul.batch.cells import (
    ACCOUNT,
    CURRENCY,
    DEPOSIT,
    SHARES,
    TICKER,
    WITHDRAWAL,
    Bytes,
    Cells,
    Hashes,
    Spots,
    hash_of,
)
from jeoul.files.cells import TOO_MANY_DIGITS, TOO_MANY_PLACES, amount_of, day_of
from jeoul.rebalance.problem import Counts, Flags

FAULTS = (
    "",
    "cells",
    "no_account",
    "kind",
    "profile",
    "ticker",
    "shares",
    "shares_negative",
    "cash_day",
    "amount",
    "amount_negative",
    "amount_place",
    "currency",
    "ticker_twice",
    "cash_twice",
    "other_kind",
    "too_large",
    "too_fine",
    "scattered",
    "no_cash",
    "both_flows",
)
"""What can be wrong with a row or an account, by number."""
(
    _,
    CELLS,
    NO_ACCOUNT,
    BAD_KIND,
    BAD_PROFILE,
    BAD_TICKER,
    BAD_SHARES,
    NEGATIVE_SHARES,
    BAD_DAY,
    BAD_AMOUNT,
    NEGATIVE_AMOUNT,
    AMOUNT_PLACE,
    BAD_CURRENCY,
    TICKER_TWICE,
    CASH_TWICE,
    OTHER_KIND,
    TOO_LARGE,
    TOO_FINE,
    SCATTERED,
    NO_CASH,
    BOTH_FLOWS,
) = range(len(FAULTS))

UNSEEN, UNKNOWN = -2, -1
CASH_ROW, COMING_ROW, OUTSIDE = 0, 1, 2  # behind the codes of the funds


class Codes(NamedTuple):
    """The code of each row's kind, profile and ticker; below 0 for a word that nobody knows."""

    kind: Counts
    profile: Counts
    ticker: Counts


class GatheredRows(NamedTuple):
    """Accounts of some rows: where each begins, what it holds, and what is wrong with its rows.

    ``fault`` and ``column`` are by row; ``wrong`` and ``hashes`` by account.
    """

    first: Counts
    held: Counts
    cash: Counts
    deposit: Counts
    withdrawal: Counts
    part: Counts
    day: Counts
    coming: Counts
    fault: Counts
    column: Counts
    wrong: Counts
    hashes: Hashes


def place_of(hashes: Hashes, wanted: np.uint64) -> int:
    """Return where a hash is among sorted ones, below 0 if it is not there."""
    low, high = 0, len(hashes)
    while low < high:
        middle = (low + high) // 2
        if hashes[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low if low < len(hashes) and hashes[low] == wanted else -1


def codes_of(
    data: Bytes, start: Spots, end: Spots, hashes: Hashes, codes: Counts, found: Counts
) -> int:
    """Write the code of every cell of a column and return how many words were not in the table."""
    unseen = 0
    for row in range(len(start)):
        place = place_of(hashes, hash_of(data, start[row], end[row]))
        found[row] = codes[place] if place >= 0 else UNSEEN
        unseen += place < 0
    return unseen


def numbers_of(
    data: Bytes, start: Spots, end: Spots, places: int, found: Counts, faults: Counts
) -> None:
    """Write the number in every cell of a column, 0 for an empty one, and what is wrong with it."""
    for row in range(len(start)):
        found[row], faults[row] = amount_of(data, start[row], end[row], places)


def hashes_in(data: Bytes, start: Spots, end: Spots, found: Hashes) -> None:
    """Write the hash of every cell of a column."""
    for row in range(len(start)):
        found[row] = hash_of(data, start[row], end[row])


def first_rows(cells: Cells, hashes: Hashes, first: Counts) -> int:
    """Write the first row of every account and its hash, and return how many there are."""
    n, last = 0, np.uint64(0)
    for row in range(len(cells.start)):
        found = hash_of(cells.data, cells.start[row, ACCOUNT], cells.end[row, ACCOUNT])
        if row == 0 or found != last:
            first[n], hashes[n] = row, found
            n += 1
        last = found
    first[n] = len(cells.start)
    return n


def gather(
    cells: Cells,
    codes: Codes,
    least: int,
    places: int,
    won: Hashes,
    scattered: Hashes,
    all_: GatheredRows,
) -> None:
    """Write the accounts of rows, and what is wrong with any.

    ``least`` is how many cells a row has, ``places`` the decimals of money, ``won`` the hashes of
    the currency's name in any case, sorted.
    """
    n = len(all_.first) - 1
    for i in range(n):
        all_.part[i + 1] = all_.part[i]
        seen = np.zeros(all_.held.shape[1], dtype=np.bool_)
        has_cash = False
        for row in range(all_.first[i], all_.first[i + 1]):
            fault, column = row_fault(cells, codes, least, all_.first[i], row)
            if fault == 0 and codes.ticker[row] == all_.held.shape[1] + CASH_ROW:
                fault, column = read_cash(cells, row, places, won, has_cash, all_, i)
                has_cash = True
            elif fault == 0:
                fault, column = read_holding(cells, codes.ticker[row], row, places, seen, all_, i)
            all_.fault[row], all_.column[row] = fault, column
            if fault != 0:
                all_.wrong[i] = -1
        if all_.wrong[i] == 0:
            all_.wrong[i] = account_fault(all_, scattered, has_cash, i)


def row_fault(  # noqa: PLR0911
    cells: Cells, codes: Codes, least: int, first: int, row: int
) -> tuple[int, int]:
    """Return what is wrong with a row whatever it holds, and in which column."""
    if cells.width[row] != least:
        return CELLS, ACCOUNT
    if cells.start[row, ACCOUNT] == cells.end[row, ACCOUNT]:
        return NO_ACCOUNT, ACCOUNT
    if codes.kind[row] < 0:
        return BAD_KIND, 1
    if codes.profile[row] < 0:
        return BAD_PROFILE, 2
    if codes.kind[row] != codes.kind[first] or codes.profile[row] != codes.profile[first]:
        return OTHER_KIND, 1 if codes.kind[row] != codes.kind[first] else 2
    if codes.ticker[row] < 0:
        return BAD_TICKER, TICKER
    return 0, 0


def read_cash(
    cells: Cells, row: int, places: int, won: Hashes, again: bool, all_: GatheredRows, i: int
) -> tuple[int, int]:
    """Read the row of an account's cash with what moves; return what is wrong and where."""
    if again:
        return CASH_TWICE, TICKER
    data, start, end = cells.data, cells.start[row], cells.end[row]
    if start[SHARES] == end[SHARES]:
        return BAD_AMOUNT, SHARES
    for column in (SHARES, DEPOSIT, WITHDRAWAL):
        amount, fault = amount_of(data, start[column], end[column], places)
        if fault != 0:
            return amount_fault(fault), column
        if column == SHARES:
            all_.cash[i] = amount
        elif amount < 0:
            return NEGATIVE_AMOUNT, column
        elif column == DEPOSIT:
            all_.deposit[i] = amount
        else:
            all_.withdrawal[i] = amount
    named = start[CURRENCY] < end[CURRENCY]
    if named and place_of(won, hash_of(data, start[CURRENCY], end[CURRENCY])) < 0:
        return BAD_CURRENCY, CURRENCY
    return 0, 0


def read_holding(  # noqa: PLR0911
    cells: Cells, code: int, row: int, places: int, seen: Flags, all_: GatheredRows, i: int
) -> tuple[int, int]:
    """Read a row of shares or of money on its way; return what is wrong and where."""
    data, start, end, funds = cells.data, cells.start[row], cells.end[row], len(seen)
    if start[SHARES] == end[SHARES]:
        return BAD_SHARES, SHARES
    for column in (DEPOSIT, WITHDRAWAL):
        amount, fault = amount_of(data, start[column], end[column], places)
        if fault != 0 or amount != 0:
            return AMOUNT_PLACE, column
    if code == funds + COMING_ROW:
        return read_coming(cells, row, places, all_, i)
    shares, fault = amount_of(data, start[SHARES], end[SHARES], 0)
    if fault != 0:
        return TOO_LARGE if fault == TOO_MANY_DIGITS else BAD_SHARES, SHARES
    if shares < 0:
        return NEGATIVE_SHARES, SHARES
    if code < funds:
        if seen[code]:
            return TICKER_TWICE, TICKER
        seen[code] = True
        all_.held[i, code] = shares
    return 0, 0


def read_coming(cells: Cells, row: int, places: int, all_: GatheredRows, i: int) -> tuple[int, int]:
    """Read a row of money on its way, kept in the order of its days."""
    start, end = cells.start[row], cells.end[row]
    day = day_of(cells.data, start[TICKER] + 5, end[TICKER])  # behind CASH@
    if day == 0:
        return BAD_DAY, TICKER
    amount, fault = amount_of(cells.data, start[SHARES], end[SHARES], places)
    if fault != 0:
        return amount_fault(fault), SHARES
    # Insertion keeps the days in order; an account has a handful of them.
    at = all_.part[i + 1]
    while at > all_.part[i] and all_.day[at - 1] >= day:
        if all_.day[at - 1] == day:
            return CASH_TWICE, TICKER
        all_.day[at], all_.coming[at] = all_.day[at - 1], all_.coming[at - 1]
        at -= 1
    all_.day[at], all_.coming[at] = day, amount
    all_.part[i + 1] += 1
    return 0, 0


def amount_fault(fault: int) -> int:
    """Return the fault of a row for that of a number."""
    if fault == TOO_MANY_DIGITS:
        return TOO_LARGE
    return TOO_FINE if fault == TOO_MANY_PLACES else BAD_AMOUNT


def account_fault(all_: GatheredRows, scattered: Hashes, has_cash: bool, i: int) -> int:
    """Return what is wrong with an account whose rows can all be read."""
    if place_of(scattered, all_.hashes[i]) >= 0:
        return SCATTERED
    if not has_cash:
        return NO_CASH
    return BOTH_FLOWS if all_.deposit[i] > 0 and all_.withdrawal[i] > 0 else 0


PARTS: tuple[Any, ...] = (
    place_of,
    row_fault,
    amount_fault,
    read_cash,
    read_coming,
    read_holding,
    account_fault,
)
"""What :func:`gather` is compiled from, behind the parts of the cells."""
