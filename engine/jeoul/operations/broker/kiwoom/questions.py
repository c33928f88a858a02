"""What can be asked of Kiwoom without moving money, and the fields that are read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from jeoul.operations.broker.kiwoom.rows import DEPOSITS, HOLDINGS, OPEN, ORDERABLE, ORDERS
from jeoul.operations.broker.rest.broker import Question

if TYPE_CHECKING:
    from jeoul.operations.broker.kiwoom.broker import KiwoomBroker

_HOLDING = {"stk_cd": "code", "rmnd_qty": "number", "trde_able_qty": "number"}
_ORDER = {
    "ord_no": "code",
    "stk_cd": "code",
    "io_tp_nm": "text",
    "ord_qty": "number",
    "ord_uv": "number?",
    "cntr_qty": "number",
    "cntr_uv": "number?",
    "ord_remnq": "number",
    "cnfm_qty": "number?",
    "acpt_tp": "text?",
    "ori_ord": "code?",
    "mdfy_cncl": "text?",
}
_OPEN = {"ord_no": "code", "stk_cd": "code", "io_tp_nm": "text", "ord_qty": "number"}


def questions_of(broker: KiwoomBroker, session: date) -> Sequence[Question]:
    """Return the questions that both hosts answer."""
    money = dict.fromkeys((*DEPOSITS, ORDERABLE), "number")
    return [
        Question("account", lambda: (broker.identity(),), {"": {"acctNo": "code"}}),
        Question("balance", broker.balance, {HOLDINGS: _HOLDING}),
        Question("deposit", lambda: (broker.deposit(),), {"": money}),
        Question("orders", lambda: broker.listed(session), {ORDERS: _ORDER}),
        Question("open orders", broker.open_orders, {OPEN: _OPEN}),
    ]
