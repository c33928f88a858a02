"""Which buys of a run wait for the money of its sales."""

from __future__ import annotations

from datetime import date

import pytest

from jeoul.model.portfolio import Reason, Side
from jeoul.operations.desk.intents import Intent, PlannedOrder, Run
from jeoul.operations.desk.lapsing import waits_for_money

DAY = date(2026, 6, 22)
WHY = Reason.of("order.buy_under")


def order(side: Side, ticker: str, state: str) -> Intent:
    planned = PlannedOrder(side, ticker, 1, 10_000, 10_050, WHY)
    return Intent(f"a.{ticker}", "a", DAY, planned, state, None, {}, 0, 0, 0)


def run(proceeds: str) -> Run:
    return Run("a", "mine", "managed", DAY, DAY, "x", {"proceeds": proceeds}, 0)


SENT = order(Side.BUY, "069500", "acknowledged")
NEW = order(Side.BUY, "360750", "new")
ABSENT = order(Side.BUY, "133690", "absent")


def test_only_buys_that_the_broker_certainly_does_not_have_wait() -> None:
    orders = [order(Side.SELL, "148070", "acknowledged"), SENT, NEW, ABSENT]
    assert waits_for_money(run("reuse"), orders, sales_first=True) == [NEW, ABSENT]


@pytest.mark.parametrize(
    ("proceeds", "sale", "first"),
    [("settled", "acknowledged", True), ("reuse", "filled", True), ("reuse", "new", False)],
)
def test_no_buy_waits_for_sales_that_are_over_or_do_not_pay_on_the_day(
    proceeds: str, sale: str, first: bool
) -> None:
    orders = [order(Side.SELL, "148070", sale), NEW]
    assert waits_for_money(run(proceeds), orders, sales_first=first) == []


def test_no_buy_waits_before_any_order_was_sent() -> None:
    orders = [order(Side.SELL, "148070", "new"), NEW]
    assert waits_for_money(run("reuse"), orders, sales_first=True) == []
