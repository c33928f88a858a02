"""The books of a firm: one table of events that only grows, each with the hash of the one before.

An event is a plan, the answer of a person to one client's part of it, or the allotment of its
fills. Rules of the table, not of the code around it, keep each from happening twice: one plan for a
digest, one answer for a plan and a client, one allotment for a plan.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from jeoul.database import Connection, DatabaseError, connect, transaction
from jeoul.operations.errors import LedgerError
from jeoul.operations.setup.private import create_private, private_folder

NAME = "firm.sqlite"
EventKind = Literal["plan", "approved", "rejected", "allotment"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
    seq     INTEGER PRIMARY KEY CHECK (seq > 0),
    at      INTEGER NOT NULL,
    kind    TEXT NOT NULL CHECK (kind IN ('plan', 'approved', 'rejected', 'allotment')),
    plan    TEXT NOT NULL,
    account TEXT NOT NULL,
    who     TEXT NOT NULL,
    content TEXT NOT NULL CHECK (json_valid(content)),
    prev    TEXT NOT NULL,
    hash    TEXT NOT NULL UNIQUE
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS one_plan ON events (plan) WHERE kind = 'plan';
CREATE UNIQUE INDEX IF NOT EXISTS one_answer ON events (plan, account)
    WHERE kind IN ('approved', 'rejected');
CREATE UNIQUE INDEX IF NOT EXISTS one_allotment ON events (plan) WHERE kind = 'allotment';
CREATE TRIGGER IF NOT EXISTS events_stay BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'the books of a firm only grow'); END;
CREATE TRIGGER IF NOT EXISTS events_remain BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'the books of a firm only grow'); END;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmEvent:
    """One event: ``at`` in seconds UTC, ``account`` and ``who`` empty where nobody is meant."""

    seq: int
    at: int
    kind: EventKind
    plan: str
    account: str
    who: str
    content: Mapping[str, Any]

    @property
    def instant(self) -> str:
        """Return when it happened, as ISO text in UTC."""
        return datetime.fromtimestamp(self.at, UTC).isoformat()


def canonical(document: Mapping[str, Any]) -> str:
    """Return a document as the one text that its digest is made from."""
    return json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest_of(document: Mapping[str, Any]) -> str:
    """Return the SHA-256 that names a document."""
    return hashlib.sha256(canonical(document).encode()).hexdigest()


class FirmBooks:
    """The events of one firm. Nothing in it is changed or deleted."""

    def __init__(self, connection: Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make the events inside durable together, or none of them."""
        with transaction(self._connection, self._failed):
            yield

    def append(
        self,
        kind: EventKind,
        at: int,
        plan: str,
        content: Mapping[str, Any],
        *,
        account: str = "",
        who: str = "",
    ) -> None:
        """Append one event inside a transaction; ``IntegrityError`` where it was there before."""
        row = self._connection.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1")
        seq, prev = row.fetchone() or (0, "")
        text = canonical(content)
        values = (seq + 1, at, kind, plan, account, who, text, prev)
        self._connection.execute(
            "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*values, _hash(values))
        )

    def plans(self) -> Iterator[FirmEvent]:
        """Yield every plan, oldest first: one at a time, for each has all clients of a morning."""
        return self._events("kind = 'plan'")

    def newest(self) -> FirmEvent | None:
        """Return the newest plan, None before the first."""
        return next(self._events("kind = 'plan'", order="DESC LIMIT 1"), None)

    def named(self, beginning: str) -> list[FirmEvent]:
        """Return the plans whose digests begin with some letters, two of them at most."""
        where = "kind = 'plan' AND substr(plan, 1, length(?)) = ?"
        return list(self._events(where, beginning, beginning, order="LIMIT 2"))

    def has_plan(self, digest: str) -> bool:
        """Return whether a plan was recorded."""
        asked = "SELECT 1 FROM events WHERE kind = 'plan' AND plan = ?"
        return self._connection.execute(asked, (digest,)).fetchone() is not None

    def answers(self, plan: str) -> Mapping[str, FirmEvent]:
        """Return what people answered to a plan, by account."""
        found = self._events("kind IN ('approved', 'rejected') AND plan = ?", plan)
        return {event.account: event for event in found}

    def allotment(self, plan: str) -> FirmEvent | None:
        """Return how the fills of a plan were shared, None before that."""
        return next(self._events("kind = 'allotment' AND plan = ?", plan), None)

    def allotments(self) -> Iterator[FirmEvent]:
        """Yield how the fills of every plan were shared, oldest first."""
        return self._events("kind = 'allotment'")

    def head(self) -> tuple[int, str]:
        """Return the number of events and the hash of the newest one."""
        row = self._connection.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1")
        return row.fetchone() or (0, "")

    def prove(self) -> tuple[int, str]:
        """Return the head after every hash was computed again.

        Raises :class:`~jeoul.operations.errors.LedgerError` at the first event that is not what was
        written.
        """
        before, count = "", 0
        rows = self._connection.execute(
            "SELECT seq, at, kind, plan, account, who, content, prev, hash FROM events ORDER BY seq"
        )
        for *values, found in rows:
            count += 1
            if values[0] != count or values[7] != before or found != _hash(tuple(values)):
                raise LedgerError(
                    f"{self._path}: event {count} is not what was written; "
                    "put back a copy of the state folder"
                )
            before = found
        return count, before

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _events(self, where: str, *values: str, order: str = "") -> Iterator[FirmEvent]:
        rows = self._connection.execute(
            "SELECT seq, at, kind, plan, account, who, content FROM events "
            f"WHERE {where} ORDER BY seq {order}",
            values,
        )
        names = ("seq", "at", "kind", "plan", "account", "who")
        for row in rows:
            yield FirmEvent(**dict(zip(names, row[:-1], strict=True)), content=json.loads(row[-1]))

    def _failed(self, error: DatabaseError) -> LedgerError:
        return LedgerError(f"{self._path} cannot be written: {error}; nothing was recorded")


def open_books(state: Path) -> FirmBooks:
    """Return the books in a state folder, made where there are none, for the owner's eyes alone.

    Raises :class:`~jeoul.operations.errors.LedgerError` for a file that cannot be used.
    """
    path = state / NAME
    try:
        private_folder(state)
        create_private(path)
        found = connect(path, timeout=30.0)
        found.execute("PRAGMA journal_mode = WAL")
        found.execute("PRAGMA synchronous = FULL")
        found.execute("PRAGMA recursive_triggers = ON")
        found.executescript(_SCHEMA)
    except (DatabaseError, OSError) as error:
        raise LedgerError(
            f"{path} cannot be used: {error}; put back a copy of the state folder"
        ) from error
    return FirmBooks(found, path)


def _hash(values: tuple[object, ...]) -> str:
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
