"""The raw store: every row that a vendor ever showed, with the time it was fetched. Append-only.

A row is written again only when the vendor shows it differently, so the store remembers each
version; what it says now is the newest version of each day. One transaction holds one answer:
a process that is killed loses the answer it was about to write and nothing else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np

from jeoul.errors import DataError, Problem
from jeoul.market.sources.port import Fetched, Payment, Row
from jeoul.model.calendar import Days, Instants, Reals

_EPOCH = date(1970, 1, 1).toordinal()
_VERSION = 1

_SCHEMA = """
CREATE TABLE series (id INTEGER PRIMARY KEY, source TEXT NOT NULL, symbol TEXT NOT NULL,
  UNIQUE (source, symbol)) STRICT;
CREATE TABLE fetch (id INTEGER PRIMARY KEY, series INTEGER NOT NULL REFERENCES series, at INTEGER
  NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, basis TEXT NOT NULL, currency TEXT NOT
  NULL, title TEXT NOT NULL, simulated INTEGER NOT NULL) STRICT;
CREATE TABLE day (series INTEGER NOT NULL, day INTEGER NOT NULL, fetch INTEGER NOT NULL REFERENCES
  fetch, close REAL, volume REAL, nav REAL, benchmark REAL,
  PRIMARY KEY (series, day, fetch)) STRICT, WITHOUT ROWID;
CREATE TABLE payment (series INTEGER NOT NULL, day INTEGER NOT NULL, fetch INTEGER NOT NULL
  REFERENCES fetch, dividend REAL NOT NULL, split REAL NOT NULL,
  PRIMARY KEY (series, day, fetch)) STRICT, WITHOUT ROWID;
CREATE TABLE note (fetch INTEGER NOT NULL REFERENCES fetch, day INTEGER NOT NULL, kind TEXT NOT
  NULL, severity TEXT NOT NULL, detail TEXT NOT NULL) STRICT;
CREATE TABLE snapshot (digest TEXT PRIMARY KEY, name TEXT NOT NULL, at INTEGER NOT NULL, fetch
  INTEGER NOT NULL, plan TEXT NOT NULL) STRICT;
CREATE INDEX fetch_of_series ON fetch (series, id);
"""
_TABLES = ("series", "fetch", "day", "payment", "note", "snapshot")


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

    ``first`` and ``last`` are the ends of the rows it showed. ``basis`` is empty where it said that it does not know the symbol any more.
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
    when the vendor showed the version last. ``payments`` are those that stand now, ``versions`` all of them.
    ``stamps`` are the fetches, oldest first.
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


class RawStore:
    """A raw store in one SQLite file; it is created when it is not there."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._db = sqlite3.connect(path, isolation_level=None, timeout=30.0)
        try:
            self._prepare()
        except sqlite3.DatabaseError as error:
            self._db.close()
            remedy = "restore a copy, or fetch into a new store"
            raise DataError(
                [Problem(str(path), f"is no raw store: {error}", remedy=remedy)]
            ) from None

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
            if version == 0:
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

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def record(self, key: Key, fetched: Fetched, at: int, notes: Sequence[Note] = ()) -> int:
        """Write one answer in one transaction and return the number of the fetch.

        Days must be unique in ``fetched``. A day between its first and its last row that the store
        has and the answer lacks is written as withdrawn; so is a payment.
        """
        before = self.read(key)
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
            self._db.executemany(
                "INSERT INTO day VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(series, _number(r.day), fetch, *r[1:]) for r in _new_rows(before, fetched)],
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
        rows = self._db.execute(
            "SELECT day, fetch, close, volume, nav, benchmark FROM day "
            "WHERE series = ? AND fetch <= ? ORDER BY day, fetch",
            limit,
        ).fetchall()
        table = np.array(rows, dtype=np.float64).reshape(-1, 6)
        newest = np.flatnonzero(np.diff(table[:, 0], append=np.inf))
        table = table[newest]
        days = table[:, 0].astype(np.int64).astype("datetime64[D]")
        versions = self._versions(limit)
        standing = (found[-1].payment for found in versions.values())
        return Raw(
            key,
            stamps,
            days,
            table[:, 2],
            _confirmed(days, stamps),
            volume=table[:, 3],
            nav=table[:, 4],
            benchmark=table[:, 5],
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

    def last_fetch(self) -> int:
        """Return the number of the newest fetch, 0 for none."""
        (found,) = self._db.execute("SELECT coalesce(max(id), 0) FROM fetch").fetchone()
        return int(found)

    def name_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot; the same content twice keeps its first name and time."""
        with self._transaction():
            self._db.execute(
                "INSERT INTO snapshot VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", snapshot
            )

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


def _new_rows(before: Raw | None, fetched: Fetched) -> list[Row]:
    """Return the rows to write: new ones, changed ones, and empty ones for those withdrawn."""
    if before is None:
        return list(fetched.rows)
    columns = (before.close, before.volume, before.nav, before.benchmark)
    known = dict(
        zip(
            before.days.tolist(),
            zip(*([_none(v) for v in c.tolist()] for c in columns), strict=True),
            strict=True,
        )
    )
    found = [row for row in fetched.rows if known.get(row.day) != tuple(row[1:])]
    shown = {row.day for row in fetched.rows}
    if shown:
        first, last = min(shown), max(shown)
        gone = (day for day in known if first <= day <= last and day not in shown)
        found += [Row(day, None) for day in gone if known[day][0] is not None]
    return found


def _reach(fetched: Fetched) -> tuple[int, int]:
    days = [row.day for row in fetched.rows]
    return (_number(min(days)), _number(max(days))) if days else (0, 0)


def _none(value: float) -> float | None:
    return None if value != value else value  # noqa: PLR0124  NaN


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
