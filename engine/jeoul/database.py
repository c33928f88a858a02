"""SQLite files: opened, encrypted or not, and changed by transactions that are whole or not at all.

This is the only module that knows a driver. A file without an :class:`EncryptionKey` is opened by
``sqlite3``; one with a key by ``sqlcipher3``, whose errors are raised as those of ``sqlite3``. An
encrypted file is a SQLCipher 4 database: the ``sqlcipher`` shell opens it with the same passphrase.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache, lru_cache, wraps
from pathlib import Path
from sqlite3 import (
    Connection,
    DatabaseError,
    IntegrityError,
    OperationalError,
    Row,
    complete_statement,
    sqlite_version,
    sqlite_version_info,
)
from typing import Any, Literal, cast

__all__ = [
    "Connection",
    "DatabaseError",
    "EncryptionKey",
    "Error",
    "IntegrityError",
    "KeyMismatch",
    "OperationalError",
    "Row",
    "complete_statement",
    "connect",
    "encrypted",
    "export",
    "plain",
    "refused",
    "salt_of",
    "sqlite_version",
    "sqlite_version_info",
    "transaction",
]

Error = sqlite3.Error
Refusal = Literal["wrong", "missing", "plain", "driver"]

_PLAIN = b"SQLite format 3\x00"
_PAGE = 4096  # bytes of a page of SQLCipher 4, which writes whole ones
_SALT = 16  # bytes; SQLCipher keeps it in clear at the beginning of the file
_ROUNDS = 256_000  # of PBKDF2 with SHA-512: what SQLCipher 4 derives a key from a passphrase with


class KeyMismatch(DatabaseError):
    """A file and a key do not go together.

    ``why``: the key is ``wrong`` (or the file damaged), it is ``missing``, the file is ``plain``,
    or the ``driver`` for encrypted files is not installed.
    """

    def __init__(self, why: Refusal, path: Path | str) -> None:
        self.why = why
        super().__init__(f"{path}: {_WORDS[why]}")


_OPEN: list[tuple[tuple[int, int], bytes]] = []  # the encrypted files open here, with their salts

_WORDS = {
    "wrong": "the passphrase does not open it, or the file is damaged",
    "missing": "it is encrypted and no passphrase was given, or it is damaged",
    "plain": "it is not encrypted",
    "driver": "encrypted files need an extra: python -m pip install 'jeoul[encrypt]'",
}


class EncryptionKey:
    """The passphrase of encrypted files, and the salt of those that are made with it.

    Files of one salt share one derivation of the key, which takes a good part of a second. A key
    prints as hidden.

    >>> EncryptionKey("correct horse battery", bytes(16))
    EncryptionKey([hidden])
    """

    __slots__ = ("_passphrase", "salt")

    def __init__(self, passphrase: str, salt: bytes) -> None:
        self._passphrase = passphrase
        self.salt = salt

    def of(self, path: Path) -> str:
        """Return the key of one file as SQLCipher's ``PRAGMA key`` takes it: key and salt."""
        salt = salt_of(path) or self.salt
        return f"x'{_derived(self._passphrase, salt)}{salt.hex()}'"

    def __repr__(self) -> str:
        return "EncryptionKey([hidden])"

    def __reduce__(self) -> tuple[type, tuple[str]]:
        raise TypeError("a key is not written anywhere")


@lru_cache(maxsize=8)
def _derived(passphrase: str, salt: bytes) -> str:
    return hashlib.pbkdf2_hmac("sha512", passphrase.encode(), salt, _ROUNDS, 32).hex()


def encrypted(path: Path) -> bool:
    """Return whether a file looks like an encrypted database: whole pages, and no plain header."""
    beginning = _beginning(path)
    whole = beginning and path.stat().st_size % _PAGE == 0
    return bool(whole) and beginning != _PLAIN


def plain(path: Path) -> bool:
    """Return whether a file begins like a database that is not encrypted."""
    return _beginning(path) == _PLAIN


def salt_of(path: Path) -> bytes | None:
    """Return the salt of an encrypted database, None where there is none yet."""
    return _beginning(path) if encrypted(path) else None


def connect(
    path: Path | str, key: EncryptionKey | None = None, *, timeout: float = 5.0, named: bool = False
) -> Connection:
    """Return an open file in autocommit mode, with rows by column name where ``named``.

    Raises :class:`KeyMismatch` where a key does not go with the file, and ``OperationalError`` for
    a file that cannot be opened. That a file is encrypted and the key is missing shows only when
    the file is used: :func:`refused` says so.
    """
    if key is None:
        found = sqlite3.connect(path, isolation_level=None, timeout=timeout)
        found.row_factory = Row if named else None
        return found
    return _with_key(Path(path), key, timeout, named=named)


def refused(error: Exception, path: Path, key: EncryptionKey | None) -> KeyMismatch | None:
    """Return an error of a file as that of its key, None where the key is not the cause."""
    if isinstance(error, KeyMismatch):
        return error
    damaged = isinstance(error, DatabaseError) and not isinstance(error, OperationalError)
    return KeyMismatch("missing", path) if damaged and key is None and encrypted(path) else None


def export(
    path: Path, key: EncryptionKey | None, target: Path, target_key: EncryptionKey | None
) -> None:
    """Copy a database into a new file under another key, or under none; both may be plain.

    What lies in the ``-wal`` is brought into the file before, and nobody else may use it meanwhile.
    Every row of the copy is compared with the original's. Raises ``OperationalError`` where
    somebody uses the file, ``DatabaseError`` if the copy differs, and what :func:`connect` raises.
    """
    with closing(_with_key(path, key, 5.0, named=False)) as found:
        found.execute("PRAGMA main.locking_mode = EXCLUSIVE")
        (mode,) = found.execute("PRAGMA main.journal_mode = DELETE").fetchone()
        if mode != "delete":
            raise OperationalError("database is locked")
        secret = "" if target_key is None else target_key.of(target)
        found.execute("ATTACH DATABASE ? AS fresh KEY ?", (str(target), secret))
        (version,) = found.execute("PRAGMA main.user_version").fetchone()
        found.execute("SELECT sqlcipher_export('fresh')")
        found.execute(f"PRAGMA fresh.user_version = {int(version)}")
        for (name,) in found.execute(
            "SELECT name FROM main.sqlite_master WHERE type = 'table'"
        ).fetchall():
            _compare(found, name)
        found.execute("DETACH DATABASE fresh")


@contextmanager
def transaction(
    connection: Connection, failed: Callable[[DatabaseError], Exception]
) -> Iterator[None]:
    """Make what happens inside durable together; after any error nothing of it is kept.

    ``connection`` is in autocommit mode. ``failed`` turns SQLite's word for a file that cannot be
    used (a full disk, a lock, a folder that became read-only, damage) into the error that is
    raised in its place; SQLite may have rolled back by itself then. A row that breaks a rule of
    the schema stays an ``IntegrityError``.
    """
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("COMMIT")
    except BaseException as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if isinstance(error, DatabaseError) and not isinstance(error, IntegrityError):
            raise failed(error) from error
        raise


def _beginning(path: Path) -> bytes:
    """Return the first bytes of a file, none of what cannot be read or is not a file.

    A file that this process has open is not touched: to close it again would end the locks of
    SQLite on it, which belong to the process.
    """
    try:
        if not path.is_file():
            return b""
        known = next((salt for file, salt in _OPEN if file == _identity(path)), None)
        if known is not None:
            return known
        with path.open("rb") as file:
            return file.read(_SALT)
    except OSError:
        return b""


def _with_key(path: Path, key: EncryptionKey | None, timeout: float, *, named: bool) -> Connection:
    """Return a file opened by the driver for encrypted files; without a key, a plain one."""
    if key is not None and plain(path):
        raise KeyMismatch("plain", path)
    secret = None if key is None else key.of(path)  # reads the file, so before it is open
    driver, kind = _cipher(path)
    with _as_sqlite3(driver):
        found = kind(path, isolation_level=None, timeout=timeout)
    try:
        found.row_factory = driver.Row if named else None
        found.execute("PRAGMA cipher_log_level = NONE")  # it would write to stderr
        if secret is not None:
            found.execute(f'PRAGMA key = "{secret}"')
            found.execute("PRAGMA cipher_compatibility = 4")
        found.execute("PRAGMA temp_store = MEMORY")
        found.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except OperationalError:
        found.close()
        raise
    except DatabaseError as error:
        found.close()
        if key is None:
            raise
        raise KeyMismatch("wrong", path) from error
    if secret is not None:
        found.opened = (_identity(path), bytes.fromhex(secret[-2 * _SALT - 1 : -1]))
        _OPEN.append(found.opened)
    return cast(Connection, found)


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino


def _compare(connection: Connection, table: str) -> None:
    quoted = '"' + table.replace('"', '""') + '"'
    for one, other in (("main", "fresh"), ("fresh", "main")):
        (missing,) = connection.execute(
            f"SELECT count(*) FROM (SELECT * FROM {one}.{quoted} "
            f"EXCEPT SELECT * FROM {other}.{quoted})"
        ).fetchone()
        if missing:
            raise DatabaseError(f"{table}: {missing} rows were not copied as they are")


@contextmanager
def _as_sqlite3(driver: Any) -> Iterator[None]:
    """Raise errors of the other driver as those of ``sqlite3``, which has the same names."""
    try:
        yield
    except driver.Error as error:
        raise getattr(sqlite3, type(error).__name__)(*error.args) from error


@cache
def _drivers() -> tuple[Any, type]:
    """Return the driver for encrypted files and its connection, with errors of ``sqlite3``."""
    from sqlcipher3 import dbapi2 as driver

    def mapped(method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def call(*args: Any, **kwargs: Any) -> Any:
            with _as_sqlite3(driver):
                return method(*args, **kwargs)

        return call

    calls = ("execute", "executemany", "executescript", "fetchone", "fetchmany", "fetchall")
    cursor = type(
        "Cursor",
        (driver.Cursor,),
        {name: mapped(getattr(driver.Cursor, name)) for name in (*calls, "__next__")},
    )
    body: dict[str, Any] = {
        name: mapped(getattr(driver.Connection, name)) for name in ("backup", "commit", "rollback")
    }
    body |= {
        name: lambda self, *args, _name=name: getattr(self.cursor(), _name)(*args)
        for name in calls[:3]
    }
    body["opened"] = None

    def close(self: Any) -> None:
        driver.Connection.close(self)
        if self.opened in _OPEN:
            _OPEN.remove(self.opened)
        self.opened = None

    body["close"] = close
    body["cursor"] = lambda self: driver.Connection.cursor(self, cursor)
    return driver, type("Connection", (driver.Connection,), body)


def _cipher(path: Path) -> tuple[Any, type]:
    try:
        return _drivers()
    except ImportError as error:
        raise KeyMismatch("driver", path) from error
