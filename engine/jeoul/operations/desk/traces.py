"""What an order leaves behind: its request, its number in a list, what was there before it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence

from jeoul.operations.broker.port import BrokerOrder, Footing, OrderRequest, Watermark
from jeoul.operations.desk.intents import Intent
from jeoul.operations.errors import Ambiguous
from jeoul.operations.ledger import Ledger


def request_of(intent: Intent) -> OrderRequest:
    """Return the order that an intent hands over, with the limit that it is being sent with."""
    return OrderRequest(
        name=intent.name,
        session=intent.executed,
        side=intent.order.side,
        ticker=intent.order.ticker,
        shares=intent.order.shares,
        limit=intent.limit,
    )


def by_key(orders: Sequence[BrokerOrder]) -> Mapping[str, BrokerOrder]:
    """Return orders by every key that a ledger may have; a key of several orders finds none."""
    counts = Counter(key for order in orders for key in order.keys)
    return {key: order for order in orders for key in order.keys if counts[key] == 1}


def sent_at(ledger: Ledger, intent: Intent) -> int:
    """Return when an intent was sent last, in seconds by this machine's clock of then."""
    rows = ledger.rows(
        "SELECT MAX(at) AS at FROM order_events JOIN chain USING (seq) "
        "WHERE intent = ? AND state = 'sending'",
        intent.name,
    )
    return int(rows[0]["at"])


def footing_then(ledger: Ledger, intent: Intent) -> Footing | None:
    """Return where the account stood before an intent was sent last, None where nobody looked."""
    rows = ledger.rows(
        "SELECT detail FROM order_events WHERE intent = ? AND state = 'sending' "
        "ORDER BY seq DESC LIMIT 1",
        intent.name,
    )
    kept = json.loads(rows[0]["detail"]).get("footing") if rows else None
    return None if kept is None else Footing(*kept)


def watermark(ledger: Ledger, intent: Intent) -> Watermark:
    """Return what the broker showed before an intent was sent; older ledgers kept less of it."""
    kept = intent.detail.get("footing")
    footing = None if kept is None else Footing(*kept)
    return Watermark(
        at=sent_at(ledger, intent),
        orders=frozenset(intent.detail["watermark"]),
        footing=footing,
        host=intent.detail.get("host"),
    )


def untraced(intent: Intent) -> Ambiguous:
    """Return the error for an order that left no trace and may be there all the same."""
    return Ambiguous(
        f"nobody can say whether the broker has order {intent.name} ({intent.order}"
        f"): it was not answered and is not listed. It is not sent "
        "again; the next run asks again. If the broker's own screen shows what became of it, say "
        f"so: `jeoul resolve CONFIG --order {intent.name} --cancelled`, or `--filled N --at P`"
    )
