"""The virtual disk of a life whose ledger is on a PostgreSQL server."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "faults"))

from servers import Database, shared
from simulator.disk import Disk, Shared

from jeoul.database import DatabaseError
from jeoul.operations.ledger import Ledger
from jeoul.operations.ledger.schema import COLUMNS
from jeoul.operations.setup.config import Config

_HEAD = "head of the server's ledger"
_numbers = itertools.count(1)


class ServerDisk(Disk):  # type: ignore[misc]
    """A state folder beside a server, which keeps what was committed when the process dies.

    What a dead process adds on its way out is taken away again, and a backup brings back an earlier
    state of both.
    """

    def __init__(self, state: Path) -> None:
        self.database: Database = shared()
        self.account = f"life-{next(_numbers)}"
        self._writer: Ledger | None = None
        self._reader: Ledger | None = None
        super().__init__(state)

    def configured(self, config: Config) -> Config:
        """Return a config whose account is on this disk and whose ledger is on the server."""
        settings = config.settings.model_copy(update={"ledger": self.database.url()})
        return replace(config, state=self.state, settings=settings)

    def opened(self) -> Ledger:
        """Return the ledger over the one connection of the life."""
        if self._writer is None:
            self._writer = self.database.open(self.account)
        assert not self._writer.store.in_transaction, "a process left a transaction open"
        return Shared(self._writer.store)

    def rows(self) -> Any:
        """Return the ledger for reading: what is committed."""
        if self._reader is None:
            self._reader = self.database.open(self.account)
        return _Found(self._reader)

    def snapshot(self) -> dict[str, bytes]:
        """Return the files of the folder, and how far the ledger was committed."""
        committed = self.rows().execute("SELECT COALESCE(MAX(seq), 0) FROM chain").fetchone()[0]
        return {**super().snapshot(), _HEAD: str(committed).encode()}

    def put_back(self, files: Mapping[str, bytes]) -> None:
        """Make folder and ledger what they were."""
        if self._writer is not None and self._writer.store.in_transaction:
            with suppress(DatabaseError):
                self._writer.rows("ROLLBACK")
        committed = int(files.get(_HEAD, b"0"))
        tables = (*reversed([*COLUMNS]), "chain")
        self.database.tamper(
            self.account, *(f"DELETE FROM {table} WHERE seq > {committed}" for table in tables)
        )
        super().put_back({name: content for name, content in files.items() if name != _HEAD})

    def close(self) -> None:
        """Close the connections."""
        for ledger in (self._reader, self._writer):
            if ledger is not None:
                ledger.close()
        self._reader = self._writer = None
        super().close()


class _Found:
    """What the oracle reads, in the form of a connection of SQLite."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def execute(self, query: str, values: Sequence[Any] = ()) -> _Rows:
        return _Rows(self.ledger.rows(query, *values))


class _Rows(list[Any]):
    def fetchall(self) -> list[Any]:
        return self

    def fetchone(self) -> Any:
        return self[0] if self else None
