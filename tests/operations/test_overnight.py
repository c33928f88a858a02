"""What the first run after the close says of orders that lapsed with their session."""

from __future__ import annotations

from datetime import date

import pytest

from jeoul.model.portfolio import Reason, Side
from jeoul.operations.desk.intents import Intent, PlannedOrder
from jeoul.operations.desk.lapsing import OVER, REJECTED, UNPAID
from jeoul.operations.told.overnight import lapsed_alarm

DAY = date(2026, 6, 22)
WHY = Reason.of("order.buy_under")


def order(side: Side, ticker: str, shares: int, state: str, why: str) -> Intent:
    planned = PlannedOrder(side, ticker, shares, 10_000, 10_050, WHY)
    return Intent(f"a.{ticker}", "a", DAY, planned, state, None, {"why": why}, 0, 0, 0)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            "Purchases that lapsed because the money of sales did not come before the close: "
            "069500 3 shares. Orders that were not sent before the close: 148070 2 shares.",
        ),
        (
            "ko",
            "장 마감까지 매도대금이 들어오지 않아 실효된 매수 주문: 069500 3주 "
            "장 마감까지 전송하지 못한 주문: 148070 2주",
        ),
    ],
)
def test_each_order_that_lapsed_overnight_is_named_once_with_its_reason(
    language: str, said: str
) -> None:
    intents = [
        order(Side.BUY, "069500", 3, "expired", UNPAID),
        order(Side.SELL, "148070", 2, "expired", OVER),
        order(Side.BUY, "360750", 1, "expired", REJECTED),
        order(Side.BUY, "132030", 1, "filled", OVER),
    ]
    alarm = lapsed_alarm(intents)
    assert alarm is not None
    assert dict(alarm.reason.detail)[f"text_{language}"] == said


def test_orders_that_a_person_rejected_or_that_were_filled_raise_no_alarm() -> None:
    intents = [
        order(Side.BUY, "360750", 1, "expired", REJECTED),
        order(Side.BUY, "132030", 1, "filled", OVER),
    ]
    assert lapsed_alarm(intents) is None
