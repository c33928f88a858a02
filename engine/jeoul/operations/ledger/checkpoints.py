"""Checkpoints: what the rows so far come to, so that nobody has to add them up from the first.

A checkpoint is a row of the chain. It holds every balance that is not zero and the runs that are
not over, as of the row before it. A full check compares it with the rows; what reads a ledger
begins with the newest one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from jeoul.operations.ledger.store import Ledger

EVERY = 1_000
"""Rows after the newest checkpoint from which on a run keeps another."""

Balances = Mapping[tuple[str, str], int]  # (account, commodity) -> amount


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The balances and the unfinished runs at one row; at row 0 there are none."""

    seq: int
    balances: Balances
    unfinished: tuple[str, ...]


def newest_checkpoint(ledger: Ledger, until: int | None = None) -> Checkpoint:
    """Return the newest checkpoint, or the newest at row ``until`` or before."""
    where, values = ("", ()) if until is None else ("WHERE seq <= ? ", (until,))
    rows = ledger.rows(
        f"SELECT seq, balances, unfinished FROM checkpoints {where}ORDER BY seq DESC LIMIT 1",
        *values,
    )
    if not rows:
        return Checkpoint(0, {}, ())
    return Checkpoint(rows[0]["seq"], *read_body(rows[0]["balances"], rows[0]["unfinished"]))


def read_body(balances: str, unfinished: str) -> tuple[Balances, tuple[str, ...]]:
    """Return what the columns of a checkpoint say.

    >>> read_body('[["assets:cash","KRW",7]]', '["main-1"]')
    ({('assets:cash', 'KRW'): 7}, ('main-1',))
    """
    kept = {(account, unit): amount for account, unit, amount in json.loads(balances)}
    return kept, tuple(json.loads(unfinished))


def balances(ledger: Ledger) -> dict[tuple[str, str], int]:
    """Return every balance that is not zero, by account and commodity."""
    last = newest_checkpoint(ledger)
    columns = "account, commodity, SUM(amount) AS amount"
    if last.seq:  # few rows, added up here: a plan that reads an index would read all of it
        columns = "account, commodity, amount"
    rows = ledger.rows(
        f"SELECT {columns} FROM postings WHERE seq > ?"
        + ("" if last.seq else " GROUP BY account, commodity"),
        last.seq,
    )
    found = dict(last.balances)
    for row in rows:
        place = (row["account"], row["commodity"])
        found[place] = found.get(place, 0) + row["amount"]
    return {place: amount for place, amount in sorted(found.items()) if amount}


def unfinished(ledger: Ledger) -> tuple[str, ...]:
    """Return the names of the runs that are not over, oldest first."""
    last = newest_checkpoint(ledger)
    rows = ledger.rows("SELECT run_id FROM runs WHERE seq > ? ORDER BY seq", last.seq)
    asked = [*last.unfinished, *(row["run_id"] for row in rows)]
    over: set[str] = set()
    # SQLite before 3.32 takes at most 999 values in one statement.
    for start in range(0, len(asked), 500):
        part = asked[start : start + 500]
        marks = ", ".join("?" * len(part))
        found = ledger.rows(
            f"SELECT run_id FROM run_events WHERE event = 'finished' AND run_id IN ({marks})", *part
        )
        over.update(row["run_id"] for row in found)
    return tuple(name for name in asked if name not in over)


def keep_checkpoint(ledger: Ledger, every: int = EVERY) -> bool:
    """Add a checkpoint if ``every`` rows were added since the newest; return whether it was.

    It has the time of the row before it.
    """
    (row,) = ledger.rows("SELECT COALESCE(MAX(seq), 0) AS seq FROM checkpoints")
    if ledger.head().seq - row["seq"] < every:
        return False
    with ledger.transaction():
        kept = [[account, unit, n] for (account, unit), n in balances(ledger).items()]
        ledger.append(
            "checkpoints",
            ledger.head().at,
            balances=_compact(kept),
            unfinished=_compact(list(unfinished(ledger))),
        )
    return True


_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
