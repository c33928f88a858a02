"""A transaction of an SQLite file: durable as a whole, or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def transaction(
    connection: sqlite3.Connection, failed: Callable[[sqlite3.DatabaseError], Exception]
) -> Iterator[None]:
    """Make what happens inside durable together; after any error nothing of it is kept.

    ``connection`` is in autocommit mode (``isolation_level=None``). ``failed`` turns SQLite's word
    for a file that cannot be used (a full disk, a lock, a folder that became read-only, damage)
    into the error that is raised in its place; SQLite may have rolled back by itself then. A row
    that breaks a rule of the schema stays an ``IntegrityError``.
    """
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("COMMIT")
    except BaseException as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(
            error, sqlite3.IntegrityError
        ):
            raise failed(error) from error
        raise
