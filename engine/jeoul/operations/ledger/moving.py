"""Moving a ledger from the file in a state folder to a server, row by row and hash by hash."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path

from jeoul.database import DatabaseError, EncryptionKey
from jeoul.operations.errors import LedgerError
from jeoul.operations.ledger.file_store import BESIDE, fold_in, free_name, open_ledger
from jeoul.operations.ledger.proof import LedgerProof, proven
from jeoul.operations.ledger.schema import COLUMNS
from jeoul.operations.ledger.store import CHAIN, Ledger, StoredRow

_BATCH = 2_000
_TABLES = {  # what others refer to comes first
    "chain": CHAIN[1:],
    **{name: COLUMNS[name] for name in ("runs", "intents", "transactions")},
    **COLUMNS,
}


def move(path: Path, server: Ledger) -> tuple[LedgerProof, Path]:
    """Move the ledger of a file to a server; return its proof there and the file's new name.

    Both are proved, and the rows are added in one transaction: a process that dies leaves a server
    without them, or with all of them, and the same command goes on. The caller holds the locks of
    the account. Raises :class:`LedgerError` for a file that fails its check or that somebody else
    has open, and for a server that has another ledger of this account.
    """
    if not path.exists():
        raise LedgerError(f"there is no file {path} to move; the ledger is on the server already")
    _fold_in(path, server.key)
    with closing(open_ledger(path, key=server.key)) as source:
        proven(source)
        head = source.head()
        if not server.head().seq:
            with server.transaction():
                copy_rows(source, server)
        elif server.head() != head:
            raise LedgerError(
                f"{server.place} has another ledger of this account already; give the config "
                "another name, or keep the one on the server and move the file away"
            )
    proof = proven(server, head, "remove the ledger from the server, then move it again")
    return proof, _renamed(path, server.key)


def copy_rows(source: Ledger, target: Ledger) -> None:
    """Add every row of a ledger to an empty one, with the hashes as they are."""
    with source.store.reading():
        for table, columns in _TABLES.items():
            names = ("seq", *columns)
            query = f"SELECT {', '.join(names)} FROM {table} ORDER BY seq"
            for rows in _batches(source.store.stream(query)):
                target.take_over(table, names, rows)


def _batches(rows: Iterator[StoredRow]) -> Iterator[list[list[str | int | None]]]:
    while batch := [list(row) for row in islice(rows, _BATCH)]:
        yield batch


def _fold_in(path: Path, key: EncryptionKey | None) -> None:
    """Bring every row into the file itself; what is wrong with it, the proof says."""
    with suppress(DatabaseError):
        fold_in(path, key)


def _renamed(path: Path, key: EncryptionKey | None) -> Path:
    """Give a file that is no longer the ledger another name, with every row in it."""
    fold_in(path, key)
    kept = free_name(path, "moved")
    path.replace(kept)
    for suffix in BESIDE:  # of who looked in between: without rows, for another file
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return kept
