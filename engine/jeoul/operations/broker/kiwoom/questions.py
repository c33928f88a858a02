"""What can be asked of Kiwoom without moving money, and the fields that are read."""

from __future__ import annotations

from collections.abc import Mapping

from jeoul.operations.broker.kiwoom.rows import DEPOSITS, HOLDINGS, OPEN, ORDERABLE, ORDERS

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


FORMS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "account": {"": {"acctNo": "code"}},
    "balance": {HOLDINGS: _HOLDING},
    "deposit": {"": dict.fromkeys((*DEPOSITS, ORDERABLE), "number")},
    "orders": {ORDERS: _ORDER},
    "open orders": {OPEN: _OPEN},
}
"""What is read of each answer: lists of rows, and in them fields with their forms."""
