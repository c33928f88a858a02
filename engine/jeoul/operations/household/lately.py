"""What an account has bought and sold lately, by its ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from jeoul.operations.ledger import Ledger

_TRADED = """
SELECT i.ticker AS ticker, SUM(CASE i.side WHEN 'BUY' THEN f.shares ELSE -f.shares END) AS shares
FROM fills f JOIN intents i USING (intent)
WHERE f.session > ?
GROUP BY i.ticker
"""


def traded_since(ledger: Ledger, day: date) -> Mapping[str, int]:
    """Return the shares by ticker that were filled after a day, bought above 0 and sold below."""
    rows = ledger.rows(_TRADED, day.isoformat())
    return {row["ticker"]: row["shares"] for row in rows if row["shares"]}
