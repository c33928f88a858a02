"""Kiwoom's rows field by field: what each says of an account and of an order, to the last share."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jeoul.model.portfolio import Side
from jeoul.operations.broker.kiwoom.rows import (
    HOLDINGS,
    ORDERS,
    read_account,
    read_order,
    read_orders,
    side,
    ticker,
)
from jeoul.operations.broker.port import OrderState
from jeoul.operations.errors import Unreachable

DAY, NEXT, AFTER = date(2026, 3, 4), date(2026, 3, 5), date(2026, 3, 6)


def deposit(today: int, tomorrow: int, later: int, orderable: int) -> dict[str, str]:
    names = ("entr", "d1_entra", "d2_entra", "100stk_ord_alow_amt")
    return dict(zip(names, map(str, (today, tomorrow, later, orderable)), strict=True))


def held(code: str, shares: int, free: int) -> dict[str, str]:
    return {"stk_cd": code, "rmnd_qty": str(shares), "trde_able_qty": str(free)}


def order(number: str = "0000007", **fields: object) -> dict[str, Any]:
    usual = {
        "ord_no": number, "stk_cd": "A069500", "io_tp_nm": "현금매수", "acpt_tp": "접수",
        "ord_qty": "10", "ord_uv": "37100", "cntr_qty": "0", "cntr_uv": "0", "ord_remnq": "10",
    }  # fmt: skip
    return {**usual, **{name: str(value) for name, value in fields.items()}}


def cancel(of: str, shares: int, said: str = "확인", **fields: object) -> dict[str, Any]:
    more = {"mdfy_cncl": "취소", "io_tp_nm": "매수취소", "cnfm_qty": shares, **fields}
    return order("0000099", ori_ord=of, acpt_tp=said, **more)


def state(*rows: dict[str, Any], over: bool = False) -> OrderState:
    return read_orders([{ORDERS: list(rows)}], DAY, over=over)[0].state


def test_holdings_of_one_fund_add_up_and_what_is_not_free_is_locked() -> None:
    pages = [
        {HOLDINGS: [held("A069500", 7, 5), held("A114260", 4, 4), held("???", 0, 0)]},
        {HOLDINGS: [held("069500_NX", 3, 0), held("A360750", 2, 9)]},
    ]
    account = read_account(pages, deposit(1_000, 600, 900, 800), (NEXT, AFTER))
    assert account.shares == {"069500": 10, "114260": 4, "360750": 2}
    assert account.locked == {"069500": 5}
    assert (account.cash, account.orderable) == (600, 800)
    assert account.unsettled == {AFTER: 300}


def test_the_smallest_of_the_deposits_and_of_what_can_be_ordered_is_cash() -> None:
    for amounts, cash in (
        ((5, 9, 9, 9), 5),
        ((9, 5, 9, 9), 5),
        ((9, 9, 5, 9), 5),
        ((9, 9, 9, 5), 5),
    ):
        assert read_account([], deposit(*amounts), (NEXT, AFTER)).cash == cash


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, OrderState.OPEN),
        ({"cntr_qty": 1, "ord_remnq": 9}, OrderState.OPEN),
        ({"cntr_qty": 9, "ord_remnq": 1}, OrderState.OPEN),
        ({"cntr_qty": 10, "ord_remnq": 0}, OrderState.FILLED),
        ({"cntr_qty": 9, "ord_remnq": 0}, OrderState.CLOSED),
        ({"ord_remnq": 0}, OrderState.CLOSED),
        ({"acpt_tp": "거부"}, OrderState.REJECTED),
        ({"acpt_tp": "거부", "cntr_qty": 1, "ord_remnq": 9}, OrderState.OPEN),
    ],
)
def test_where_an_order_of_kiwoom_stands(fields: dict[str, object], expected: OrderState) -> None:
    assert state(order("0000007", **fields)) is expected


def test_after_the_close_nothing_of_kiwoom_is_open() -> None:
    assert state(order(), over=True) is OrderState.CLOSED
    assert state(order(cntr_qty=10, ord_remnq=0), over=True) is OrderState.FILLED
    assert state(order(acpt_tp="거부"), over=True) is OrderState.REJECTED


@pytest.mark.parametrize(("filled", "left"), [(1, 10), (11, 0), (0, 11), (5, 6)])
def test_more_filled_and_left_than_ordered_makes_no_sense(filled: int, left: int) -> None:
    with pytest.raises(Unreachable, match="ord_remnq"):
        state(order(cntr_qty=filled, ord_remnq=left))


@pytest.mark.parametrize(
    ("filled", "cancels", "expected"),
    [
        (6, [cancel("0000007", 4)], OrderState.CLOSED),
        (6, [cancel("0000007", 3)], OrderState.OPEN),
        (6, [cancel("0000007", 1), cancel("0000007", 3)], OrderState.CLOSED),
        (6, [cancel("0000007", 4, "접수")], OrderState.OPEN),  # not confirmed yet
        (6, [cancel("0000008", 4)], OrderState.OPEN),  # of another order
        (6, [cancel("0000007", 4, mdfy_cncl="")], OrderState.CLOSED),  # either says it
        (6, [cancel("0000007", 4, io_tp_nm="현금매수")], OrderState.CLOSED),
        (6, [cancel("0000007", 0, ord_qty=4)], OrderState.CLOSED),  # nothing confirmed is written
    ],
)
def test_an_order_is_over_once_what_is_left_of_it_was_cancelled(
    filled: int, cancels: list[dict[str, Any]], expected: OrderState
) -> None:
    """The original keeps its ``ord_remnq``."""
    row = order(cntr_qty=filled, ord_remnq=10 - filled)
    assert state(row, *cancels) is expected
    assert len(read_orders([{ORDERS: [row, *cancels]}], DAY, over=False)) == 1


def test_an_order_that_changed_another_is_an_order_and_ends_nothing() -> None:
    change = order("0000008", ori_ord="0000007", mdfy_cncl="정정", acpt_tp="확인", cnfm_qty=10)
    found = read_orders([{ORDERS: [order()]}, {ORDERS: [change]}], DAY, over=False)
    assert [(each.order_id, each.changes, each.state) for each in found] == [
        ("7", None, OrderState.OPEN),
        ("8", "7", OrderState.OPEN),
    ]


def test_what_is_read_of_an_order_of_kiwoom() -> None:
    row = order(cntr_qty=3, cntr_uv=36_900, ord_remnq=7)
    found = read_order(row, DAY, over=False, cancelled=0)
    assert (found.order_id, found.name, found.session, found.side) == ("7", None, DAY, Side.BUY)
    assert (found.ticker, found.shares, found.limit) == ("069500", 10, 37_100)
    assert (found.filled, found.amount, found.fee, found.changes) == (3, 110_700, None, None)
    none = read_order(order(cntr_uv=36_900, ord_uv=0), DAY, over=False, cancelled=0)
    assert (none.filled, none.amount, none.limit) == (0, 0, None)
    with pytest.raises(Unreachable, match="ord_no"):
        read_order(order("0000000"), DAY, over=False, cancelled=0)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("현금매수", Side.BUY),
        ("+매수", Side.BUY),
        ("-매도", Side.SELL),
        ("매수매도", None),
        ("", None),
    ],
)  # fmt: skip
def test_the_side_of_kiwoom_is_one_of_two_words(words: str, expected: Side | None) -> None:
    if expected is None:
        with pytest.raises(Unreachable, match="io_tp_nm"):
            side({"io_tp_nm": words})
    else:
        assert side({"io_tp_nm": words}) is expected


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("A069500", "069500"), ("J069500", "069500"), ("Q069500", "069500"),
        ("A069500_AL", "069500"), ("069500_NX", "069500"), ("A12345", "A12345"),
        ("A1234567", "A1234567"), ("069500A", "069500A"),
    ],
)  # fmt: skip
def test_a_letter_goes_from_a_code_of_seven_signs_alone(written: str, code: str) -> None:
    assert ticker({"stk_cd": written}) == code
