"""What can be asked of Korea Investment without moving money, and the fields that are read."""

from __future__ import annotations

from collections.abc import Mapping

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
_ETF = {"stck_prpr": "number", "acml_vol": "number", "nav": "number", "prdy_last_nav": "number"}


FORMS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "balance": {"output1": _HOLDING, "output2": _MONEY},
    "orderable": {"output": _ORDERABLE},
    "orders": {"output1": _ORDER},
    "cancellable": {"output": _OPEN},
    "rights": {"output": _RIGHT},
    "holidays": {"output": {"bass_dt": "day", "opnd_yn": "text"}},
    "etf price": {"output": _ETF},
}
"""What is read of each answer: lists of rows, and in them fields with their forms."""
