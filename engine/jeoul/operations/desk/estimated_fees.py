"""Fees that a broker did not tell, corrected when its balance shows them."""

from __future__ import annotations

import json
from datetime import date

from jeoul.operations.desk.order_desk import OrderDesk
from jeoul.operations.desk.traces import FEE_SLACK
from jeoul.operations.ledger import Transaction, book
from jeoul.operations.ledger.books import CASH, FEES
from jeoul.operations.ledger.taken_files import booked_at

TOLD = "told"
"""What the last event of an order says under ``fee`` where the broker told its fees."""
_SINCE = (
    "SELECT f.seq AS seq, f.session AS session, f.fee AS fee, "
    "(SELECT e.detail FROM order_events e WHERE e.intent = f.intent ORDER BY e.seq DESC LIMIT 1) "
    "AS detail FROM fills f "
    "WHERE f.seq > (SELECT COALESCE(MAX(seq), 0) FROM transactions WHERE kind = 'fees')"
)
_LAST_BUT_ONE = (
    "SELECT COALESCE(MAX(seq), 0) AS seq FROM runs WHERE seq < (SELECT MAX(seq) FROM runs)"
)


def may_be_fees(desk: OrderDesk, session: date, cash: int) -> bool:
    """Return whether money that the books do not explain may be fees other than those booked.

    It is at most :data:`FEE_SLACK` for each fill since the last correction, and beside it the fees
    that were estimated because the broker did not tell them. Fills that had settled before
    ``session`` count as right once a plan has found books and broker to agree: a dividend that
    nobody named would otherwise be taken for the fees of years.
    """
    agreed, most = _agreed(desk), 0
    for row in desk.ledger.rows(_SINCE):
        if row["seq"] > agreed or desk.settles(date.fromisoformat(row["session"])) >= session:
            told = json.loads(row["detail"]).get("fee") == TOLD
            most += FEE_SLACK + (0 if told else row["fee"])
    return 0 < abs(cash) <= most


def _agreed(desk: OrderDesk) -> int:
    """Return the row before which books and broker agreed: that of the newest plan but one.

    Where a person gives the broker's file, a plan between two files is made without a look at the
    broker: only the newest file shows that they agreed.
    """
    (row,) = desk.ledger.rows(_LAST_BUT_ONE)
    planned: int = row["seq"]
    if desk.broker.statement() is None:
        return planned
    return min(planned, booked_at(desk.ledger))


def correct_fees(desk: OrderDesk, session: date, cash: int) -> None:
    """Book a difference of cash as fees, below zero where they were estimated too high."""
    legs = {(CASH, desk.currency): cash, (FEES, desk.currency): -cash}
    with desk.ledger.transaction():
        number = desk.ledger.head().seq
        note = "the broker's own fees differ from the estimate"
        fees = Transaction(txn=f"fees:{number}", kind="fees", session=session, legs=legs, note=note)
        book(desk.ledger, desk.at(), fees)
