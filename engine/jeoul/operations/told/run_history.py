"""What happened so far: runs with their reasons, and what stopped or was skipped between them."""

from __future__ import annotations

import json
from typing import Any

from jeoul.operations.desk.intents import all_runs, intents_of, reason_from, run_events
from jeoul.operations.ledger import Ledger
from jeoul.operations.told.kept_why import told_why
from jeoul.reporting.reasons import reason_text


def history(ledger: Ledger, account: str, language: str) -> list[dict[str, Any]]:
    """Return runs and notes of an account, oldest first, as JSON values."""
    found: list[tuple[int, dict[str, Any]]] = []
    for run in all_runs(ledger, account):
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
        found.append((run.at, entry))
    rows = ledger.rows(
        "SELECT at, session, n.kind, detail FROM notes n JOIN chain USING (seq) "
        "WHERE account = ? AND n.kind IN ('outcome', 'skipped', 'review', 'cut', 'proof', 'alarm') "
        "ORDER BY seq",
        account,
    )
    for row in rows:
        detail = json.loads(row["detail"])
        if row["kind"] == "cut":
            reasons = map(reason_from, detail["reasons"])
            detail["reasons"] = [reason_text(reason, language) for reason in reasons]
        if row["kind"] == "alarm":
            reason = reason_from([detail.pop("kind"), detail.pop("detail")])
            detail["text"] = reason_text(reason, language)
        found.append((row["at"], {"note": row["kind"], "session": row["session"], **detail}))
    return [entry for _, entry in sorted(found, key=lambda pair: pair[0])]
