"""A loopback server that answers as Kiwoom's REST interface is specified and was recorded.

Every row has the fields, types and padding of the portal's examples (package of 2026-05-28); the
values are made up. Recorded by others, collected 2026-11-29:

- deposits and an empty balance of a simulation account: 2026-08-30;
- ``return_code`` 5 with ``[1700]`` (pace): 2026-07; 3 with ``[8005:...]`` (token) and with
  ``[8050:...]`` (address): 2026-05 to 2026-09, all with HTTP 200;
- 20 with ``[2000](RC4058:모의투자 장종료)``: 2026-05-08; ``855056``, ``800033``: 2026-08; the first
  is what a buy gets that the cash does not pay for (매수증거금이 부족합니다);
- an accepted order, ``ord_no``, ``dmst_stex_tp``, ``모의투자 매수주문완료``: 2026-08-11;
- a cancellation as a row of its own, ``mdfy_cncl`` 취소 and ``acpt_tp`` 확인: 2026-08.

Assumed: what a list without rows looks like, that the original of a cancelled order keeps its
``ord_remnq``, that an order which was changed has none left, and the size of a page.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from loopback import Answer, Gate, Handler, Planted, serving
from truth import Placed

__all__ = ["ACCOUNT", "APPKEY", "SECRETKEY", "Planted", "State", "running"]

APPKEY = "kw_planted+APPKEY/0123456789="
SECRETKEY = "kw_planted/SECRET+abcdef0123=="
ACCOUNT = "61112233"
SIZE = 20  # rows of a page: assumed
ACCEPTED = {"simulation": "모의투자 매수주문완료", "real": "정상적으로 처리되었습니다"}
WORDS = {"BUY": "현금매수", "SELL": "현금매도"}
DONE = {"return_code": 0, "return_msg": "조회가 완료되었습니다."}


def _failed(code: int, words: str) -> Answer:
    return 200, {"return_code": code, "return_msg": words}


class State(Gate):  # type: ignore[misc]
    gap = 1 / 5
    mode = "simulation"

    def rows(self, day: str) -> Iterator[dict[str, str]]:
        for each in self.shown(day):
            yield _row(each)


def _row(each: Placed) -> dict[str, str]:
    order = each.kind != "cancel"
    left = each.shares - each.filled if each.ended != "replaced" and order else 0
    return {
        "ord_no": f"{each.number:07d}",
        "stk_cd": f"A{each.ticker}",
        "trde_tp": "보통" if each.limit else "시장가",
        "crd_tp": "보통매매",
        "ord_qty": f"{each.shares:010d}",
        "ord_uv": f"{each.limit:010d}",
        "cnfm_qty": f"{0 if order else each.shares:010d}",
        "acpt_tp": "접수" if order else "확인",
        "rsrv_tp": "",
        "ord_tm": "09:30:00",
        "ori_ord": f"{each.of:07d}",
        "stk_nm": "made up",
        "io_tp_nm": WORDS[each.side],
        "loan_dt": "",
        "cntr_qty": f"{each.filled:010d}",
        "cntr_uv": f"{each.amount // each.filled if each.filled else 0:010d}",
        "ord_remnq": f"{left:010d}",
        "comm_ord_tp": "영웅문4",
        "mdfy_cncl": {"order": "", "cancel": "취소", "change": "정정"}[each.kind],
        "cnfm_tm": "",
        "dmst_stex_tp": "KRX",
        "cond_uv": "0000000000",
    }


def holding(ticker: str, held: int, free: int) -> dict[str, str]:
    return {
        "stk_cd": f"A{ticker}",
        "stk_nm": "made up",
        "evltv_prft": "-00000000196888",
        "prft_rt": "-52.71",
        "pur_pric": "000000000036000",
        "pred_close_pric": "000000036000",
        "rmnd_qty": f"{held:015d}",
        "trde_able_qty": f"{free:015d}",
        "cur_prc": "000000036000",
        "pred_buyq": "000000000000000",
        "tdy_buyq": "000000000000000",
        "pur_amt": f"{held * 36_000:015d}",
        "evlt_amt": f"{held * 36_000:015d}",
        "poss_rt": "2.12",
        "crd_tp": "00",
        "crd_tp_nm": "",
        "crd_loan_dt": "",
    }


def waiting(each: Placed) -> dict[str, str]:
    """A row of the open orders (ka10075)."""
    return {
        "acnt_no": "made up",
        "ord_no": f"{each.number:07d}",
        "stk_cd": each.ticker,
        "ord_stt": "접수",
        "stk_nm": "made up",
        "ord_qty": str(each.shares),
        "ord_pric": str(each.limit),
        "oso_qty": str(each.left),
        "orig_ord_no": f"{each.of:07d}",
        "io_tp_nm": {"BUY": "+매수", "SELL": "-매도"}[each.side],
        "trde_tp": "보통",
        "tm": "093000",
        "cntr_qty": str(each.filled),
        "stex_tp": "1",
        "stex_tp_txt": "KRX",
        "sor_yn": "N",
    }


class Kiwoom(Handler):  # type: ignore[misc]
    state: State
    too_fast = (200, {"return_code": 5, "return_msg": "허용된 요청 개수를 초과하였습니다[1700]"})
    stale = (
        200,
        {"return_code": 3, "return_msg": "인증에 실패했습니다[8005:Token이 유효하지 않습니다]"},
    )
    refused = (
        200,
        {"return_code": 20, "return_msg": "[2000](855056:매수증거금이 부족합니다. 6주 매수가능)"},
    )

    def kind_of(self, method: str, path: str) -> str:
        assert method == "POST"
        return {"/oauth2/token": "token", "/api/dostk/ordr": "order"}.get(path, "ask")

    def token(self, content: bytes) -> Answer:
        body = json.loads(content)
        if (body.get("appkey"), body.get("secretkey")) != (APPKEY, SECRETKEY):
            return 200, {
                "return_code": 3,
                "return_msg": "인증에 실패했습니다[8001:App Key와 Secret Key 검증에 실패했습니다]",
            }
        self.state.tokens.append(f"planted-token-{len(self.state.seen)}")
        ends = datetime.fromtimestamp(self.state.now() + (24 + 9) * 3600, UTC)
        return 200, {
            "expires_dt": ends.strftime("%Y%m%d%H%M%S"),
            "token_type": "bearer",
            "token": self.state.tokens[-1],
            "return_code": 0,
            "return_msg": "정상적으로 처리되었습니다",
        }

    def order(self, path: str, body: dict[str, Any]) -> Answer:
        api_id = self.headers["api-id"]
        if self.state.mode == "simulation" and body.get("dmst_stex_tp") != "KRX":
            return 200, {
                "return_code": 20,
                "return_msg": "[2000](RC9000:모의투자에서는 해당업무가 제공되지 않습니다.)",
            }
        if api_id == "kt10003":
            found = self.state.cancel(int(body["orig_ord_no"]))
            if found is None:  # assumed: this code
                return 200, {
                    "return_code": 20,
                    "return_msg": "[2000](800033:취소가능수량이 없습니다)",
                }
        else:
            side = {"kt10000": "BUY", "kt10001": "SELL"}[api_id]
            shares, limit = int(body["ord_qty"]), int(body["ord_uv"] or 0)
            if self.state.is_unpaid(side, shares, limit):
                return self.refused
            found = self.state.accept(side, body["stk_cd"], shares, limit)
        number = {"ord_no": f"{found.number:07d}", "dmst_stex_tp": "KRX"}
        return 200, {**number, "return_code": 0, "return_msg": ACCEPTED[self.state.mode]}

    def ask(self, path: str, wanted: Mapping[str, str]) -> tuple[int, Any, Mapping[str, str]]:
        state, api_id = self.state, self.headers["api-id"]
        if api_id == "ka00001":
            return 200, {"acctNo": f"{ACCOUNT}11", **DONE}, {}
        if api_id == "kt00001":
            today, tomorrow, later = (f"{amount:015d}" for amount in state.deposits)
            free = f"{state.orderable():015d}"
            money = {"entr": today, "d1_entra": tomorrow, "d2_entra": later}
            others = {"ord_alow_amt": free, "20stk_ord_alow_amt": f"{5 * state.deposits[2]:015d}"}
            return (
                200,
                {**money, **others, "100stk_ord_alow_amt": free, "stk_entr_prst": [], **DONE},
                {},
            )
        if api_id == "kt00018":
            held = [
                holding(code, n, state.free(code)) for code, n in sorted(state.holdings.items())
            ]
            return self._page("acnt_evlt_remn_indv_tot", held)
        if api_id == "kt00007":
            assert state.mode == "real" or wanted["dmst_stex_tp"] == "KRX"
            return self._page("acnt_ord_cntr_prps_dtl", list(state.rows(wanted["ord_dt"])))
        assert api_id == "ka10075"
        open_ = [waiting(each) for each in state.shown(state.today) if each.left]
        return self._page("oso", open_)

    def _page(self, name: str, rows: list[Any]) -> tuple[int, Any, Mapping[str, str]]:
        start = int(self.headers.get("next-key") or 0)
        more = len(rows) > start + SIZE
        follow = {"cont-yn": "Y", "next-key": str(start + SIZE)} if more else {"cont-yn": "N"}
        words = DONE if rows else {"return_code": 0, "return_msg": "해당조회내역이 없습니다."}
        return 200, {name: rows[start : start + SIZE], **words}, follow


def running(mode: str = "simulation") -> Any:
    """A server on a free port of this machine, and its state."""
    state = State()
    state.mode = mode
    return serving(Kiwoom, state)
