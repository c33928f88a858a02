"""The raw store: every row that a vendor ever showed, with the time it was fetched. Append-only.

A row is written again only when the vendor shows it differently, so the store remembers each
version; what it says now is the newest version of each day. One transaction holds one answer:
a process that is killed loses the answer it was about to write and nothing else.

The rows of an answer are kept as one page of columns (:mod:`jeoul.market.cache.pages`), so that ten
years are read in well under a millisecond.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import date
from functools import wraps
from itertools import pairwise
from pathlib import Path
from typing import Concatenate, NamedTuple, ParamSpec, TypeVar

from jeoul.database import DatabaseError, OperationalError, connect, transaction
from jeoul.errors import DataError, Problem
from jeoul.market.cache.pages import (
    confirmed_at,
    date_of,
    new_payments,
    new_rows,
    newest_rows,
    number_of,
    span_of,
)
from jeoul.market.cache.schema import lay_tables
from jeoul.market.raw.answer import BASES, Fetched, Payment
from jeoul.market.raw.series import AnswerNote, Raw, SeriesKey, Stamp, Version
from jeoul.model.ratio import ratio_of


class StoreState(NamedTuple):
    """A named state of the store: what it held up to a fetch, and how it was laid out.

    ``digest`` is the SHA-256 of the market folder that was written, ``plan`` the layout as JSON.
    """

    digest: str
    name: str
    at: int
    fetch: int
    plan: str


P = ParamSpec("P")
T = TypeVar("T")
Method = Callable[Concatenate["RawStore", P], T]


def _as_data_errors(method: Method[P, T]) -> Method[P, T]:
    """Return a method of the store that raises :class:`DataError` for what SQLite refuses."""

    @wraps(method)
    def call(store: RawStore, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(store, *args, **kwargs)
        except DatabaseError as error:
            raise DataError([_refusal(store.path, error)]) from error

    return call


def _refusal(path: Path, error: DatabaseError) -> Problem:
    """Return whether the file is no store, or a good one that cannot be used here and now."""
    if isinstance(error, OperationalError):
        remedy = (
            "see that no other program holds it, that its folder may be written and that the disk "
            "has room, or name another store"
        )
        return Problem(str(path), f"cannot be read or written: {error}", remedy=remedy)
    remedy = "restore a copy, or fetch into a new store"
    return Problem(str(path), f"is not a raw store: {error}", remedy=remedy)


class RawStore:
    """A raw store in one SQLite file; it is created when it is not there.

    Every method raises :class:`DataError` where the file is no raw store, is damaged, or cannot be
    read or written: a full disk, a folder that may not be written, another process at work.
    """

    @_as_data_errors
    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._db = connect(path, timeout=30.0)
        try:
            self._prepare()
        except BaseException:
            self._db.close()
            raise

    def __enter__(self) -> RawStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _prepare(self) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA foreign_keys = ON")
        self._db.execute("PRAGMA recursive_triggers = ON")  # else INSERT OR REPLACE deletes freely
        with self._transaction():
            lay_tables(self._db)

    def _transaction(self) -> AbstractContextManager[None]:
        return transaction(self._db, lambda error: DataError([_refusal(self.path, error)]))

    @_as_data_errors
    def record(
        self, key: SeriesKey, fetched: Fetched, at: int, notes: Sequence[AnswerNote] = ()
    ) -> int:
        """Write one answer in one transaction and return the number of the fetch.

        A day between the first and the last row of ``fetched`` that the store has and the answer
        lacks is written as withdrawn; so is a payment. Raises ``ValueError`` if the days of the
        rows or of the payments do not ascend, or the basis is none.
        """
        if fetched.basis not in BASES:
            raise ValueError(f"{fetched.basis!r} is not a basis of prices")
        for days in ([row.day for row in fetched.rows], [p.day for p in fetched.payments]):
            if any(later <= day for day, later in pairwise(days)):
                raise ValueError(f"the days of {key.symbol} do not ascend")
        before = self.read(key)
        page = new_rows(before, fetched)
        with self._transaction():
            series = self._series(key, create=True)
            fetch = self._db.execute(
                "INSERT INTO fetch (series, at, first, last, basis, currency, title, simulated) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    series,
                    at,
                    *span_of(fetched),
                    fetched.basis,
                    fetched.currency,
                    fetched.title,
                    int(fetched.simulated),
                ),
            ).lastrowid
            assert fetch is not None
            self._db.execute(
                "INSERT INTO page VALUES (?, ?, ?, ?, ?, ?, ?)",
                (series, fetch, *(column.tobytes() for column in page)),
            )
            self._db.executemany(
                "INSERT INTO payment VALUES (?, ?, ?, ?, ?)",
                [
                    (series, number_of(p.day), fetch, p.dividend, float(p.split))
                    for p in new_payments(before, fetched)
                ],
            )
            self._db.executemany(
                "INSERT INTO note VALUES (?, ?, ?, ?, ?)",
                [(fetch, number_of(note.day), *note[1:]) for note in notes],
            )
        return fetch

    @_as_data_errors
    def record_gone(self, key: SeriesKey, at: int) -> None:
        """Write that the vendor of a stored series no longer knows its symbol."""
        with self._transaction():
            self._db.execute(
                "INSERT INTO fetch (series, at, first, last, basis, currency, title, simulated) "
                "VALUES (?, ?, 0, 0, '', '', '', 0)",
                (self._series(key), at),
            )

    def _series(self, key: SeriesKey, *, create: bool = False) -> int | None:
        found = self._db.execute(
            "SELECT id FROM series WHERE source = ? AND symbol = ?", key
        ).fetchone()
        if found is None and create:
            return self._db.execute(
                "INSERT INTO series (source, symbol) VALUES (?, ?)", key
            ).lastrowid
        return None if found is None else int(found[0])

    @_as_data_errors
    def read(self, key: SeriesKey, upto: int | None = None) -> Raw | None:
        """Return a series as it stood after fetch ``upto``, now by default; None if unknown."""
        series = self._series(key)
        limit = (series, 2**62 if upto is None else upto)
        stamps = tuple(
            Stamp(
                fetch=i,
                at=at,
                first=date_of(first),
                last=date_of(last),
                basis=basis,
                currency=currency,
                title=title,
                simulated=bool(simulated),
            )
            for i, at, first, last, basis, currency, title, simulated in self._db.execute(
                "SELECT id, at, first, last, basis, currency, title, simulated FROM fetch "
                "WHERE series = ? AND id <= ? ORDER BY id",
                limit,
            )
        )
        if not stamps:
            return None
        columns = newest_rows(
            self._db.execute(
                "SELECT days, closes, volumes, navs, benchmarks FROM page "
                "WHERE series = ? AND fetch <= ? ORDER BY fetch",
                limit,
            ).fetchall()
        )
        days = columns[0].view("datetime64[D]")
        versions = self._versions(limit)
        newest = (found[-1].payment for found in versions.values())
        return Raw(
            key=key,
            stamps=stamps,
            days=days,
            close=columns[1],
            confirmed_at=confirmed_at(days, stamps),
            volume=columns[2],
            nav=columns[3],
            benchmark=columns[4],
            payments=tuple(p for p in newest if p.dividend or p.split != 1),
            versions=versions,
            notes=self._notes(limit, stamps),
        )

    def _versions(self, limit: tuple[int | None, int]) -> dict[date, tuple[Version, ...]]:
        found: dict[date, tuple[Version, ...]] = {}
        for number, fetch, dividend, split in self._db.execute(
            "SELECT day, fetch, dividend, split FROM payment "
            "WHERE series = ? AND fetch <= ? ORDER BY day, fetch",
            limit,
        ):
            day = date_of(number)
            payment = Payment(day, dividend, ratio_of(split))
            found[day] = (*found.get(day, ()), Version(fetch, payment))
        return found

    def _notes(
        self, limit: tuple[int | None, int], stamps: Sequence[Stamp]
    ) -> tuple[AnswerNote, ...]:
        """Return the notes on days that no later fetch has covered again."""
        found = self._db.execute(
            "SELECT fetch, day, kind, severity, detail FROM note WHERE fetch IN "
            "(SELECT id FROM fetch WHERE series = ? AND id <= ?) ORDER BY fetch, day",
            limit,
        )
        notes = [(fetch, AnswerNote(date_of(day), *rest)) for fetch, day, *rest in found]
        return tuple(
            note
            for fetch, note in notes
            if not any(s.fetch > fetch and s.first <= note.day <= s.last for s in stamps)
        )

    @_as_data_errors
    def last_fetch(self) -> int:
        """Return the number of the newest fetch, 0 for none."""
        (found,) = self._db.execute("SELECT coalesce(max(id), 0) FROM fetch").fetchone()
        return int(found)

    @_as_data_errors
    def name_snapshot(self, snapshot: StoreState) -> None:
        """Keep a snapshot; the same content twice keeps its first name and time."""
        with self._transaction():
            self._db.execute(
                "INSERT INTO snapshot VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", snapshot
            )

    @_as_data_errors
    def snapshots(self) -> tuple[StoreState, ...]:
        """Return every snapshot, oldest first."""
        rows = self._db.execute("SELECT * FROM snapshot ORDER BY at, fetch, digest")
        return tuple(StoreState(*row) for row in rows)
