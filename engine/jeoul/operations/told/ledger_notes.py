"""Notes: what an account's ledger keeps beside runs, orders and books."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from jeoul.operations.desk.intents import compact
from jeoul.operations.ledger import Ledger
from jeoul.operations.setup.clock import Clock
from jeoul.operations.setup.outcome import Report

STATEMENT = "import"
"""The kind of note that names the broker's statement that was taken into the books."""


def booked_statement(ledger: Ledger) -> str | None:
    """Return the digest of the broker's statement that was booked last, None without one."""
    rows = ledger.rows(
        "SELECT detail FROM notes WHERE kind = ? ORDER BY seq DESC LIMIT 1", STATEMENT
    )
    found: str | None = json.loads(rows[0]["detail"])["digest"] if rows else None
    return found


def stops_after(ledger: Ledger, account: str, session: date | None) -> list[sqlite3.Row]:
    """Return why runs on later sessions than one decided nothing, oldest first."""
    return ledger.rows(
        "SELECT at, session, detail FROM notes n JOIN chain USING (seq) "
        "WHERE account = ? AND n.kind = 'outcome' AND session > ? ORDER BY seq",
        account,
        "" if session is None else session.isoformat(),
    )


@dataclass(frozen=True, slots=True)
class LedgerNotes:
    """The notes of one account and strategy, written from one session."""

    ledger: Ledger
    clock: Clock
    account: str
    strategy: str
    session: date

    def add(self, kind: str, detail: Mapping[str, Any]) -> None:
        """Add a note, never earlier than the newest row: a clock that is behind stays noticed."""
        with self.ledger.transaction():
            self.ledger.append(
                "notes",
                max(int(self.clock.now()), self.ledger.head().at),
                account=self.account,
                strategy=self.strategy,
                session=self.session.isoformat(),
                kind=kind,
                detail=compact(detail),
            )

    def newest(self, kind: str) -> dict[str, Any] | None:
        """Return what the account's newest note of a kind says, None without one."""
        rows = self.ledger.rows(
            "SELECT detail FROM notes WHERE kind = ? AND account = ? ORDER BY seq DESC LIMIT 1",
            kind,
            self.account,
        )
        found: dict[str, Any] | None = json.loads(rows[0]["detail"]) if rows else None
        return found

    def outcome(self, report: Report) -> None:
        """Keep why a run stopped, once for each session and reason."""
        detail = {"outcome": report.outcome, "reasons": report.reasons}
        known = self.ledger.rows(
            "SELECT 1 FROM notes WHERE kind = 'outcome' AND account = ? AND session = ? "
            "AND detail = ?",
            self.account,
            self.session.isoformat(),
            compact(detail),
        )
        if not known:
            self.add("outcome", detail)
