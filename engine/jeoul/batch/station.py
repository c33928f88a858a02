"""A worker's place of work: its files opened once, and a part of a batch from rows to orders."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np

from jeoul.account.holdings.codes import code_of
from jeoul.batch import arrays
from jeoul.batch.aims import AimTable
from jeoul.batch.arrays import AccountArrays, FoundOrders
from jeoul.batch.cells import ACCOUNTS, COLUMNS, KIND, PROFILE, TICKER, Cells, text_of
from jeoul.batch.compiled import cell_functions, plain_names
from jeoul.batch.csv_table import opened
from jeoul.batch.deciding import by_records, decide_many
from jeoul.batch.gathering import (
    CASH_ROW,
    COMING_ROW,
    FAULTS,
    NO_ACCOUNT,
    OUTSIDE,
    UNKNOWN,
    Codes,
    GatheredRows,
)
from jeoul.batch.job import BatchJob, Input, PartOrders, RefusedRow, Tally
from jeoul.batch.layout import FilePart
from jeoul.batch.records import BatchAccount, BatchTerms, PlannedAccount
from jeoul.batch.table import open_table
from jeoul.batch.terms import read_terms, usual_terms
from jeoul.batch.vocabulary import Vocabulary
from jeoul.batch.writing import orders_csv, orders_table
from jeoul.errors import DataError
from jeoul.messages import say
from jeoul.model.instrument import AccountKind
from jeoul.model.portfolio import Portfolio
from jeoul.rebalance.problem import Counts
from jeoul.translation import in_language

_TARGETS = 20_000  # targets that are kept from part to part


class PartTask(NamedTuple):
    """A part of a batch; ``scattered`` are the accounts whose rows are not together."""

    job: BatchJob
    part: FilePart
    scattered: bytes


def run_part(task: PartTask) -> PartOrders:
    """Return the orders of a part's accounts, and what was refused.

    Raises :class:`~jeoul.errors.DataError` if the files of this machine are not those of the one
    that started the batch.
    """
    return _station(_Keyed(task.job)).answer(
        task.part, np.frombuffer(task.scattered, dtype=np.uint64)
    )


class _Keyed:
    """A job that is equal to every other copy of it."""

    def __init__(self, job: BatchJob) -> None:
        self.job = job

    def __hash__(self) -> int:
        return hash(self.job.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Keyed) and other.job.key == self.job.key


class Station:
    """The files, words and targets of a job, as one process keeps them from part to part."""

    def __init__(self, job: BatchJob) -> None:
        if job.checks:
            for given in (job.accounts, *([job.terms] if job.terms else [])):
                _check(given)
        self._job = job
        self._funds = job.securities.funds
        self._table = open_table(Path(job.accounts.path), ACCOUNTS)
        usual = usual_terms(job.tariff)
        known = {*self._funds, *job.securities.outside}
        self._terms = (
            usual
            if job.terms is None
            else read_terms(Path(job.terms.path), usual, known, job.securities.currency)
        )
        self._kinds, self._profiles = tuple(map(str, AccountKind)), job.profiles
        self._words = (
            Vocabulary({kind: at for at, kind in enumerate(self._kinds)}, self._kind),
            Vocabulary({each: at for at, each in enumerate(self._profiles)}, self._profile),
            Vocabulary(self._tickers(), self._ticker),
        )
        self._targets = AimTable(job.proposals, self._funds)

    def answer(
        self, part: FilePart, scattered: np.ndarray[tuple[int], np.dtype[np.uint64]]
    ) -> PartOrders:
        """Return the orders of a part, and what was refused."""
        cells = self._table.read(part)
        gathered, codes = self._gathered(cells, scattered)
        self._check_text(cells, gathered)
        numbers = self._terms.of(gathered.hashes)
        refused = list(self._refused(cells, gathered, codes, numbers))
        usual = np.flatnonzero(gathered.wrong == 0)
        if len(self._targets.targets) > _TARGETS:
            self._targets = AimTable(self._job.proposals, self._funds)
        many = self._many(gathered, codes, numbers, usual)
        aims = self._targets.arrays()
        found = decide_many(aims, self._terms.charges, many, self._job.proceeds)
        for i in map(int, np.flatnonzero(found.status != arrays.DECIDED)):
            row = int(gathered.first[usual[i]])
            account = self._account(cells, gathered, codes, numbers, int(usual[i]))
            planned = by_records(self._job.proposals, account, self._job.proceeds)
            self._take(planned, found, i)
            if planned.refused:
                said = in_language(planned.refused, self._job.language)
                refused.append(RefusedRow(account.account, int(cells.line[row]), "place", said))
        rows = gathered.first[:-1][usual]
        places = self._job.securities.places
        write = orders_csv if self._job.form == ".csv" else orders_table
        orders = write(cells, rows, many.aim, aims, found, self._funds, places)
        refused.sort(key=lambda each: each.line)
        return PartOrders(
            orders,
            tuple(refused),
            Tally(
                accounts=len(gathered.wrong),
                planned=len(usual) - sum(each.code == "place" for each in refused),
                orders=int(found.orders.sum()),
                turnover=int(found.turnover.sum()),
                cost=int(found.cost.sum()),
                outside=int(np.count_nonzero(codes.ticker == len(self._funds) + OUTSIDE)),
                held_back=int(found.held_back.sum()),
                held_accounts=int(np.count_nonzero(found.held_back)),
                uncompiled=len(gathered.wrong) if plain_names() else 0,
            ),
        )

    def _gathered(self, cells: Cells, scattered: object) -> tuple[GatheredRows, Codes]:
        functions = cell_functions()
        count, funds = len(cells.start), len(self._funds)
        first, hashes = np.zeros(count + 1, dtype=np.int64), np.zeros(count, dtype=np.uint64)
        n = functions.first_rows(cells, hashes, first)
        columns = (KIND, PROFILE, TICKER)
        words = zip(self._words, columns, strict=True)
        codes = Codes(*(each.codes(cells, column) for each, column in words))
        cash, deposit, withdrawal, wrong = (np.zeros(n, dtype=np.int64) for _ in range(4))
        day, coming, fault, column = (np.zeros(count, dtype=np.int64) for _ in range(4))
        held, part = np.zeros((n, funds), dtype=np.int64), np.zeros(n + 1, dtype=np.int64)
        gathered = GatheredRows(
            first=first[: n + 1].copy(),
            held=held,
            cash=cash,
            deposit=deposit,
            withdrawal=withdrawal,
            part=part,
            day=day,
            coming=coming,
            fault=fault,
            column=column, wrong=wrong, hashes=hashes[:n].copy(),
        )  # fmt: skip
        places = self._job.securities.places
        letters = ((each.lower(), each) for each in self._job.securities.currency)
        names = np.sort([Vocabulary.hash_of("".join(name)) for name in product(*letters)])
        functions.gather(cells, codes, self._table.width, places, names, scattered, gathered)
        return gathered, codes

    def _many(
        self, gathered: GatheredRows, codes: Codes, numbers: Counts, usual: Counts
    ) -> AccountArrays:
        """Return the accounts that can be read as the compiled decision takes them."""
        rows, number = gathered.first[:-1][usual], numbers[usual]
        keys = np.stack(
            [codes.kind[rows], codes.profile[rows], self._terms.cap[number],
             self._terms.excluded[number]]
        )  # fmt: skip
        different, which = np.unique(keys, axis=1, return_inverse=True)
        aims = [
            self._targets.number(
                (self._kinds[kind], self._profiles[profile]),
                BatchTerms(
                    risk_cap=None if cap < 0 else cap / 1e9, excluded=self._terms.sets[set_]
                ),
            )
            for kind, profile, cap, set_ in different.T.tolist()
        ]
        ends = gathered.part
        counts = (ends[1:] - ends[:-1])[usual]
        part = np.concatenate([[0], np.cumsum(counts)])
        keep = np.repeat(gathered.wrong == 0, ends[1:] - ends[:-1])
        return AccountArrays(
            aim=np.array(aims, dtype=np.int64)[which.ravel()] if len(usual) else usual,
            charge=number,
            held=gathered.held[usual],
            cash=gathered.cash[usual],
            deposit=gathered.deposit[usual],
            withdrawal=gathered.withdrawal[usual],
            part=part.astype(np.int64),
            coming=gathered.coming[: ends[-1]][keep],
        )

    def _refused(
        self, cells: Cells, gathered: GatheredRows, codes: Codes, numbers: Counts
    ) -> Iterator[RefusedRow]:
        """Yield what is wrong with rows and accounts, and mark the accounts."""
        for i in map(int, np.flatnonzero(gathered.wrong)):
            first, last = int(gathered.first[i]), int(gathered.first[i + 1])
            account = text_of(cells, first, 0)
            if gathered.wrong[i] > 0:
                yield self._said(account, cells, first, int(gathered.wrong[i]), 0)
            for row in range(first, last):
                if gathered.fault[row]:
                    fault, column = int(gathered.fault[row]), int(gathered.column[row])
                    yield self._said(account, cells, row, fault, column)
        unusable = np.isin(numbers, list(self._terms.fault))
        rows = gathered.first[:-1]
        for kind, profile in self._job.refused:
            if profile in self._profiles:
                same = codes.kind[rows] == self._kinds.index(kind)
                unusable |= same & (codes.profile[rows] == self._profiles.index(profile))
        for i in map(int, np.flatnonzero(unusable & (gathered.wrong == 0))):
            gathered.wrong[i] = -1
            yield self._unplanned(cells, gathered, codes, int(numbers[i]), i)

    def _unplanned(
        self, cells: Cells, gathered: GatheredRows, codes: Codes, number: int, i: int
    ) -> RefusedRow:
        """Return why an account whose rows can be read has no proposal or no terms."""
        row = int(gathered.first[i])
        pair = (self._kinds[codes.kind[row]], self._profiles[codes.profile[row]])
        account, line = text_of(cells, row, 0), int(cells.line[row])
        if pair in self._job.refused:
            said = in_language(self._job.refused[pair], self._job.language)
            return RefusedRow(account, line, "proposal", said)
        detail = {"line": int(self._terms.line[number]), "column": self._terms.fault[number]}
        said = say(self._job.language, "batch_fault.terms", detail)
        return RefusedRow(account, line, "terms", said)

    def _said(self, account: str, cells: Cells, row: int, fault: int, column: int) -> RefusedRow:
        detail = {
            "column": COLUMNS[column],
            "text": text_of(cells, row, column)[:80],
            "cells": int(cells.width[row]),
            "wanted": self._table.width,
            "currency": self._job.securities.currency,
            "strategy": self._job.securities.strategy,
        }
        said = say(self._job.language, f"batch_fault.{FAULTS[fault]}", detail)
        return RefusedRow(account, int(cells.line[row]), FAULTS[fault], said)

    def _account(
        self, cells: Cells, gathered: GatheredRows, codes: Codes, numbers: Counts, i: int
    ) -> BatchAccount:
        """Return an account as the records have it."""
        row = int(gathered.first[i])
        held = {
            code: int(shares)
            for code, shares in zip(self._funds, gathered.held[i], strict=True)
            if shares
        }
        coming = {
            _day(int(gathered.day[k])): int(gathered.coming[k])
            for k in range(gathered.part[i], gathered.part[i + 1])
        }
        portfolio = Portfolio(held, int(gathered.cash[i]), self._job.securities.currency, coming)
        return BatchAccount(
            account=text_of(cells, row, 0),
            kind=self._kinds[codes.kind[row]],
            profile=self._profiles[codes.profile[row]],
            portfolio=portfolio,
            deposit=int(gathered.deposit[i]),
            withdrawal=int(gathered.withdrawal[i]),
            terms=self._terms.terms(int(numbers[i])),
        )

    def _take(self, planned: PlannedAccount, found: FoundOrders, i: int) -> None:
        """Write what the records planned beside what was compiled."""
        places = {code: at for at, code in enumerate(self._funds)}
        found.orders[i], found.cost[i] = len(planned.orders), planned.cost
        found.turnover[i], found.held_back[i] = planned.turnover, planned.held_back
        for k, order in enumerate(planned.orders):
            found.fund[i, k] = places[order.ticker]
            found.shares[i, k] = order.shares if order.side == "BUY" else -order.shares
            found.reason[i, k] = arrays.REASONS.index(order.reason.rpartition(".")[2])

    def _check_text(self, cells: Cells, gathered: GatheredRows) -> None:
        """Refuse accounts whose names are not UTF-8."""
        try:
            cells.data.tobytes().decode()
        except UnicodeDecodeError:
            for i, row in enumerate(map(int, gathered.first[:-1])):
                name = cells.data[cells.start[row, 0] : cells.end[row, 0]].tobytes()
                if not _is_text(name):
                    gathered.wrong[i] = NO_ACCOUNT

    def _tickers(self) -> dict[str, int]:
        count = len(self._funds)
        known = dict.fromkeys(self._job.securities.outside, count + OUTSIDE)
        known |= {code: at for at, code in enumerate(self._funds)}
        return known | {"CASH": count + CASH_ROW}

    def _ticker(self, word: str) -> int:
        if word.upper().startswith("CASH@"):
            return len(self._funds) + COMING_ROW
        return self._tickers().get(code_of(word), UNKNOWN)

    def _kind(self, word: str) -> int:
        try:
            return self._kinds.index(str(AccountKind(word)))
        except ValueError:
            return UNKNOWN

    def _profile(self, word: str) -> int:
        named = word.lower()
        return self._profiles.index(named) if named in self._profiles else UNKNOWN


@lru_cache(maxsize=1)
def _station(keyed: _Keyed) -> Station:
    return Station(keyed.job)


def _check(given: Input) -> None:
    digest = sha256()
    with opened(Path(given.path)) as file:
        while block := file.read(1 << 20):
            digest.update(block)
    if digest.hexdigest() != given.digest:
        raise DataError(
            f"{given.path} on this machine is not the file that the batch was started with; copy "
            "it again"
        )


def _day(number: int) -> date:
    return date(number // 10_000, number // 100 % 100, number % 100)


def _is_text(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True
