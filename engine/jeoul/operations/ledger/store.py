"""The ledger: append-only rows, each bound to all rows before it by a hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast

from jeoul.database import EncryptionKey
from jeoul.operations.ledger.schema import COLUMNS

GENESIS = "0" * 64  # the hash before the first row
REMEDY = "restore a backup with `jeoul ledger restore`"

Value = str | int | None
Found = TypeVar("Found")
Balances = Mapping[tuple[str, str], int]  # (account, commodity) -> amount
_ANSWERS = 64  # that a ledger keeps about one head
_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class StoredRow(Protocol):
    """A row of any store: its values by name and by place."""

    def __getitem__(self, key: Any, /) -> Any:
        """Return a value."""
        ...

    def __iter__(self) -> Iterator[Any]:
        """Yield the values in the order of the query."""
        ...


@dataclass(frozen=True, slots=True)
class Head:
    """The newest row of the chain: kept elsewhere, it proves that nothing was cut off the end."""

    seq: int
    at: int
    hash: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The balances and the unfinished runs at one row; at row 0 there are none."""

    seq: int
    balances: Balances
    unfinished: tuple[str, ...]


class Store(Protocol):
    """Where the rows of one ledger are kept: a file, or a PostgreSQL server.

    Queries are in the SQL that both understand, with ``?`` where a value goes, and see the rows of
    this ledger alone. Every method raises :class:`LedgerError` where the store cannot be used; a
    row that breaks a rule of the schema raises ``IntegrityError``.
    """

    @property
    def place(self) -> str:
        """Return what messages call the store."""
        ...

    @property
    def whole(self) -> str:
        """Return what a person keeps as it is when the ledger is damaged."""
        ...

    @property
    def remedy(self) -> str:
        """Return what a person does about a damaged ledger."""
        ...

    @property
    def copyable(self) -> bool:
        """Return whether a copy of the ledger could be in another folder, beside its original."""
        ...

    @property
    def in_transaction(self) -> bool:
        """Return whether a transaction is open."""
        ...

    def rows(self, query: str, values: Sequence[Value] = ()) -> list[StoredRow]:
        """Return what a query finds."""
        ...

    def stream(self, query: str, values: Sequence[Value] = ()) -> Iterator[StoredRow]:
        """Yield what a query finds without holding all of it, inside :meth:`reading`."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """Make what happens inside durable together, while nobody else adds a row."""
        ...

    def reading(self) -> AbstractContextManager[None]:
        """Show one state of the ledger to all queries inside."""
        ...

    def add(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Value]]) -> None:
        """Add rows to one table inside a transaction."""
        ...

    def hold(self) -> None:
        """Hold the ledger for one run until it is closed.

        Raises :class:`AlreadyRunning` where another run holds it. The lock of a state folder is
        enough for a file in it.
        """
        ...

    def faults(self, *, quick: bool = False) -> list[str]:
        """Return what is wrong with the store itself, its rules and its rights.

        A ``quick`` look reads no rows.
        """
        ...

    def close(self) -> None:
        """Close the store, and let go of what it holds."""
        ...


class Ledger:
    """An open ledger. Every change is one :meth:`transaction`; rows are only ever added.

    ``key`` is that of the other files of its account, and of the ledger where it is a file.
    ``reached`` is what the rows come to up to one that is durable, None before they are added up.
    """

    def __init__(self, store: Store, key: EncryptionKey | None = None) -> None:
        self.store = store
        self.key = key
        self.reached: Checkpoint | None = None
        self._held = False
        self._newest: Head | None = None  # known while others are kept out
        self._asked_at = ""  # the hash of the head that the answers are about
        self._answers: dict[Hashable, tuple[Collection[str], object]] = {}

    @property
    def place(self) -> str:
        """Return what messages call the ledger: its file, or its server and account."""
        return self.store.place

    def hold(self) -> None:
        """Hold the ledger for one run: nobody else adds a row until it is closed.

        Raises :class:`AlreadyRunning` where another run holds it.
        """
        self.store.hold()
        self._held = True

    def close(self) -> None:
        """Close the store."""
        self.store.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what happens inside durable together, or not at all.

        Raises :class:`LedgerError` if the store cannot be written: a full disk, a folder that
        became read-only, a server that went away. Nothing of the transaction is kept then, unless
        the server went away while it was made durable: the error says which, where the server can
        be asked again, and whoever opens the ledger next sees it.
        """
        try:
            with self.store.transaction():
                self._newest = self.head()
                yield
        except BaseException:
            self._newest = None
            raise
        if not self._held:
            self._newest = None

    def append(self, table: str, at: int, **values: Value) -> int:
        """Add one row inside a transaction and return its place in the chain."""
        columns = COLUMNS[table]
        if set(values) != set(columns):
            raise ValueError(f"{table} has the columns {columns}, not {tuple(values)}")
        if not self.store.in_transaction:
            raise ValueError("rows are added inside a transaction")
        head = self.head()
        seq = head.seq + 1
        row = [values[name] for name in columns]
        digest = row_hash(head.hash, seq, at, table, row)
        self.store.add("chain", CHAIN, [(seq, at, table, head.hash, digest)])
        self.store.add(table, ("seq", *columns), [(seq, *row)])
        if self._newest is not None:
            self._newest = Head(seq, at, digest)
        if self._asked_at == head.hash:
            # What does not read this table is as true of the row as of the one before it.
            self._answers = {
                asked: (of, answer)
                for asked, (of, answer) in self._answers.items()
                if table not in of
            }
            self._asked_at = digest
        return seq

    def take_over(
        self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Value]]
    ) -> None:
        """Add rows of another ledger inside a transaction, with their places and hashes."""
        self.store.add(table, columns, rows)
        self._newest = None

    def head(self) -> Head:
        """Return the newest row of the chain, the genesis of an empty one."""
        if self._newest is not None:
            return self._newest
        found = self.row("SELECT seq, at, hash FROM chain ORDER BY seq DESC LIMIT 1")
        head = Head(0, 0, GENESIS) if found is None else Head(*found)
        if self._held:
            self._newest = head
        return head

    def rows(self, query: str, *values: Value) -> list[StoredRow]:
        """Return what a query finds; raise :class:`LedgerError` where the store is damaged."""
        return self.store.rows(query, values)

    def row(self, query: str, *values: Value) -> StoredRow | None:
        """Return the first row that a query finds, None where it finds none."""
        return next(iter(self.rows(query, *values)), None)

    def once(self, asked: Hashable, of: Collection[str], find: Callable[[], Found]) -> Found:
        """Return what ``find`` reads, read once as long as its tables get no row.

        ``asked`` names the question and ``of`` every table that the answer depends on. No row ever
        changes and the hash of the newest stands for all of them, so one head has one answer: also
        inside a transaction, and after one that failed. A row that somebody else added drops all.
        """
        head = self.head().hash
        if head != self._asked_at or len(self._answers) >= _ANSWERS:
            self._answers.clear()
            self._asked_at = head
        kept = self._answers.get(asked)
        if kept is None:
            kept = self._answers[asked] = (of, find())
        return cast("Found", kept[1])


CHAIN = ("seq", "at", "kind", "prev", "hash")
"""The columns of the chain."""


def row_hash(prev: str, seq: int, at: int, table: str, row: list[Value]) -> str:
    """Return the SHA-256 that binds a row to the one before it, as hexadecimal text.

    >>> row_hash("0" * 64, 1, 0, "notes", ["a", 1])[:8]
    '9eb3e480'
    """
    return hashlib.sha256(_as_json([prev, seq, at, table, row]).encode()).hexdigest()
