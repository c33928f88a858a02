"""Which signs show that an order never arrived: both clocks, the lists, and the balance."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from kis_desk import DAY, Watch, buy

from jeoul.model.portfolio import Side
from jeoul.operations.broker.port import BrokerAccount, BrokerOrder, Footing, OrderState, Watermark
from jeoul.operations.broker.rest.broker import RestBroker

LIST, OPEN, BALANCE = "the list of orders", "the list of open orders", "the balance"
COST = 3 * 37_000
STOOD = Footing(held=5, locked=1, orderable=1_000_000)


class Listing(RestBroker):
    """A broker that lists what a test says; its host says its time."""

    def __init__(self, **told: Any) -> None:
        self.told = told
        self.clock = Watch(10_000.0)
        self.window: Any = SimpleNamespace(is_past=lambda _: told.get("past", False))

    def orders(self, session: date) -> Any:
        assert session == DAY
        return self.told.get("listed", [])

    def account(self) -> Any:
        return self.told.get("account")

    def host_time(self) -> float | None:
        host: float | None = self.told.get("host", 5_900.0)
        return host

    def listed_as_open(self, request: Any, before: Any) -> bool | None:
        found: bool | None = self.told.get("open")
        return found

    def submit(self, request: Any) -> str:
        raise AssertionError("nothing is sent here")

    def cancel(self, order: Any) -> None:
        raise AssertionError("nothing is sent here")

    def questions(self, session: date) -> Any:
        raise AssertionError("nothing is asked here")


def signs(
    at: int = 9_100, before: float | None = 5_000.0, footing: Footing | None = None,
    brought: tuple[int, int] = (0, 0), limit: int | None = 37_000, **told: Any,
) -> list[str]:  # fmt: skip
    mark = Watermark(at, frozenset({"2026-03-04/1"}), footing, before, brought)
    return list(Listing(**told).absent(buy(limit=limit), mark))


def order(number: str = "2", **fields: Any) -> BrokerOrder:
    terms = {"side": Side.BUY, "ticker": "069500", "shares": 3, "limit": 37_000, **fields}
    return BrokerOrder(number, None, DAY, state=OrderState.OPEN, **terms)


def account(held: int = 5, locked: int = 1, orderable: int | None = 1_000_000) -> BrokerAccount:
    return BrokerAccount({"069500": held}, 0, {}, {"069500": locked}, orderable)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, [LIST]),
        ({"at": 9_101}, []),
        ({"at": 9_099}, [LIST]),
        ({"host": 5_899.0}, []),
        ({"host": 5_901.0}, [LIST]),
        ({"host": None}, []),
        ({"before": None}, []),
        ({"open": False}, [LIST, OPEN]),
        ({"open": True}, []),
        ({"open": True, "past": True}, [LIST]),  # that list is of today
    ],
)
def test_absence_takes_fifteen_minutes_by_both_clocks(
    told: dict[str, Any], expected: list[str]
) -> None:
    assert signs(**told) == expected


@pytest.mark.parametrize(
    ("each", "expected"),
    [
        (order(), []),
        (order("1"), [LIST]),  # it was there before
        (order(shares=2), [LIST]),
        (order(limit=36_999), [LIST]),
        (order(side=Side.SELL), [LIST]),
        (order(ticker="114260"), [LIST]),
        (order(changes="1"), [LIST]),
    ],
)
def test_an_order_on_the_same_terms_speaks_against_absence(
    each: BrokerOrder, expected: list[str]
) -> None:
    assert signs(listed=[order(ticker="360750"), each]) == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"account": account()}, [LIST, BALANCE]),
        ({"account": None}, []),
        ({"account": account(held=6)}, []),
        ({"account": account(held=4)}, []),
        ({"account": account(locked=2)}, [LIST]),
        ({"account": account(orderable=999_999)}, [LIST]),
        ({"account": account(orderable=1_000_001)}, [LIST]),
        ({"account": account(orderable=None)}, [LIST]),
        ({"account": account(orderable=999_999), "past": True}, [LIST, BALANCE]),
        ({"account": account(held=6), "past": True}, []),
        ({"account": account(orderable=1_000_070), "brought": (60, 80)}, [LIST, BALANCE]),
        ({"account": account(orderable=1_000_070), "brought": (71, 80)}, [LIST]),
        # As exactly as what three shares cost at the limit, and not less exactly.
        ({"account": account(orderable=1_000_070), "brought": (0, COST - 1)}, [LIST, BALANCE]),
        ({"account": account(orderable=1_000_070), "brought": (0, COST)}, [LIST]),
        ({"account": account(), "brought": (0, 0), "limit": None}, [LIST, BALANCE]),
        ({"account": account(), "brought": (0, 1), "limit": None}, [LIST]),
    ],
)
def test_the_balance_speaks_where_it_is_as_it_was(
    told: dict[str, Any], expected: list[str]
) -> None:
    assert signs(footing=STOOD, **told) == expected


def test_a_broker_that_cannot_say_more_says_nothing() -> None:
    mark = Watermark(0, frozenset(), None)
    assert RestBroker.listed_as_open(Listing(), buy(), mark) is None


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        (Footing(0, 0, None), Footing(0, 0, None), True),
        (Footing(0, 0, None), Footing(0, 0, 5), False),
        (Footing(0, 0, 5), Footing(0, 0, None), False),
        (Footing(0, 0, 5), Footing(0, 0, 5), True),
        (Footing(1, 0, 5), Footing(0, 0, 5), False),
        (Footing(0, 1, 5), Footing(0, 0, 5), False),
    ],
)
def test_nothing_moved_where_everything_stands_as_it_did(
    then: Footing, now: Footing, expected: bool
) -> None:
    assert now.is_after(then, (0, 0), 10) is expected


@pytest.mark.parametrize(
    ("rose", "brought", "cost", "expected"),
    [
        (59, (60, 80), 30, False), (60, (60, 80), 30, True), (80, (60, 80), 30, True),
        (81, (60, 80), 30, False), (70, (60, 80), 20, False), (70, (60, 80), 21, True),
        (70, (60, 80), None, False), (70, (70, 70), None, True), (70, (70, 70), 0, True),
        (-5, (-9, -5), 30, True), (-4, (-9, -5), 30, False), (-10, (-9, -5), 30, False),
    ],
)  # fmt: skip
def test_what_can_be_ordered_rose_by_what_fills_brought(
    rose: int, brought: tuple[int, int], cost: int | None, expected: bool
) -> None:
    now, then = Footing(2, 1, 1_000 + rose), Footing(2, 1, 1_000)
    assert now.is_after(then, brought, cost) is expected


def test_where_an_account_stands_for_a_fund() -> None:
    assert Footing.of(account(), "069500") == STOOD
    assert Footing.of(account(orderable=None), "114260") == Footing(0, 0, None)
