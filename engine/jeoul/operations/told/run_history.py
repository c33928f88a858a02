"""What happened so far: runs with their reasons, and what stopped or was skipped between them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from jeoul.operations.desk.intents import all_runs, intents_of, reason_from, run_events
from jeoul.operations.ledger import Ledger
from jeoul.operations.told.kept_why import told_why
from jeoul.reporting.reasons import reason_text

NOTED = ("outcome", "skipped", "review", "cut", "proof", "alarm")
"""The notes that a history shows."""


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Part of a history, oldest first; ``older`` is the row before which the rest is, if any."""

    entries: list[dict[str, Any]]
    older: int | None


def history_page(
    ledger: Ledger, account: str, language: str, limit: int, before: int | None = None
) -> HistoryPage:
    """Return the newest ``limit`` runs and notes of an account before a row, as JSON values."""
    rows = ledger.head().seq + 1
    bound = rows if before is None else min(before, rows)
    limit = min(limit, rows)  # a number that a person types may be larger than a store takes
    marks = ", ".join("?" * len(NOTED))
    newest = " AND seq < ? ORDER BY seq DESC LIMIT ?"
    runs = ledger.rows(f"SELECT seq FROM runs WHERE account = ?{newest}", account, bound, limit + 1)
    notes = ledger.rows(
        f"SELECT seq FROM notes WHERE account = ? AND kind IN ({marks}){newest}",
        account,
        *NOTED,
        bound,
        limit + 1,
    )
    places = sorted((row["seq"] for row in (*runs, *notes)), reverse=True)
    if not places:
        return HistoryPage([], None)
    shown = places[:limit]
    entries = _entries(ledger, account, language, (shown[-1], shown[0]))
    return HistoryPage(entries, shown[-1] if len(places) > limit else None)


def _entries(
    ledger: Ledger, account: str, language: str, rows_between: tuple[int, int]
) -> list[dict[str, Any]]:
    written = "SELECT run_id, seq FROM runs WHERE account = ? AND seq BETWEEN ? AND ?"
    places = {row["run_id"]: row["seq"] for row in ledger.rows(written, account, *rows_between)}
    found: list[tuple[int, dict[str, Any]]] = []
    for run in all_runs(ledger, account, rows_between):
        intents = intents_of(ledger, run.run_id)
        entry = {
            "run_id": run.run_id,
            "session": run.session.isoformat(),
            "executed": run.executed.isoformat(),
            "events": [event for event, _, _ in run_events(ledger, run.run_id)],
            "orders": [
                {"side": str(i.order.side), "ticker": i.order.ticker, "shares": i.order.shares,
                 "filled": i.filled, "state": i.state}
                for i in intents
            ],
            "reasons": [
                reason_text(reason_from(reason), language) for reason in run.document["reasons"]
            ],
            "why": told_why(run.document, language),
            "measured": run.document.get("measured"),
        }  # fmt: skip
        found.append((places[run.run_id], entry))
    rows = ledger.rows(
        "SELECT n.seq, session, n.kind, detail FROM notes n JOIN chain USING (seq) "
        f"WHERE account = ? AND n.kind IN ({', '.join('?' * len(NOTED))}) "
        "AND n.seq BETWEEN ? AND ? ORDER BY seq",
        account,
        *NOTED,
        *rows_between,
    )
    for row in rows:
        detail = json.loads(row["detail"])
        if row["kind"] == "cut":
            reasons = map(reason_from, detail["reasons"])
            detail["reasons"] = [reason_text(reason, language) for reason in reasons]
        if row["kind"] == "alarm":
            reason = reason_from([detail.pop("kind"), detail.pop("detail")])
            detail["text"] = reason_text(reason, language)
        found.append((row["seq"], {"note": row["kind"], "session": row["session"], **detail}))
    return [entry for _, entry in sorted(found, key=lambda pair: pair[0])]
