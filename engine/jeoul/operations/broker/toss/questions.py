"""What can be asked of Toss Securities without moving money, and the fields that are read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from jeoul.operations.broker.rest.broker import Question

if TYPE_CHECKING:
    from jeoul.operations.broker.toss.broker import TossBroker

_ACCOUNT = {"accountNo": "code", "accountSeq": "number", "accountType": "text?"}
_HOLDING = {
    "symbol": "code",
    "currency": "text",
    "quantity": "number",
}
_ORDER = {
    "orderId": "text",
    "symbol": "code",
    "side": "text",
    "orderType": "text",
    "status": "text",
    "price": "number?",
    "quantity": "number",
    "currency": "text",
    "orderedAt": "instant",
    "execution.filledQuantity": "number",
    "execution.filledAmount": "number?",
    "execution.commission": "number?",
    "execution.tax": "number?",
}
_PAGE = {"hasNext": "flag", "nextCursor": "text?"}


def questions_of(broker: TossBroker, session: date) -> Sequence[Question]:
    """Return the questions that the host answers."""
    power = {"currency": "text", "cashBuyingPower": "number"}
    orders = {"result": _PAGE, "result.orders": _ORDER}
    return [
        Question("accounts", lambda: (broker.accounts(),), {"result": _ACCOUNT}),
        Question("holdings", lambda: (broker.holdings(),), {"result.items": _HOLDING}),
        Question("buying power", lambda: (broker.buying_power(),), {"result": power}),
        Question("open orders", lambda: broker.listed(session, "OPEN"), orders),
        Question("closed orders", lambda: broker.listed(session, "CLOSED"), orders),
    ]
