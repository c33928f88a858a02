"""Rows of Korea Investment's list of orders, read as orders.

Recorded: real rows of 2026-06-01 and after a cancellation of 2026-10-08, simulation rows of
2026-04-22 and 2026-07-31. A cancellation on the real host left ``cncl_yn`` and the cancelled
quantity as they were; only ``rmn_qty`` fell to 0. Assumed: the words in the name of a cancelling
or changing row in simulation, and how a changed order shares its fills with its original.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from jeoul.model.portfolio import Side
from jeoul.operations.broker.kis.codes import rows_of
from jeoul.operations.broker.port import BrokerOrder, OrderState
from jeoul.operations.broker.rest.fields import (
    Row,
    code,
    count,
    maybe,
    nonsense,
    order_number,
    text,
)
from jeoul.operations.errors import Unreachable

_SIDES = {"01": Side.SELL, "02": Side.BUY}
_CANCELLED = ("cncl_cfrm_qty", "cnc_cfrm_qty")  # recorded everywhere; the portal's table alone


def read_orders(pages: Sequence[Row], session: date, *, over: bool) -> list[BrokerOrder]:
    """Return the orders in the pages of a session's list, ``over`` if its close is past.

    Instructions to cancel are left out. Raises :class:`Unreachable` for a row that cannot be read
    and for an empty list whose totals show orders: an old interface answers so in simulation.
    """
    listed = [row for page in pages for row in rows_of(page, "output1")]
    if not listed and any(_totals(page) for page in pages):
        raise Unreachable(
            "the broker lists no orders and counts some; nothing was sent on it. Look at the "
            "broker's own screen, then run again"
        )
    return [read_order(row, session, over=over) for row in listed if not _is_cancellation(row)]


def read_order(row: Row, session: date, *, over: bool) -> BrokerOrder:
    """Return one row as an order of a session."""
    day = text(row, "ord_dt")
    if day and day != session.strftime("%Y%m%d"):
        raise nonsense("ord_dt", day)
    number = order_number(row, "odno")
    side = text(row, "sll_buy_dvsn_cd")
    if not number:
        raise nonsense("odno", row.get("odno"))
    if side not in _SIDES:
        raise nonsense("sll_buy_dvsn_cd", side)
    shares, filled = count(row, "ord_qty"), count(row, "tot_ccld_qty")
    amount = count(row, "tot_ccld_amt") if filled else maybe(row, "tot_ccld_amt") or 0
    return BrokerOrder(
        order_id=order_id(text(row, "ord_gno_brno"), number),
        name=None,
        session=session,
        side=_SIDES[side],
        ticker=code(row, "pdno"),
        shares=shares,
        limit=maybe(row, "ord_unpr") or None,
        state=_state(row, shares, filled, over=over),
        filled=filled,
        amount=amount,
        former=number,
        changes=order_number(row, "orgn_odno") or None,
    )


def order_id(branch: str, number: str) -> str:
    """Return what tells orders of a day apart: each branch gives its own numbers.

    >>> order_id("06010", "1"), order_id("", "1")
    ('06010-1', '1')
    """
    return f"{branch}-{number}" if branch else number


def _state(row: Row, shares: int, filled: int, *, over: bool) -> OrderState:
    left, refused = maybe(row, "rmn_qty"), maybe(row, "rjct_qty") or 0
    cancelled = maybe(row, *_CANCELLED)
    if left is not None and left + filled > shares:
        raise nonsense("rmn_qty", row.get("rmn_qty"))
    if filled == shares:
        return OrderState.FILLED
    if refused >= shares > 0:
        return OrderState.REJECTED
    ended = left == 0 if left is not None else (cancelled or 0) + filled >= shares
    if over or ended or text(row, "cncl_yn") == "Y":
        return OrderState.CLOSED
    return OrderState.OPEN


def _is_cancellation(row: Row) -> bool:
    """Return whether a row is the instruction to cancel another order, not an order.

    A changing row (정정) is an order: it takes the place of its original and can be filled.
    """
    name = text(row, "sll_buy_dvsn_cd_name")
    return bool(order_number(row, "orgn_odno")) and "취소" in name


def _totals(page: Row) -> bool:
    found = page.get("output2")
    if not isinstance(found, dict):
        return False
    return any(maybe(found, name) for name in ("tot_ord_qty", "tot_ccld_qty"))
