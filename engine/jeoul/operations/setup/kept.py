"""A file that a state folder keeps: whole or not at all, and encrypted with the account's key."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

from jeoul.database import DatabaseError, EncryptionKey, connect
from jeoul.errors import DataError
from jeoul.files.text import read_content
from jeoul.operations.setup.private import create_private, write_private

LETTERS = "letters"
"""The folder of a state folder in which quarterly letters are filed."""
MOST = 1_000_000_000
"""Bytes; the inputs of a run with decades of a hundred funds are a hundredth of it."""


def write_kept(path: Path, content: bytes, key: EncryptionKey | None) -> None:
    """Write a file with mode 0600; with a key it is an encrypted database of one value.

    Raises ``OSError``.
    """
    if key is None:
        write_private(path, content)
        return
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)
    create_private(partial)
    try:
        with closing(connect(partial, key)) as database:
            database.execute("PRAGMA journal_mode = OFF")  # a half-written file is thrown away
            database.execute("CREATE TABLE kept (content BLOB NOT NULL) STRICT")
            database.execute("INSERT INTO kept VALUES (?)", (content,))
    except DatabaseError as error:
        raise OSError(0, str(error), str(path)) from error
    os.replace(partial, path)


def read_kept(path: Path, key: EncryptionKey | None) -> bytes:
    """Return what :func:`write_kept` wrote with the same key.

    Raises ``OSError`` for a file that cannot be read, ``ValueError`` for one of another key.
    """
    if key is None:
        try:
            return read_content(path, DataError, most=MOST)
        except DataError as error:
            raise OSError(0, str(error), str(path)) from error
    if not path.exists():
        raise FileNotFoundError(path)
    try:
        with closing(connect(path, key)) as database:
            (content,) = database.execute("SELECT content FROM kept").fetchone()
    except (DatabaseError, TypeError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from error
    return bytes(content)
