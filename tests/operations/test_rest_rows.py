"""Tokens and rows of brokers with an interface, as they are asked for and read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from jeoul.operations.broker.kiwoom.rows import ORDERS, read_orders, ticker
from jeoul.operations.broker.kiwoom.wire import KiwoomWire, _verdict
from jeoul.operations.broker.port import OrderState
from jeoul.operations.broker.rest.http import Reply
from jeoul.operations.broker.rest.token import Granted, Tokens
from jeoul.operations.broker.rest.wire import Verdict
from jeoul.operations.errors import Unreachable


class WaitingClock:
    """A clock that only waiting moves."""

    def __init__(self, now: float) -> None:
        self.at = now

    def now(self) -> float:
        return self.at

    def wait(self, seconds: float) -> None:
        self.at += seconds


def tokens(folder: Path, clock: WaitingClock, asked: list[float]) -> Tokens:
    def ask(at: float) -> Granted:
        asked.append(at)
        return Granted(f"token{len(asked)}", at + 86_400.0)

    return Tokens(folder / "token", "owner", clock, ask)


@pytest.mark.parametrize(("later", "second"), [(20.0, 1_060.0), (60.0, 1_060.0), (75.0, 1_075.0)])
def test_a_broker_is_asked_for_one_token_a_minute(
    tmp_path: Path, later: float, second: float
) -> None:
    asked: list[float] = []
    clock = WaitingClock(1_000.0)
    first = tokens(tmp_path, clock, asked)
    assert first.bearer().reveal() == "token1"
    first.forget()
    clock.at = 1_000.0 + later
    assert tokens(tmp_path, clock, asked).bearer().reveal() == "token2"
    assert asked == [1_000.0, second]


@pytest.mark.parametrize("token", ["", None, 5])
def test_kiwoom_grants_no_token_without_one_in_its_answer(token: object) -> None:
    wire = KiwoomWire.__new__(KiwoomWire)
    found = {"return_code": "0", "return_msg": "", "token": token, "expires_dt": "20260623080000"}
    with pytest.raises(Unreachable):
        wire.granted(Reply(200, {}, found), 0.0)
    granted = wire.granted(Reply(200, {}, {**found, "token": "abc"}), 0.0)
    assert granted.token == "abc"


@pytest.mark.parametrize("written", ["X069500", "1069500"])
def test_a_code_of_kiwoom_loses_only_the_letters_that_say_its_kind(written: str) -> None:
    assert ticker({"stk_cd": written}) == written


def test_a_part_of_an_order_of_kiwoom_that_was_cancelled_is_what_was_confirmed() -> None:
    """Four of ten shares were cancelled and six filled: the order is over, and not before."""
    order = {
        "ord_no": "0000007", "stk_cd": "A069500", "io_tp_nm": "현금매수", "acpt_tp": "접수",
        "ord_qty": "10", "cntr_qty": "5", "cntr_uv": "37000", "ord_uv": "37100", "ord_remnq": "1",
    }  # fmt: skip
    cancel = {
        "ord_no": "0000008", "ori_ord": "0000007", "stk_cd": "A069500", "io_tp_nm": "매수취소",
        "acpt_tp": "확인", "ord_qty": "10", "cnfm_qty": "4", "cntr_qty": "0",
    }  # fmt: skip
    listed = {ORDERS: [order, cancel]}
    (found,) = read_orders([listed], date(2026, 6, 23), over=False)
    assert (found.filled, found.state) == (5, OrderState.OPEN)
    done = {**order, "cntr_qty": "6", "ord_remnq": "0"}
    (found,) = read_orders([{ORDERS: [done, cancel]}], date(2026, 6, 23), over=False)
    assert (found.filled, found.state) == (6, OrderState.CLOSED)


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (401, {}, Verdict.RENEW),
        (200, {"return_code": "0"}, Verdict.DONE),
        (429, {}, Verdict.WAIT),
        (500, {}, Verdict.STOP),
        (200, {"return_code": "20"}, Verdict.STOP),
    ],
)
def test_what_an_answer_of_kiwoom_asks_for(
    status: int, body: dict[str, str], verdict: Verdict
) -> None:
    assert _verdict(Reply(status, {}, body)) is verdict
