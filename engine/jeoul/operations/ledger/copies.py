"""Copies of a ledger: made through SQLite itself, so that a copy mid-run is still one state."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from jeoul.operations.errors import LedgerError
from jeoul.operations.ledger.proof import Proof, proven
from jeoul.operations.ledger.store import Ledger, open_ledger

_ANOTHER = "choose another backup"


def backup(ledger: Ledger, target: Path) -> None:
    """Write a copy of a ledger to a new file.

    Copying the file by hand loses what still lies in its ``-wal``; this does not. Raises
    :class:`LedgerError` if the target exists or cannot be written.
    """
    if target.exists():
        raise LedgerError(f"{target} exists and is not overwritten; choose another name")
    partial = target.with_name(target.name + ".partial")
    try:
        partial.unlink(missing_ok=True)
        copy = sqlite3.connect(partial)
        try:
            ledger.connection.backup(copy)
        finally:
            copy.close()
        partial.chmod(0o600)
        partial.replace(target)
    except (OSError, sqlite3.OperationalError) as error:
        raise LedgerError(f"{target} cannot be written ({error}); choose another place") from error


def restore(source: Path, target: Path) -> tuple[Proof, Path | None]:
    """Put a proven copy in a ledger's place; return its proof and where the old one went.

    The old file is kept beside it under a new name. Orders sent since the backup are not in it:
    the next run asks the broker before it sends anything and stops where it finds one.
    """
    if not source.is_file():
        raise LedgerError(f"there is no backup {source}; check the name")
    fresh = target.with_name(target.name + ".restored")
    if fresh.exists():
        fresh.unlink()
    origin = open_ledger(source, _ANOTHER)
    try:
        proof = proven(origin, remedy=_ANOTHER)
        if not proof.rows:
            raise LedgerError(f"{source} is an empty ledger; {_ANOTHER}")
        backup(origin, fresh)
    finally:
        origin.close()
    kept = _set_aside(target) if target.exists() else None
    os.replace(fresh, target)
    return proof, kept


def _set_aside(target: Path) -> Path:
    """Move a ledger with its side files to a free name; return that name."""
    number = 1
    while (kept := target.with_name(f"{target.name}.before-restore-{number}")).exists():
        number += 1
    for suffix in ("", "-wal", "-shm"):
        part = target.with_name(target.name + suffix)
        if part.exists():
            part.replace(kept.with_name(kept.name + suffix))
    return kept
