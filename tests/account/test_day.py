"""One session of an account, by hand: what comes in, what is owed, what a close fills."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jeoul import api
from jeoul.account.day import AccountState, DayOrder, DayRules, Due, account_day, settle
from jeoul.account.price_events import PriceEvents
from jeoul.model.portfolio import Portfolio, Side
from jeoul.model.series import PriceTable
from jeoul.rebalance import Fresh, Tariff

KRX = api.calendars()["XKRX"]
DAY = date(2026, 6, 1)
EARLIER, LATER = date(2026, 5, 29), date(2026, 6, 4)
ARRIVAL = KRX.label(KRX.index(DAY) + 2)
FREE = Tariff()


def rules(
    close: Any = 1000.0, *, split: Any = 1.0, dividend: Any = 0.0, costs: Any = FREE, **keys: Any
) -> DayRules:
    """A session on which fund A closes at a price, perhaps after a split and a dividend."""
    table = PriceTable(
        "XKRX", "KRW", "raw", ("A",), np.array([DAY], dtype="datetime64[D]"),
        np.zeros(1, dtype=np.int64), np.array([[close]]), np.array([[dividend]]),
        np.array([[split]]),
    )  # fmt: skip
    return DayRules(
        events=PriceEvents((table,)), calendar=KRX, buys=costs, sells=costs, **keys
    )  # fmt: skip


def state(shares: Any = None, cash: Any = 0, *, coming: Any = None, **keys: Any) -> AccountState:
    return AccountState(portfolio=Portfolio(shares or {}, cash, "KRW", coming or {}), **keys)


def buy(shares: Any, limit: Any = None) -> DayOrder:
    return DayOrder(Side.BUY, "A", shares, limit)


def sell(shares: Any, limit: Any = None) -> DayOrder:
    return DayOrder(Side.SELL, "A", shares, limit)


def filled(before: Any, orders: Any, how: Any, due: Any = Due()) -> list[int]:  # noqa: B008
    found = account_day(before, DAY, due, orders, how).fills
    return [0 if fill is None else fill.shares for fill in found]


def test_a_fund_that_has_never_closed_is_worth_nothing() -> None:
    """Neither one that is not in the data, nor one whose first close is still to come."""
    events = rules(close=float("nan")).events
    assert events.prices(("A", "B"), DAY) == {"A": 0, "B": 0}
    assert rules().events.prices(("A",), EARLIER) == {"A": 0}
    assert events.last_close("A", DAY) is None


def test_money_due_today_buys_today_and_money_due_later_does_not() -> None:
    assert filled(state(coming={DAY: 5_000}), [buy(9)], rules()) == [5]
    assert filled(state(coming={LATER: 5_000}), [buy(9)], rules()) == [0]


def test_a_deposit_of_today_buys_today() -> None:
    assert filled(state(cash=1_000), [buy(9)], rules(), Due(deposit=3_000)) == [4]


def test_what_a_sale_brings_is_on_its_way_and_buys_nothing_today() -> None:
    passed = account_day(state({"A": 7}, 2_000), DAY, Due(), [buy(9), sell(4)], rules())
    assert [fill.shares for fill in passed.fills if fill] == [2, 4]
    assert passed.state.portfolio == Portfolio({"A": 5}, 0, "KRW", {ARRIVAL: 4_000})


def test_where_proceeds_are_reused_a_sale_pays_for_buys_of_the_same_session() -> None:
    how, held = rules(proceeds="reuse"), state({"A": 7}, 2_000)
    passed = account_day(held, DAY, Due(), [buy(9), sell(4)], how)
    assert [fill.shares for fill in passed.fills if fill] == [6, 4]
    assert passed.state.portfolio == Portfolio({"A": 9}, 0, "KRW", {})


def test_a_buy_is_set_off_against_sales_before_it_takes_settled_cash() -> None:
    held = state({"A": 7}, 2_000, coming={LATER: 1_500})
    passed = account_day(held, DAY, Due(), [buy(5), sell(4)], rules(proceeds="reuse"))
    assert passed.state.portfolio == Portfolio({"A": 8}, 2_000, "KRW", {LATER: 500})


def test_reused_proceeds_never_pay_with_what_is_owed() -> None:
    held = state({"A": 7}, 2_000, owed=5_000)
    passed = account_day(held, DAY, Due(), [buy(9), sell(4)], rules(proceeds="reuse"))
    assert [fill.shares for fill in passed.fills if fill] == [1, 4]


def test_buys_never_spend_what_is_owed() -> None:
    assert filled(state({"A": 9}, 10_000, owed=12_000), [buy(9)], rules()) == [0]
    withdrawal = Due(withdrawal=12_000)
    passed = account_day(state({"A": 9}, 10_000), DAY, withdrawal, [buy(9)], rules())
    assert (passed.fills, passed.state.owed) == ((None,), 12_000)
    assert passed.state.portfolio.cash == 10_000
    paid = account_day(state({"A": 9}, 10_000), DAY, Due(withdrawal=7_000), [buy(9)], rules())
    assert (paid.flows.withdrawal, paid.state.owed) == (7_000, 0)
    assert [fill.shares for fill in paid.fills if fill] == [3]


def test_money_that_is_paid_out_is_fresh_no_more() -> None:
    before = state({"A": 9}, 4_000)
    passed = account_day(before, DAY, Due(deposit=5_000, withdrawal=7_000), [], rules())
    assert (passed.state.portfolio.cash, passed.state.fresh.total) == (2_000, 2_000)
    smaller = account_day(before, DAY, Due(deposit=5_000, withdrawal=1_000), [], rules())
    assert (smaller.state.portfolio.cash, smaller.state.fresh.total) == (8_000, 5_000)


@pytest.mark.parametrize(
    ("shares", "coming"), [({"A": 1}, {}), ({}, {LATER: 1}), ({"A": 1}, {LATER: 1})]
)
def test_an_account_pays_less_than_it_owes_only_when_nothing_more_can_come(
    shares: Any, coming: Any
) -> None:
    waits = account_day(state(shares, 300, coming=coming, owed=500), DAY, Due(), [], rules())
    assert (waits.flows.withdrawal, waits.state.owed) == (0, 500)
    emptied = account_day(state({}, 300, coming={}, owed=500), DAY, Due(), [], rules())
    assert (emptied.flows.withdrawal, emptied.state.owed) == (300, 200)
    assert emptied.state.portfolio.money == 0


def test_interest_is_of_the_cash_that_lay_there_over_night_rounded_down() -> None:
    before = state(cash=1_999, coming={DAY: 50_000}, overnight=1_999)
    passed = account_day(before, DAY, Due(interest=0.001), [], rules())
    assert passed.flows.interest == 1
    assert passed.state.overnight == passed.state.portfolio.cash == 52_000


def test_settled_money_is_fresh() -> None:
    found = settle(state(cash=5, coming={EARLIER: 7, LATER: 11}, fresh=Fresh(3)), DAY)
    assert (found.portfolio.cash, found.fresh) == (12, Fresh(deposited=3, settled=7))
    assert found.portfolio.unsettled == {LATER: 11}


def test_a_dividend_and_a_split_come_before_the_close() -> None:
    passed = account_day(
        state({"A": 3}), DAY, Due(), [sell(99)], rules(500.0, split=2.5, dividend=10.0)
    )
    assert [(a.kind, a.shares, a.cash) for a in passed.actions] == [
        ("split", 4, 250),
        ("dividend", 0, 70),
    ]
    assert passed.state.portfolio == Portfolio({}, 320, "KRW", {ARRIVAL: 3_500})


@pytest.mark.parametrize(
    ("order", "expected"),
    [(buy(5, 999), 0), (buy(5, 1_000), 5), (sell(5, 1_001), 0), (sell(5, 1_000), 5)],
)
def test_a_limit_is_the_worst_price(order: Any, expected: Any) -> None:
    assert filled(state({"A": 9}, 9_000), [order], rules()) == [expected]


def test_no_more_is_filled_than_finds_a_counterparty() -> None:
    thin = rules(depth={"A": 2})
    assert filled(state({"A": 9}, 9_000), [sell(5), buy(5)], thin) == [2, 2]


def test_nothing_is_filled_without_a_close() -> None:
    assert filled(state({"A": 9}, 9_000), [sell(5), buy(5)], rules(float("nan"))) == [0, 0]


def test_two_orders_of_a_fund_share_what_is_held_and_what_is_there() -> None:
    assert filled(state({"A": 9}, 9_000), [sell(6), sell(6), buy(6), buy(6)], rules()) == [
        6,
        3,
        6,
        3,
    ]


def test_every_cost_comes_out_of_the_same_cash() -> None:
    dear = Tariff(Decimal("0.001"), min_fee=20, fixed_fee=5, spread=Decimal("0.02"))
    passed = account_day(state(cash=10_124), DAY, Due(), [buy(99)], rules(costs=dear))
    (fill,) = passed.fills
    assert (fill.shares, fill.fee, fill.spread) == (9, 25, 90)
    assert passed.state.portfolio.cash == 10_124 - 9_000 - 25 - 90
    one_more = account_day(state(cash=10_125), DAY, Due(), [buy(99)], rules(costs=dear))
    assert one_more.state.portfolio == Portfolio({"A": 10}, 0)


def test_a_sale_that_brings_nothing_is_not_made() -> None:
    flat = Tariff(fixed_fee=3_000)
    assert filled(state({"A": 9}), [sell(3), sell(4)], rules(costs=flat)) == [0, 4]
    for fee, sold in ((2_999, 3), (3_000, 0), (3_001, 0)):
        assert filled(state({"A": 9}), [sell(3)], rules(costs=Tariff(fixed_fee=fee))) == [sold]


@given(
    st.integers(0, 50), st.integers(0, 90_000), st.integers(0, 90_000), st.integers(0, 50_000),
    st.lists(st.tuples(st.sampled_from(Side), st.integers(1, 60)), max_size=5),
    st.sampled_from([FREE, Tariff(Decimal("0.01"), 30, 7, Decimal("0.004"))]),
    st.integers(0, 90_000),
)  # fmt: skip
def test_a_day_changes_money_and_shares_by_what_it_records(
    shares: Any, cash: Any, coming: Any, deposit: Any, orders: Any, costs: Any, withdrawal: Any
) -> None:
    before = state({"A": shares}, cash, coming={LATER: coming}, overnight=cash)
    passed = account_day(
        before, DAY, Due(0.001, deposit, withdrawal),
        [DayOrder(side, "A", count) for side, count in orders],
        rules(split=0.5, dividend=3.0, costs=costs),
    )  # fmt: skip
    flows, after = passed.flows, passed.state.portfolio
    fills = [fill for fill in passed.fills if fill is not None]
    moved = flows.interest + flows.deposit - flows.withdrawal
    moved += sum(a.cash for a in passed.actions) + sum(fill.cash for fill in fills)
    assert after.money == before.portfolio.money + moved
    traded = sum(f.shares if f.side is Side.BUY else -f.shares for f in fills)
    held = shares + sum(a.shares for a in passed.actions) + traded
    assert dict(after.shares) == ({"A": held} if held else {})
    assert after.cash >= 0
    assert flows.withdrawal + passed.state.owed == withdrawal


def test_a_day_leaves_what_it_was_given_as_it_was() -> None:
    before = state({"A": 3}, 5_000, coming={DAY: 10})
    kept = replace(before, portfolio=replace(before.portfolio, shares={"A": 3}))
    account_day(before, DAY, Due(0.5, 7, 3), [sell(1), buy(1)], rules(split=2.0))
    assert before == kept
