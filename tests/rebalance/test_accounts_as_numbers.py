"""An account as numbers and back: what the search is told, and what its answer comes to."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from tests.rebalance.two_funds import two_funds

from jeoul.errors import UsageError
from jeoul.model.portfolio import CASH, Portfolio
from jeoul.rebalance import (
    TradeRules,
    cash_after,
    cost_of,
    plan_deposit,
    plan_orders,
)
from jeoul.rebalance.problem import effect, idle_cost, open_to_trade

FREE = TradeRules()
LATER = date(2026, 12, 29)


@pytest.mark.parametrize(
    ("fund", "trade", "cost", "gross", "spent"),
    [
        (0, 0, 60.0, 0.0, 0.0),
        (0, 1, 50.0 + 2.1, -10.0, 12.1),  # 11 and a tenth for what is worth 10
        (0, 2, 40.0 + 4.2, -20.0, 24.2),
        (0, 7, 10.0 + 14.7, -70.0, 84.7),  # beyond the target
        (1, -1, 30.0 + 5.6, 20.0, -14.4),  # 18 less a fifth for what is worth 20
        (1, -2, 10.0 + 11.2, 40.0, -28.8),
    ],
)
def test_a_trade_costs_its_distance_its_fees_and_what_ticks_lose(
    fund: int, trade: int, cost: float, gross: float, spent: float
) -> None:
    assert effect(two_funds(), fund, trade) == pytest.approx((cost, gross, spent))
    waits = effect(two_funds(spend_proceeds=False), fund, trade)
    assert waits == pytest.approx((cost, gross, spent if trade > 0 else 0.0))


@pytest.mark.parametrize(("cash", "cost"), [(20.0, 0.0), (21.0, 3.0), (18.0, 2.0)])
def test_idle_cash_above_its_target_weighs_more_than_what_is_missing(
    cash: float, cost: float
) -> None:
    assert idle_cost(two_funds(), cash) == cost


def test_the_objective_and_the_cash_are_the_sums_over_all_trades() -> None:
    problem, trades = two_funds(), np.array([2, -2])
    # gross cash is 30 + 7 - 20 + 40, 37 above its target
    assert cost_of(problem, trades) == pytest.approx(44.2 + 21.2 + 3.0 * 37.0)
    assert cash_after(problem, trades) == pytest.approx(30.0 - 24.2 + 28.8)
    assert cost_of(problem, np.array([0, 0])) == pytest.approx(60.0 + 50.0 + 3.0 * 17.0)
    assert cash_after(problem._replace(spend_proceeds=False), trades) == pytest.approx(5.8)


def test_a_fund_is_open_to_trade_from_the_smallest_trade_on_either_side() -> None:
    gaps = {59.0: [True, False], 60.0: [True, False], 60.5: [False, False], 50.0: [True, True]}
    for least, is_open in gaps.items():  # 60 below its target, and 50 above
        assert open_to_trade(two_funds(min_trade=least)).tolist() == is_open


def told(weights: Any, account: Portfolio, prices: Any, rules: TradeRules, **keys: Any) -> Any:
    return plan_orders(weights, account, prices, rules, **keys).searched.problem


def test_the_search_is_told_prices_fees_and_money_as_they_are() -> None:
    rules = TradeRules(
        buy_fee=Decimal("0.01"),
        sell_fee=Decimal("0.02"),
        spread=Decimal("0.004"),
        ticks=((0, 10),),
        lot=2,
        min_trade=30,
        spend_proceeds=False,
    )
    account = Portfolio({"B": 3}, 700, unsettled={LATER: 40})
    found = told({"A": 0.5, "B": 0.25, CASH: 0.25}, account, {"A": 24, "B": 20}, rules)
    assert found.target.tolist() == [400.0, 200.0]
    assert found.price.tolist() == [24.0, 20.0]
    assert (found.buy.tolist(), found.sell.tolist()) == ([30.0, 20.0], [20.0, 20.0])
    assert found.held.tolist() == [0, 3]
    assert (found.cash, found.incoming, found.cash_target) == (700.0, 40.0, 200.0)
    assert (found.buy_fee, found.sell_fee) == pytest.approx((0.012, 0.022))
    assert (found.lot, found.min_trade, found.idle_weight) == (2, 30.0, 1.0)
    assert (found.may_sell, found.spend_proceeds) == (True, False)
    assert not told({"A": 1.0}, account, {"A": 24}, rules, sells=False).may_sell


@pytest.mark.parametrize(
    ("rules", "most", "floor"),
    [
        (FREE, 2, 0),
        (TradeRules(buffer=50), 2, 50),
        (TradeRules(min_fee=7), 2, 14),
        (TradeRules(fixed_fee=3), 2, 6),
        (TradeRules(buffer=50, min_fee=7, fixed_fee=3), 2, 70),
        (TradeRules(buffer=50, min_fee=7, fixed_fee=3, max_trades=1), 1, 60),
        (TradeRules(buffer=50, min_fee=7, fixed_fee=3, max_trades=9), 2, 70),
        (TradeRules(buffer=50, min_fee=7, max_trades=0), 0, 50),
        (TradeRules(buffer=999), 2, 999),
        (TradeRules(buffer=2_000), 2, 1_000),
    ],
)
def test_what_orders_pay_beside_their_rate_is_set_apart_for_as_many_as_there_may_be(
    rules: TradeRules, most: int, floor: int
) -> None:
    found = told({"A": 0.5, "B": 0.5}, Portfolio({}, 1_000), {"A": 10, "B": 10}, rules)
    assert (found.max_trades, found.floor) == (most, float(floor))


def test_a_deposit_weighs_idle_cash_above_the_dearest_overshoot() -> None:
    rules = TradeRules(buy_fee=Decimal("0.01"), spread=Decimal("0.02"), ticks=((0, 6),))
    plan = plan_deposit({"A": 0.5, "B": 0.5}, Portfolio({}, 100), {"A": 12, "B": 10}, rules)
    found = plan.searched.problem
    assert found.idle_weight == pytest.approx(1.001 * 1.2 * 1.02)  # B is bought at 12
    assert (found.may_sell, found.min_trade, found.cash_target) == (False, 0.0, 0.0)


@pytest.mark.parametrize(
    ("buffer", "cash", "target", "kept"),
    [(0, 100, [60.0, 60.0], 0.0), (10, 100, [55.0, 55.0], 10.0), (900, 100, [10.0, 10.0], 100.0)],
)
def test_a_deposit_shares_what_is_left_beside_the_buffer_and_what_is_frozen(
    buffer: int, cash: int, target: Any, kept: float
) -> None:
    account = Portfolio({"A": 2, "F": 7}, cash)
    weights = {"A": 0.4, "B": 0.4, "F": 0.1, CASH: 0.1}
    prices = {"A": 10, "B": 10, "F": 10}
    plan = plan_deposit(weights, account, prices, TradeRules(buffer=buffer), frozen={"F"})
    found = plan.searched.problem
    assert found.target.tolist() == pytest.approx(target)
    assert found.cash_target == kept


def test_a_deposit_buys_nothing_without_a_target_however_cheap() -> None:
    plan = plan_deposit({"A": 0.0, "B": 1.0}, Portfolio({}, 35), {"A": 1, "B": 30, "C": 1}, FREE)
    assert [(order.ticker, order.shares) for order in plan.orders] == [("B", 1)]
    assert plan.cash == 5


@pytest.mark.parametrize(
    ("weights", "frozen", "target", "cash_target"),
    [
        ({"A": 0.5, "B": 0.5}, (), [100.0, 100.0], 0.0),
        ({"A": 0.25, "B": 0.25, CASH: 0.5}, (), [50.0, 50.0], 100.0),
        ({"A": 0.4, "B": 0.4, CASH: 0.2}, ("B",), [100.0], 50.0),  # of 150, as 4 to 2
        ({"A": 0.0, "B": 1.0}, ("B",), [0.0], 150.0),
        ({"B": 1.0}, ("B",), [0.0], 150.0),  # nothing that may be traded is wanted
    ],
)
def test_the_weights_share_what_is_not_frozen(
    weights: Any, frozen: Any, target: Any, cash_target: float
) -> None:
    account = Portfolio({"A": 5, "B": 5}, 100)
    found = told(weights, account, {"A": 10, "B": 10}, FREE, frozen=frozen)
    assert found.target.tolist() == pytest.approx(target)
    assert found.cash_target == pytest.approx(cash_target)


def test_cash_is_wanted_up_to_the_buffer_even_where_the_weights_want_less() -> None:
    for buffer, wanted in ((0, 20.0), (20, 20.0), (21, 21.0)):
        rules = TradeRules(buffer=buffer)
        found = told({"A": 0.8, CASH: 0.2}, Portfolio({}, 100), {"A": 10}, rules)
        assert found.cash_target == pytest.approx(wanted)


def kept(weights: Any, held: Any, prices: Any, frozen: Any = ()) -> list[tuple[str, str]]:
    plan = plan_orders(weights, Portfolio(held, 10), prices, FREE, frozen=frozen)
    return [(each.kind, dict(each.detail)["ticker"]) for each in plan.kept]


def test_what_cannot_be_traded_is_told_where_it_is_held_or_wanted() -> None:
    unpriced, frozen = "rebalance.unpriced", "rebalance.frozen"
    assert kept({"A": 1.0}, {}, {}) == [(unpriced, "A")]
    assert kept({"B": 1.0}, {"A": 1}, {"B": 10}) == [(unpriced, "A")]
    assert kept({"A": 0.0, "B": 1.0}, {"A": 0}, {"B": 10}) == []
    assert kept({"A": 1.0}, {}, {"A": 10}, ("A",)) == [(frozen, "A")]
    assert kept({"B": 1.0}, {"A": 1}, {"A": 10, "B": 10}, ("A",)) == [(frozen, "A")]
    assert kept({"A": 0.0, "B": 1.0}, {"A": 0}, {"A": 10, "B": 10}, ("A",)) == []
    assert kept({"A": 1.0}, {"A": 1}, {"A": 10}) == []
    assert kept({"A": 0.5, CASH: 0.5}, {}, {"A": 10}) == []
    # neither the sets of Python nor the order of the input order them
    names = ["G", "A", "F", "B", "E", "C", "D"]
    assert kept(dict.fromkeys(names, 1 / 7), {}, {}) == [(unpriced, name) for name in sorted(names)]


@pytest.mark.parametrize(
    ("target", "held", "side", "count", "reason"),
    [
        (0.5, 4, "BUY", 1, "rebalance.buy_under"),
        (0.5, 6, "SELL", 1, "rebalance.sell_over"),
        (0.0, 1, "SELL", 1, "rebalance.sell_all"),
    ],
)
def test_a_single_share_is_an_order_with_its_reason(
    target: float, held: int, side: str, count: int, reason: str
) -> None:
    account = Portfolio({"A": held}, 1_000 - 100 * held)
    plan = plan_orders({"A": target, CASH: 1.0 - target}, account, {"A": 100}, FREE)
    (order,) = plan.orders
    assert (order.side, order.shares, order.price) == (side, count, 100)
    assert [type(number) for number in (order.shares, order.price)] == [int, int]
    after = held + (1 if side == "BUY" else -1)
    assert order.reason.kind == reason
    assert dict(order.reason.detail) == {
        "now": f"{held * 10}.0%", "target": f"{target:.1%}", "after": f"{after * 10}.0%",
    }  # fmt: skip


def test_a_share_that_only_puts_cash_to_work_is_not_said_to_be_missing() -> None:
    # A has exactly its target of 20; the last 7 do not pay a share of B
    account = Portfolio({"A": 4, "B": 1}, 7)
    plan = plan_deposit({"A": 0.5, "B": 0.5}, account, {"A": 5, "B": 13}, FREE)
    assert [(o.ticker, o.shares, o.reason.kind) for o in plan.orders] == [
        ("A", 1, "rebalance.buy_idle")
    ]


def test_orders_are_sales_before_buys_and_the_largest_first() -> None:
    account = Portfolio({"A": 1, "B": 3, "C": 1}, 0)
    weights = {"D": 0.2, "E": 0.6, "F": 0.2}
    plan = plan_orders(weights, account, dict.fromkeys("ABCDEF", 10), FREE)
    assert [(o.side.value, o.ticker, o.shares) for o in plan.orders] == [
        ("SELL", "B", 3), ("SELL", "A", 1), ("SELL", "C", 1),
        ("BUY", "E", 3), ("BUY", "D", 1), ("BUY", "F", 1),
    ]  # fmt: skip


def test_the_money_of_a_plan_is_what_its_orders_leave_and_all_that_is_coming() -> None:
    rules = TradeRules(buy_fee=Decimal("0.01"), sell_fee=Decimal("0.02"), ticks=((0, 10),))
    account = Portfolio({"A": 10}, 70, unsettled={LATER: 30})
    plan = plan_orders({"B": 1.0}, account, {"A": 99, "B": 901}, rules)
    assert [(o.ticker, o.shares, o.price) for o in plan.orders] == [("A", 10, 90), ("B", 1, 910)]
    assert (plan.fees, plan.cash) == (18 + 9, 70 + 30 + 900 - 910 - 27)
    assert plan.value == 1_090
    assert plan.certificate is None


@pytest.mark.parametrize(
    ("weights", "prices", "said"),
    [
        ({"A": float("inf")}, {"A": 1}, "the weight of A is inf"),
        ({"A": 1.5}, {"A": 1}, "sum to 1.5"),
        ({"A": 0.5}, {"A": 1}, "sum to 0.5"),
        ({"A": 1.0}, {"A": True}, "the price of A is True"),
        ({"A": 1.0}, {"A": 1.0}, "the price of A is 1.0"),
        ({"A": 1.0}, {"A": 0}, "the price of A is 0"),
    ],
)
def test_what_cannot_be_ordered_is_refused(weights: Any, prices: Any, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        plan_orders(weights, Portfolio({}, 1), prices, FREE)


@pytest.mark.parametrize("account", [Portfolio({"A": -1}, 5), Portfolio({"A": 1}, -1)])
def test_less_than_nothing_is_neither_held_nor_spent(account: Portfolio) -> None:
    with pytest.raises(UsageError, match="-1"):
        plan_orders({"A": 1.0}, account, {"A": 1}, FREE)


def test_weights_that_are_none_are_not_added_up() -> None:
    with pytest.raises(UsageError) as caught:
        plan_orders({"A": -0.5}, Portfolio({}, 1), {"A": 1}, FREE)
    assert "weight of A is -0.5" in str(caught.value)
    assert "sum to" not in str(caught.value)


def test_the_smallest_prices_and_accounts_and_numbers_of_numpy_are_taken() -> None:
    price: Any = np.int64(1)
    plan = plan_orders({"A": 1.0}, Portfolio({"A": 0}, 3), {"A": price}, FREE)
    assert [(order.shares, type(order.price)) for order in plan.orders] == [(3, int)]
    assert plan_orders({"A": 1.0}, Portfolio({"A": 1}, 0), {"A": 1}, FREE).orders == ()


def test_an_account_is_counted_to_the_won_up_to_a_hundred_trillion() -> None:
    all_cash = {CASH: 1.0}
    assert plan_orders(all_cash, Portfolio({}, 100_000_000_000_000), {}, FREE).cash == 10**14
    with pytest.raises(UsageError, match="an account of 100000000000001 units is too large"):
        plan_orders(all_cash, Portfolio({}, 100_000_000_000_001), {}, FREE)
