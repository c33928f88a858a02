"""Buys beyond settled cash are cut before a plan is frozen, with every cost of theirs counted."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from harness import proposal, sessions

from jeoul.model.portfolio import Portfolio, Reason, Side
from jeoul.operations.desk.guards import screen
from jeoul.operations.desk.intents import PlannedOrder
from jeoul.operations.setup.config import SafetySettings
from jeoul.pipeline.paying import PaymentRules
from jeoul.rebalance import Tariff

DAY = sessions()[0]
WANTED = proposal(DAY, {"069500": 0.5})
LOOSE = SafetySettings(max_turnover=2.0)


def order(side: Any, shares: Any, *, price: Any = 1_000, limit: Any = None) -> PlannedOrder:
    return PlannedOrder(side, "069500", shares, price, limit, Reason("x"))


def passed(
    orders: Any, cash: Any, fees: Any, held: Any = 0, proceeds: Any = "settled", locked: Any = 0
) -> Any:
    portfolio = Portfolio({"069500": held} if held else {}, cash)
    found = screen(
        orders, WANTED, portfolio, LOOSE, traded=0,
        payment=PaymentRules(fees, fees, proceeds), locked={"069500": locked} if locked else {},
    )  # fmt: skip
    return [each.shares for each in found.orders], [reason.kind for reason in found.cut]


@pytest.mark.parametrize(
    ("fees", "cash"),
    [
        (Tariff(), 10_000),
        (Tariff(Decimal("0.01")), 10_100),
        (Tariff(min_fee=300), 10_300),
        (Tariff(Decimal("0.01"), min_fee=300, fixed_fee=40), 10_340),
        (Tariff(spread=Decimal("0.01")), 10_050),
    ],
)
def test_the_costs_of_a_buy_are_paid_from_the_same_cash(fees: Any, cash: Any) -> None:
    assert passed([order(Side.BUY, 10)], cash, fees) == ([10], [])
    assert passed([order(Side.BUY, 10)], cash - 1, fees) == ([9], ["operations.cut_cash"])


def test_the_costs_of_one_buy_are_missing_for_the_next() -> None:
    buys, fees = [order(Side.BUY, 4), order(Side.BUY, 5)], Tariff(fixed_fee=100)
    assert passed(buys, 9_200, fees) == ([4, 5], [])
    assert passed(buys, 9_199, fees) == ([4, 4], ["operations.cut_cash"])


def test_a_buy_must_be_affordable_at_its_limit() -> None:
    assert passed([order(Side.BUY, 10, limit=1_250)], 10_000, Tariff())[0] == [8]


def test_a_sale_goes_out_whole_and_pays_for_nothing() -> None:
    orders = [order(Side.SELL, 7), order(Side.BUY, 3)]
    assert passed(orders, 2_000, Tariff(), held=7) == ([7, 2], ["operations.cut_cash"])


@pytest.mark.parametrize(("locked", "sold"), [(0, [7]), (2, [5]), (7, []), (9, [])])
def test_shares_that_the_broker_keeps_are_not_sold(locked: Any, sold: Any) -> None:
    kinds = ["operations.cut_locked"] if locked else []
    assert passed([order(Side.SELL, 7)], 0, Tariff(), held=7, locked=locked) == (sold, kinds)


def test_where_proceeds_are_reused_a_sale_pays_at_its_limit_less_its_costs() -> None:
    orders = [order(Side.SELL, 7, limit=900), order(Side.BUY, 9)]
    assert passed(orders, 2_000, Tariff(), held=7, proceeds="reuse")[0] == [7, 8]
    fees = Tariff(fixed_fee=310)
    assert passed(orders, 2_000, fees, held=7, proceeds="reuse")[0] == [7, 7]


def test_a_buy_that_cannot_be_paid_at_all_is_left_out() -> None:
    assert passed([order(Side.BUY, 3)], 999, Tariff()) == ([], ["operations.cut_cash"])


def test_holdings_without_a_price_do_not_widen_the_limits() -> None:
    narrow = replace(WANTED, quotes={"069500": WANTED.quotes["069500"]})
    limits = SafetySettings(max_order=0.5)
    rich = Portfolio({"999999": 10**6}, 10_000)
    found = screen(
        [order(Side.BUY, 6)], narrow, rich, limits, traded=0,
        payment=PaymentRules(Tariff(), Tariff()), locked={},
    )  # fmt: skip
    assert [reason.kind for reason in found.forbidden] == ["operations.order_limit"]
