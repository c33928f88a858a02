"""Notes: what an account's ledger keeps beside runs, orders and books."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from jeoul.operations.desk.intents import compact
from jeoul.operations.ledger import Ledger, StoredRow
from jeoul.operations.setup.clock import Clock
from jeoul.operations.setup.outcome import OUTCOMES, RunReport


def stops_after(ledger: Ledger, account: str, session: date | None) -> list[StoredRow]:
    """Return why runs on later sessions than one decided nothing, oldest first."""
    return ledger.rows(
        "SELECT at, session, detail FROM notes n JOIN chain USING (seq) "
        "WHERE account = ? AND n.kind = 'outcome' AND session > ? ORDER BY seq",
        account,
        "" if session is None else session.isoformat(),
    )


def standing_stop(ledger: Ledger, account: str) -> StoredRow | None:
    """Return why the newest run of an account stopped, None if it went on.

    A plan that is frozen or over since then ends it, like a later run without fault.
    """
    stop = ledger.row(
        "SELECT n.seq AS seq, at, session, detail FROM notes n JOIN chain USING (seq) "
        "WHERE account = ? AND n.kind = 'outcome' ORDER BY n.seq DESC LIMIT 1",
        account,
    )
    if stop is None or not OUTCOMES[json.loads(stop["detail"])["outcome"]]:
        return None
    later = ledger.rows("SELECT 1 FROM runs WHERE account = ? AND seq > ?", account, stop["seq"])
    return None if later else stop


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
        row = self.ledger.row(
            "SELECT detail FROM notes WHERE kind = ? AND account = ? ORDER BY seq DESC LIMIT 1",
            kind,
            self.account,
        )
        found: dict[str, Any] | None = None if row is None else json.loads(row["detail"])
        return found

    def outcome(self, report: RunReport) -> None:
        """Keep why a run stopped, once as long as it stays so, and that a later one did not."""
        before = standing_stop(self.ledger, self.account)
        if not report.exit_code:
            if before is not None:
                self.add("outcome", {"outcome": report.outcome, "reasons": ()})
            return
        detail = {"outcome": report.outcome, "reasons": report.reasons}
        known = before is not None and (before["session"], before["detail"]) == (
            self.session.isoformat(),
            compact(detail),
        )
        if not known:
            self.add("outcome", detail)
