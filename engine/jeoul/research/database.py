"""The SQLite files of research: one transaction at a time, and refusals with a remedy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from jeoul.database import Connection, Error, connect
from jeoul.errors import DataError, Problem


@contextmanager
def transaction(path: Path, use: str, option: str) -> Iterator[Connection]:
    """Open a file, made with its folder if it is not there, for one transaction.

    ``use`` is what the file is for and ``option`` what names another one: both are for
    :class:`DataError`, which is raised if the file cannot be made, read or written, or is no
    database.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(connect(path, timeout=30.0)) as connection, connection:
            connection.isolation_level = "DEFERRED"  # a transaction begins with the first change
            yield connection
    except (OSError, Error) as fault:
        problem = f"cannot be used {use} ({fault})"
        remedy = (
            f"see that it can be written and the disk has room, or name another file with {option}"
        )
        raise DataError([Problem(str(path), problem, remedy=remedy)]) from fault
