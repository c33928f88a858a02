"""The broker's statements that a person gave, as far as they were taken into the books."""

from __future__ import annotations

import json

from jeoul.operations.ledger.store import Ledger

STATEMENT = "import"
"""The kind of note that names a statement."""
_NEWEST = "SELECT seq, detail FROM notes WHERE kind = ? ORDER BY seq DESC LIMIT 1"


def booked_statement(ledger: Ledger) -> str | None:
    """Return the digest of the statement that was booked last, None without one."""
    row = ledger.row(_NEWEST, STATEMENT)
    found: str | None = None if row is None else json.loads(row["detail"])["digest"]
    return found


def booked_at(ledger: Ledger) -> int:
    """Return the row at which the newest statement was booked, 0 without one."""
    row = ledger.row(_NEWEST, STATEMENT)
    return 0 if row is None else int(row["seq"])
