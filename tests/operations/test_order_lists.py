"""Lists of orders that make sense, orders that may be ours, and the hours of a session."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from kis_desk import DAY, Watch, buy

from jeoul.errors import DataError
from jeoul.model.calendar import Calendar
from jeoul.model.portfolio import Side
from jeoul.operations.broker.hours import OrderWindow
from jeoul.operations.broker.port import (
    BrokerAccount,
    BrokerOrder,
    Hours,
    Ids,
    Movement,
    OrderState,
    Watermark,
    checked,
    is_like,
)
from jeoul.operations.errors import Unreachable

PLAIN = BrokerOrder("1", None, DAY, Side.BUY, "069500", 3, 37_000, OrderState.OPEN)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({}, None),
        ({"shares": 1}, None),
        ({"filled": 2, "amount": 1}, None),
        ({"filled": 3, "amount": 9, "state": OrderState.FILLED}, None),
        ({"filled": 1, "amount": 9, "state": OrderState.CLOSED}, None),
        ({"order_id": ""}, "appears twice or has no number"),
        ({"shares": 0}, "has 0 of 0 shares filled"),
        ({"shares": -1}, "has 0 of -1 shares filled"),
        ({"filled": 4, "amount": 9}, "has 4 of 3 shares filled"),
        ({"filled": -1, "amount": 9}, "has -1 of 3 shares filled"),
        ({"filled": 1, "amount": 0}, "has 1 shares filled for 0"),
        ({"filled": 0, "amount": 1}, "has 0 shares filled for 1"),
        ({"filled": 1, "amount": -1}, "has 1 shares filled for -1"),
        ({"filled": 2, "amount": 9, "state": OrderState.FILLED}, "is filled with 2 of 3 shares"),
    ],
)
def test_an_order_is_one_that_can_be(fields: dict[str, Any], fault: str | None) -> None:
    order = replace(PLAIN, **fields)
    if fault is None:
        assert checked([order]) == (order,)
    else:
        with pytest.raises(Unreachable, match=fault):
            checked([replace(PLAIN, order_id="0"), order])


def test_a_number_is_in_a_list_once() -> None:
    others = [PLAIN, replace(PLAIN, order_id="2")]
    assert checked(others) == tuple(others)
    assert checked([]) == ()
    with pytest.raises(Unreachable, match="order 1 appears twice"):
        checked([*others, PLAIN])


@pytest.mark.parametrize(
    ("fields", "before", "like"),
    [
        ({}, (), True),
        ({"name": "another", "filled": 2}, (), True),
        ({"side": Side.SELL}, (), False),
        ({"ticker": "114260"}, (), False),
        ({"shares": 2}, (), False),
        ({"limit": None}, (), False),
        ({"changes": "9"}, (), False),
        ({}, ("2026-03-04/1",), False),
        ({}, ("2026-03-03/1",), True),
        ({"former": "7"}, ("2026-03-04/7",), False),
        ({"former": "7"}, ("2026-03-04/8",), True),
    ],
)
def test_an_order_may_be_ours_on_its_terms_and_where_it_is_new(
    fields: dict[str, Any], before: tuple[str, ...], like: bool
) -> None:
    assert is_like(replace(PLAIN, **fields), buy(), before) is like


def test_money_is_what_is_there_and_what_comes() -> None:
    coming = {date(2026, 3, 5): 30, date(2026, 3, 6): -4}
    assert BrokerAccount({}, 100, coming).money == 126
    assert BrokerAccount({}, 100, {}).money == 100
    assert Movement("1", "split", DAY) == Movement("1", "split", DAY, 0, None, 0)
    assert Watermark(0, frozenset(), None).brought == (0, 0)
    assert [each.listed for each in Ids] == [False, False, True, True]


def test_fills_of_a_broker_that_reports_its_own_are_not_taken() -> None:
    from jeoul.operations.broker.port import Broker

    class Plain(Broker):
        hours = account = orders = submit = lambda *_: None  # type: ignore[assignment]

    broker = Plain()
    with pytest.raises(DataError, match="--fills belongs to"):
        broker.take_fills(None)  # type: ignore[arg-type]
    assert (broker.movements(), broker.reading(), broker.outside()) == ((), (), {})
    assert (broker.order_file(DAY), broker.statement(), broker.host_time()) == (None, None, None)
    assert broker.absent(buy(), None) == ()  # type: ignore[arg-type]
    numbers = (broker.visibility, broker.name_lasts, broker.fill_wait, broker.sales_first)
    assert numbers == (0.0, 0.0, 0.0, False)


# -- hours -----------------------------------------------------------------------------------------

SEOUL = ZoneInfo("Asia/Seoul")
DAYS = (date(2026, 3, 3), date(2026, 3, 4), date(2026, 3, 5))


def seconds(day: date, at: str) -> int:
    return int(datetime.fromisoformat(f"{day}T{at}").replace(tzinfo=SEOUL).timestamp())


CALENDAR = Calendar(
    name="XKRX",
    timezone="Asia/Seoul",
    sessions=np.array(DAYS, dtype="datetime64[D]"),
    opens=np.array([seconds(day, "09:00:00") for day in DAYS]),
    closes=np.array([seconds(day, "15:30:00") for day in DAYS]),
    confirmed=DAYS[-1],
)


def at(day: date, time: str, **ends: int) -> OrderWindow:
    return OrderWindow(CALENDAR, Watch(seconds(day, time)), **ends)


@pytest.mark.parametrize(
    ("time", "hours"),
    [
        ("09:04:59", Hours.EARLY), ("09:05:00", Hours.OPEN), ("15:19:59", Hours.OPEN),
        ("15:20:00", Hours.OVER), ("15:30:00", Hours.OVER),
    ],
)  # fmt: skip
def test_orders_go_out_while_liquidity_providers_quote(time: str, hours: Hours) -> None:
    assert at(DAYS[1], time).hours(DAYS[1]) is hours
    assert at(DAYS[1], time).hours(DAYS[2]) is Hours.EARLY
    assert at(DAYS[1], time).hours(DAYS[0]) is Hours.OVER


def test_a_session_is_past_with_its_close() -> None:
    for time, past in (("15:20:00", False), ("15:29:59", False), ("15:30:00", True)):
        assert at(DAYS[1], time).is_past(DAYS[1]) is past
    assert at(DAYS[1], "00:00:00").is_past(DAYS[0])
    assert not at(DAYS[1], "23:59:59").is_past(DAYS[2])
    late = at(DAYS[1], "15:30:00", before_close=-60)  # orders are taken after the close
    assert not late.is_past(DAYS[1])


def test_today_is_the_day_at_the_exchange() -> None:
    assert at(DAYS[1], "00:00:00").today() == DAYS[1]
    assert at(DAYS[1], "23:59:59").today() == DAYS[1]
    fraction = OrderWindow(CALENDAR, Watch(seconds(DAYS[1], "00:00:00") - 0.5))
    assert fraction.today() == DAYS[0]
