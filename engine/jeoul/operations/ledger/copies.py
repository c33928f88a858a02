"""Copies of a ledger: made through SQLite itself, so that a copy mid-run is still one state."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from jeoul.database import DatabaseError, EncryptionKey, OperationalError, connect, encrypted, plain
from jeoul.operations.errors import LedgerError, Sealed
from jeoul.operations.ledger.file_store import BESIDE, FileStore, fold_in, free_name, open_ledger
from jeoul.operations.ledger.moving import copy_rows
from jeoul.operations.ledger.proof import LedgerProof, check, proven, unproven
from jeoul.operations.ledger.store import REMEDY, Ledger
from jeoul.operations.setup.private import FILE, create_private

_ANOTHER = "choose another backup"


def backup(ledger: Ledger, target: Path) -> None:
    """Write a copy of a ledger to a new file, with the key of its account.

    Copying the file by hand loses what still lies in its ``-wal``; this does not. A ledger on a
    server becomes a file that can be checked, and can be the ledger of a config without a server.
    Raises :class:`LedgerError` if the ledger is damaged, or the target exists or cannot be written.
    """
    if target.exists():
        raise LedgerError(f"{target} exists and is not overwritten; choose another name")
    if not isinstance(ledger.store, FileStore):
        _copy_of_server(ledger, target)
        return
    path, connection = ledger.store.path, ledger.store.connection
    partial = target.with_name(target.name + ".partial")
    try:
        partial.unlink(missing_ok=True)
        create_private(partial)
        with closing(connect(partial, ledger.key)) as copy:
            connection.backup(copy)
            # Pages are copied as they are: a damaged ledger would make a damaged backup.
            found = [fault for (fault,) in copy.execute("PRAGMA integrity_check")]
        if found != ["ok"]:
            raise LedgerError(f"{path} is damaged ({found[0]}); {REMEDY}")
        partial.replace(target)
    except (OSError, OperationalError) as error:
        raise LedgerError(f"{target} cannot be written ({error}); choose another place") from error
    except DatabaseError as error:
        raise LedgerError(f"{path} is damaged ({error}); {REMEDY}") from error


def restore(
    source: Path, target: Path, account: str, key: EncryptionKey | None = None
) -> tuple[LedgerProof, Path | None]:
    """Put a proven copy in a ledger's place; return its proof and where the old one went.

    ``source`` is only read. The old ledger is kept beside the new one under another name. Whenever
    the process dies, the place has the old ledger or the new one, whole. Orders sent since the
    backup are not in it: the next run asks the broker before it sends anything and stops where it
    finds one.

    Raises :class:`LedgerError` for a copy that fails its check, is empty, has a schema or triggers
    that are not a ledger's, or belongs to another account, and :class:`Sealed` for one that is
    encrypted otherwise than the account: a plain backup must not come into its folder.
    """
    if not source.is_file():
        raise LedgerError(f"there is no backup {source}; check the name")
    if key is not None and plain(source):
        raise Sealed("backup_plain", source)
    if key is None and encrypted(source):
        raise Sealed("missing", source)
    fresh = target.with_name(target.name + ".restored")
    with (
        _copied(source, target.parent) as copy,
        closing(open_ledger(copy, _ANOTHER, key)) as origin,
    ):
        proof = proven(origin, remedy=_ANOTHER)
        _refuse_stranger(origin, source, account)
        fresh.unlink(missing_ok=True)
        backup(origin, fresh)
    kept = _keep(target, key) if target.exists() else None
    os.replace(fresh, target)
    return proof, kept


def _copy_of_server(ledger: Ledger, target: Path) -> None:
    """Write the rows of a server into a file; what is wrong with them is wrong on the server."""
    partial = target.with_name(target.name + ".partial")
    try:
        partial.unlink(missing_ok=True)
        with closing(open_ledger(partial, key=ledger.key)) as copy:
            with copy.transaction():
                copy_rows(ledger, copy)
            proof = check(copy)
        if proof.faults:
            partial.unlink()
            raise unproven(ledger, proof)
        partial.replace(target)
    except OSError as error:
        raise LedgerError(f"{target} cannot be written ({error}); choose another place") from error


@contextmanager
def _copied(source: Path, folder: Path) -> Iterator[Path]:
    """Yield a copy of a database file with what lies in its ``-wal``: to open one writes to it."""
    copy = folder / "restore.partial"
    try:
        for suffix in ("", *BESIDE):
            copy.with_name(copy.name + suffix).unlink(missing_ok=True)
        for suffix in ("", "-wal"):
            part = source.with_name(source.name + suffix)
            if part.exists():
                create_private(copy.with_name(copy.name + suffix))
                shutil.copyfile(part, copy.with_name(copy.name + suffix))
        yield copy
    except OSError as error:
        raise LedgerError(f"{source} cannot be read ({error}); {_ANOTHER}") from error
    except Sealed as error:
        raise Sealed(error.why, source) from error
    finally:
        for suffix in ("", *BESIDE):
            with suppress(OSError):
                copy.with_name(copy.name + suffix).unlink(missing_ok=True)


def _refuse_stranger(ledger: Ledger, source: Path, account: str) -> None:
    rows = ledger.rows("SELECT account FROM runs UNION SELECT account FROM notes ORDER BY account")
    owners = [row["account"] for row in rows]
    if not ledger.head().seq:
        raise LedgerError(f"{source} is an empty ledger; {_ANOTHER}")
    if any(owner != account for owner in owners):
        raise LedgerError(
            f"{source} is the ledger of {', '.join(owners)}, not of {account}; {_ANOTHER}"
        )


def _keep(target: Path, key: EncryptionKey | None) -> Path:
    """Give a ledger a second name without taking the first from it; return the second name.

    What lies in its ``-wal`` is brought into the file before, because SQLite would read that into
    whatever bears the name next. A ledger too damaged for it has the side files moved away. Raises
    :class:`LedgerError` where somebody else has the ledger open.
    """
    kept = free_name(target, "before-restore")
    try:
        fold_in(target, key)
    except DatabaseError:
        for suffix in BESIDE:
            part = target.with_name(target.name + suffix)
            if part.exists():
                part.replace(kept.with_name(kept.name + suffix))
    try:
        os.link(target, kept)
    except OSError:  # a file system without hard links
        shutil.copyfile(target, kept)
        kept.chmod(FILE)
    return kept
