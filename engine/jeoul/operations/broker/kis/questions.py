"""What can be asked of Korea Investment without moving money, and the fields that are read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from jeoul.operations.broker.rest.broker import Question

if TYPE_CHECKING:
    from jeoul.operations.broker.kis.broker import KisBroker

_HOLDING = {"pdno": "code", "hldg_qty": "number", "ord_psbl_qty": "number?"}
_MONEY = {
    "dnca_tot_amt": "number",
    "nxdy_excc_amt": "number",
    "prvs_rcdl_excc_amt": "number",
    "cma_evlu_amt": "number?",
}
_ORDERABLE = {"nrcvb_buy_amt": "number"}
_ORDER = {
    "ord_dt": "day?",
    "ord_gno_brno": "text?",
    "odno": "code",
    "orgn_odno": "text?",
    "sll_buy_dvsn_cd": "number",
    "sll_buy_dvsn_cd_name": "text?",
    "pdno": "code",
    "ord_qty": "number",
    "ord_unpr": "number?",
    "tot_ccld_qty": "number",
    "tot_ccld_amt": "number",
    "rmn_qty": "number?",
    "rjct_qty": "number?",
    "cncl_cfrm_qty": "number?",
    "cncl_yn": "text?",
}
_OPEN = {"ord_gno_brno": "text?", "odno": "code", "pdno": "code", "ord_qty": "number"}
_RIGHT = {
    "rght_type_cd": "number",
    "bass_dt": "day?",
    "rght_cblc_type_cd": "number?",
    "shtn_pdno": "code",
    "tot_alct_qty": "number?",
    "last_alct_amt": "number?",
    "last_ftsk_chgs": "number?",
    "lstg_dt": "day?",
    "cash_dfrm_dt": "day?",
    "tax_amt": "number?",
}


def questions_of(broker: KisBroker, session: date) -> Sequence[Question]:
    """Return the questions that the host of the broker's mode answers."""
    found = [
        Question("balance", broker.balance, {"output1": _HOLDING, "output2": _MONEY}),
        Question(
            "orderable", lambda: (broker.orderable(),), {"output": {"nrcvb_buy_amt": "number"}}
        ),
        Question("orders", lambda: broker.listed(session), {"output1": _ORDER}),
    ]
    real = [
        Question("cancellable", broker.cancellable, {"output": _OPEN}),
        Question("rights", broker.rights, {"output": _RIGHT}),
        Question(
            "holidays",
            lambda: (broker.open_days(),),
            {"output": {"bass_dt": "day", "opnd_yn": "text"}},
        ),
    ]
    return [*found, *(each for each in real if each.name in broker.tr_ids)]
