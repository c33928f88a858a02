"""A ledger in a SQLite file, which may be encrypted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from functools import lru_cache, partial
from pathlib import Path

from jeoul.database import (
    Connection,
    DatabaseError,
    EncryptionKey,
    KeyMismatch,
    OperationalError,
    connect,
    refused,
    sqlite_version,
    sqlite_version_info,
    transaction,
)
from jeoul.operations.errors import LedgerError, Sealed
from jeoul.operations.ledger.schema import OLDEST_SQLITE, foreign_parts, migrate
from jeoul.operations.ledger.store import REMEDY, Ledger, StoredRow, Value
from jeoul.operations.setup.memory import NAME as MEMORY
from jeoul.operations.setup.private import create_private

NAME = "ledger.sqlite3"
BESIDE = ("-wal", "-shm")
"""What SQLite keeps beside a database, behind its name."""
_OF_RUNS = (MEMORY, "inputs")  # what only a run leaves beside a ledger


class FileStore:
    """The rows of one ledger in a SQLite file."""

    copyable = True
    whole = "the file"
    remedy = REMEDY

    def __init__(self, connection: Connection, path: Path) -> None:
        self.connection = connection
        self.path = path

    @property
    def place(self) -> str:
        """Return the path of the file."""
        return str(self.path)

    @property
    def in_transaction(self) -> bool:
        """Return whether a transaction is open."""
        return bool(self.connection.in_transaction)

    def rows(self, query: str, values: Sequence[Value] = ()) -> list[StoredRow]:
        """Return what a query finds."""
        try:
            return self.connection.execute(query, values).fetchall()
        except DatabaseError as error:
            raise _unusable(self.path, REMEDY, error) from error

    def stream(self, query: str, values: Sequence[Value] = ()) -> Iterator[StoredRow]:
        """Yield what a query finds, row by row."""
        try:
            with closing(self.connection.cursor()) as cursor:
                yield from cursor.execute(query, values)
        except DatabaseError as error:
            raise _unusable(self.path, REMEDY, error) from error

    def transaction(self) -> AbstractContextManager[None]:
        """Make what happens inside durable together, while nobody else writes to the file."""
        return transaction(self.connection, partial(_unusable, self.path, REMEDY))

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Show one state of the file to all queries inside."""
        if self.in_transaction:
            yield
            return
        self.rows("BEGIN")
        try:
            yield
        finally:
            self.connection.execute("ROLLBACK")

    def add(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Value]]) -> None:
        """Add rows to one table."""
        statement = _insertion(table, tuple(columns))
        for row in rows:
            self.connection.execute(statement, row)

    def hold(self) -> None:
        """Do nothing: the lock of the state folder keeps other runs from a file in it."""

    def faults(self, *, quick: bool = False) -> list[str]:
        """Return what is wrong with the file, its tables, indexes and triggers."""
        if quick:
            return foreign_parts(self.connection)
        faults = [row[0] for row in self.rows("PRAGMA integrity_check") if row[0] != "ok"]
        faults += foreign_parts(self.connection)
        faults += [
            f"{row[0]} row {row[1]}: refers to nothing"
            for row in self.rows("PRAGMA foreign_key_check")
        ]
        return faults

    def close(self) -> None:
        """Close the file."""
        self.connection.close()


@lru_cache(maxsize=32)
def _insertion(table: str, columns: tuple[str, ...]) -> str:
    marks = ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"


def open_ledger(path: Path, remedy: str = REMEDY, key: EncryptionKey | None = None) -> Ledger:
    """Return the ledger in a file, made or brought to the newest schema if need be.

    ``remedy`` is what a message about a damaged file asks for. With a ``key`` the file and what
    SQLite keeps beside it are encrypted.

    WAL with ``synchronous=FULL``: a committed row survives a power cut. Keep the file on a local
    disk; network file systems break SQLite's locks.

    Raises :class:`LedgerError` for an SQLite older than 3.37, a file that is no ledger or a
    damaged one, such as an empty one beside the files of earlier runs, and a folder or disk that
    cannot be written; :class:`Sealed` for a key that does not fit.
    """
    if sqlite_version_info < OLDEST_SQLITE:
        wanted = ".".join(map(str, OLDEST_SQLITE[:2]))
        raise LedgerError(f"SQLite {sqlite_version} is older than {wanted}; install a newer Python")
    if (left := _of_earlier_runs(path)) is not None:
        raise LedgerError(
            f"{path} is not a ledger or is damaged (the file is empty, but {left} comes from "
            f"earlier runs); {remedy}"
        )
    try:
        create_private(path)
        connection = connect(path, key, timeout=10.0, named=True)
    except KeyMismatch as error:
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
    return Ledger(FileStore(connection, path), key)


def free_name(path: Path, why: str) -> Path:
    """Return the first name beside a ledger that nothing bears: its own, why, and a number."""
    number = 1
    while (found := path.with_name(f"{path.name}.{why}-{number}")).exists():
        number += 1
    return found


def _of_earlier_runs(path: Path) -> str | None:
    """Return what beside an empty file says that it once was a ledger, None for a new one.

    A disk that fails can leave a file of no length. A run that began a new ledger in it would not
    know what was sent before.
    """
    try:
        if path.stat().st_size or path.with_name(f"{path.name}-wal").exists():
            return None
    except OSError:
        return None
    return next((name for name in _OF_RUNS if path.with_name(name).exists()), None)


def fold_in(path: Path, key: EncryptionKey | None) -> None:
    """Bring what lies in a ledger's ``-wal`` into the file, so that the file alone is the ledger.

    Raises :class:`LedgerError` where somebody else has it open: SQLite leaves rows in the ``-wal``
    then. Raises ``DatabaseError`` for a file that is too damaged.
    """
    try:
        with closing(connect(path, key)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    except OperationalError as error:
        if "locked" not in str(error):
            raise _unusable(path, REMEDY, error) from error
        raise LedgerError(
            f"{path} is open in another process; close the command or page that reads it, then run "
            "this one again"
        ) from error


def _unusable(path: Path, remedy: str, error: OSError | DatabaseError) -> LedgerError:
    """Return what stands between us and the file: the disk or its rights, or the file itself."""
    if isinstance(error, OSError | OperationalError):
        return LedgerError(
            f"the ledger {path} cannot be written ({error}); free disk space or give write access "
            "to its folder, then run again: nothing was lost"
        )
    return LedgerError(f"{path} is not a ledger or is damaged ({error}); {remedy}")
