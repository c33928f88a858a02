"""What the books of an account have seen move between it and its owner's bank."""

from __future__ import annotations

from jeoul.operations.ledger import Ledger
from jeoul.operations.ledger.books import EXTERNAL, SHARES

_MOVED = """
SELECT COALESCE(SUM(-p.amount), 0) AS amount
FROM transactions t CROSS JOIN postings p
WHERE t.kind IN ('deposit', 'withdrawal', 'adopted') AND p.txn = t.txn AND p.account = ?
AND p.commodity = ? AND NOT EXISTS (
    SELECT 1 FROM postings s WHERE s.txn = t.txn AND s.account = ? AND s.amount <> 0)
"""


def moved_with_bank(ledger: Ledger, currency: str) -> int:
    """Return the money that came into an account, less what was taken out, in its smallest unit.

    What the account held when its books were opened is not counted, nor what was taken into the
    books together with shares: that was a trade by hand. Where the broker names no deposits, all
    money that nothing else explains is one.
    """
    rows = ledger.rows(_MOVED, EXTERNAL, currency, SHARES)
    return int(rows[0]["amount"])


def paid_in(ledger: Ledger, currency: str, year: int) -> int:
    """Return the money that came into an account in a year; what was taken out lowers nothing."""
    rows = ledger.rows(
        f"{_MOVED} AND p.amount < 0 AND substr(t.session, 1, 4) = ?",
        EXTERNAL,
        currency,
        SHARES,
        str(year),
    )
    return int(rows[0]["amount"])
