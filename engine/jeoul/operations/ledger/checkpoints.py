"""Checkpoints: what the rows so far come to, so that nobody has to add them up from the first.

A checkpoint is a row of the chain. It holds every balance that is not zero and the runs that are
not over, as of the row before it. A full check compares it with the rows; what reads a ledger
begins with the newest one.
"""

from __future__ import annotations

import json

from jeoul.operations.ledger.store import Balances, Checkpoint, Ledger

EVERY = 250
"""Rows after the newest checkpoint from which on a run keeps another."""


def newest_checkpoint(ledger: Ledger, until: int | None = None) -> Checkpoint:
    """Return the newest checkpoint, or the newest at row ``until`` or before."""
    where, values = ("", ()) if until is None else ("WHERE seq <= ? ", (until,))
    row = ledger.row(
        f"SELECT seq, balances, unfinished FROM checkpoints {where}ORDER BY seq DESC LIMIT 1",
        *values,
    )
    if row is None:
        return Checkpoint(0, {}, ())
    return Checkpoint(row["seq"], *read_body(row["balances"], row["unfinished"]))


def read_body(balances: str, unfinished: str) -> tuple[Balances, tuple[str, ...]]:
    """Return what the columns of a checkpoint say.

    >>> read_body('[["assets:cash","KRW",7]]', '["main-1"]')
    ({('assets:cash', 'KRW'): 7}, ('main-1',))
    """
    kept = {(account, unit): amount for account, unit, amount in json.loads(balances)}
    return kept, tuple(json.loads(unfinished))


def balances(ledger: Ledger) -> Balances:
    """Return every balance that is not zero, by account and commodity."""
    return _all(ledger).balances


def unfinished(ledger: Ledger) -> tuple[str, ...]:
    """Return the names of the runs that are not over, oldest first."""
    return ledger.once("unfinished", _OF_RUNS, lambda: _all(ledger).unfinished)


def _all(ledger: Ledger) -> Checkpoint:
    """Return what all rows come to."""
    return ledger.once("checkpoint", _SUMMED, lambda: _added_up(ledger))


def _added_up(ledger: Ledger) -> Checkpoint:
    """Add the rows up from the newest checkpoint on, or from where this was done before."""
    until = ledger.head().seq
    last = ledger.reached
    if last is None or last.seq > until:
        last = newest_checkpoint(ledger, until)
    found, open_runs = dict(last.balances), dict.fromkeys(last.unfinished)
    for row in ledger.rows(_SINCE, *(last.seq, until) * 3):
        match row["kind"]:
            case "postings":
                place = (row["name"], row["commodity"])
                found[place] = found.get(place, 0) + row["amount"]
            case "runs":
                open_runs[row["name"]] = None
            case "finished":
                open_runs.pop(row["name"], None)
    kept = {place: amount for place, amount in sorted(found.items()) if amount}
    summed = Checkpoint(until, kept, tuple(open_runs))
    if not ledger.store.in_transaction:  # what is not durable yet may never be
        ledger.reached = summed
    return summed


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


_OF_RUNS = ("runs", "run_events")
_SUMMED = ("postings", *_OF_RUNS)
_SINCE = """
SELECT seq, 'postings' AS kind, account AS name, commodity, amount FROM postings
    WHERE seq > ? AND seq <= ?
UNION ALL
SELECT seq, 'runs', run_id, '', 0 FROM runs WHERE seq > ? AND seq <= ?
UNION ALL
SELECT seq, 'finished', run_id, '', 0 FROM run_events
    WHERE event = 'finished' AND seq > ? AND seq <= ?
ORDER BY seq
"""

_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
