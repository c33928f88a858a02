"""What can be asked of Toss Securities without moving money, and the fields that are read."""

from __future__ import annotations

from collections.abc import Mapping

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


_ORDERS = {"result": _PAGE, "result.orders": _ORDER}
FORMS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "accounts": {"result": _ACCOUNT},
    "holdings": {"result.items": _HOLDING},
    "buying power": {"result": {"currency": "text", "cashBuyingPower": "number"}},
    "open orders": _ORDERS,
    "closed orders": _ORDERS,
}
"""What is read of each answer: lists of rows, and in them fields with their forms."""
