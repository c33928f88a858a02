"""What an order leaves behind, and what is booked of its running total."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from scripted import BUY, DAY, FUND, OTHER, SALE, Desk, Scripted, at_broker, planned

from jeoul.model.portfolio import Side
from jeoul.operations.broker.port import (
    Footing,
    Ids,
    OrderState,
)
from jeoul.operations.desk.fills import collect
from jeoul.operations.desk.intents import Intent, intents_of
from jeoul.operations.desk.traces import (
    by_key,
    footing_then,
    request_of,
    sent_at,
    watermark,
)
from jeoul.operations.errors import Unreachable
from jeoul.operations.ledger import portfolio

SMALL = planned(Side.BUY, OTHER, 1, 5_000, 5_000)
"""A buy of 5,000; BUY is one of two shares at 10,050 at most."""


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Desk]:
    broker = Scripted(Ids.UNIQUE)
    broker.sales_first, broker.fill_wait = True, 10.0
    found = Desk(tmp_path, broker, proceeds="reuse")
    yield found
    found.ledger.close()


def one(at: Desk, order: object = BUY, strategy: str = "s") -> Intent:
    (found,) = intents_of(at.ledger, at.freeze(order, strategy=strategy).run_id)
    return found


def test_a_number_of_two_orders_finds_neither(at: Desk) -> None:
    intent = one(at)
    first, second = at_broker(intent, "7", former="1"), at_broker(intent, "8", former="1")
    found = by_key([first, second])
    assert dict(found) == {f"{DAY}/7": first, f"{DAY}/8": second}


def test_an_order_is_marked_with_the_time_and_money_of_its_last_hand_over(at: Desk) -> None:
    intent = one(at)
    assert footing_then(at.ledger, intent) is None
    marks = [{"watermark": []}, {"watermark": ["a"], "footing": [1, 2, 3], "host": 7.5}]
    for when, mark in zip((100, 200), marks, strict=True):
        intent = at.event(intent, "sending", at=when, detail=json.dumps(mark))
    found = watermark(at.ledger, intent)
    assert (found.at, found.orders, found.host) == (200, frozenset("a"), 7.5)
    assert found.footing == footing_then(at.ledger, intent) == Footing(1, 2, 3)
    assert (found.brought, sent_at(at.ledger, intent)) == ((0, 0), 200)
    old = at.event(one(at, SALE, "t"), "sending")
    assert watermark(at.ledger, old).footing is None


def test_fills_of_other_orders_raise_what_can_be_ordered_within_their_fees(at: Desk) -> None:
    """A sale of 30,000 less its fee of 20; a buy for 100 less than it was counted at."""
    at.booked("opening", 99_000, {FUND: 2})
    before, sale, buy = (
        one(at, SALE, "o"),
        one(at, SALE, "t"),
        one(at, planned(Side.BUY, OTHER), "u"),
    )
    market = one(at, planned(Side.BUY, OTHER, limit=None), "v")
    for number, each in enumerate((before, sale, buy, market)):
        at.sent(each, str(number))
    at.broker.listed = [at_broker(before, "0", 1, 10_000, fee=5)]
    at.broker.listed += [at_broker(each, str(n + 1)) for n, each in enumerate((sale, buy, market))]
    collect(at.desk, DAY)
    ours = at.event(one(at, SMALL, "w"), "sending")
    at.broker.listed[1] = at_broker(sale, "1", 2, 30_000, fee=20)
    collect(at.desk, DAY)
    assert watermark(at.ledger, ours).brought == (29_980 - 30, 29_980 + 30)
    at.broker.listed = [
        at_broker(before, "0", 1, 10_000, fee=5),
        at_broker(buy, "2", 2, 20_000, fee=3),
    ]
    at.broker.listed += [at_broker(market, "3")]
    collect(at.desk, DAY)
    assert watermark(at.ledger, ours).brought == (29_950 - 13, 30_010 + 100 + 13)
    at.broker.listed = [at_broker(before, "0", 1, 10_000, fee=5), at_broker(market, "3", 1, 10_500)]
    collect(at.desk, DAY)  # dearer than the price it was counted at: nothing is free again
    assert watermark(at.ledger, ours).brought == (29_937 - 10, 30_123 + 10)


def test_what_sales_brought_adds_up_and_a_fee_may_be_corrected_downwards(at: Desk) -> None:
    at.booked("opening", 0, {FUND: 4})
    sales = [at.sent(one(at, SALE, name), name) for name in ("1", "2")]
    ours = at.event(one(at, SMALL, "w"), "sending")
    at.broker.listed = [
        at_broker(sale, name, 1, 10_000, fee=20) for sale, name in zip(sales, "12", strict=True)
    ]
    collect(at.desk, DAY)
    assert watermark(at.ledger, ours).brought == (19_960 - 60, 19_960 + 60)
    at.broker.listed[0] = at_broker(sales[0], "1", 2, 20_000, fee=15)
    collect(at.desk, DAY)
    assert watermark(at.ledger, ours).brought == (29_965 - 75, 29_965 + 75)


def test_an_order_is_asked_for_with_the_limit_that_it_was_sent_with(at: Desk) -> None:
    intent = replace(one(at), changed_limit=9_000)
    assert (request_of(intent).limit, request_of(replace(intent, changed_limit=None)).limit) == (
        9_000, 10_050,
    )  # fmt: skip


def test_only_orders_of_the_session_at_the_broker_are_looked_up(at: Desk) -> None:
    one(at)
    old = one(at, SALE, "t")
    at.sent(replace(old, executed=DAY), "7")
    collect(at.desk, DAY + timedelta(days=1))
    assert at.broker.asked == []


def test_an_order_that_does_not_show_at_once_is_waited_for_once(at: Desk) -> None:
    intent = at.sent(one(at), "7")
    at.broker.visibility = 5.0
    at.broker.lists, at.broker.listed = [[]], [at_broker(intent, "7")]
    collect(at.desk, DAY)
    assert at.clock.waited == [5.0]
    collect(at.desk, DAY)
    assert at.clock.waited == [5.0]
    at.broker.listed = []
    with pytest.raises(Unreachable, match=f"order {DAY}/7 "):
        collect(at.desk, DAY)


@pytest.mark.parametrize(
    ("total", "state", "ends"),
    [
        ((1, 10_000), OrderState.OPEN, "acknowledged"),
        ((1, 1), OrderState.OPEN, "acknowledged"),
        ((2, 20_000), OrderState.FILLED, "filled"),
        ((1, 10_000), OrderState.CLOSED, "closed"),
        ((0, 0), OrderState.REJECTED, "refused"),
        ((0, 0), OrderState.OPEN, "acknowledged"),
    ],
)
def test_an_order_ends_as_its_broker_says(
    at: Desk, total: tuple[int, int], state: OrderState, ends: str
) -> None:
    at.booked("opening", 30_000)
    intent = at.sent(one(at), "7")
    at.broker.listed = [replace(at_broker(intent, "7", *total), state=state)]
    for _ in range(2):  # seen twice, booked once
        collect(at.desk, DAY)
        found = at.intent(intent.name)
        assert (found.state, found.filled, found.amount) == (ends, *total)
        assert portfolio(at.ledger, "KRW").cash == 30_000 - total[1]
    rows = at.ledger.rows("SELECT filled, shares, amount, session FROM fills")
    assert [tuple(row) for row in rows] == ([(total[0], *total, str(DAY))] if total[0] else [])
    if ends != "acknowledged":
        assert dict(found.detail) == {"filled": total[0]}


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ((1, 10_000), (0, 0)),  # fewer shares
        ((1, 10_000), (1, 10_001)),  # the same for more money
        ((1, 10_000), (1, 9_999)),
        ((1, 10_000), (2, 10_000)),  # more for none
        ((1, 10_000), (2, 9_000)),
        ((0, 0), (3, 30_000)),  # more than was ordered
    ],
)
def test_a_total_that_cannot_follow_from_the_last_one_needs_a_person(
    at: Desk, before: tuple[int, int], now: tuple[int, int]
) -> None:
    at.booked("opening", 90_000)
    intent = at.sent(one(at), "7")
    at.broker.listed = [at_broker(intent, "7", *before)]
    collect(at.desk, DAY)
    at.broker.listed = [replace(at_broker(intent, "7", *now), shares=3, state=OrderState.OPEN)]
    with pytest.raises(Unreachable, match="the broker now says"):
        collect(at.desk, DAY)
    assert at.intent(intent.name).filled == before[0]


def test_a_sale_is_on_its_way_and_a_buy_that_may_reuse_it_takes_it_first(at: Desk) -> None:
    at.booked("opening", 30_000, {FUND: 2})
    sale = at.sent(one(at, SALE, "t"), "7")
    at.broker.listed = [at_broker(sale, "7", 2, 20_000, fee=10)]
    collect(at.desk, DAY)
    books, later = portfolio(at.ledger, "KRW"), DAY + timedelta(days=2)
    assert (books.cash, dict(books.unsettled)) == (30_000, {later: 19_990})
    buy = at.sent(one(at, planned(Side.BUY, OTHER), "u"), "8")
    at.broker.listed = [at_broker(buy, "8", 2, 20_000, fee=30)]
    collect(at.desk, DAY)
    books = portfolio(at.ledger, "KRW")
    assert (books.cash, dict(books.unsettled)) == (29_960, {})
    assert dict(books.shares) == {OTHER: 2}
