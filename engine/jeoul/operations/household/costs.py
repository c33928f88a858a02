"""What the shares of an account cost, as far as its ledger has seen them bought."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from jeoul.operations.ledger import Ledger

_MOVES = """
SELECT i.ticker AS ticker, i.side AS side, f.shares AS shares, f.amount AS amount, f.seq AS seq
FROM fills f JOIN intents i USING (intent)
UNION ALL
SELECT p.commodity, 'OTHER', p.amount, 0, p.seq
FROM postings p JOIN transactions t USING (txn)
WHERE p.account = 'assets:shares' AND t.kind NOT IN ('fill')
ORDER BY seq
"""


def average_costs(ledger: Ledger, unit: int = 1) -> Mapping[str, Decimal]:
    """Return the average cost of a share by ticker, in the main unit of which ``unit`` make one.

    A purchase moves the average, a sale does not. A fund that came into the account in another way,
    with the books' opening say, has no known cost until all of it is sold.
    """
    held: dict[str, int] = {}
    cost: dict[str, Decimal | None] = {}
    for row in ledger.rows(_MOVES):
        code, shares = row["ticker"], row["shares"]
        before, known = held.get(code, 0), cost.get(code, Decimal())
        if row["side"] == "BUY":
            after = before + shares
            known = None if known is None else (known * before + row["amount"]) / after
        elif row["side"] == "SELL":
            after = before - shares
        else:
            after, known = before + shares, None
        held[code], cost[code] = after, known if after else Decimal()
    return {
        code: known / unit for code, known in cost.items() if known is not None and held[code] > 0
    }
