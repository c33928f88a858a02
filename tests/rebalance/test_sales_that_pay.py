"""Sales for a withdrawal, by hand: when nothing is sold, what goes first, and what it is told."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from jeoul.model.portfolio import Portfolio, Side
from jeoul.rebalance import Tariff, TradeRules, plan_withdrawal

FREE = TradeRules()
HALVES = {"A": 0.5, "B": 0.5}


def sold(weights: Any, held: Any, cash: int, amount: int, rules: Any = FREE) -> dict[str, int]:
    prices = dict.fromkeys(held, 10)
    orders = plan_withdrawal(weights, Portfolio(held, cash), prices, rules, amount)
    return {order.ticker: order.shares for order in orders}


@pytest.mark.parametrize(
    ("weights", "held", "cash", "amount", "sales"),
    [
        (HALVES, {"A": 5, "B": 5}, 60, 0, {}),
        (HALVES, {"A": 5, "B": 5}, 60, 60, {}),
        (HALVES, {"A": 5, "B": 4}, 60, 61, {"A": 1}),
        (HALVES, {"A": 5, "B": 4}, 60, 70, {"A": 1}),
        (HALVES, {"A": 5, "B": 4}, 60, 71, {"A": 1, "B": 1}),
        (HALVES, {"A": 9, "B": 3}, 0, 60, {"A": 6}),
        (HALVES, {"A": 9, "B": 3}, 0, 80, {"A": 7, "B": 1}),
        (HALVES, {"A": 9, "B": 3}, 0, 120, {"A": 9, "B": 3}),
        (HALVES, {"A": 9, "B": 3}, 0, 999, {"A": 9, "B": 3}),
        ({"A": 0.75, "B": 0.25}, {"A": 9, "B": 9}, 0, 60, {"B": 6}),
        # what has no target goes first, and no more of it than is needed
        ({"A": 1.0}, {"A": 9, "B": 3}, 0, 20, {"B": 2}),
        ({"A": 1.0}, {"A": 9, "B": 3}, 0, 30, {"B": 3}),
        ({"A": 1.0}, {"A": 9, "B": 3}, 0, 31, {"A": 1, "B": 3}),
        ({"A": 1.0}, {"A": 9, "B": 3, "C": 6}, 0, 60, {"C": 4, "B": 2}),
        # by what is held of it, where nothing has a target
        ({}, {"A": 4, "B": 8}, 0, 60, {"A": 2, "B": 4}),
        (HALVES, {}, 0, 10, {}),
        (HALVES, {"A": 0, "B": 2}, 0, 10, {"B": 1}),
    ],
)
def test_as_much_is_sold_as_is_missing(
    weights: Any, held: Any, cash: int, amount: int, sales: Any
) -> None:
    assert sold(weights, held, cash, amount) == sales


def test_no_fee_is_paid_for_money_that_is_there() -> None:
    dear = TradeRules(fixed_fee=50)
    assert sold({"A": 1.0}, {"A": 9, "B": 1}, 60, 60, dear) == {}
    assert sold({"A": 1.0}, {"A": 9, "B": 1}, 60, 59, dear) == {}


def test_a_sale_covers_its_own_costs_too() -> None:
    for rules in (
        TradeRules(sell_fee=Decimal("0.5")),
        TradeRules(sell_fee=Decimal("0.25"), spread=Decimal("0.5")),
        TradeRules(fixed_fee=20),
        TradeRules(min_fee=20),
    ):
        assert sold({"A": 1.0}, {"A": 9}, 0, 20, rules) == {"A": 4}, rules


def test_a_sale_is_made_at_the_price_of_its_order_and_explained_at_that_of_a_share() -> None:
    rules = TradeRules(ticks=((0, 8),))
    account, prices = Portfolio({"A": 3, "B": 6}, 10), {"A": 10, "B": 10}
    orders = plan_withdrawal({"A": 0.1, "B": 0.9}, account, prices, rules, 20)
    assert [(o.side, o.ticker, o.shares, o.price) for o in orders] == [(Side.SELL, "A", 2, 8)]
    # of 100 in all, 80 stay: 8 of them in A
    assert dict(orders[0].reason.detail) == {"now": "30.0%", "target": "8.0%", "after": "10.0%"}


def test_an_account_that_pays_more_than_it_has_aims_at_nothing() -> None:
    for amount in (1, 2, 99):
        (order,) = plan_withdrawal({"A": 1.0}, Portfolio({"A": 1}, 0), {"A": 1}, FREE, amount)
        assert dict(order.reason.detail) == {"now": "100.0%", "target": "0.0%", "after": "0.0%"}


def test_the_largest_sale_is_the_first_order() -> None:
    account = Portfolio({"A": 1, "B": 3, "C": 1}, 0)
    orders = plan_withdrawal({}, account, {"A": 10, "B": 10, "C": 10}, FREE, 50)
    assert [order.ticker for order in orders] == ["B", "A", "C"]


def test_a_share_beyond_what_a_float_can_count_is_sold_too() -> None:
    many = 2**53 + 1
    orders = plan_withdrawal(
        {"A": 1.0}, Portfolio({"A": 5, "B": many}, 0), {"A": 1, "B": 1}, FREE, many + 2
    )
    assert {order.ticker: order.shares for order in orders} == {"A": 2, "B": many}


def test_millions_of_shares_are_not_sold_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    usual = TradeRules.tariff

    def tariff(self: TradeRules, side: Side) -> Tariff:
        asked.append(side)
        return usual(self, side)

    monkeypatch.setattr(TradeRules, "tariff", tariff)
    for held, sales in (
        ({"A": 10**6}, {"A": 300_001}),
        ({"A": 10**6, "B": 2 * 10**6}, {"B": 300_001}),
    ):
        asked.clear()
        assert sold({"A": 0.5, "B": 0.5}, held, 0, 3_000_001) == sales
        assert len(asked) < 150 * len(held)
