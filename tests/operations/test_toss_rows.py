"""Toss's rows field by field: accounts, holdings, and orders in two lists."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jeoul.model.portfolio import Side
from jeoul.operations.broker.port import OrderState
from jeoul.operations.broker.toss.rows import read_holdings, read_orders, read_sequence, result
from jeoul.operations.errors import Unreachable

DAY = date(2026, 3, 4)
ENDED = {"status": "CANCELED"}


def row(number: str = "n-1", at: str = "09:30:01", **fields: Any) -> dict[str, Any]:
    filled = fields.pop("filled", 0)
    paid = {"filledAmount": str(filled * 36_900), "commission": "5", "tax": "2"} if filled else {}
    usual = {
        "orderId": number, "symbol": "069500", "side": "BUY", "orderType": "LIMIT",
        "status": "PENDING", "price": "37100", "quantity": "10", "currency": "KRW",
        "orderedAt": f"2026-03-04T{at}+09:00",
        "execution": {"filledQuantity": str(filled), **paid},
    }  # fmt: skip
    return {**usual, **fields}


def page(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"result": {"orders": list(rows)}}


def orders(*live: dict[str, Any], closed: Any = (), over: bool = False) -> list[Any]:
    return read_orders([page(*live)], [page(*closed)], DAY, over=over)


@pytest.mark.parametrize("body", [{}, {"result": []}, {"result": None}, {"result": "x"}])
def test_an_envelope_of_toss_has_an_object(body: dict[str, Any]) -> None:
    with pytest.raises(Unreachable, match="result"):
        result(body)


@pytest.mark.parametrize(
    ("numbers", "number", "expected"),
    [
        (["170-1234-5678", "99"], "17012345678", "1"),
        (["99", "17012345678"], "170-12345678", "2"),
        (["17012345678", "170-1234-5678"], "17012345678", None),
        (["99"], "17012345678", None),
        ([], "17012345678", None),
        ([""], "", None),
    ],
)
def test_exactly_one_account_has_the_number(
    numbers: list[str], number: str, expected: str | None
) -> None:
    body = {
        "result": [
            {"accountNo": each, "accountSeq": str(n)} for n, each in enumerate(numbers, start=1)
        ]
    }
    if expected is None:
        with pytest.raises(Unreachable, match=f"of the {len(numbers)} accounts"):
            read_sequence(body, number)
    else:
        assert read_sequence(body, number) == expected


def test_holdings_in_won_add_up_and_the_others_are_kept_as_written() -> None:
    items = [
        {"symbol": "069500", "quantity": "2", "currency": "KRW"},
        {"symbol": "AAPL", "quantity": "0.25", "currency": "USD"},
        {"symbol": "069500", "quantity": "3", "currency": "KRW"},
        {"symbol": "???", "quantity": "0", "currency": "KRW"},
        {"symbol": "114260", "quantity": "1", "currency": "KRW"},
    ]
    found = read_holdings({"result": {"items": items}})
    assert found == ({"069500": 5, "114260": 1}, {"AAPL": "0.25"})
    with pytest.raises(Unreachable, match="currency"):
        read_holdings({"result": {"items": [{**items[0], "currency": "JPY"}]}})


@pytest.mark.parametrize(
    ("status", "filled", "listed", "expected"),
    [
        ("PENDING", 0, "live", OrderState.OPEN),
        ("PARTIAL_FILLED", 9, "live", OrderState.OPEN),
        ("PENDING_CANCEL", 0, "live", OrderState.OPEN),
        ("PENDING_REPLACE", 0, "live", OrderState.OPEN),
        ("PENDING", 10, "live", OrderState.FILLED),
        ("FILLED", 10, "closed", OrderState.FILLED),
        ("FILLED", 9, "closed", OrderState.FILLED),  # refused later: it cannot be
        ("CANCELED", 0, "closed", OrderState.CLOSED),
        ("CANCELED", 10, "closed", OrderState.CLOSED),
        ("REPLACED", 3, "closed", OrderState.CLOSED),
        ("REJECTED", 0, "closed", OrderState.REJECTED),
        ("REJECTED", 1, "closed", OrderState.CLOSED),
        ("PENDING", 0, "closed", OrderState.OPEN),
    ],
)
def test_where_an_order_of_toss_stands(
    status: str, filled: int, listed: str, expected: OrderState
) -> None:
    each = row(status=status, filled=filled)
    live, closed = ([each], []) if listed == "live" else ([], [each])
    (found,) = orders(*live, closed=closed)
    assert found.state is expected


def test_after_the_close_what_ended_is_closed_and_what_waits_is_still_open() -> None:
    assert orders(row(), over=True)[0].state is OrderState.OPEN
    assert orders(closed=[row()], over=True)[0].state is OrderState.CLOSED


def test_what_is_read_of_an_order_of_toss() -> None:
    (found,) = orders(row(filled=3))
    assert (found.order_id, found.name, found.session, found.side) == ("n-1", None, DAY, Side.BUY)
    assert (found.ticker, found.shares, found.limit) == ("069500", 10, 37_100)
    assert (found.filled, found.amount, found.fee, found.changes) == (3, 110_700, 7, None)
    (none,) = orders(row(orderType="MARKET", side="SELL"))
    assert (none.side, none.limit, none.filled, none.amount, none.fee) == (
        Side.SELL, None, 0, 0, None,
    )  # fmt: skip


@pytest.mark.parametrize("lacking", ["commission", "tax"])
def test_a_fee_is_known_where_both_of_its_parts_are(lacking: str) -> None:
    each = row(filled=3)
    del each["execution"][lacking]
    assert orders(each)[0].fee is None


def test_orders_come_by_time_and_the_newer_row_of_each_counts() -> None:
    waits, ends = row("a", "09:30:05"), row("b", "09:30:02")
    done = {**row("b", "09:30:02", filled=10), "status": "FILLED"}
    found = orders(waits, ends, closed=[done, row("c", "09:30:01", **ENDED)])
    assert [(each.order_id, each.state) for each in found] == [
        ("c", OrderState.CLOSED),
        ("b", OrderState.FILLED),
        ("a", OrderState.OPEN),
    ]


def test_foreign_orders_and_instructions_are_left_out() -> None:
    rows = [
        row("a", currency="USD"), row("b", status="CANCEL_REJECTED"),
        row("c", status="REPLACE_REJECTED"), row("d"),
    ]  # fmt: skip
    assert [each.order_id for each in orders(*rows)] == ["d"]


def test_whatever_came_beside_a_changed_order_may_be_its_successor() -> None:
    changed = row("a", "09:30:01", status="REPLACED")
    rows = [
        row("b", "09:30:02"), row("c", "09:30:03", side="SELL"),
        row("d", "09:30:04", symbol="114260"),
    ]  # fmt: skip
    found = orders(*rows, closed=[changed])
    assert [(each.order_id, each.changes) for each in found] == [
        ("a", None), ("b", "a"), ("c", None), ("d", None),
    ]  # fmt: skip
    assert [each.changes for each in orders(*rows)] == [None, None, None]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"side": "HOLD"}, "side"),
        ({"orderType": "STOP"}, "orderType"),
        ({"execution": None}, "execution"),
        ({"status": "NEW"}, "status"),
        ({"orderedAt": "2026-03-05T09:30:01+09:00"}, "orderedAt"),
        ({"orderId": "가나다"}, "orderId"),
        ({"orderId": "a b"}, "orderId"),
        ({"orderId": ""}, "orderId"),
        ({"orderId": "--"}, "orderId"),
        ({"orderId": "x" * 129}, "orderId"),
    ],
)
def test_a_row_of_toss_that_makes_no_sense_is_named(fields: dict[str, Any], named: str) -> None:
    with pytest.raises(Unreachable, match=named):
        orders(row(**fields))


def test_a_number_has_letters_digits_and_two_signs_and_is_there_once() -> None:
    long = "aZ0-9_" + "x" * 122
    assert orders(row(long))[0].order_id == long
    with pytest.raises(Unreachable, match="orderId"):
        orders(row("a"), row("a"))
    (once,) = orders(row("a"), closed=[row("a", **ENDED)])
    assert once.state is OrderState.CLOSED
