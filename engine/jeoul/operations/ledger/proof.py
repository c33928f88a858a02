"""Proving a ledger: the chain is whole, nothing was changed, and the books balance.

Rows are read one after the other, so that a ledger of millions of rows takes no more memory than a
new one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from jeoul.operations.errors import LedgerError
from jeoul.operations.ledger.books import CASH
from jeoul.operations.ledger.checkpoints import newest_checkpoint, read_body
from jeoul.operations.ledger.promoted import promotion_faults
from jeoul.operations.ledger.schema import COLUMNS
from jeoul.operations.ledger.store import (
    GENESIS,
    Checkpoint,
    Head,
    Ledger,
    StoredRow,
    Value,
    row_hash,
)


@dataclass(frozen=True, slots=True)
class LedgerProof:
    """What a check looked at, and every fault it found.

    ``rows`` are those of the ledger, ``since`` the row after which they were proved.
    """

    rows: int
    head: Head
    faults: tuple[str, ...]
    since: int = 0


def check(ledger: Ledger, known: Head | None = None, *, since: Head | None = None) -> LedgerProof:
    """Return the proof of a ledger; ``known`` is an earlier head, kept outside of it.

    Without an outside head, a ledger whose newest rows were cut off cleanly looks whole.

    ``since`` is a head that an earlier check ended with: the rows before the newest checkpoint up
    to it are taken as proved then, and a ledger of many years is proved in the time of a new one.
    The hash of that head stands for all rows before it, so the checkpoint is the one proved then.
    With both, the check begins early enough to meet both: an old ``known`` makes it longer.
    """
    heads = tuple(each for each in (known, since) if each is not None)
    with ledger.store.reading():
        start = Checkpoint(0, {}, ())
        if since is not None:
            start = newest_checkpoint(ledger, min(head.seq for head in heads))
        walk = _Walk(ledger, start)
        faults = [*ledger.store.faults(quick=start.seq > 0), *walk.faults(heads)]
        faults += [*_books(ledger, walk), *_orders(ledger, start.seq)]
        faults += promotion_faults(ledger)
        return LedgerProof(ledger.head().seq, ledger.head(), tuple(faults), start.seq)


def proven(
    ledger: Ledger,
    known: Head | None = None,
    remedy: str | None = None,
    *,
    since: Head | None = None,
) -> LedgerProof:
    """Return the proof of a sound ledger; raise :class:`LedgerError` with every fault otherwise.

    ``remedy`` is what the error asks for, by default what its store does.
    """
    proof = check(ledger, known, since=since)
    if proof.faults:
        raise unproven(ledger, proof, remedy)
    return proof


def unproven(ledger: Ledger, proof: LedgerProof, remedy: str | None = None) -> LedgerError:
    """Return the error of a ledger whose proof found faults."""
    listed = "\n".join(proof.faults)
    return LedgerError(
        f"the ledger {ledger.place} fails its check:\n{listed}\n"
        f"keep {ledger.store.whole} as it is and {remedy or ledger.store.remedy}"
    )


class _Rows:
    """The rows of one table in the order of the chain, taken one at a time."""

    def __init__(self, ledger: Ledger, table: str, since: int) -> None:
        query = f"SELECT seq, {', '.join(COLUMNS[table])} FROM {table} WHERE seq >= ? ORDER BY seq"
        self.rows = ledger.store.stream(query, (since,))
        self.next = next(self.rows, None)

    def taken(self) -> StoredRow:
        found, self.next = self.next, next(self.rows, None)
        assert found is not None, "there is no next row"
        return found

    def before(self, seq: int | None) -> Iterator[int]:
        """Yield the places of the rows that no link of the chain before ``seq`` has asked for."""
        while self.next is not None and (seq is None or self.next[0] < seq):
            yield self.taken()[0]


@dataclass(slots=True)
class _Walk:
    """The chain from a checkpoint on, with what its rows add up to on the way."""

    ledger: Ledger
    start: Checkpoint
    balances: dict[tuple[str, str], int] = field(init=False)
    unfinished: dict[str, None] = field(init=False)

    def __post_init__(self) -> None:
        self.balances = dict(self.start.balances)
        self.unfinished = dict.fromkeys(self.start.unfinished)

    def faults(self, heads: Sequence[Head]) -> Iterator[str]:
        kept: dict[int, set[str]] = {}
        for head in heads:
            kept.setdefault(head.seq, set()).add(head.hash)
        # Every ledger has the same head before its first row.
        if kept.pop(0, {GENESIS}) != {GENESIS}:
            yield _other(0)
        first = max(self.start.seq, 1)
        tables = {name: _Rows(self.ledger, name, first) for name in COLUMNS}
        # At a checkpoint the link's own word is taken: its hash was proved by an earlier check.
        prev: str | None = None if self.start.seq else GENESIS
        expected = first
        query = "SELECT seq, at, kind, prev, hash FROM chain WHERE seq >= ? ORDER BY seq"
        for link in self.ledger.store.stream(query, (first,)):
            seq = link["seq"]
            if seq != expected:
                yield f"row {expected}: is missing from the chain"
            yield from self._row(link, link["prev"] if prev is None else prev, tables)
            if kept.pop(seq, {link["hash"]}) != {link["hash"]}:
                yield _other(seq)
            prev, expected = link["hash"], seq + 1
        for seq in sorted(kept):
            yield f"row {seq} of the head that was kept is gone: rows were cut off"
        for table, rows in tables.items():
            yield from (_slipped_in(table, seq) for seq in rows.before(None))

    def _row(self, link: StoredRow, prev: str, tables: dict[str, _Rows]) -> Iterator[str]:
        seq, table = link["seq"], link["kind"]
        rows = tables.get(table)
        if rows is not None:
            yield from (_slipped_in(table, place) for place in rows.before(seq))
        if rows is None or rows.next is None or rows.next[0] != seq:
            yield f"row {seq}: its {table} row is missing"
            return
        body = list(rows.taken())[1:]
        if link["prev"] != prev or link["hash"] != row_hash(prev, seq, link["at"], table, body):
            yield f"row {seq} ({table}): was changed after it was written"
        elif not self._follows(seq, table, body):
            yield f"row {seq} (checkpoints): the rows before it come to something else"

    def _follows(self, seq: int, table: str, body: list[Value]) -> bool:
        """Add a row up; return False for a checkpoint that does not say what the rows say."""
        values = dict(zip(COLUMNS[table], body, strict=True))
        match table:
            case "postings":
                place = (str(values["account"]), str(values["commodity"]))
                amount = self.balances.get(place, 0) + int(values["amount"] or 0)
                self.balances[place] = amount
                # A checkpoint lists no zeros, and is compared with what is left here.
                if not amount:
                    del self.balances[place]
            case "runs":
                self.unfinished[str(values["run_id"])] = None
            case "run_events" if values["event"] == "finished":
                self.unfinished.pop(str(values["run_id"]), None)
            case "checkpoints" if seq != self.start.seq:
                kept = read_body(str(values["balances"]), str(values["unfinished"]))
                return kept == (self.balances, tuple(self.unfinished))
        return True


def _other(seq: int) -> str:
    return f"row {seq}: is not the one of the head that was kept"


def _slipped_in(table: str, seq: int) -> str:
    return f"row {seq} ({table}): was slipped in past the chain"


def _books(ledger: Ledger, walk: _Walk) -> Iterator[str]:
    unbalanced = ledger.store.stream(
        "SELECT txn, commodity, SUM(amount) AS amount FROM postings "
        + ("WHERE seq > ? " if walk.start.seq else "")
        + "GROUP BY txn, commodity HAVING SUM(amount) <> 0",
        (walk.start.seq,) if walk.start.seq else (),
    )
    for row in unbalanced:
        yield f"transaction {row['txn']}: {row['amount']} {row['commodity']} too many"
    for (account, unit), amount in sorted(walk.balances.items()):
        below = account.startswith("assets:") and amount < 0
        if below and (account != CASH or not _stated_overdraft(ledger, unit)):
            yield f"{account} {unit}: is {amount}, below zero"


def _stated_overdraft(ledger: Ledger, currency: str) -> bool:
    """Return whether cash fell below zero because the broker said so, and not by our own orders."""
    rows = ledger.store.stream(
        "SELECT t.kind AS kind, SUM(p.amount) AS amount FROM postings p "
        "JOIN transactions t USING (txn) WHERE p.account = ? AND p.commodity = ? "
        "GROUP BY t.seq, t.kind ORDER BY t.seq",
        (CASH, currency),
    )
    balance, stated = 0, False
    for row in rows:
        before, balance = balance, balance + row["amount"]
        if before >= 0 > balance:
            stated = row["kind"] in ("opening", "adopted", "withdrawal")
    return stated


def _orders(ledger: Ledger, since: int) -> Iterator[str]:
    over = ledger.store.stream(
        "SELECT i.intent AS intent, i.shares AS shares, SUM(f.shares) AS filled FROM intents i "
        "JOIN fills f USING (intent) "
        + ("WHERE i.intent IN (SELECT intent FROM fills WHERE seq > ?) " if since else "")
        + "GROUP BY i.intent, i.shares HAVING SUM(f.shares) > i.shares",
        (since,) if since else (),
    )
    for row in over:
        yield f"order {row['intent']}: {row['filled']} filled of {row['shares']}"
    loose = ledger.store.stream(
        "SELECT txn FROM fills f WHERE seq > ? AND NOT EXISTS "
        "(SELECT 1 FROM transactions t WHERE t.txn = f.txn)",
        (since,),
    )
    for row in loose:
        yield f"fill {row['txn']}: is not in the books"
