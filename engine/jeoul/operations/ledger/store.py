"""The ledger file: append-only rows, each bound to all rows before it by a hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from jeoul.database import (
    Connection,
    DatabaseError,
    Key,
    KeyRefused,
    OperationalError,
    Row,
    connect,
    refused,
    sqlite_version,
    sqlite_version_info,
    transaction,
)
from jeoul.operations.errors import LedgerError, Sealed
from jeoul.operations.ledger.schema import COLUMNS, OLDEST_SQLITE, migrate
from jeoul.operations.setup.private import create_private

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

    def __init__(self, connection: Connection, path: Path, key: Key | None = None) -> None:
        self.connection = connection
        self.path = path
        self.key = key
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

    def rows(self, query: str, *values: Value) -> list[Row]:
        """Return what a query finds; raise :class:`LedgerError` where the file is damaged."""
        try:
            return self.connection.execute(query, values).fetchall()
        except DatabaseError as error:
            raise _unusable(self.path, REMEDY, error) from error


def row_hash(prev: str, seq: int, at: int, table: str, row: list[Value]) -> str:
    """Return the SHA-256 that binds a row to the one before it, as hexadecimal text.

    >>> row_hash("0" * 64, 1, 0, "notes", ["a", 1])[:8]
    '9eb3e480'
    """
    return hashlib.sha256(_as_json([prev, seq, at, table, row]).encode()).hexdigest()


def open_ledger(path: Path, remedy: str = REMEDY, key: Key | None = None) -> Ledger:
    """Return the ledger in a file, made or brought to the newest schema if need be.

    ``remedy`` is what a message about a damaged file asks for. With a ``key`` the file and what
    SQLite keeps beside it are encrypted.

    WAL with ``synchronous=FULL``: a committed row survives a power cut. Keep the file on a local
    disk; network file systems break SQLite's locks.

    Raises :class:`LedgerError` for an SQLite older than 3.37, a file that is no ledger or a
    damaged one, and a folder or disk that cannot be written; :class:`Sealed` for a key that does
    not fit.
    """
    if sqlite_version_info < OLDEST_SQLITE:
        wanted = ".".join(map(str, OLDEST_SQLITE[:2]))
        raise LedgerError(f"SQLite {sqlite_version} is older than {wanted}; install a newer Python")
    try:
        create_private(path)
        connection = connect(path, key, timeout=10.0, named=True)
    except KeyRefused as error:
        raise Sealed(error.why, path) from error
    except (OSError, OperationalError) as error:
        raise _unusable(path, remedy, error) from error
    try:
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "recursive_triggers=ON",
            "busy_timeout=10000",
        ):
            connection.execute(f"PRAGMA {pragma}")
        migrate(connection)
        connection.execute("PRAGMA foreign_keys=ON")
    except DatabaseError as error:
        connection.close()
        if (why := refused(error, path, key)) is not None:
            raise Sealed(why.why, path) from error
        raise _unusable(path, remedy, error) from error
    except BaseException:
        connection.close()
        raise
    return Ledger(connection, path, key)


def _unusable(path: Path, remedy: str, error: OSError | DatabaseError) -> LedgerError:
    """Return what stands between us and the file: the disk or its rights, or the file itself."""
    if isinstance(error, OSError | OperationalError):
        return LedgerError(
            f"the ledger {path} cannot be written ({error}); free disk space or give write access "
            "to its folder, then run again: nothing was lost"
        )
    return LedgerError(f"{path} is not a ledger or is damaged ({error}); {remedy}")
