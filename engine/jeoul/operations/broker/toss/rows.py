"""Toss Securities' answers, read as orders and as an account.

Published: every field and value here (OpenAPI document 1.2.4). Assumed, because no answer of the
host was found: that ``cashBuyingPower`` has the proceeds of filled sales and lacks what open buys
bind, that an order which was changed is listed beside its successor without a tie between them, and
that a row of ``CLOSED`` is newer than one of ``OPEN`` that was asked for before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from jeoul.model.portfolio import Side
from jeoul.operations.broker.port import BrokerOrder, OrderState
from jeoul.operations.broker.rest.fields import (
    Row,
    code,
    count,
    maybe,
    nonsense,
    rows,
    text,
)
from jeoul.operations.broker.rest.settings import digits_of
from jeoul.operations.errors import Unreachable

_SIDES = {"BUY": Side.BUY, "SELL": Side.SELL}
_LIVE = frozenset({"PENDING", "PENDING_CANCEL", "PENDING_REPLACE", "PARTIAL_FILLED"})
_ENDED = frozenset({"CANCELED", "REPLACED"})
_INSTRUCTIONS = frozenset({"CANCEL_REJECTED", "REPLACE_REJECTED"})  # rows of their own, no orders
_NUMBER = 128  # characters of an order's number; published examples have 64


def result(body: Row) -> Row:
    """Return the object in an answer's envelope."""
    found = body.get("result")
    if not isinstance(found, Mapping):
        raise nonsense("result", found)
    return found


def read_sequence(body: Row, number: str) -> str:
    """Return the key of the account with a number, among all that the client may see."""
    wanted = digits_of(number)
    listed = rows(body, "result")
    found = [row for row in listed if digits_of(text(row, "accountNo")) == wanted]
    if not wanted or len(found) != 1:
        raise Unreachable(
            f"of the {len(listed)} accounts that the broker lists, not exactly one has the "
            "config's number; nothing was sent. Put the keys and the account number of one account "
            "into the environment, then run again"
        )
    return str(count(found[0], "accountSeq"))


def read_holdings(body: Row) -> tuple[Mapping[str, int], Mapping[str, str]]:
    """Return the shares of domestic funds by code, and what else is held, as it is written."""
    shares: dict[str, int] = {}
    others: dict[str, str] = {}
    for row in rows(result(body), "items"):
        if not _is_domestic(row):
            others[text(row, "symbol")] = text(row, "quantity")
            continue
        held = count(row, "quantity")
        if held:
            ticker = code(row, "symbol")
            shares[ticker] = shares.get(ticker, 0) + held
    return shares, others


def read_orders(
    live: Sequence[Row], closed: Sequence[Row], session: date, *, over: bool
) -> list[BrokerOrder]:
    """Return the orders of a session; ``live`` was asked for before ``closed``, and ends first.

    An order that was changed names no successor. Whatever came later for the same fund and side may
    be it, and is never taken for an order of ours.
    """
    listed = {number: (row, False) for number, row in _by_number(live).items()}
    listed |= {number: (row, True) for number, row in _by_number(closed).items()}
    found = [
        _order(row, session, over=over, ended=ended)
        for row, ended in sorted(listed.values(), key=lambda each: text(each[0], "orderedAt"))
        if _is_domestic(row) and text(row, "status") not in _INSTRUCTIONS
    ]
    changed = {
        (order.ticker, order.side): order.order_id
        for order in found
        if text(listed[order.order_id][0], "status") == "REPLACED"
    }
    return [_maybe_successor(order, changed) for order in found]


def _maybe_successor(order: BrokerOrder, changed: Mapping[tuple[str, Side], str]) -> BrokerOrder:
    original = changed.get((order.ticker, order.side))
    if original is None or original == order.order_id:
        return order
    return replace(order, changes=original)


def _is_domestic(row: Row) -> bool:
    """Return whether a row is about won; a currency that the contract does not name is unknown."""
    currency = text(row, "currency")
    if currency not in ("KRW", "USD"):
        raise nonsense("currency", row.get("currency"))
    return currency == "KRW"


def _by_number(pages: Sequence[Row]) -> dict[str, Row]:
    """Return the rows of one list; a number in it twice is unknown."""
    found: dict[str, Row] = {}
    for row in (row for page in pages for row in rows(result(page), "orders")):
        if _number(row) in found:
            raise nonsense("orderId", row.get("orderId"))
        found[_number(row)] = row
    return found


def _order(row: Row, session: date, *, over: bool, ended: bool) -> BrokerOrder:
    at = text(row, "orderedAt")
    if at[:10] != session.isoformat():
        raise nonsense("orderedAt", row.get("orderedAt"))
    side, kind = text(row, "side"), text(row, "orderType")
    if side not in _SIDES:
        raise nonsense("side", row.get("side"))
    if kind not in ("LIMIT", "MARKET"):
        raise nonsense("orderType", row.get("orderType"))
    execution = row.get("execution")
    if not isinstance(execution, Mapping):
        raise nonsense("execution", execution)
    shares, filled = count(row, "quantity"), count(execution, "filledQuantity")
    return BrokerOrder(
        order_id=_number(row),
        name=None,
        session=session,
        side=_SIDES[side],
        ticker=code(row, "symbol"),
        shares=shares,
        limit=count(row, "price") if kind == "LIMIT" else None,
        state=_state(row, shares, filled, over=over, ended=ended),
        filled=filled,
        amount=count(execution, "filledAmount") if filled else 0,
        fee=_fee(execution) if filled else None,
    )


def _state(row: Row, shares: int, filled: int, *, over: bool, ended: bool) -> OrderState:
    status = text(row, "status")
    if status == "FILLED" or (filled == shares and status in _LIVE):
        return OrderState.FILLED
    if status in _ENDED:
        return OrderState.CLOSED
    if status == "REJECTED":
        return OrderState.CLOSED if filled else OrderState.REJECTED
    if status not in _LIVE:
        raise nonsense("status", row.get("status"))
    return OrderState.CLOSED if over and ended else OrderState.OPEN


def _fee(execution: Row) -> int | None:
    parts = (maybe(execution, "commission"), maybe(execution, "tax"))
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None


def _number(row: Row) -> str:
    """Return an order's number, a token of letters, digits, ``-`` and ``_``."""
    found = text(row, "orderId")
    plain = found.replace("-", "").replace("_", "")
    if not (plain.isascii() and plain.isalnum() and len(found) <= _NUMBER):
        raise nonsense("orderId", row.get("orderId"))
    return found
