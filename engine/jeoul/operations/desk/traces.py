"""What an order leaves behind: its request, its number in a list, what was there before it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence

from jeoul.model.portfolio import Side
from jeoul.operations.broker.port import BrokerOrder, Footing, OrderRequest, Watermark
from jeoul.operations.desk.intents import Intent, one_intent
from jeoul.operations.errors import Ambiguous
from jeoul.operations.ledger import Ledger

FEE_SLACK = 10
"""Smallest units a fill by which a broker's fee may differ beside its rate."""


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
    """Return when an intent was sent last, in seconds by this machine's clock of then.

    An order that the broker listed under our name before this ledger sent it, because a copy or an
    older state of the ledger did, counts from when it was found.
    """
    (row,) = ledger.rows(
        "SELECT COALESCE(MAX(CASE WHEN state = 'sending' THEN at END), MAX(at)) AS at "
        "FROM order_events JOIN chain USING (seq) WHERE intent = ?",
        intent.name,
    )
    found: int = row["at"]
    return found


def footing_then(ledger: Ledger, intent: Intent) -> Footing | None:
    """Return where the account stood before an intent was sent last, None where nobody looked."""
    row = ledger.row(
        "SELECT detail FROM order_events WHERE intent = ? AND state = 'sending' "
        "ORDER BY seq DESC LIMIT 1",
        intent.name,
    )
    kept = None if row is None else json.loads(row["detail"]).get("footing")
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
        brought=_brought(ledger, intent),
    )


def _brought(ledger: Ledger, intent: Intent) -> tuple[int, int]:
    """Return by how much fills since an intent was sent raise what can be ordered: least and most.

    A sale brings its amount less its costs. A buy was counted at its limit: what it was filled for
    less is free again.
    """
    rows = ledger.rows(
        "SELECT i.intent AS intent, f.shares AS shares, f.amount AS amount, f.fee AS fee "
        "FROM fills f JOIN intents i ON i.intent = f.intent WHERE f.seq > "
        "(SELECT MAX(seq) FROM order_events WHERE intent = ? AND state = 'sending')",
        intent.name,
    )
    least = most = 0
    for row in rows:
        order, slack = one_intent(ledger, row["intent"]), abs(row["fee"]) + FEE_SLACK
        if order.order.side is Side.SELL:
            brought = row["amount"] - row["fee"]
            least, most = least + brought - slack, most + brought + slack
        else:
            free = (order.limit or order.order.price) * row["shares"] - row["amount"]
            least, most = least - slack, most + max(free, 0) + slack
    return least, most


def untraced(intent: Intent) -> Ambiguous:
    """Return the error for an order that left no trace and may be there all the same."""
    return Ambiguous(
        f"nobody can say whether the broker has order {intent.name} ({intent.order}"
        f"): it was not answered and is not listed. It is not sent "
        "again; the next run asks again. If the broker's own screen shows what became of it, say "
        f"so: `jeoul resolve CONFIG --order {intent.name} --cancelled`, or `--filled N --at P`"
    )
