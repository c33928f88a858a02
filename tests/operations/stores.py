"""Where a ledger of a test is kept: in a file, or on a PostgreSQL server."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Protocol

from jeoul.operations.ledger import Ledger, open_ledger
from jeoul.operations.ledger.schema import COLUMNS, _statements, _triggers

Statement = str | tuple[str, Sequence[object]]
TABLES = ("chain", *COLUMNS)
RUN = {
    "account": "a", "strategy": "s", "session": "2026-03-04", "executed": "2026-03-05",
    "inputs_id": "x", "plan": "{}",
}  # fmt: skip
"""A run's row, but for its name."""


class Place(Protocol):
    """A place of ledgers, which its owner can tamper with."""

    def open(self) -> Ledger:
        """Return the ledger as a run opens it."""
        ...

    def tamper(self, *statements: Statement) -> None:
        """Change rows past the rights and the triggers."""
        ...


class InFile:
    """A ledger in a file of the test."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "ledger.sqlite3"

    def open(self) -> Ledger:
        return open_ledger(self.path)

    def tamper(self, *statements: Statement) -> None:
        with closing(sqlite3.connect(self.path, isolation_level=None)) as owner:
            owner.execute("PRAGMA synchronous=OFF")
            owner.execute("BEGIN")
            for table in TABLES:
                for verb in ("update", "delete"):
                    owner.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")
            for statement in statements:
                text, values = (statement, ()) if isinstance(statement, str) else statement
                owner.execute(text.replace("%s", "?"), values)
            for table in TABLES:
                for trigger in _statements(_triggers(table)):
                    owner.execute(trigger)
            owner.execute("COMMIT")


class OnServer:
    """A ledger of one account of a database that several tests share."""

    def __init__(self, account: str) -> None:
        from servers import shared

        self.database, self.account = shared(), account

    def open(self) -> Ledger:
        found: Ledger = self.database.open(self.account)
        return found

    def tamper(self, *statements: Statement) -> None:
        self.database.tamper(self.account, *statements)
