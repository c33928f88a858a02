"""The venue behind the loopback of Korea Investment: orders, holdings, money, rights, open days.

Every row has the fields, types and empty texts of a recording; the values are made up. Sources,
collected 2026-11-28:

- order rows, real: a row of 2026-06-01 and, after a cancellation, of 2026-10-08;
- order rows, simulation: rows of 2026-04-22 and 2026-07-31;
- holdings and deposits: the portal's example, compared field by field with an account of 2026;
  what a buy does to the deposits: 2026-07-31;
- orderable cash, simulation: 2026; its amounts: the portal's description;
- what can be cancelled, rights: the portal's examples; open days: 2026-09-27;
- a fund's price with its indicative value: the portal's example for 069500 of 2024-02-23, and an
  answer of before the open in which ``nav`` is still ``prdy_last_nav`` and the volume 0.

``assumed`` marks what no recording shows.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

ACCOUNT = "50112233"
BRANCH = {"real": "06010", "simulation": "00950"}
NAMES = {
    ("real", "02"): "현금매수",
    ("real", "01"): "현금매도",
    ("simulation", "02"): "매수",
    ("simulation", "01"): "매도",
}
# Filled on the real host and empty in simulation.
_REAL_ONLY = {
    "ccld_cndt_name": "없음",
    "prdt_type_cd": "300",
    "excg_dvsn_cd": "02",
    "ord_orgno": "00000",
    "cpbc_ordp_mtrl_dvsn_cd": "11",
    "ctac_tlno": "made up",
    "inqr_ip_addr": "made up",
    "ordr_empno": "OpnAPI",
}
_EMPTY = (
    "loan_dt",
    "cpbc_ordp_ord_rcit_dvsn_cd",
    "cpbc_ordp_infm_mthd_dvsn_cd",
    "infm_tmd",
    "rsvn_ord_end_dt",
    "stpm_efct_occr_dtmd",
)


def order_row(mode: str, *, day: str, number: int, body: Mapping[str, str], side: str) -> Any:
    """A row of the list of orders, as either host writes it."""
    real = mode == "real"
    return {
        "ord_dt": day,
        "ord_gno_brno": BRANCH[mode],
        "odno": f"{number:010d}",
        "orgn_odno": "" if real else "0000000000",
        "ord_dvsn_name": "지정가",
        "sll_buy_dvsn_cd": side,
        "sll_buy_dvsn_cd_name": NAMES[mode, side],
        "pdno": body["PDNO"],
        "prdt_name": "made up",
        "ord_qty": body["ORD_QTY"],
        "ord_unpr": body["ORD_UNPR"],
        "ord_tmd": "093000",
        "tot_ccld_qty": "0",
        "avg_prvs": "0",
        "cncl_yn": "" if real else "N",
        "tot_ccld_amt": "0",
        "ord_dvsn_cd": body.get("ORD_DVSN", "00"),
        "cncl_cfrm_qty": "0",
        "rmn_qty": body["ORD_QTY"],
        "rjct_qty": "0",
        "excg_id_dvsn_cd": body.get("EXCG_ID_DVSN_CD", "KRX"),
        "stpm_cndt_pric": "0",
        **dict.fromkeys(_EMPTY, ""),
        **(_REAL_ONLY if real else dict.fromkeys(_REAL_ONLY, "")),
    }


def holding_row(code: str, held: int, free: int) -> dict[str, str]:
    """A row of the balance; only what an account needs has a value that varies."""
    return {
        "pdno": code,
        "prdt_name": "made up",
        "trad_dvsn_name": "현금",
        "bfdy_buy_qty": "0",
        "bfdy_sll_qty": "0",
        "thdt_buyqty": "0",
        "thdt_sll_qty": "0",
        "hldg_qty": str(held),
        "ord_psbl_qty": str(free),
        "pchs_avg_pric": "36000.0000",
        "pchs_amt": str(held * 36_000),
        "prpr": "36000",
        "evlu_amt": str(held * 36_000),
        "loan_dt": "",
        "expd_dt": "",
    }


@dataclass
class Venue:
    """The truth at the broker. ``now`` is the time in seconds; lags hide what is newer."""

    mode: str = "simulation"
    now: Callable[[], float] = lambda: 0.0
    today: str = "20260304"
    holdings: dict[str, int] = field(default_factory=dict)
    pledged: dict[str, int] = field(default_factory=dict)
    deposits: list[int] = field(default_factory=lambda: [10_000_000] * 3)
    cma: int = 0
    rights: list[dict[str, str]] = field(default_factory=list)
    etf_prices: dict[str, Any] = field(default_factory=dict)  # by fund: the fields that differ
    closed_days: set[str] = field(default_factory=set)
    orders: list[dict[str, str]] = field(default_factory=list)
    list_lag: float = 0.0  # seconds until an order is listed
    balance_lag: float = 0.0  # seconds until an order binds cash or shares
    hidden_questions: int = 0  # lists of orders that do not show the newest order yet

    def __post_init__(self) -> None:
        self.lock = threading.Lock()
        self.accepted: list[float] = []

    def accept(self, body: Mapping[str, str], side: str) -> dict[str, str]:
        """Take an order; its answer has upper-case keys and no day (recorded)."""
        with self.lock:
            number = len(self.orders) + 1
            row = order_row(self.mode, day=self.today, number=number, body=body, side=side)
            self.orders.append(row)
            self.accepted.append(self.now())
        return {
            "KRX_FWDG_ORD_ORGNO": BRANCH[self.mode],
            "ODNO": row["odno"],
            "ORD_TMD": "093000",
        }

    def by_hand(self, side: str, ticker: str, shares: int, limit: int) -> None:
        """Somebody types an order in."""
        body = {"PDNO": ticker, "ORD_QTY": str(shares), "ORD_UNPR": str(limit)}
        self.accept(body, {"BUY": "02", "SELL": "01"}[side])

    def sent(self) -> list[tuple[str, int]]:
        """The orders that arrived, as fund and shares."""
        return [(row["pdno"], int(row["ord_qty"])) for row in self.orders]

    def arrived(self) -> list[tuple[str, str, str]]:
        """The orders that arrived, as day, side and fund."""
        sides = {"01": "SELL", "02": "BUY"}
        return [(row["ord_dt"], sides[row["sll_buy_dvsn_cd"]], row["pdno"]) for row in self.orders]

    def waiting(self) -> list[tuple[int, int, int]]:
        """What is open, as number, shares left and limit."""
        found = (
            (number, int(row["rmn_qty"]), int(row["ord_unpr"]))
            for number, row in enumerate(self.orders, start=1)
        )
        live = {n for n, row in enumerate(self.orders, start=1) if row["ord_dt"] == self.today}
        return [each for each in found if each[1] and each[0] in live]

    def fill(self, number: int, shares: int, price: int) -> None:
        """Let an order find a counterparty: the deposit of T+2 moves at once, T+1 does not."""
        order = self.orders[number - 1]
        filled = int(order["tot_ccld_qty"]) + shares
        order["tot_ccld_qty"] = str(filled)
        order["tot_ccld_amt"] = str(int(order["tot_ccld_amt"]) + shares * price)
        order["avg_prvs"] = str(int(order["tot_ccld_amt"]) // filled)
        order["rmn_qty"] = str(int(order["ord_qty"]) - filled)
        sign = 1 if order["sll_buy_dvsn_cd"] == "02" else -1
        self.holdings[order["pdno"]] = self.holdings.get(order["pdno"], 0) + sign * shares
        self.deposits[2] -= sign * shares * price

    def cancel(self, number: int) -> Any:
        """Cancel the rest: only ``rmn_qty`` tells (real, 2026-10-08; simulation assumed)."""
        order = self.orders[number - 1]
        if order["rmn_qty"] == "0":
            return None
        order["rmn_qty"] = "0"
        return self._instruction(order, "취소*", order["ord_qty"], rest="0")

    def change(self, number: int, shares: int, price: int) -> Any:
        """Change an order by hand: a row of its own takes its place (fills there: assumed)."""
        order = self.orders[number - 1]
        order["rmn_qty"] = "0"
        return self._instruction(order, "정정*", str(shares), rest=str(shares), price=str(price))

    def _instruction(
        self, order: Any, word: str, shares: str, *, rest: str, price: str = "0"
    ) -> Any:
        body = {"PDNO": order["pdno"], "ORD_QTY": shares, "ORD_UNPR": price}
        answer = self.accept(body, order["sll_buy_dvsn_cd"])
        row = self.orders[-1]
        plain = NAMES["simulation", order["sll_buy_dvsn_cd"]]
        row |= {
            "orgn_odno": order["odno"],
            "sll_buy_dvsn_cd_name": f"{plain}{word}",
            "rmn_qty": rest,
        }
        return answer

    def listed(self, first: str, last: str, venue: str) -> list[dict[str, str]]:
        """Rows that show by now; KRX alone leaves out what was routed elsewhere (real, 2026)."""
        shown = [
            row
            for row, at in zip(self.orders, self.accepted, strict=True)
            if first <= row["ord_dt"] <= last and at + self.list_lag <= self.now()
        ]
        if self.hidden_questions:
            self.hidden_questions -= 1
            shown = shown[:-1]
        return [row for row in shown if venue == "ALL" or row["excg_id_dvsn_cd"] == venue]

    def balance(self) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
        bound = self._bound("01")
        rows = [
            holding_row(code, held, held - self.pledged.get(code, 0) - bound.get(code, 0))
            for code, held in sorted(self.holdings.items())
        ]
        names = ("dnca_tot_amt", "nxdy_excc_amt", "prvs_rcdl_excc_amt")
        money = dict(zip(names, map(str, self.deposits), strict=True))
        others = dict.fromkeys(("bfdy_buy_amt", "thdt_buy_amt", "tot_loan_amt"), "0")
        return rows, [money | others | {"cma_evlu_amt": str(self.cma), "fncg_gld_auto_rdpt_yn": ""}]

    def orderable(self) -> dict[str, str]:
        """What can be ordered: less by every open buy (assumed for orders not yet filled)."""
        amount = str(self.deposits[2] + self.cma - sum(self._bound("02").values()))
        return {
            "ord_psbl_cash": str(self.deposits[0]),
            "ord_psbl_sbst": "0",
            "ruse_psbl_amt": "0",
            "fund_rpch_chgs": "0",
            "psbl_qty_calc_unpr": "0",
            "nrcvb_buy_amt": amount,
            "nrcvb_buy_qty": "0",
            "max_buy_amt": str(5 * self.deposits[0]),  # with credit: never to be used
            "max_buy_qty": "0",
            "cma_evlu_amt": str(self.cma),
        }

    def is_unpaid(self, body: Mapping[str, str], side: str) -> bool:
        """Whether an order is refused for lack of cash: the broker itself does not lag."""
        cost = int(body["ORD_QTY"]) * int(body["ORD_UNPR"])
        rows = [row for row in self.orders if row["ord_dt"] == self.today]
        buys = [row for row in rows if row["sll_buy_dvsn_cd"] == "02"]
        bound = sum(int(row["rmn_qty"]) * int(row["ord_unpr"]) for row in buys)
        return side == "02" and cost > self.deposits[2] + self.cma - bound

    def price_of(self, code: str) -> dict[str, Any]:
        """A fund's price and value; before the open where nothing else is said of it."""
        return {**etf_row(), **self.etf_prices.get(code, {})}

    def cancellable(self, side: str) -> list[dict[str, str]]:
        """Open orders, without a day (portal's example); real host only."""
        wanted = {"0": ("01", "02"), "1": ("01",), "2": ("02",)}[side]
        return [
            {
                **{name: row[name] for name in ("ord_gno_brno", "odno", "orgn_odno", "pdno")},
                "ord_qty": row["ord_qty"],
                "ord_unpr": row["ord_unpr"],
                "psbl_qty": row["rmn_qty"],
                "rvse_cncl_dvsn_name": "",
                "sll_buy_dvsn_cd": row["sll_buy_dvsn_cd"],
            }
            for row in self.listed("", "99999999", "ALL")
            if row["rmn_qty"] != "0" and row["sll_buy_dvsn_cd"] in wanted
        ]

    def _bound(self, side: str) -> dict[str, int]:
        """Shares by ticker, or won by ticker for buys, that open orders bind by now."""
        found: dict[str, int] = {}
        for row, at in zip(self.orders, self.accepted, strict=True):
            today = row["ord_dt"] == self.today
            if today and row["sll_buy_dvsn_cd"] == side and at + self.balance_lag <= self.now():
                each = int(row["ord_unpr"]) if side == "02" else 1
                amount = int(row["rmn_qty"]) * each
                found[row["pdno"]] = found.get(row["pdno"], 0) + amount
        return found


def etf_row() -> dict[str, Any]:
    """The price of an ETF before the open (recorded); its fields are those of the example."""
    return {
        "stck_prpr": "19020",
        "prdy_vrss_sign": "3",
        "prdy_vrss": "0",
        "prdy_ctrt": "0.00",
        "acml_vol": "0",
        "prdy_vol": "1733827",
        "stck_mxpr": "24725",
        "stck_llam": "13315",
        "stck_prdy_clpr": "19020",
        "stck_oprc": "0",
        "stck_hgpr": "0",
        "stck_lwpr": "0",
        "prdy_last_nav": "19028.18",
        "nav": "19028.18",
        "nav_prdy_vrss": "0.00",
        "nav_prdy_vrss_sign": "3",
        "nav_prdy_ctrt": "0.00",
        "trc_errt": "0.44",
        "crcd": "KRW",
        "etf_trc_ert_mltp": "1.00",
        "dprt": "-0.04",
    }


def distribution_row(code: str, gross: int, tax: int, paid: str) -> dict[str, str]:
    """A distribution of an ETF (type 32): the fields of the portal's example, filled as assumed."""
    return {
        "acno10": "made up",
        "rght_type_cd": "32",
        "bass_dt": "20260227",
        "rght_cblc_type_cd": "10",
        "rptt_pdno": f"00000A{code}",
        "pdno": f"00000A{code}",
        "shtn_pdno": code,
        "prdt_name": "made up",
        "cblc_qty": "10",
        "tot_alct_qty": "0",
        "last_ftsk_qty": "0.0000000000",
        "last_alct_amt": str(gross),
        "last_ftsk_chgs": "0",
        "lstg_dt": "",
        "cash_dfrm_dt": paid,
        "tax_amt": str(tax),
    }
