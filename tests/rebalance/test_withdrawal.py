"""Sales for money that is paid out: enough, no more than needed, the most overweight first."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jeoul.errors import UsageError
from jeoul.model.portfolio import Portfolio
from jeoul.rebalance import TradeRules, affordable_shares, plan_withdrawal
from jeoul.rebalance.costs import Tariff

FREE = TradeRules()


def sold(weights: Any, portfolio: Any, prices: Any, amount: Any, rules: Any = FREE) -> Any:
    return {o.ticker: o.shares for o in plan_withdrawal(weights, portfolio, prices, rules, amount)}


def test_money_that_is_there_sells_nothing() -> None:
    held = Portfolio({"A": 10}, 60, unsettled={})
    assert sold({"A": 1.0}, held, {"A": 10}, 60) == {}


def test_what_has_no_target_is_sold_first_and_no_more_of_it_than_needed() -> None:
    held = Portfolio({"A": 50, "B": 50}, 0)
    assert sold({"A": 1.0}, held, {"A": 10, "B": 10}, 100) == {"B": 10}


def test_the_most_overweight_comes_down_to_its_target_before_the_rest() -> None:
    held = Portfolio({"A": 70, "B": 30}, 0)
    assert sold({"A": 0.5, "B": 0.5}, held, {"A": 10, "B": 10}, 200) == {"A": 20}
    assert sold({"A": 0.5, "B": 0.5}, held, {"A": 10, "B": 10}, 600) == {"A": 50, "B": 10}


def test_more_than_the_account_sells_everything_with_a_price() -> None:
    held = Portfolio({"A": 3, "B": 2}, 1)
    assert sold({"A": 1.0}, held, {"A": 10}, 999) == {"A": 3}


def test_a_negative_withdrawal_is_refused() -> None:
    with pytest.raises(UsageError, match="below zero"):
        plan_withdrawal({"A": 1.0}, Portfolio({"A": 1}, 0), {"A": 10}, FREE, -1)


holdings = st.dictionaries(st.sampled_from("ABCD"), st.integers(1, 500), min_size=1)


@given(
    shares=holdings,
    prices=st.lists(st.integers(5, 90_000), min_size=4, max_size=4),
    weights=st.lists(st.integers(0, 9), min_size=4, max_size=4),
    cash=st.integers(0, 50_000),
    share=st.integers(1, 95),
    fee=st.sampled_from([Decimal(0), Decimal("0.00014"), Decimal("0.01")]),
)
def test_sales_cover_the_money_and_at_most_a_share_of_each_fund_beyond_it(
    shares: Any, prices: Any, weights: Any, cash: Any, share: Any, fee: Any
) -> None:
    quotes = dict(zip("ABCD", prices, strict=True))
    whole = sum(weights) or 1
    wanted = {label: weight / whole for label, weight in zip("ABCD", weights, strict=True)}
    value = cash + sum(n * quotes[label] for label, n in shares.items())
    amount, rules = value * share // 100, TradeRules(sell_fee=fee)
    orders = plan_withdrawal(wanted, Portfolio(shares, cash), quotes, rules, amount)
    proceeds = sum(o.shares * o.price - rules.cost(o) for o in orders)
    assert all(o.shares <= shares[o.ticker] for o in orders)
    if orders and sum(o.shares for o in orders) < sum(shares.values()):
        assert cash + proceeds >= amount
        assert cash + proceeds < amount + max(quotes[label] for label in shares) * len(shares)


@given(
    cash=st.integers(0, 1_000_000),
    price=st.integers(1, 200_000),
    rate=st.sampled_from([Decimal(0), Decimal("0.00014"), Decimal("0.3")]),
    least=st.integers(0, 5_000),
    fixed=st.integers(0, 700),
    spread=st.sampled_from([Decimal(0), Decimal("0.001"), Decimal("0.2")]),
)
def test_what_is_affordable_is_paid_with_all_costs_and_one_share_more_is_not(
    cash: Any, price: Any, rate: Any, least: Any, fixed: Any, spread: Any
) -> None:
    tariff = Tariff(rate, least, fixed, spread)
    found = affordable_shares(cash, price, tariff)
    assert found.left >= 0
    beyond = (found.shares + 1) * price
    assert beyond + tariff.costs(beyond).total > cash
    assert found.left == cash - found.shares * price - tariff.costs(found.shares * price).total


def test_money_on_its_way_is_not_raised_a_second_time() -> None:
    held = Portfolio({"A": 100}, 50, unsettled={date(2026, 3, 4): 250})
    assert sold({"A": 1.0}, held, {"A": 10}, 300) == {}
    assert sold({"A": 1.0}, held, {"A": 10}, 500) == {"A": 20}


@pytest.mark.parametrize("price", [0, -1])
def test_nothing_can_be_bought_at_no_price(price: Any) -> None:
    with pytest.raises(UsageError, match="positive whole number"):
        affordable_shares(100, price, Decimal(0))


@pytest.mark.parametrize(
    "name",
    ["buy_fee", "sell_fee", "min_fee", "fixed_fee", "spread", "lot", "buffer", "min_trade"],
)
def test_no_rule_of_trading_is_below_its_least(name: Any) -> None:
    with pytest.raises(UsageError, match=f"{name} is below {1 if name == 'lot' else 0}"):
        TradeRules(**{name: 0 if name == "lot" else -1})  # type: ignore[arg-type]
    assert TradeRules(**{name: 1 if name == "lot" else 0})  # type: ignore[arg-type]
