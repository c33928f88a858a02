"""The ledger file: append-only rows, each bound to all rows before it by a hash."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from jeoul.operations.errors import LedgerError
from jeoul.operations.ledger.schema import COLUMNS, OLDEST_SQLITE, migrate
from jeoul.operations.setup.private import create_private
from jeoul.transactions import transaction

NAME = "ledger.sqlite3"
GENESIS = "0" * 64
REMEDY = "restore a backup with `jeoul ledger restore`"

Value = str | int | None

_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Head:
    """The newest row of the chain: kept elsewhere, it proves that nothing was cut off the end."""

    seq: int
    at: int
    hash: str


class Ledger:
    """An open ledger. Every change is one :meth:`transaction`; rows are only ever added."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.connection = connection
        self.path = path
        self._newest: Head | None = None  # only inside a transaction, which keeps others out

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what happens inside durable together, or not at all.

        Raises :class:`LedgerError` if the file cannot be written: a full disk, a folder that
        became read-only. Nothing of the transaction is kept then.
        """
        try:
            with transaction(self.connection, partial(_unusable, self.path, REMEDY)):
                self._newest = self.head()
                yield
        finally:
            self._newest = None

    def append(self, table: str, at: int, **values: Value) -> int:
        """Add one row inside a transaction and return its place in the chain."""
        columns = COLUMNS[table]
        if set(values) != set(columns):
            raise ValueError(f"{table} has the columns {columns}, not {tuple(values)}")
        if not self.connection.in_transaction:
            raise ValueError("rows are added inside a transaction")
        head = self.head()
        seq = head.seq + 1
        row = [values[name] for name in columns]
        digest = row_hash(head.hash, seq, at, table, row)
        self.connection.execute(
            "INSERT INTO chain (seq, at, kind, prev, hash) VALUES (?, ?, ?, ?, ?)",
            (seq, at, table, head.hash, digest),
        )
        marks = ", ".join("?" * (len(columns) + 1))
        self.connection.execute(
            f"INSERT INTO {table} (seq, {', '.join(columns)}) VALUES ({marks})",
            (seq, *row),
        )
        if self._newest is not None:
            self._newest = Head(seq, at, digest)
        return seq

    def head(self) -> Head:
        """Return the newest row of the chain, the genesis of an empty one."""
        if self._newest is not None:
            return self._newest
        found = self.rows("SELECT seq, at, hash FROM chain ORDER BY seq DESC LIMIT 1")
        return Head(*found[0]) if found else Head(0, 0, GENESIS)

    def rows(self, query: str, *values: Value) -> list[sqlite3.Row]:
        """Return what a query finds; raise :class:`LedgerError` where the file is damaged."""
        try:
            return self.connection.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise _unusable(self.path, REMEDY, error) from error


Ledgers = Callable[[Path], Ledger]
"""What opens the ledger of a path, :func:`open_ledger` or what stands in for it."""


def row_hash(prev: str, seq: int, at: int, table: str, row: list[Value]) -> str:
    """Return the SHA-256 that binds a row to the one before it, as hexadecimal text.

    >>> row_hash("0" * 64, 1, 0, "notes", ["a", 1])[:8]
    '9eb3e480'
    """
    return hashlib.sha256(_as_json([prev, seq, at, table, row]).encode()).hexdigest()


def open_ledger(path: Path, remedy: str = REMEDY) -> Ledger:
    """Return the ledger in a file, made or brought to the newest schema if need be.

    ``remedy`` is what a message about a damaged file asks for.

    WAL with ``synchronous=FULL``: a committed row survives a power cut. Keep the file on a local
    disk; network file systems break SQLite's locks.

    Raises :class:`LedgerError` for an SQLite older than 3.37, a file that is no ledger or a
    damaged one, and a folder or disk that cannot be written.
    """
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        wanted = ".".join(map(str, OLDEST_SQLITE[:2]))
        raise LedgerError(
            f"SQLite {sqlite3.sqlite_version} is older than {wanted}; install a newer Python"
        )
    try:
        create_private(path)
        connection = sqlite3.connect(path, isolation_level=None, timeout=10.0)
    except (OSError, sqlite3.OperationalError) as error:
        raise _unusable(path, remedy, error) from error
    try:
        connection.row_factory = sqlite3.Row
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "recursive_triggers=ON",
            "busy_timeout=10000",
        ):
            connection.execute(f"PRAGMA {pragma}")
        migrate(connection)
        connection.execute("PRAGMA foreign_keys=ON")
    except sqlite3.DatabaseError as error:
        connection.close()
        raise _unusable(path, remedy, error) from error
    except BaseException:
        connection.close()
        raise
    return Ledger(connection, path)


def _unusable(path: Path, remedy: str, error: OSError | sqlite3.DatabaseError) -> LedgerError:
    """Return what stands between us and the file: the disk or its rights, or the file itself."""
    if isinstance(error, OSError | sqlite3.OperationalError):
        return LedgerError(
            f"the ledger {path} cannot be written ({error}); free disk space or give write access "
            "to its folder, then run again: nothing was lost"
        )
    return LedgerError(f"{path} is not a ledger or is damaged ({error}); {remedy}")
