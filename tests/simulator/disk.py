"""The virtual disk: a state folder in memory, and what a power cut leaves of it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from jeoul.operations.ledger import NAME, Ledger, open_ledger
from jeoul.operations.ledger.file_store import FileStore
from jeoul.operations.setup.config import Config

_LOST = ("-shm", "lock")  # shared memory and the kernel's lock end with the machine

_PAGES = 50  # of the -wal, after which it is brought into the file: a crash copies both


class Disk:
    """The state folder of one life.

    One process after the other works on the same open file of the ledger, because most of a short
    run would be SQLite that opens it: it reads the schema and prepares every statement. Each
    process has a :class:`Ledger` of its own and finds only what was committed. A power cut closes
    the file, and the next process opens what is left.
    """

    def __init__(self, state: Path) -> None:
        self.state = state
        self._writing: sqlite3.Connection | None = None
        self._reading: sqlite3.Connection | None = None
        self.put_back({})

    def configured(self, config: Config) -> Config:
        """Return a config whose account is on this disk."""
        return replace(config, state=self.state)

    def ledger(self, config: Config) -> Ledger:
        """Return the ledger as a process opens it."""
        assert config.state == self.state, f"a process opens {config.state}"
        return self.opened()

    def opened(self) -> Ledger:
        """Return the ledger over the one open file of the life."""
        path = self.state / NAME
        if self._writing is None:
            self._writing = cast("Any", open_ledger(path).store).connection
            self._writing.execute(f"PRAGMA wal_autocheckpoint = {_PAGES}")
        assert not self._writing.in_transaction, "a process left a transaction open"
        return Shared(FileStore(self._writing, path))

    def rows(self) -> sqlite3.Connection:
        """Return the ledger's file for reading, as the oracle sees it: what is committed."""
        if self._reading is None:
            place = self.state / NAME
            self._reading = sqlite3.connect(f"file:{place}?mode=ro", uri=True)
        return self._reading

    def snapshot(self) -> dict[str, bytes]:
        """Return the files of the folder as a power cut leaves them, with the ``-wal``.

        What a transaction has not committed is in the process's memory and not among them.
        """
        return {
            path.name: path.read_bytes()
            for path in self.state.iterdir()
            if path.is_file() and not path.name.endswith(_LOST)
        }

    def put_back(self, files: Mapping[str, bytes]) -> None:
        """Make the folder what it was: whatever a dead process did on its way out is forgotten."""
        self.close()
        shutil.rmtree(self.state, ignore_errors=True)
        self.state.mkdir(mode=0o700, parents=True)
        for name, content in files.items():
            path = self.state / name
            path.write_bytes(content)
            path.chmod(0o600)

    def close(self) -> None:
        """Close the ledger's file."""
        for connection in (self._reading, self._writing):
            if connection is not None:
                connection.close()
        self._reading = self._writing = None


class Shared(Ledger):
    """A ledger whose file stays open for the next process."""

    def close(self) -> None:
        """Leave the file open."""
