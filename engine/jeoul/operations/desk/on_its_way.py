"""Money of our own sales that the broker's list of orders has and its balance does not show yet."""

from __future__ import annotations

from jeoul.model.portfolio import Side
from jeoul.operations.desk.order_desk import OrderDesk
from jeoul.operations.desk.traces import FEE_SLACK


def is_on_its_way(desk: OrderDesk, cash: int) -> bool:
    """Return whether money that the broker lacks is what our newest sales brought.

    A balance may lag behind the list of orders, so that the last fills are missing from it, as a
    whole. Only fills that were booked within the broker's ``fill_wait`` or ``visibility`` count:
    what is missing for longer is for a person to look at.
    """
    if cash >= 0:
        return False
    since = desk.at() - int(max(desk.broker.fill_wait, desk.broker.visibility))
    rows = desk.ledger.rows(
        "SELECT f.amount AS amount, f.fee AS fee FROM fills f JOIN chain c ON c.seq = f.seq "
        "JOIN intents i ON i.intent = f.intent WHERE c.at > ? AND i.side = ? ORDER BY f.seq DESC",
        since,
        str(Side.SELL),
    )
    missing, slack = -cash, 0
    for row in rows:
        missing -= row["amount"] - row["fee"]
        slack += row["fee"] + FEE_SLACK
        if abs(missing) <= slack:
            return True
    return False
