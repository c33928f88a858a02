"""What an account has bought and sold lately, by its ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from jeoul.household.problem.lately import Traded
from jeoul.operations.ledger import Ledger

_TRADED = """
SELECT i.ticker AS ticker,
    SUM(CASE i.side WHEN 'BUY' THEN f.shares ELSE 0 END) AS bought,
    SUM(CASE i.side WHEN 'BUY' THEN 0 ELSE f.shares END) AS sold
FROM fills f JOIN intents i USING (intent)
WHERE f.session > ?
GROUP BY i.ticker
"""


def traded_since(ledger: Ledger, day: date) -> Mapping[str, Traded]:
    """Return the shares by ticker that were bought after a day, and those that were sold."""
    rows = ledger.rows(_TRADED, day.isoformat())
    return {row["ticker"]: Traded(row["bought"], row["sold"]) for row in rows}
