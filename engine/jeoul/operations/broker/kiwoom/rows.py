"""Kiwoom's rows, read as orders and as an account.

Forms: the portal's specification and its examples (2026-05-28). Compared with answers that people
recorded: deposits and an empty balance of a simulation account (2026-08-30), a cancellation as a
row of its own with ``acpt_tp`` 확인 (2026-08), rows of the list of orders (2026-06 to 2026-09).
Assumed: how the original of a cancelled or changed order says what remains of it, and that a
rejected order says 거부 in ``acpt_tp``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from jeoul.model.portfolio import Side
from jeoul.operations.broker.port import BrokerAccount, BrokerOrder, OrderState
from jeoul.operations.broker.rest.deposits import by_settlement
from jeoul.operations.broker.rest.fields import (
    Row,
    code,
    count,
    maybe,
    money,
    nonsense,
    order_number,
    rows,
    text,
)

ORDERS, HOLDINGS, OPEN = "acnt_ord_cntr_prps_dtl", "acnt_evlt_remn_indv_tot", "oso"
DEPOSITS = ("entr", "d1_entra", "d2_entra")
ORDERABLE = "100stk_ord_alow_amt"  # with the whole price as margin: without credit
_VENUES = ("_NX", "_AL")  # a code may end with the venue that it was traded on


def read_account(balance: Sequence[Row], deposit: Row, days: tuple[date, date]) -> BrokerAccount:
    """Return the account in the pages of a balance and in the answer about deposits."""
    shares: dict[str, int] = {}
    locked: dict[str, int] = {}
    for row in (row for page in balance for row in rows(page, HOLDINGS)):
        held = count(row, "rmnd_qty")
        if held:
            code_ = ticker(row)
            shares[code_] = shares.get(code_, 0) + held
            locked[code_] = locked.get(code_, 0) + max(held - count(row, "trde_able_qty"), 0)
    today, tomorrow, later = (money(deposit, name) for name in DEPOSITS)
    orderable = money(deposit, ORDERABLE)
    cash, coming = by_settlement((today, tomorrow, later), orderable, days)
    return BrokerAccount(
        shares=shares,
        cash=cash,
        unsettled=coming,
        locked={name: n for name, n in locked.items() if n},
        orderable=orderable,
    )


def read_orders(pages: Sequence[Row], session: date, *, over: bool) -> list[BrokerOrder]:
    """Return the orders in the pages of a session's list, ``over`` if its close is past.

    Instructions to cancel are left out; a confirmed one ends its original.
    """
    listed = [row for page in pages for row in rows(page, ORDERS)]
    ended = _cancelled(listed)
    return [
        read_order(row, session, over=over, cancelled=ended[order_number(row, "ord_no")])
        for row in listed
        if not _is_cancellation(row)
    ]


def read_order(row: Row, session: date, *, over: bool, cancelled: int) -> BrokerOrder:
    """Return one row as an order of a session, of which so many shares were cancelled."""
    number = order_number(row, "ord_no")
    if not number:
        raise nonsense("ord_no", row.get("ord_no"))
    shares, filled = count(row, "ord_qty"), count(row, "cntr_qty")
    return BrokerOrder(
        order_id=number,
        name=None,
        session=session,
        side=side(row),
        ticker=ticker(row),
        shares=shares,
        limit=maybe(row, "ord_uv") or None,
        state=_state(row, shares, filled, over=over, cancelled=cancelled),
        filled=filled,
        amount=filled * count(row, "cntr_uv") if filled else 0,
        changes=order_number(row, "ori_ord") or None,
    )


def side(row: Row) -> Side:
    """Return the side in a row's words: 현금매수, +매수, 매도 ...; exactly one of the two."""
    words = text(row, "io_tp_nm")
    buys, sells = "매수" in words, "매도" in words
    if buys == sells:
        raise nonsense("io_tp_nm", words)
    return Side.BUY if buys else Side.SELL


def ticker(row: Row) -> str:
    """Return a code without the letter of its kind in front and the venue behind.

    >>> ticker({"stk_cd": "A069500"}), ticker({"stk_cd": "0162Z0"}), ticker({"stk_cd": "069500_NX"})
    ('069500', '0162Z0', '069500')
    """
    found = text(row, "stk_cd")
    for venue in _VENUES:
        found = found.removesuffix(venue)
    if len(found) == 7 and found[0] in "AJQ":
        found = found[1:]
    return code({"stk_cd": found}, "stk_cd")


def _state(row: Row, shares: int, filled: int, *, over: bool, cancelled: int) -> OrderState:
    left = count(row, "ord_remnq")
    if left + filled > shares:
        raise nonsense("ord_remnq", row.get("ord_remnq"))
    if filled == shares:
        return OrderState.FILLED
    if not filled and "거부" in text(row, "acpt_tp"):
        return OrderState.REJECTED
    if over or left == 0 or cancelled + filled >= shares:
        return OrderState.CLOSED
    return OrderState.OPEN


def _cancelled(listed: Sequence[Row]) -> Counter[str]:
    """Return how many shares of each order a confirmed instruction cancelled, by number."""
    found = Counter[str]()
    for row in listed:
        if _is_cancellation(row) and text(row, "acpt_tp") == "확인":
            shares = maybe(row, "cnfm_qty") or count(row, "ord_qty")
            found[order_number(row, "ori_ord")] += shares
    return found


def _is_cancellation(row: Row) -> bool:
    """Return whether a row is the instruction to cancel another order, not an order.

    A changing row (정정) is an order: it takes the place of its original and can be filled.
    """
    return "취소" in text(row, "mdfy_cncl") or "취소" in text(row, "io_tp_nm")
