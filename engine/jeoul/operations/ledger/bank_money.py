"""What the books of an account have seen move between it and its owner's bank."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from jeoul.operations.ledger.books import EXTERNAL, SHARES
from jeoul.operations.ledger.store import Ledger

_ADOPTED = "adopted"
_MOVED = """
SELECT t.kind AS kind, t.session AS session, -p.amount AS amount
FROM transactions t CROSS JOIN postings p
WHERE t.kind IN ('deposit', 'withdrawal', 'adopted') AND p.txn = t.txn AND p.account = ?
AND p.commodity = ? AND NOT EXISTS (
    SELECT 1 FROM postings s WHERE s.txn = t.txn AND s.account = ? AND s.amount <> 0)
"""
_CAME_IN = f"{_MOVED} AND p.amount < 0"


def moved_with_bank(ledger: Ledger, currency: str) -> int:
    """Return the money that came into an account, less what was taken out, in its smallest unit.

    What the account held when its books were opened is not counted, nor what was taken into the
    books together with shares: that was a trade by hand. Where the broker names no deposits, all
    money that nothing else explains is one.
    """
    rows = ledger.rows(_MOVED, EXTERNAL, currency, SHARES)
    return sum(row["amount"] for row in rows)


def paid_in(ledger: Ledger, currency: str, *, certain: bool = False) -> Mapping[int, int]:
    """Return the money that came into an account by year; what was taken out lowers nothing.

    It is what takes room of an ISA or a pension, beside what a file's ``paid`` says of the time
    before the books. ``certain`` leaves out money that nobody explained: it may be a deposit and
    takes room to be safe, but it may be a dividend too, so it proves no payment beyond the room.
    """
    found: dict[int, int] = defaultdict(int)
    for row in ledger.rows(_CAME_IN, EXTERNAL, currency, SHARES):
        if not (certain and row["kind"] == _ADOPTED):
            found[int(row["session"][:4])] += row["amount"]
    return dict(found)
