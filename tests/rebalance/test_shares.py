"""Whole-share orders: what can never happen, what must, and how close to the best they are."""

from __future__ import annotations

import time
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pypfopt import DiscreteAllocation

from jeoul.errors import UsageError
from jeoul.messages import LANGUAGES, say
from jeoul.model.portfolio import CASH, Portfolio, Side
from jeoul.rebalance import (
    ETF_TICKS,
    TradeRules,
    current_weights,
    drift,
    order_fee,
    plan_deposit,
    plan_orders,
    round_to_tick,
)

TICKERS = ("069500", "114260", "132030", "305080", "360750", "411060")


@st.composite
def accounts(draw: Any, max_cash: Any = 10**8) -> Any:
    """Return weights, an account and prices; some weights are 0, some holdings unwanted."""
    tickers = draw(st.lists(st.sampled_from(TICKERS), min_size=1, unique=True))
    parts = [draw(st.integers(0, 20)) for _ in (*tickers, CASH)]
    assume(sum(parts) > 0)
    weights = {t: p / sum(parts) for t, p in zip((*tickers, CASH), parts, strict=True)}
    prices = {t: draw(st.integers(500, 200_000)) for t in tickers}
    shares = {t: draw(st.integers(0, 300)) for t in tickers if draw(st.booleans())}
    return weights, Portfolio(shares, draw(st.integers(0, max_cash))), prices


trade_rules = st.builds(
    TradeRules,
    buy_fee=st.decimals(0, Decimal("0.02"), places=6),
    sell_fee=st.decimals(0, Decimal("0.02"), places=6),
    lot=st.sampled_from([1, 1, 1, 10]),
    ticks=st.sampled_from([((0, 1),), ETF_TICKS]),
    buffer=st.integers(0, 10**6),
    min_trade=st.sampled_from([0, 0, 50_000, 10**6]),
    max_trades=st.sampled_from([None, None, 0, 1, 3]),
    spend_proceeds=st.booleans(),
)


def settle(account: Any, orders: Any, rules: Any) -> Any:
    """Return shares and cash after the orders, one by one, refusing what an exchange would."""
    shares, cash, proceeds = dict(account.shares), account.cash, 0
    for order in orders:
        amount = order.shares * order.price
        if order.side is Side.SELL:
            assert order.shares <= shares[order.ticker]
            shares[order.ticker] -= order.shares
            proceeds += amount - order_fee(amount, rules.sell_fee)
        else:
            if rules.spend_proceeds:
                cash, proceeds = cash + proceeds, 0
            shares[order.ticker] = shares.get(order.ticker, 0) + order.shares
            cash -= amount + order_fee(amount, rules.buy_fee)
            assert cash >= 0
    return shares, cash, cash + proceeds


@given(accounts(), trade_rules)
@settings(max_examples=150, deadline=None)
def test_orders_can_always_be_carried_out(account: Any, rules: Any) -> None:
    weights, portfolio, prices = account
    plan = plan_orders(weights, portfolio, prices, rules)
    _, spendable, total = settle(portfolio, plan.orders, rules)
    assert plan.cash == total
    if any(order.side is Side.BUY for order in plan.orders):
        assert spendable >= min(rules.buffer, portfolio.cash)
    sides = [order.side for order in plan.orders]
    assert sides == sorted(sides, key=lambda side: side is Side.BUY)
    for order in plan.orders:
        assert order.shares > 0
        assert order.shares % rules.lot == 0
        assert order.shares * order.price >= rules.min_trade
        for language in LANGUAGES:
            assert "{" not in say(language, order.reason.kind, dict(order.reason.detail))
    assert len(plan.orders) <= (len(prices) if rules.max_trades is None else rules.max_trades)


@given(accounts(max_cash=3 * 10**6), trade_rules)
@settings(max_examples=40, deadline=None)
def test_the_proven_best_is_never_worse_than_the_search(account: Any, rules: Any) -> None:
    weights, portfolio, prices = account
    assume(portfolio.cash > 0)
    quick = plan_orders(weights, portfolio, prices, rules)
    begun = time.monotonic()
    best = plan_orders(weights, portfolio, prices, rules, prove=True, seconds=5)
    in_time = time.monotonic() - begun < 5  # a rare account takes longer to prove
    settle(portfolio, best.orders, rules)
    assert best.objective <= quick.objective
    assert best.certificate.objective == best.objective
    assert best.certificate.bound <= best.objective
    assert best.certificate.gap == best.objective - best.certificate.bound
    assert best.certificate.gap <= 1e-7 or not in_time


def test_an_account_beyond_the_strictest_tolerances_is_proven_all_the_same() -> None:
    weights = {
        "A0": 0.23588525799960075,
        "A1": 0.10675617880734313,
        "A2": 0.09542398674605153,
        "A3": 0.10103744541445396,
        "A4": 0.19357879245020693,
        "A5": 0.24731833858234364,
        CASH: 0.02000000000000013,
    }
    shares = {"A0": 20, "A1": 126, "A2": 44, "A3": 15, "A4": 109, "A5": 11}
    prices = {"A0": 56480, "A1": 24045, "A2": 35120, "A3": 59975, "A4": 18690, "A5": 20200}
    fee = Decimal("0.00014")
    rules = TradeRules(buy_fee=fee, sell_fee=fee, ticks=ETF_TICKS, min_trade=50_000)
    plan = plan_orders(weights, Portfolio(shares, 554_552), prices, rules, prove=True)
    assert plan.certificate.gap <= 1e-7
    assert min(order.shares * order.price for order in plan.orders) >= 50_000


def brute_force(weights: Any, portfolio: Any, prices: Any, reach: Any) -> Any:
    """Return the least distance over all holdings of two instruments, without fees."""
    value = portfolio.cash + sum(n * prices[t] for t, n in portfolio.shares.items())
    (a, pa), (b, pb) = sorted(prices.items())
    best = np.inf
    for i in range(reach):
        for j in range(reach):
            cash = value - i * pa - j * pb
            if cash >= 0:
                away = abs(weights[a] - i * pa / value) + abs(weights[b] - j * pb / value)
                best = min(best, away + abs(weights[CASH] - cash / value))
    return best


@given(
    st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(0, 3)),
    st.tuples(st.integers(50, 400), st.integers(50, 400)),
    st.tuples(st.integers(0, 6), st.integers(0, 6)),
    st.integers(1, 2_000),
)
@settings(max_examples=60, deadline=None)
def test_two_instruments_reach_what_trying_everything_finds(
    parts: Any, prices: Any, shares: Any, cash: Any
) -> None:
    weights = dict(zip(("A", "B", CASH), (p / sum(parts) for p in parts), strict=True))
    quotes = dict(zip("AB", prices, strict=True))
    account = Portfolio(dict(zip("AB", shares, strict=True)), cash)
    plan = plan_orders(weights, account, quotes, TradeRules(), prove=True)
    assert plan.objective == pytest.approx(brute_force(weights, account, quotes, 150), abs=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_from_all_cash_the_best_is_that_of_pyportfolioopt(seed: int) -> None:
    rng = np.random.default_rng(seed)
    names = [f"T{i:02}" for i in range(10)]
    parts = rng.dirichlet(np.ones(10))
    weights = dict(zip(names, parts / parts.sum(), strict=True))
    prices = {name: int(p) for name, p in zip(names, rng.integers(20, 480, 10), strict=True)}
    oracle, left = DiscreteAllocation(
        weights, pd.Series(prices), total_portfolio_value=25_000
    ).lp_portfolio(solver="HIGHS")
    held = {name: int(oracle.get(name, 0)) for name in names}
    expected = sum(abs(weights[n] - held[n] * prices[n] / 25_000) for n in names) + left / 25_000
    plan = plan_orders(weights, Portfolio({}, 25_000), prices, TradeRules(), prove=True)
    assert plan.objective == pytest.approx(expected, abs=1e-6)


@given(accounts(), st.sampled_from([10, 1000]))
@settings(max_examples=50, deadline=None)
def test_money_in_another_unit_gives_the_same_orders(account: Any, unit: Any) -> None:
    weights, portfolio, prices = account
    dear = Portfolio(portfolio.shares, portfolio.cash * unit)
    dearer = {ticker: price * unit for ticker, price in prices.items()}
    rules = TradeRules(buy_fee=Decimal("0.001"), sell_fee=Decimal("0.002"))
    one = plan_orders(weights, portfolio, prices, rules)
    other = plan_orders(weights, dear, dearer, rules)
    assert other.objective == pytest.approx(one.objective, abs=1e-8)


def test_hundredfold_account_gives_hundredfold_shares() -> None:
    weights = {"A": 0.5, "B": 0.3, CASH: 0.2}
    prices = {"A": 100, "B": 60}
    for size in (1, 100):
        plan = plan_orders(weights, Portfolio({}, 1_000 * size), prices, TradeRules())
        assert {o.ticker: o.shares for o in plan.orders} == {"A": 5 * size, "B": 5 * size}


def test_what_a_sale_brings_fills_the_buffer_before_it_buys() -> None:
    rules = TradeRules(buffer=20_000, spend_proceeds=True, buy_fee=Decimal("0.001"))
    account, prices = Portfolio({"A": 7, "B": 3}, 0), {"A": 10_000, "B": 10_000}
    plan = plan_orders({"A": 0.5, "B": 0.5}, account, prices, rules)
    assert [(o.side, o.ticker, o.shares) for o in plan.orders] == [(Side.SELL, "A", 2)]
    assert plan.cash == 20_000


@given(accounts(), st.decimals(0, Decimal("0.01"), places=6), st.integers(0, 20_000))
@settings(max_examples=120, deadline=None)
def test_a_deposit_leaves_less_than_one_cheapest_share_idle(
    account: Any, fee: Any, buffer: Any
) -> None:
    weights, portfolio, prices = account
    wanted = [ticker for ticker, weight in weights.items() if weight > 0 and ticker != CASH]
    assume(wanted)
    rules = TradeRules(buy_fee=fee, buffer=buffer, min_trade=10**6, ticks=ETF_TICKS)
    plan = plan_deposit(weights, portfolio, prices, rules)
    assert {order.side for order in plan.orders} <= {Side.BUY}
    assert {order.ticker for order in plan.orders} <= set(wanted)
    cheapest = min(round_to_tick(prices[ticker], "up") for ticker in wanted)
    assert plan.cash - buffer < cheapest * (1 + fee)
    assert plan.cash >= min(buffer, portfolio.cash)


def test_a_deposit_goes_to_the_most_underweight() -> None:
    account = Portfolio({"A": 60, "B": 10, "C": 10}, 500)
    prices = {"A": 10, "B": 10, "C": 10}
    plan = plan_deposit({"A": 0.4, "B": 0.3, "C": 0.3}, account, prices, TradeRules())
    assert {o.ticker: o.shares for o in plan.orders} == {"B": 25, "C": 25}


def test_twelve_deposits_of_100_000_won_are_put_to_work() -> None:
    weights = {"069500": 0.45, "114260": 0.35, "132030": 0.1, "305080": 0.08, CASH: 0.02}
    prices = {"069500": 36_415, "114260": 57_830, "132030": 16_455, "305080": 11_020}
    rules = TradeRules(buy_fee=Decimal("0.000140527"), ticks=ETF_TICKS)
    account = Portfolio({}, 0)
    for _ in range(12):
        account = Portfolio(account.shares, account.cash + 100_000)
        plan = plan_deposit(weights, account, prices, rules)
        shares, _, cash = settle(account, plan.orders, rules)
        account = Portfolio(shares, cash)
        assert account.cash < 11_020 * 1.001
    wanted = {t: w / 0.98 for t, w in weights.items() if t != CASH}
    assert drift(current_weights(account, prices), wanted) < 0.05


def test_frozen_and_unpriced_holdings_stay_and_the_rest_share_what_is_left() -> None:
    account = Portfolio({"A": 50, "gone": 7, "F": 30}, 2_000)
    prices = {"A": 100, "B": 100, "F": 100}
    weights = {"A": 0.5, "B": 0.5}
    plan = plan_orders(weights, account, prices, TradeRules(), frozen={"F"})
    # 10,000 in all, 3,000 of it frozen: 3,500 each for A and B
    assert [(o.side.value, o.ticker, o.shares) for o in plan.orders] == [
        ("SELL", "A", 15),
        ("BUY", "B", 35),
    ]
    assert [(r.kind, dict(r.detail)["ticker"]) for r in plan.kept] == [
        ("rebalance.frozen", "F"),
        ("rebalance.unpriced", "gone"),
    ]
    for reason in plan.kept:
        for language in LANGUAGES:
            assert dict(reason.detail)["ticker"] in say(language, reason.kind, dict(reason.detail))


def test_without_proceeds_buys_wait_for_settled_cash() -> None:
    account = Portfolio({"A": 100}, 300, unsettled={date(2026, 12, 29): 700})
    prices, weights = {"A": 100, "B": 100}, {"A": 0.5, "B": 0.5}
    plan = plan_orders(weights, account, prices, TradeRules(spend_proceeds=False))
    assert [(o.side.value, o.ticker, o.shares) for o in plan.orders] == [
        ("SELL", "A", 45),
        ("BUY", "B", 3),
    ]
    assert plan.value == 11_000


def test_orders_below_the_minimum_are_left_out() -> None:
    account, prices = Portfolio({"A": 52, "B": 48}, 0), {"A": 1_000, "B": 1_000}
    weights = {"A": 0.5, "B": 0.5}
    assert plan_orders(weights, account, prices, TradeRules(min_trade=3_000)).orders == ()
    assert len(plan_orders(weights, account, prices, TradeRules(min_trade=2_000)).orders) == 2


def test_nothing_wanted_sells_everything() -> None:
    plan = plan_orders({CASH: 1.0}, Portfolio({"A": 3}, 5), {"A": 10}, TradeRules())
    assert [(o.side.value, o.shares, o.reason.kind) for o in plan.orders] == [
        ("SELL", 3, "rebalance.sell_all")
    ]
    assert plan.cash == 35


def test_an_empty_account_has_no_orders() -> None:
    assert plan_orders({CASH: 1.0}, Portfolio({}, 0), {}, TradeRules()).orders == ()
    assert plan_deposit({CASH: 1.0}, Portfolio({}, 100), {}, TradeRules()).orders == ()
    for cash in (0, 9):
        plan = plan_orders({CASH: 1.0}, Portfolio({}, cash), {}, TradeRules(), prove=True)
        assert (plan.orders, plan.cash, plan.objective) == ((), cash, 0.0)


@pytest.mark.parametrize(
    ("weights", "portfolio", "prices", "fault"),
    [
        ({"A": 0.5}, Portfolio({}, 1), {"A": 1}, "sum to 0.5"),
        ({"A": -0.5, CASH: 1.5}, Portfolio({}, 1), {"A": 1}, "weight of A is -0.5"),
        ({"A": float("nan"), CASH: 1.0}, Portfolio({}, 1), {"A": 1}, "weight of A is nan"),
        ({"A": 1.0}, Portfolio({}, 1), {"A": 0}, "price of A is 0"),
        ({"A": 1.0}, Portfolio({}, 1), {"A": 10.5}, "price of A is 10.5"),
        ({"A": 1.0}, Portfolio({"A": -1}, 1), {"A": 1}, "-1 shares of A"),
        ({"A": 1.0}, Portfolio({"A": 1}, -1), {"A": 1}, "the cash is -1"),
        ({"A": 1.0}, Portfolio({"A": 1}, 10**15), {"A": 1}, "too large"),
    ],
)
def test_what_makes_no_sense_is_refused(
    weights: Any, portfolio: Any, prices: Any, fault: str
) -> None:
    with pytest.raises(UsageError, match=fault):
        plan_orders(weights, portfolio, prices, TradeRules())


def test_rules_that_make_no_sense_are_refused_together() -> None:
    with pytest.raises(
        UsageError, match=r"buy_fee is below 0; lot is below 1; max_trades is below 0"
    ):
        TradeRules(buy_fee=Decimal(-1), lot=0, max_trades=-1)
    with pytest.raises(UsageError, match="1 or more"):
        TradeRules(sell_fee=Decimal(1))


def test_an_account_may_be_as_large_as_single_won_can_be_told_apart() -> None:
    plan = plan_orders({"A": 0.0, CASH: 1.0}, Portfolio({}, 10**14), {"A": 10_000}, TradeRules())
    assert plan.orders == ()
    with pytest.raises(UsageError, match="too large"):
        plan_orders({CASH: 1.0}, Portfolio({}, 10**14 + 1), {"A": 10_000}, TradeRules())
