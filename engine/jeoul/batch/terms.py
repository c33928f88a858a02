"""The file of terms: what single accounts pay, may hold of risk assets, and never buy."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jeoul.account.holdings.codes import code_of
from jeoul.account.restriction import words_of
from jeoul.batch.arrays import Tariffs
from jeoul.batch.cells import Cells, Columns, Hashes, text_of
from jeoul.batch.compiled import cell_functions
from jeoul.batch.records import BatchTerms
from jeoul.batch.table import open_table
from jeoul.errors import UsageError
from jeoul.model.money import UNITS
from jeoul.rebalance import Tariff
from jeoul.rebalance.problem import Counts

COLUMNS = ("account", "fee", "min_fee", "fixed_fee", "spread", "risk_cap", "excluded")
TERMS = Columns(COLUMNS, 1, unread=("answers_id",))
WHOLE = 10**9  # rates are counted in billionths
MOST_NAMED = 5  # accounts without rows that a summary names
_PLACES = 9


@dataclass(frozen=True)
class TermsTable:
    """Terms by number, 0 for accounts without any; ``hashes`` of accounts are sorted.

    ``tariffs`` are rate, least and fixed fee, and spread, ``cap`` is below 0 without one; rates and
    caps are in billionths. ``sets`` are excluded funds by number. ``fault`` names the column of
    terms that cannot be used.
    """

    hashes: Hashes
    number: Counts
    tariffs: Counts
    cap: Counts
    excluded: Counts
    sets: tuple[frozenset[str], ...]
    line: Counts
    fault: Mapping[int, str]

    @property
    def charges(self) -> Tariffs:
        """Return the tariffs as the compiled decision reads them."""
        rate, least, fixed, spread = (np.ascontiguousarray(column) for column in self.tariffs.T)
        whole = np.full(len(rate), WHOLE, dtype=np.int64)
        known = rate / WHOLE + spread / WHOLE / 2
        return Tariffs(
            rate=rate,
            rate_of=whole,
            spread=spread,
            spread_of=2 * whole,
            least=least,
            fixed=fixed,
            known=known,
        )

    def of(self, hashes: Hashes) -> Counts:
        """Return the number of each account's terms."""
        if not len(self.hashes):
            return np.zeros(len(hashes), dtype=np.int64)
        at = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        return np.where(self.hashes[at] == hashes, self.number[at], 0)

    def terms(self, number: int) -> BatchTerms:
        """Return terms as the records have them."""
        cap = None if self.cap[number] < 0 else float(self.cap[number] / WHOLE)
        return BatchTerms(self.tariff(number), cap, self.sets[self.excluded[number]])

    def tariff(self, number: int) -> Tariff:
        """Return the tariff of terms, as the records have it."""
        rate, least, fixed, spread = (int(value) for value in self.tariffs[number])
        return Tariff(Decimal(rate) / WHOLE, least, fixed, Decimal(spread) / WHOLE)


def usual_terms(tariff: Tariff) -> TermsTable:
    """Return the terms of accounts of which no file says any.

    Raises :class:`~jeoul.errors.UsageError` for rates of more than 9 decimal places.
    """
    none = np.zeros(0, dtype=np.int64)
    row = [_billionths(tariff.rate), tariff.min_fee, tariff.fixed_fee, _billionths(tariff.spread)]
    return TermsTable(
        hashes=np.zeros(0, dtype=np.uint64),
        number=none,
        tariffs=np.array([row], dtype=np.int64),
        cap=np.array([-1]),
        excluded=np.zeros(1, dtype=np.int64),
        sets=(frozenset(),),
        line=np.zeros(1, dtype=np.int64),
        fault={},
    )


def read_terms(path: Path, usual: TermsTable, funds: Collection[str], currency: str) -> TermsTable:
    """Return the terms in a file; what a row leaves out is as usual.

    A row that cannot be used makes a fault of its account, and so do two rows of one. Raises
    :class:`~jeoul.errors.HoldingsError` for a file that is not such a table.
    """
    table = open_table(path, TERMS)
    layout = table.layout()
    places = {1: 0, 100: 2}[UNITS[currency]]
    pieces = [usual]
    sets: dict[frozenset[str], int] = {frozenset(): 0}
    known = frozenset(funds)
    pieces += [
        _piece(table.read(part), usual, sets, known, places, table.width) for part in layout.parts
    ]
    hashes = np.concatenate([piece.hashes for piece in pieces])
    number = np.arange(1, len(hashes) + 1)
    fault: dict[int, str] = {}
    at = 1
    for piece in pieces[1:]:
        fault |= {at + row: column for row, column in piece.fault.items()}
        at += len(piece.hashes)
    order = np.argsort(hashes, kind="stable")
    again = np.flatnonzero(hashes[order][1:] == hashes[order][:-1])
    fault |= {int(number[order[row]]): "account" for row in again}
    return TermsTable(
        hashes=hashes[order],
        number=number[order],
        tariffs=np.concatenate([piece.tariffs for piece in pieces]),
        cap=np.concatenate([piece.cap for piece in pieces]),
        excluded=np.concatenate([piece.excluded for piece in pieces]),
        sets=tuple(sets),
        line=np.concatenate([piece.line for piece in pieces]),
        fault=fault,
    )


class Strangers(NamedTuple):
    """Accounts that have terms and no rows: how many, and the first of them.

    ``digest`` is that of the file of terms in which they were looked for.
    """

    total: int
    names: tuple[str, ...]
    digest: str


def strangers(path: Path, accounts: Hashes) -> Strangers:
    """Return the accounts in a file of terms that are not among ``accounts``, sorted hashes.

    Raises :class:`~jeoul.errors.HoldingsError` for a file that is not such a table.
    """
    table, names = open_table(path, TERMS), dict[np.uint64, str]()
    found = [np.zeros(0, dtype=np.uint64)]
    layout = table.layout()
    for part in layout.parts:
        cells = table.read(part)
        hashes = _hashes(cells)
        at = np.searchsorted(accounts, hashes)
        there = np.zeros(len(hashes), dtype=np.bool_)
        inside = at < len(accounts)
        there[inside] = accounts[at[inside]] == hashes[inside]
        found.append(hashes[~there])
        for row in np.flatnonzero(~there):
            if len(names) == MOST_NAMED:
                break
            names.setdefault(hashes[row], text_of(cells, int(row), 0))
    total = len(np.unique(np.concatenate(found)))
    return Strangers(total, tuple(names.values()), layout.digest)


def _piece(
    cells: Cells,
    usual: TermsTable,
    sets: dict[frozenset[str], int],
    funds: frozenset[str],
    places: int,
    width: int,
) -> TermsTable:
    count = len(cells.start)
    fault: dict[int, str] = {int(row): "cells" for row in np.flatnonzero(cells.width != width)}
    columns = {
        name: _numbers(cells, COLUMNS.index(name), decimals, default, fault)
        for name, decimals, default in (
            ("fee", _PLACES, usual.tariffs[0, 0]),
            ("min_fee", places, usual.tariffs[0, 1]),
            ("fixed_fee", places, usual.tariffs[0, 2]),
            ("spread", _PLACES, usual.tariffs[0, 3]),
            ("risk_cap", _PLACES, -1),
        )
    }
    for name, most in {
        "fee": WHOLE // 10 - 1,
        "spread": WHOLE // 10 - 1,
        "risk_cap": WHOLE,
    }.items():
        fault |= {int(row): name for row in np.flatnonzero(columns[name] > most)}
    tariffs = np.stack([columns[n] for n in ("fee", "min_fee", "fixed_fee", "spread")], axis=1)
    return TermsTable(
        hashes=_hashes(cells),
        number=np.zeros(count, dtype=np.int64),
        tariffs=tariffs,
        cap=columns["risk_cap"],
        excluded=_excluded(cells, sets, funds, fault),
        sets=(),
        line=cells.line,
        fault=fault,
    )


def _hashes(cells: Cells) -> Hashes:
    """Return the hash of each row's account; rows of one account stay rows of their own."""
    found = np.zeros(len(cells.start), dtype=np.uint64)
    start, end = (np.ascontiguousarray(side[:, 0]) for side in cells[1:3])
    cell_functions().hashes_in(cells.data, start, end, found)
    return found


def _numbers(
    cells: Cells, column: int, places: int, default: int, fault: dict[int, str]
) -> NDArray[np.int64]:
    start = np.ascontiguousarray(cells.start[:, column])
    end = np.ascontiguousarray(cells.end[:, column])
    found, wrong = (np.zeros(len(start), dtype=np.int64) for _ in range(2))
    cell_functions().numbers_of(cells.data, start, end, places, found, wrong)
    wrong[found < 0] = 1
    for row in map(int, np.flatnonzero(wrong)):
        exactly = _scientific(text_of(cells, row, column), places)
        if exactly is None:
            fault[row] = COLUMNS[column]
            found[row] = 0
        else:
            found[row] = exactly
    return np.where(start == end, default, found)


def _scientific(text: str, places: int) -> int | None:
    """Return a number that is written like 1e-05, as programs write small ones."""
    try:
        scaled = Decimal(text) * 10**places
        return int(scaled) if 0 <= scaled < WHOLE * 100 and scaled == int(scaled) else None
    except (InvalidOperation, ValueError, OverflowError):
        return None


def _excluded(
    cells: Cells, sets: dict[frozenset[str], int], funds: frozenset[str], fault: dict[int, str]
) -> Counts:
    column = COLUMNS.index("excluded")
    known: dict[str, int] = {"": 0}
    found = np.zeros(len(cells.start), dtype=np.int64)
    for row in map(int, np.flatnonzero(cells.start[:, column] < cells.end[:, column])):
        text = text_of(cells, row, column)
        if text not in known:
            codes = frozenset(map(code_of, words_of(text)))
            known[text] = sets.setdefault(codes, len(sets)) if codes <= funds else -1
        if known[text] < 0:
            fault[row] = COLUMNS[column]
        found[row] = max(known[text], 0)
    return found


def _billionths(rate: Decimal) -> int:
    scaled = rate * WHOLE
    if scaled != int(scaled):
        raise UsageError(f"the rate {rate} has more than 9 decimal places; round it")
    return int(scaled)
