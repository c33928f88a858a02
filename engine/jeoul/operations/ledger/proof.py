"""Proving a ledger: the chain is whole, nothing was changed, and the books balance."""

from __future__ import annotations

from dataclasses import dataclass

from jeoul.operations.errors import LedgerError
from jeoul.operations.ledger.books import CASH
from jeoul.operations.ledger.promoted import promotion_faults
from jeoul.operations.ledger.schema import COLUMNS, foreign_parts
from jeoul.operations.ledger.store import GENESIS, REMEDY, Head, Ledger, row_hash


@dataclass(frozen=True, slots=True)
class Proof:
    """What a check looked at, and every fault it found."""

    rows: int
    head: Head
    faults: tuple[str, ...]


def check(ledger: Ledger, known: Head | None = None) -> Proof:
    """Return the proof of a ledger; ``known`` is an earlier head, kept outside of it.

    Without an outside head, a ledger whose newest rows were cut off cleanly looks whole.
    """
    faults = [*_file(ledger), *_chain(ledger, known), *_books(ledger), *_orders(ledger)]
    faults += promotion_faults(ledger)
    return Proof(ledger.head().seq, ledger.head(), tuple(faults))


def proven(ledger: Ledger, known: Head | None = None, remedy: str = REMEDY) -> Proof:
    """Return the proof of a sound ledger; raise :class:`LedgerError` with every fault otherwise."""
    proof = check(ledger, known)
    if proof.faults:
        listed = "\n".join(proof.faults)
        raise LedgerError(
            f"the ledger {ledger.path} fails its check:\n{listed}\n"
            f"keep the file as it is and {remedy}"
        )
    return proof


def _file(ledger: Ledger) -> list[str]:
    faults = [row[0] for row in ledger.rows("PRAGMA integrity_check") if row[0] != "ok"]
    faults += foreign_parts(ledger.connection)
    faults += [
        f"{row[0]} row {row[1]}: refers to nothing"
        for row in ledger.rows("PRAGMA foreign_key_check")
    ]
    return faults


def _chain(ledger: Ledger, known: Head | None) -> list[str]:
    faults: list[str] = []
    bodies: dict[str, dict[int, list[str | int | None]]] = {}
    for table, columns in COLUMNS.items():
        found = ledger.rows(f"SELECT seq, {', '.join(columns)} FROM {table}")
        bodies[table] = {row["seq"]: list(row)[1:] for row in found}
    prev, expected, seen = GENESIS, 1, 0
    for link in ledger.rows("SELECT seq, at, kind, prev, hash FROM chain ORDER BY seq"):
        seq, table = link["seq"], link["kind"]
        if seq != expected:
            faults.append(f"row {expected}: is missing from the chain")
        body = bodies.get(table, {}).pop(seq, None)
        if body is None:
            faults.append(f"row {seq}: its {table} row is missing")
        elif link["prev"] != prev or link["hash"] != row_hash(prev, seq, link["at"], table, body):
            faults.append(f"row {seq} ({table}): was changed after it was written")
        if known is not None and seq == known.seq:
            seen = seq
            if link["hash"] != known.hash:
                faults.append(f"row {seq}: is not the one of the head that was kept")
        prev, expected = link["hash"], seq + 1
    if known is not None and known.seq and not seen:
        faults.append(f"row {known.seq} of the head that was kept is gone: rows were cut off")
    for table, left in bodies.items():
        faults += [f"row {seq} ({table}): was slipped in past the chain" for seq in left]
    return faults


def _books(ledger: Ledger) -> list[str]:
    unbalanced = ledger.rows(
        "SELECT txn, commodity, SUM(amount) AS amount FROM postings GROUP BY txn, commodity "
        "HAVING SUM(amount) <> 0"
    )
    faults = [
        f"transaction {r['txn']}: {r['amount']} {r['commodity']} too many" for r in unbalanced
    ]
    below = ledger.rows(
        "SELECT account, commodity, SUM(amount) AS amount FROM postings "
        "WHERE account LIKE 'assets:%' GROUP BY account, commodity HAVING SUM(amount) < 0"
    )
    return faults + [
        f"{r['account']} {r['commodity']}: is {r['amount']}, below zero"
        for r in below
        if r["account"] != CASH or not _stated_overdraft(ledger, r["commodity"])
    ]


def _stated_overdraft(ledger: Ledger, currency: str) -> bool:
    """Return whether cash fell below zero because the broker said so, and not by our own orders."""
    rows = ledger.rows(
        "SELECT t.kind AS kind, SUM(p.amount) AS amount FROM postings p "
        "JOIN transactions t USING (txn) WHERE p.account = ? AND p.commodity = ? "
        "GROUP BY t.txn ORDER BY t.seq",
        CASH,
        currency,
    )
    balance, stated = 0, False
    for row in rows:
        before, balance = balance, balance + row["amount"]
        if before >= 0 > balance:
            stated = row["kind"] in ("opening", "adopted")
    return stated


def _orders(ledger: Ledger) -> list[str]:
    over = ledger.rows(
        "SELECT i.intent AS intent, i.shares AS shares, SUM(f.shares) AS filled FROM intents i "
        "JOIN fills f USING (intent) GROUP BY i.intent HAVING SUM(f.shares) > i.shares"
    )
    faults = [f"order {r['intent']}: {r['filled']} filled of {r['shares']}" for r in over]
    loose = ledger.rows("SELECT txn FROM fills WHERE txn NOT IN (SELECT txn FROM transactions)")
    return faults + [f"fill {r['txn']}: is not in the books" for r in loose]
