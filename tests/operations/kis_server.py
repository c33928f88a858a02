"""A loopback server that answers as Korea Investment's REST interface was recorded to answer.

``running(mode)`` is either host: ids, venues, codes and page sizes differ. What goes wrong is
planted in ``state.faults``, a list of things to do to the coming requests; each request takes the
first that is meant for its kind. Orders:

- ``silent-before``  the connection is dropped before the order is looked at
- ``silent-after``   the order is accepted, then the connection is dropped
- ``slow-before`` / ``slow-after``   the same, later
- ``too-fast``, ``ledger``   EGW00201 and EGW00215, HTTP 500 (recorded 2026-07-30 and 2026-09-30)
- ``expired``        EGW00123, HTTP 500: the token is no longer good
- ``refused``        the account refuses the order: real APBK0952 with ``rt_cd`` 7, which a buy also
  gets by itself that what can be ordered does not pay for (주문가능금액을 초과 했습니다, recorded)
- ``garbled``        half a body, after accepting; ``empty`` an empty 200, before
- ``unclear``        a JSON body that says neither yes nor no, after accepting
- ``drip``           an answer of one byte at a time, after accepting

Questions: the same with ``ask-`` in front (``ask-dropped``, ``ask-changed`` on a second page ...).
Tokens: ``token-minute``, ``token-none``, ``token-foreign``. A :class:`Planted` is any answer.
Sources of codes and statuses, collected 2026-11-28: recordings of 2026-04 to 2026-10, the portal's
list of codes; ``assumed`` marks the rest.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from kis_venue import ACCOUNT, Venue

from jeoul.operations.setup.clock import SystemClock

__all__ = ["ACCOUNT", "APPKEY", "APPSECRET", "Planted", "State", "running"]

APPKEY = "PSplantedAPPKEY0123456789"
APPSECRET = "planted/SECRET+0123456789abcdef=="
TOKEN_SECONDS, SAME_TOKEN = 86_400, 6 * 3600
PAGES = {"real": {"orders": 100, "holdings": 50}, "simulation": {"orders": 15, "holdings": 20}}
BUYS, SELLS = ("TTTC0012U", "VTTC0012U"), ("TTTC0011U", "VTTC0011U")
QUESTIONS = {  # the last part of the path, and its id without the letter of the host
    "inquire-balance": "TTC8434R",
    "inquire-daily-ccld": ("TTC0081R", "TSC9215R"),
    "inquire-psbl-order": "TTC8908R",
    "inquire-psbl-rvsecncl": "TTC0084R",
    "period-rights": "TRGA011R",
    "chk-holiday": "TCA0903R",
    "inquire-price": "HPST02400000",
}
REAL_ONLY = ("inquire-psbl-rvsecncl", "period-rights", "chk-holiday", "inquire-price")
LEDGER = ("inquire-balance", "inquire-daily-ccld", "inquire-psbl-rvsecncl", "order")
GAP = {"real": 1 / 18, "simulation": 1.0}  # notice 2026-04-20
PADDED = 80  # columns of msg1 (recorded 2026-07-31)

TOO_FAST = ("EGW00201", "초당 거래건수를 초과하였습니다.")
TOO_FAST_LEDGER = ("EGW00215", "원장에서 허용 가능한 초당 거래건수를 초과하였습니다.")
STALE = ("EGW00123", "기간이 만료된 token 입니다.")
ASK_AGAIN = ("EGW00316", "조회 처리 중 오류 발생하였습니다. 재 조회 수행 부탁드립니다.")
CHANGED = ("SYDB0050", "조회이후에 자료가 변경되었습니다.(다시 조회하세요)")
DONE = {"real": "KIOK0510", "simulation": "20310000"}
NOTHING = {"real": "KIOK0560", "simulation": "70070000"}
ACCEPTED = {
    ("real", "02"): "APBK0013",
    ("real", "01"): "APBK0013",
    ("simulation", "02"): "40600000",
    ("simulation", "01"): "40590000",
}


@dataclass(frozen=True)
class Planted:
    """An answer in somebody's own words. ``kind`` is ``order``, ``ask`` or ``token``."""

    kind: str
    content: bytes
    status: int = 200
    more: bool = False
    arrives: bool = True  # an order is accepted before this answer

    @classmethod
    def of(cls, kind: str, body: object, **wanted: Any) -> Planted:
        return cls(kind, json.dumps(body, ensure_ascii=False).encode(), **wanted)


class State(Venue):  # type: ignore[misc]
    """The venue, and what the gateway in front of it knows and does wrong."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.faults: list[str | Planted] = []
        self.tokens: list[str] = []
        self.asked: list[float] = []  # when a token was given, one a minute
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.queries: list[tuple[str, dict[str, str]]] = []
        self.slowness = 0.3
        self.paced = True
        self.last: dict[str, float] = {}

    def take(self, kind: str) -> str | Planted:
        """The first planted fault of a kind; an order takes ``""`` as a turn without one."""
        for place, fault in enumerate(self.faults):
            if _kind(fault) == kind:
                return self.faults.pop(place)
        return ""

    def is_too_fast(self, name: str) -> tuple[str, str] | None:
        """The code for a request that comes sooner than the published pace."""
        if not self.paced:
            return None
        now, ledger = self.now(), name.startswith(LEDGER)
        soon = now - self.last.get("all", -9.0) < GAP[self.mode] - 1e-6
        soon_ledger = ledger and now - self.last.get("ledger", -9.0) < 1.0 - 1e-6
        self.last["all"] = now
        if ledger:
            self.last["ledger"] = now
        return TOO_FAST if soon else TOO_FAST_LEDGER if soon_ledger else None


def _kind(fault: str | Planted) -> str:
    if isinstance(fault, Planted):
        return fault.kind
    return next((kind for kind in ("ask", "token") if fault.startswith(f"{kind}-")), "order")


class Handler(BaseHTTPRequestHandler):
    state: State
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body leave in two writes

    def log_message(self, *args: object) -> None:
        pass

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The host's own time, in the header of each answer."""
        return formatdate(self.state.now(), usegmt=True)

    # -- orders ----------------------------------------------------------------------------------

    def do_POST(self) -> Any:
        length = int(self.headers.get("content-length", "0"))
        body = json.loads(self.rfile.read(length) or b"{}")
        self.state.seen.append((self.path, dict(self.headers)))
        if self.path == "/oauth2/tokenP":
            return self._token(body)
        if self.path == "/uapi/hashkey":  # form described in 2026; no token needed
            return self._say({"BODY": body, "HASH": "0a1b2c"})
        fault = self.state.take("order")
        trouble = self._gateway("order")
        if self._before(fault) or (trouble and self._fail(*trouble, 500)):
            return None
        if fault == "expired":
            self.state.tokens.clear()
        if not self._knows_token():
            return self._fail(*STALE, 500)
        return self._order(body, fault)

    def _order(self, body: dict[str, str], fault: str | Planted) -> Any:
        tr_id, mode = self.headers["tr_id"], self.state.mode
        venue_known = mode == "real" or body.get("EXCG_ID_DVSN_CD") in ("KRX", None)
        texts = all(isinstance(value, str) for value in body.values())
        if not (venue_known and texts and body.get("CANO") == ACCOUNT):  # assumed: this code
            return self._fail("OPSQ2000", "INPUT INVALID", 200, "2")
        if not self._is_mine(tr_id):
            return self._fail("EGW02006", "모의투자 TR 이 아닙니다", 200)
        if self.path.endswith("order-rvsecncl"):
            return self._cancel(body)
        side = "02" if tr_id in BUYS else "01"
        unpaid = not isinstance(fault, Planted) and self.state.is_unpaid(body, side)
        if fault == "refused" or unpaid:
            real, words = mode == "real", "주문가능금액을 초과 했습니다"
            code = "APBK0952" if real or unpaid else "40580000"  # assumed: in simulation too
            return self._fail(code, words, 200, "7" if real else "1")
        if isinstance(fault, Planted) and not fault.arrives:
            return self._raw(fault.content, fault.status)
        return self._after(fault, self.state.accept(body, side), side)

    def _cancel(self, body: dict[str, str]) -> Any:
        output = self.state.cancel(int(body["ORGN_ODNO"]))
        if output is None:  # real: the words are recorded, the code is assumed
            code = "40330000" if self.state.mode == "simulation" else "APBK0918"
            return self._fail(code, "정정/취소할 수량이 없습니다.", 200)
        code = "40630000" if self.state.mode == "simulation" else "APBK0013"
        return self._say({"rt_cd": "0", "msg_cd": code, "msg1": "완료", "output": output})

    def _before(self, fault: str | Planted) -> bool:
        """Do what goes wrong before an order is looked at; return whether something did."""
        if fault in ("silent-before", "slow-before"):
            time.sleep(self.state.slowness if fault == "slow-before" else 0)
            self._hang_up()
        elif fault == "too-fast":
            self._fail(*TOO_FAST, 500)
        elif fault == "ledger":
            self._fail(*TOO_FAST_LEDGER, 500)
        elif fault == "empty":
            self._raw(b"")
        else:
            return False
        return True

    def _after(self, fault: str | Planted, output: dict[str, str], side: str) -> Any:
        if isinstance(fault, Planted):
            return self._raw(fault.content, fault.status)
        if fault in ("silent-after", "slow-after"):
            time.sleep(self.state.slowness if fault == "slow-after" else 0)
            return self._hang_up()
        if fault == "garbled":
            return self._raw(b'{"rt_cd": "0", "outp')
        if fault == "unclear":
            return self._say({"status": "ok"})
        body = {
            "rt_cd": "0",
            "msg_cd": ACCEPTED[self.state.mode, side],
            "msg1": "주문 전송 완료 되었습니다.".ljust(PADDED),
            "output": output,
        }
        return self._drip(body) if fault == "drip" else self._say(body)

    # -- questions -------------------------------------------------------------------------------

    def do_GET(self) -> Any:
        parts = urlsplit(self.path)
        query = {
            key: values[0] for key, values in parse_qs(parts.query, keep_blank_values=True).items()
        }
        name = parts.path.rpartition("/")[2]
        self.state.seen.append((parts.path, dict(self.headers)))
        self.state.queries.append((name, query))
        fault = self.state.take("ask")
        if fault == "ask-changed" and not query.get("CTX_AREA_NK100"):
            self.state.faults.insert(0, fault)  # waits for a second page
            fault = ""
        trouble = self._gateway(name)
        if trouble:
            return self._fail(*trouble, 500)
        if not self._knows_token():
            return self._fail(*STALE, 500)
        if self._wrong(fault):
            return None
        return self._answer(name, query)

    def _wrong(self, fault: str | Planted) -> bool:
        """Do what goes wrong with a question; return whether something did."""
        codes = {
            "ask-too-fast": TOO_FAST,
            "ask-ledger": TOO_FAST_LEDGER,
            "ask-again": ASK_AGAIN,
        }
        if isinstance(fault, Planted):
            self._raw(fault.content, fault.status, more=fault.more)
        elif fault in codes:
            self._fail(*codes[fault], 500)
        elif fault == "ask-changed":
            self._fail(*CHANGED, 200)
        elif fault == "ask-garbled":
            self._raw(b"<html>")
        elif fault == "ask-dropped":
            self._hang_up()
        elif fault == "ask-revoked":
            self.state.tokens.clear()
            self._fail("EGW00999", "no such code is documented", 401)
        elif fault == "ask-drip":
            self._drip({"rt_cd": "0", "output1": [], "output2": []})
        else:
            return False
        return True

    def _answer(self, name: str, query: dict[str, str]) -> Any:  # noqa: PLR0911
        state, mode = self.state, self.state.mode
        if mode == "simulation" and name in REAL_ONLY:
            return self._fail("OPSQ0002", "없는 서비스 코드 입니다", 200)
        if not self._is_mine(self.headers["tr_id"], name):
            return self._fail("EGW02006", "모의투자 TR 이 아닙니다", 200)
        if name == "inquire-daily-ccld":
            venue = query["EXCG_ID_DVSN_CD"]
            shown = state.listed(query["INQR_STRT_DT"], query["INQR_END_DT"], venue)
            # Whether the total counts open orders is assumed; reports differ.
            totals = {"tot_ord_qty": str(len(shown)), "tot_ccld_qty": "0", "tot_ccld_amt": "0"}
            return self._page(shown, PAGES[mode]["orders"], query, totals)
        if name == "inquire-balance":
            rows, money = state.balance()
            return self._page(rows, PAGES[mode]["holdings"], query, money)
        if name == "inquire-psbl-order":
            return self._found(state.orderable())
        if name == "inquire-psbl-rvsecncl":
            return self._found(state.cancellable(query["INQR_DVSN_2"]))
        if name == "inquire-price":
            assert query["FID_COND_MRKT_DIV_CODE"] == "J"
            return self._found(state.price_of(query["FID_INPUT_ISCD"]))
        if name == "period-rights":
            return self._found(state.rights)
        return self._found(_days(query["BASS_DT"], state.closed_days))

    def _found(self, output: Any) -> None:
        code = DONE[self.state.mode] if output else NOTHING[self.state.mode]
        words = "조회가 완료되었습니다".ljust(PADDED)
        self._say({"rt_cd": "0", "msg_cd": code, "msg1": words, "output": output})

    def _page(self, rows: list[Any], size: int, query: dict[str, str], second: Any) -> None:
        start = int(query.get("CTX_AREA_NK100", "").strip() or 0)
        more = len(rows) > start + size
        code = DONE[self.state.mode] if rows else NOTHING[self.state.mode]
        body = {
            "rt_cd": "0",
            "msg_cd": code,
            "msg1": "조회가 완료되었습니다".ljust(PADDED),
            "output1": rows[start : start + size],
            "output2": second,
        }
        if more or self.state.mode == "real":  # simulation sent none on its only page
            body["ctx_area_fk100"] = ACCOUNT.ljust(100)
            body["ctx_area_nk100"] = (str(start + size) if more else "").ljust(100)
        self._say(body, more=more)

    # -- the gateway -----------------------------------------------------------------------------

    def _gateway(self, name: str) -> tuple[str, str] | None:
        if self.headers.get("custtype") != "P":  # reported for some calls, 2026
            return ("OPSQ0008", "MCI전송오류")
        return self.state.is_too_fast(name)

    def _is_mine(self, tr_id: str, name: str | None = None) -> bool:
        first = "V" if self.state.mode == "simulation" else ("T", "C", "F")
        if name is None:
            return tr_id[0] in first and tr_id[1:4] == "TTC" and tr_id[-1] == "U"
        return tr_id[0] in first and tr_id[1:] in QUESTIONS[name]

    def _token(self, body: dict[str, str]) -> Any:
        state, fault = self.state, self.state.take("token")
        if isinstance(fault, Planted):
            return self._raw(fault.content, fault.status)
        if body.get("appkey") != APPKEY or body.get("appsecret") != APPSECRET:
            return self._no_token("EGW00103", "유효하지 않은 AppKey입니다.")
        soon = bool(state.asked) and 0 <= state.now() - state.asked[-1] < 60.0
        if fault == "token-minute" or (state.paced and soon):
            return self._no_token("EGW00133", "접근토큰 발급 잠시 후 다시 시도하세요(1분당 1회)")
        if fault == "token-none":  # the other form that was recorded: no code at all
            return self._say({}, 403)
        if fault == "token-foreign":
            return self._say({"access_token": "토큰", "expires_in": TOKEN_SECONDS})
        young = bool(state.asked) and state.now() - state.asked[-1] < SAME_TOKEN
        if not (young and state.tokens):  # within six hours it is the same token
            state.tokens.append(f"planted-token-{len(state.seen)}")
            state.asked.append(state.now())
        ends = datetime.fromtimestamp(state.asked[-1] + TOKEN_SECONDS + 9 * 3600, UTC)
        return self._say(
            {
                "access_token": state.tokens[-1],
                "access_token_token_expired": ends.strftime("%Y-%m-%d %H:%M:%S"),
                "token_type": "Bearer",
                "expires_in": TOKEN_SECONDS,  # on the same token again: assumed
            }
        )

    def _no_token(self, code: str, words: str) -> None:
        return self._say({"error_code": code, "error_description": words}, 403)

    def _knows_token(self) -> bool:
        return self.headers.get("authorization", "").removeprefix("Bearer ") in self.state.tokens

    def _fail(self, code: str, words: str, status: int, rt_cd: str = "1") -> bool:
        self._say({"rt_cd": rt_cd, "msg_cd": code, "msg1": words.ljust(PADDED)}, status)
        return True

    def _say(self, body: object, status: int = 200, *, more: bool = False) -> None:
        self._raw(json.dumps(body, ensure_ascii=False).encode(), status, more=more)

    def _raw(self, body: bytes, status: int = 200, *, more: bool = False) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.send_header("tr_cont", "M" if more else "D")
        self.end_headers()
        self.wfile.write(body)

    def _drip(self, body: object) -> None:
        content = json.dumps(body).encode().ljust(4000)
        self.send_response(200)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        try:
            for place in range(len(content)):
                self.wfile.write(content[place : place + 1])
                time.sleep(0.02)
        except OSError:
            self.close_connection = True

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(2)


def _days(first: str, closed: set[str]) -> list[dict[str, str]]:
    start = datetime.strptime(first, "%Y%m%d").replace(tzinfo=UTC)
    days = [start + timedelta(days=step) for step in range(24)]
    return [
        {
            "bass_dt": day.strftime("%Y%m%d"),
            "wday_dvsn_cd": f"{day.isoweekday() % 7 + 1:02d}",
            "bzdy_yn": "Y" if day.weekday() < 5 else "N",
            "tr_day_yn": "Y",  # also on a Saturday (recorded)
            "opnd_yn": "N" if day.weekday() > 4 or day.strftime("%Y%m%d") in closed else "Y",
            "sttl_day_yn": "Y" if day.weekday() < 5 else "N",
        }
        for day in days
    ]


@contextmanager
def running(mode: str = "simulation") -> Iterator[tuple[str, State]]:
    """A server on a free port of this machine, and its state."""
    state = State(mode=mode, now=SystemClock().now)
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
