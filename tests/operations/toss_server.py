"""A loopback server that answers as Toss Securities' Open API is published to answer.

Source: the broker's OpenAPI document 1.2.4 (2026-07), collected 2026-11-29: paths, fields, types,
codes and statuses, the ten minutes of a ``clientOrderId``, the limits of a page, and
``insufficient-buying-power`` for a buy that the buying power does not pay for. No recorded answer
of the host was found. Assumed: that an order which was changed is REPLACED and its successor is a
row of its own without a tie, that a cancelled order keeps its row and the instruction has none,
that the buying power has the proceeds of filled sales and lacks what open buys bind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from loopback import Answer, Gate, Handler, Planted, serving
from truth import Placed

__all__ = ["ACCOUNT", "CLIENT_ID", "CLIENT_SECRET", "Planted", "State", "running"]

CLIENT_ID = "c_01HPLANTED/CLIENT+0123456789"
CLIENT_SECRET = "s_planted/SECRET+0123456789abcdef=="
ACCOUNT = "17012345678"
SEQUENCE = "7"
LASTS = 600.0
NUMBER = "bAGzNvMOOTa5Uy0xVzYNbxDJ3Qpobwau4jDF3hyZZGWbpHm7wha8CFZc7aX-{:04d}"


def failed(status: int, code: str, words: str = "made up") -> Answer:
    return status, {
        "error": {"requestId": "01HXYZABCDEFG123456789", "code": code, "message": words}
    }


class State(Gate):  # type: ignore[misc]
    gap = 1 / 6
    mode = "real"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.names: dict[str, tuple[float, Any, Placed]] = {}
        self.foreign = 0  # shares of an American company

    def first_of(self, name: str, body: Any) -> Placed | str | None:
        """The order that took a name within ten minutes; a text where its body differs."""
        found = self.names.get(name)
        if found is None or self.now() - found[0] >= LASTS:
            return None
        return found[2] if found[1] == body else "idempotency-key-conflict"


def row(each: Placed, today: str) -> dict[str, Any]:
    day = f"{each.day[:4]}-{each.day[4:6]}-{each.day[6:]}"
    filled = each.filled
    return {
        "orderId": NUMBER.format(each.number),
        "symbol": each.ticker,
        "side": each.side,
        "orderType": "LIMIT" if each.limit else "MARKET",
        "timeInForce": "DAY",
        "status": status_of(each, today),
        "price": str(each.limit) if each.limit else None,
        "quantity": str(each.shares),
        "orderAmount": None,
        "currency": "KRW",
        "orderedAt": f"{day}T09:30:{each.number % 60:02d}+09:00",
        "canceledAt": f"{day}T09:31:00+09:00" if each.ended == "cancelled" else None,
        "execution": {
            "filledQuantity": str(filled),
            "averageFilledPrice": str(each.amount / filled) if filled else None,
            "filledAmount": str(each.amount) if filled else None,
            "commission": "0" if filled else None,
            "tax": "0" if filled else None,
            "filledAt": f"{day}T09:30:05+09:00" if filled else None,
            "settlementDate": None,
        },
    }


def status_of(each: Placed, today: str) -> str:
    """What waits at the end of a day is cancelled (``DAY``)."""
    if each.filled == each.shares:
        return "FILLED"
    if each.day != today:
        return "CANCELED"
    if each.ended:
        return {"cancelled": "CANCELED", "replaced": "REPLACED"}[each.ended]
    return "PARTIAL_FILLED" if each.filled else "PENDING"


class Toss(Handler):  # type: ignore[misc]
    state: State
    too_fast = failed(429, "rate-limit-exceeded", "요청 한도를 초과했습니다.")
    stale = failed(401, "invalid-token", "유효하지 않은 토큰입니다.")
    refused = failed(422, "insufficient-buying-power", "주문 가능 금액이 부족합니다.")

    def kind_of(self, method: str, path: str) -> str:
        if path == "/oauth2/token":
            return "token"
        return "order" if method == "POST" else "ask"

    def token(self, content: bytes) -> Answer:
        form = {key: each[0] for key, each in parse_qs(content.decode()).items()}
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            words = "Client authentication failed."
            return 401, {"error": "invalid_client", "error_description": words}
        self.state.tokens[:] = [f"planted.token.{len(self.state.seen)}"]  # the one before ends
        body = {"access_token": self.state.tokens[0], "token_type": "Bearer", "expires_in": 86_400}
        return 200, body

    def order(self, path: str, body: dict[str, Any]) -> Answer:
        if self.headers.get("x-tossinvest-account") != SEQUENCE:
            return failed(400, "account-header-required")
        if path.endswith("/cancel"):
            found = self.state.cancel(int(path.split("/")[-2][-4:]))
            if found is None:
                return failed(409, "already-canceled")
            return 200, {"result": {"orderId": NUMBER.format(found.number)}}
        name = body.get("clientOrderId", "")
        first = self.state.first_of(name, body)
        if isinstance(first, str):
            return failed(422, first)
        if first is None:
            shares, limit = int(body["quantity"]), int(body.get("price", 0))
            if self.state.is_unpaid(body["side"], shares, limit):
                return self.refused
            first = self.state.accept(body["side"], body["symbol"], shares, limit, name)
            self.state.names[name] = (self.state.now(), body, first)
        return 200, {"result": {"orderId": NUMBER.format(first.number), "clientOrderId": name}}

    def ask(self, path: str, wanted: Mapping[str, str]) -> tuple[int, Any, Mapping[str, str]]:
        state, what = self.state, path.rpartition("/")[2]
        if what == "accounts":
            mine = {"accountNo": ACCOUNT, "accountSeq": int(SEQUENCE), "accountType": "BROKERAGE"}
            return 200, {"result": [mine]}, {}
        if self.headers.get("x-tossinvest-account") != SEQUENCE:
            return (*failed(400, "account-header-required"), {})
        if what == "holdings":
            items = [_item(code, n) for code, n in sorted(state.holdings.items())]
            if state.foreign:
                items.append(
                    _item("AAPL", state.foreign) | {"marketCountry": "US", "currency": "USD"}
                )
            return (
                200,
                {"result": {"totalPurchaseAmount": {"krw": "0", "usd": None}, "items": items}},
                {},
            )
        if what == "sellable-quantity":
            return 200, {"result": {"sellableQuantity": str(state.free(wanted["symbol"]))}}, {}
        if what == "buying-power":
            power = {"currency": wanted["currency"], "cashBuyingPower": str(state.orderable())}
            return 200, {"result": power}, {}
        return 200, {"result": self._orders(wanted)}, {}

    def _orders(self, wanted: Mapping[str, str]) -> dict[str, Any]:
        day = wanted["from"].replace("-", "")
        live, today = ("PENDING", "PARTIAL_FILLED"), self.state.today
        shown = [each for each in self.state.shown(day) if each.kind != "cancel"]
        if wanted["status"] == "OPEN":
            rows = [row(each, today) for each in shown if status_of(each, today) in live]
            return {"orders": rows, "nextCursor": None, "hasNext": False}
        rows = [row(each, today) for each in shown if status_of(each, today) not in live]
        start, size = int(wanted.get("cursor", "0")), min(int(wanted.get("limit", "20")), 100)
        more = len(rows) > start + size
        cursor = str(start + size) if more else None
        return {"orders": rows[start : start + size], "nextCursor": cursor, "hasNext": more}


def _item(code: str, held: int) -> dict[str, Any]:
    return {
        "symbol": code,
        "name": "made up",
        "marketCountry": "KR",
        "currency": "KRW",
        "quantity": str(held),
        "lastPrice": "36000",
        "averagePurchasePrice": "36000",
        "marketValue": {"purchaseAmount": str(36_000 * held), "amount": str(36_000 * held)},
        "cost": {"commission": "0", "tax": "0"},
    }


def running(mode: str = "real") -> Any:
    """A server on a free port of this machine, and its state."""
    assert mode == "real"
    return serving(Toss, State())
