"""A loopback server that answers like Korea Investment's REST interface, and misbehaves on request.

Written from the public samples (github.com/koreainvestment/open-trading-api, 2026-07): paths,
tr_ids, upper-case request keys, numbers as text, pages of 15 orders and 20 holdings in simulation
mode, tokens once a minute. ``faults`` is a list of things to do to the coming requests, one each:

- ``silent-before``  the connection is dropped before the order is looked at
- ``silent-after``   the order is accepted, then the connection is dropped
- ``slow-before`` / ``slow-after``   the answer comes after the client has given up
- ``too-fast``       EGW00201: turned away before it is looked at
- ``expired``        EGW00123: the token is no longer good
- ``refused``        the exchange refuses the order
- ``garbled``        half a body, after accepting; ``empty`` an empty 200, before
- ``unclear``        a JSON body that says neither yes nor no, after accepting
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

APPKEY = "PSplantedAPPKEY0123456789"
APPSECRET = "planted/SECRET+0123456789abcdef=="
ACCOUNT = "50112233"
TOKEN_SECONDS = 86_400
ORDER_PAGE, HOLDING_PAGE = 15, 20
ORDER_IDS = {"VTTC0012U": "02", "VTTC0011U": "01"}


class State:
    """The venue: orders by number, holdings, deposits, and what will go wrong next."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.orders: list[dict[str, str]] = []
        self.holdings: dict[str, int] = {}
        self.deposits = [10_000_000, 10_000_000, 10_000_000]
        self.faults: list[str] = []
        self.tokens: list[str] = []
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.hidden_questions = 0  # order lists that do not show the newest order yet
        self.slowness = 0.3
        self.today = "20260304"

    def accept(self, body: dict[str, str], side: str) -> dict[str, str]:
        number = f"{len(self.orders) + 1:010d}"
        order = {
            "ord_dt": self.today,
            "odno": number,
            "orgn_odno": "",
            "pdno": body["PDNO"],
            "sll_buy_dvsn_cd": side,
            "sll_buy_dvsn_cd_name": "현금매수" if side == "02" else "현금매도",
            "ord_qty": body["ORD_QTY"],
            "ord_unpr": body["ORD_UNPR"],
            "tot_ccld_qty": "0",
            "tot_ccld_amt": "0",
            "rmn_qty": body["ORD_QTY"],
            "rjct_qty": "0",
            "cnc_cfrm_qty": "0",
            "cncl_yn": "N",
        }
        self.orders.append(order)
        return {"KRX_FWDG_ORD_ORGNO": "91252", "ODNO": number, "ORD_TMD": "091501"}

    def fill(self, number: int, shares: int, price: int) -> None:
        """Let an order find a counterparty for some shares."""
        order = self.orders[number - 1]
        filled = int(order["tot_ccld_qty"]) + shares
        order["tot_ccld_qty"] = str(filled)
        order["tot_ccld_amt"] = str(int(order["tot_ccld_amt"]) + shares * price)
        order["rmn_qty"] = str(int(order["ord_qty"]) - filled)
        sign = 1 if order["sll_buy_dvsn_cd"] == "02" else -1
        self.holdings[order["pdno"]] = self.holdings.get(order["pdno"], 0) + sign * shares
        self.deposits[2] -= sign * shares * price


class Handler(BaseHTTPRequestHandler):
    state: State
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: object) -> None:
        pass

    def do_POST(self) -> None:  # noqa: PLR0911
        length = int(self.headers.get("content-length", "0"))
        body = json.loads(self.rfile.read(length) or b"{}")
        state = self.state
        state.seen.append((self.path, dict(self.headers)))
        if self.path == "/oauth2/tokenP":
            return self._token(body)
        if self.path == "/uapi/hashkey":
            return self._say({"HASH": "0a1b2c", "BODY": body})
        fault = state.faults.pop(0) if state.faults else ""
        if self._before(fault):
            return None
        if not self._knows_token():
            return self._say(
                {"rt_cd": "1", "msg_cd": "EGW00123", "msg1": "기간이 만료된 token 입니다."}, 500
            )
        side = ORDER_IDS.get(self.headers["tr_id"])
        if (
            side is None
            or body.get("CANO") != ACCOUNT
            or self.path.rpartition("/")[2] != "order-cash"
        ):
            return self._say({"rt_cd": "1", "msg_cd": "OPSQ2000", "msg1": "INPUT INVALID"})
        if fault == "refused":
            return self._say(
                {"rt_cd": "1", "msg_cd": "APBK0952", "msg1": "주문가능금액을 초과 했습니다"}
            )
        if any(not isinstance(value, str) for value in body.values()):
            return self._say({"rt_cd": "1", "msg_cd": "OPSQ2001", "msg1": "numbers are text"})
        with state.lock:
            output = state.accept(body, side)
        return self._after(fault, output)

    def _before(self, fault: str) -> bool:
        """Do what goes wrong before an order is looked at; return whether something did."""
        if fault == "silent-before":
            self._hang_up()
        elif fault == "slow-before":
            time.sleep(self.state.slowness)
            self._hang_up()
        elif fault == "too-fast":
            self._say(
                {"rt_cd": "1", "msg_cd": "EGW00201", "msg1": "초당 거래건수를 초과하였습니다."}, 500
            )
        elif fault == "expired":
            self.state.tokens.clear()
            return False
        elif fault == "empty":
            self._raw(b"")
        else:
            return False
        return True

    def _after(self, fault: str, output: dict[str, str]) -> None:
        if fault == "silent-after":
            return self._hang_up()
        if fault == "slow-after":
            time.sleep(self.state.slowness)
            return self._hang_up()
        if fault == "garbled":
            return self._raw(b'{"rt_cd": "0", "outp')
        if fault == "unclear":
            return self._say({"status": "ok"})
        return self._say(
            {
                "rt_cd": "0",
                "msg_cd": "APBK0013",
                "msg1": "주문 전송 완료 되었습니다.",
                "output": output,
            }
        )

    def do_GET(self) -> None:  # noqa: PLR0911
        parts = urlsplit(self.path)
        query = {
            key: values[0] for key, values in parse_qs(parts.query, keep_blank_values=True).items()
        }
        self.state.seen.append((parts.path, dict(self.headers)))
        if not self._knows_token():
            return self._say(
                {"rt_cd": "1", "msg_cd": "EGW00123", "msg1": "기간이 만료된 token 입니다."}, 500
            )
        fault = (
            self.state.faults.pop(0)
            if self.state.faults and self.state.faults[0].startswith("ask-")
            else ""
        )
        if fault == "ask-too-fast":
            return self._say(
                {"rt_cd": "1", "msg_cd": "EGW00201", "msg1": "초당 거래건수를 초과하였습니다."}, 500
            )
        if fault == "ask-garbled":
            return self._raw(b"<html>")
        if fault == "ask-dropped":
            return self._hang_up()
        if fault == "ask-nonsense":
            return self._say(
                {"rt_cd": "0", "output1": [{"odno": "1", "ord_qty": "many"}], "output2": {}}
            )
        if parts.path.endswith("inquire-daily-ccld"):
            first, last = query["INQR_STRT_DT"], query["INQR_END_DT"]
            shown = [o for o in self.state.orders if first <= o["ord_dt"] <= last]
            if self.state.hidden_questions:
                self.state.hidden_questions -= 1
                shown = shown[:-1]
            return self._page(shown, ORDER_PAGE, query, {"tot_ord_qty": "0"})
        rows = [
            {"pdno": code, "hldg_qty": str(n)} for code, n in sorted(self.state.holdings.items())
        ]
        names = ("dnca_tot_amt", "nxdy_excc_amt", "prvs_rcdl_excc_amt")
        money = dict(zip(names, map(str, self.state.deposits), strict=True))
        return self._page(rows, HOLDING_PAGE, query, [money])

    def _page(self, rows: list[Any], size: int, query: dict[str, str], second: Any) -> None:
        start = int(query.get("CTX_AREA_NK100", "").strip() or 0)
        more = len(rows) > start + size
        body = {
            "rt_cd": "0",
            "msg_cd": "70070000",
            "output1": rows[start : start + size],
            "output2": second,
            "ctx_area_fk100": ACCOUNT.ljust(100),
            "ctx_area_nk100": (str(start + size) if more else "").ljust(100),
        }
        self._say(body, more=more)

    def _token(self, body: dict[str, str]) -> None:
        if body.get("appkey") != APPKEY or body.get("appsecret") != APPSECRET:
            return self._say(
                {"error_code": "EGW00103", "error_description": "유효하지 않은 AppKey입니다."}, 403
            )
        if self.state.faults and self.state.faults[0] == "no-token":
            self.state.faults.pop(0)
            return self._say(
                {
                    "error_code": "EGW00133",
                    "error_description": "접근토큰 발급 잠시 후 다시 시도하세요(1분당 1회)",
                },
                403,
            )
        token = f"planted-token-{len(self.state.seen)}"
        self.state.tokens.append(token)
        return self._say(
            {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS}
        )

    def _knows_token(self) -> bool:
        return self.headers.get("authorization", "").removeprefix("Bearer ") in self.state.tokens

    def _say(self, body: object, status: int = 200, *, more: bool = False) -> None:
        self._raw(json.dumps(body, ensure_ascii=False).encode(), status, more=more)

    def _raw(self, body: bytes, status: int = 200, *, more: bool = False) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.send_header("tr_cont", "M" if more else "D")
        self.end_headers()
        self.wfile.write(body)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(2)


@contextmanager
def running() -> Iterator[tuple[str, State]]:
    """A server on a free port of this machine, and its state."""
    state = State()
    handler = type("Bound", (Handler,), {"state": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
