"""The raw store: every row that a vendor ever showed, with the time it was fetched. Append-only.

A row is written again only when the vendor shows it differently, so the store remembers each
version; what it says now is the newest version of each day. One transaction holds one answer:
a process that is killed loses the answer it was about to write and nothing else.

The rows of an answer are kept as one page of columns: 64-bit days since 1970 and 64-bit reals,
little-endian, NaN where the vendor shows nothing. Read so, ten years take well under a millisecond.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from functools import wraps
from itertools import pairwise
from pathlib import Path
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from jeoul.errors import DataError, Problem
from jeoul.market.sources.port import BASES, Fetched, Payment
from jeoul.model.calendar import Days, Instants, Reals
from jeoul.transactions import transaction

_EPOCH = date(1970, 1, 1).toordinal()
_VERSION = 1

_SCHEMA = """
CREATE TABLE series (id INTEGER PRIMARY KEY, source TEXT NOT NULL, symbol TEXT NOT NULL,
  UNIQUE (source, symbol)) STRICT;
CREATE TABLE fetch (id INTEGER PRIMARY KEY, series INTEGER NOT NULL REFERENCES series, at INTEGER
  NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, basis TEXT NOT NULL, currency TEXT NOT
  NULL, title TEXT NOT NULL, simulated INTEGER NOT NULL) STRICT;
CREATE TABLE page (series INTEGER NOT NULL, fetch INTEGER NOT NULL REFERENCES fetch, days BLOB NOT
  NULL, closes BLOB NOT NULL, volumes BLOB NOT NULL, navs BLOB NOT NULL, benchmarks BLOB NOT NULL,
  PRIMARY KEY (series, fetch)) STRICT;
CREATE TABLE payment (series INTEGER NOT NULL, day INTEGER NOT NULL, fetch INTEGER NOT NULL
  REFERENCES fetch, dividend REAL NOT NULL, split REAL NOT NULL,
  PRIMARY KEY (series, day, fetch)) STRICT, WITHOUT ROWID;
CREATE TABLE note (fetch INTEGER NOT NULL REFERENCES fetch, day INTEGER NOT NULL, kind TEXT NOT
  NULL, severity TEXT NOT NULL, detail TEXT NOT NULL) STRICT;
CREATE TABLE snapshot (digest TEXT PRIMARY KEY, name TEXT NOT NULL, at INTEGER NOT NULL, fetch
  INTEGER NOT NULL, plan TEXT NOT NULL) STRICT;
CREATE INDEX fetch_of_series ON fetch (series, id);
"""
_TABLES = ("series", "fetch", "page", "payment", "note", "snapshot")


class Key(NamedTuple):
    """Where a series comes from: a source and its own symbol."""

    source: str
    symbol: str


class Note(NamedTuple):
    """Something that only the answer itself shows, kept with it; ``detail`` is JSON."""

    day: date
    kind: str
    severity: str
    detail: str


class Version(NamedTuple):
    """One version of a payment: the fetch that showed it, and what it said."""

    fetch: int
    payment: Payment


class Stamp(NamedTuple):
    """What a vendor said about a series in one fetch, and when that was.

    ``first`` and ``last`` are the ends of the rows it showed. ``basis`` is empty where it said that
    it does not know the symbol any more.
    """

    fetch: int
    at: int
    first: date
    last: date
    basis: str
    currency: str
    title: str
    simulated: bool


@dataclass(frozen=True, slots=True, eq=False)
class Raw:
    """A series as the store has it: the newest version of every day, in the vendor's basis.

    ``close`` is NaN where the vendor has withdrawn a day or shows it empty; ``confirmed_at`` is
    when the vendor showed the version last. ``payments`` are those that stand now, ``versions``
    all of them. ``stamps`` are the fetches, oldest first.
    """

    key: Key
    stamps: tuple[Stamp, ...]
    days: Days
    close: Reals
    confirmed_at: Instants
    volume: Reals
    nav: Reals
    benchmark: Reals
    payments: tuple[Payment, ...]
    versions: Mapping[date, tuple[Version, ...]]
    notes: tuple[Note, ...]

    @property
    def stamp(self) -> Stamp:
        """Return the newest fetch that gave rows."""
        return next(stamp for stamp in reversed(self.stamps) if stamp.basis)

    @property
    def gone(self) -> bool:
        """Return whether the vendor no longer knows the symbol."""
        return not self.stamps[-1].basis


class Snapshot(NamedTuple):
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


def _told(method: Method[P, T]) -> Method[P, T]:
    """Return a method of the store that raises :class:`DataError` for what SQLite refuses."""

    @wraps(method)
    def call(store: RawStore, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(store, *args, **kwargs)
        except sqlite3.DatabaseError as error:
            raise DataError([_refusal(store.path, error)]) from error

    return call


def _refusal(path: Path, error: sqlite3.DatabaseError) -> Problem:
    """Return whether the file is no store, or a good one that cannot be used here and now."""
    if isinstance(error, sqlite3.OperationalError):
        remedy = (
            "see that no other program holds it, that its folder may be written and that the disk "
            "has room, or name another store"
        )
        return Problem(str(path), f"cannot be read or written: {error}", remedy=remedy)
    remedy = "restore a copy, or fetch into a new store"
    return Problem(str(path), f"is no raw store: {error}", remedy=remedy)


class RawStore:
    """A raw store in one SQLite file; it is created when it is not there.

    Every method raises :class:`DataError` where the file is no raw store, is damaged, or cannot be
    read or written: a full disk, a folder that may not be written, another process at work.
    """

    @_told
    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._db = sqlite3.connect(path, isolation_level=None, timeout=30.0)
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
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
            (tables,) = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()
            if version == 0 and not tables:
                for statement in _SCHEMA.split(";"):
                    self._db.execute(statement)
                for table in _TABLES:
                    for change in ("UPDATE", "DELETE"):
                        self._db.execute(
                            f"CREATE TRIGGER no_{change}_{table} BEFORE {change} ON {table} "
                            "BEGIN SELECT RAISE(ABORT, 'the raw store is append-only'); END"
                        )
                self._db.execute(f"PRAGMA user_version = {_VERSION}")
            elif version != _VERSION:
                raise sqlite3.DatabaseError(f"its version is {version}, not {_VERSION}")

    def _transaction(self) -> AbstractContextManager[None]:
        return transaction(self._db, lambda error: DataError([_refusal(self.path, error)]))

    @_told
    def record(self, key: Key, fetched: Fetched, at: int, notes: Sequence[Note] = ()) -> int:
        """Write one answer in one transaction and return the number of the fetch.

        A day between the first and the last row of ``fetched`` that the store has and the answer
        lacks is written as withdrawn; so is a payment. Raises ``ValueError`` if the days of the
        rows or of the payments do not ascend, or the basis is none.
        """
        if fetched.basis not in BASES:
            raise ValueError(f"{fetched.basis!r} is no basis of prices")
        for days in ([row.day for row in fetched.rows], [p.day for p in fetched.payments]):
            if any(later <= day for day, later in pairwise(days)):
                raise ValueError(f"the days of {key.symbol} do not ascend")
        before = self.read(key)
        page = _new_rows(before, fetched)
        with self._transaction():
            series = self._series(key, create=True)
            fetch = self._db.execute(
                "INSERT INTO fetch (series, at, first, last, basis, currency, title, simulated) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    series,
                    at,
                    *_reach(fetched),
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
                [(series, _number(p.day), fetch, *p[1:]) for p in _new_payments(before, fetched)],
            )
            self._db.executemany(
                "INSERT INTO note VALUES (?, ?, ?, ?, ?)",
                [(fetch, _number(note.day), *note[1:]) for note in notes],
            )
        return fetch

    @_told
    def record_gone(self, key: Key, at: int) -> None:
        """Write that the vendor of a stored series no longer knows its symbol."""
        with self._transaction():
            self._db.execute(
                "INSERT INTO fetch (series, at, first, last, basis, currency, title, simulated) "
                "VALUES (?, ?, 0, 0, '', '', '', 0)",
                (self._series(key), at),
            )

    def _series(self, key: Key, *, create: bool = False) -> int | None:
        found = self._db.execute(
            "SELECT id FROM series WHERE source = ? AND symbol = ?", key
        ).fetchone()
        if found is None and create:
            return self._db.execute(
                "INSERT INTO series (source, symbol) VALUES (?, ?)", key
            ).lastrowid
        return None if found is None else int(found[0])

    @_told
    def read(self, key: Key, upto: int | None = None) -> Raw | None:
        """Return a series as it stood after fetch ``upto``, now by default; None if unknown."""
        series = self._series(key)
        limit = (series, 2**62 if upto is None else upto)
        stamps = tuple(
            Stamp(i, at, _date(first), _date(last), basis, currency, title, bool(simulated))
            for i, at, first, last, basis, currency, title, simulated in self._db.execute(
                "SELECT id, at, first, last, basis, currency, title, simulated FROM fetch "
                "WHERE series = ? AND id <= ? ORDER BY id",
                limit,
            )
        )
        if not stamps:
            return None
        columns = _standing(
            self._db.execute(
                "SELECT days, closes, volumes, navs, benchmarks FROM page "
                "WHERE series = ? AND fetch <= ? ORDER BY fetch",
                limit,
            ).fetchall()
        )
        days = columns[0].view("datetime64[D]")
        versions = self._versions(limit)
        standing = (found[-1].payment for found in versions.values())
        return Raw(
            key,
            stamps,
            days,
            columns[1],
            _confirmed(days, stamps),
            volume=columns[2],
            nav=columns[3],
            benchmark=columns[4],
            payments=tuple(p for p in standing if p.dividend or p.split != 1.0),
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
            day = _date(number)
            found[day] = (*found.get(day, ()), Version(fetch, Payment(day, dividend, split)))
        return found

    def _notes(self, limit: tuple[int | None, int], stamps: Sequence[Stamp]) -> tuple[Note, ...]:
        """Return the notes on days that no later fetch has covered again."""
        found = self._db.execute(
            "SELECT fetch, day, kind, severity, detail FROM note WHERE fetch IN "
            "(SELECT id FROM fetch WHERE series = ? AND id <= ?) ORDER BY fetch, day",
            limit,
        )
        notes = [(fetch, Note(_date(day), *rest)) for fetch, day, *rest in found]
        return tuple(
            note
            for fetch, note in notes
            if not any(s.fetch > fetch and s.first <= note.day <= s.last for s in stamps)
        )

    @_told
    def last_fetch(self) -> int:
        """Return the number of the newest fetch, 0 for none."""
        (found,) = self._db.execute("SELECT coalesce(max(id), 0) FROM fetch").fetchone()
        return int(found)

    @_told
    def name_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot; the same content twice keeps its first name and time."""
        with self._transaction():
            self._db.execute(
                "INSERT INTO snapshot VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", snapshot
            )

    @_told
    def snapshots(self) -> tuple[Snapshot, ...]:
        """Return every snapshot, oldest first."""
        rows = self._db.execute("SELECT * FROM snapshot ORDER BY at, fetch, digest")
        return tuple(Snapshot(*row) for row in rows)


def _confirmed(days: Days, stamps: Sequence[Stamp]) -> Instants:
    """Return when each day was shown last: by the newest fetch whose rows reach over it."""
    found = np.zeros(len(days), dtype=np.int64)
    for stamp in stamps:
        begin, end = np.searchsorted(days, [np.datetime64(stamp.first), np.datetime64(stamp.last)])
        found[begin : end + 1][days[begin : end + 1] <= np.datetime64(stamp.last)] = stamp.at
    return found


def _number(day: date) -> int:
    return day.toordinal() - _EPOCH


def _date(number: int) -> date:
    return date.fromordinal(number + _EPOCH)


def _standing(pages: Sequence[tuple[bytes, ...]]) -> tuple[Any, ...]:
    """Return the columns of all pages with the newest version of each day, by day."""
    kinds = ("<i8", "<f8", "<f8", "<f8", "<f8")
    columns = [
        np.frombuffer(b"".join(page[place] for page in pages), dtype=kind)
        for place, kind in enumerate(kinds)
    ]
    if len(pages) < 2:
        return tuple(column.copy() for column in columns)
    order = np.argsort(columns[0], kind="stable")  # later pages stay behind earlier ones
    days = columns[0][order]
    newest = order[np.flatnonzero(np.append(days[1:] != days[:-1], True))]
    return tuple(column[newest] for column in columns)


def _new_rows(before: Raw | None, fetched: Fetched) -> tuple[NDArray[Any], ...]:
    """Return the rows to write, by column: new and changed ones, and empty ones for those gone."""
    days = np.array([row.day.toordinal() - _EPOCH for row in fetched.rows], dtype=np.int64)
    values = np.array([row[1:] for row in fetched.rows], dtype=np.float64).reshape(-1, 4)
    if before is not None and len(days):
        own = before.days.astype(np.int64)
        known = np.column_stack([before.close, before.volume, before.nav, before.benchmark])
        place = np.minimum(np.searchsorted(own, days), len(own) - 1)
        old = known[place]
        same = ((old == values) | (np.isnan(old) & np.isnan(values))).all(axis=1)
        fresh = (own[place] != days) | ~same
        within = (own >= days[0]) & (own <= days[-1]) & np.isfinite(before.close)
        gone = own[within & ~np.isin(own, days)]
        days = np.concatenate([days[fresh], gone])
        values = np.concatenate([values[fresh], np.full((len(gone), 4), np.nan)])
    return (days, *np.ascontiguousarray(values.T))


def _reach(fetched: Fetched) -> tuple[int, int]:
    days = [row.day for row in fetched.rows]
    return (_number(min(days)), _number(max(days))) if days else (0, 0)


def _new_payments(before: Raw | None, fetched: Fetched) -> list[Payment]:
    if before is None:
        return list(fetched.payments)
    known = {payment.day: payment for payment in before.payments}
    found = [p for p in fetched.payments if known.get(p.day) != p]
    days = [row.day for row in fetched.rows]
    shown = {p.day for p in fetched.payments}
    if days:
        first, last = min(days), max(days)
        found += [Payment(d) for d in known if first <= d <= last and d not in shown]
    return found
