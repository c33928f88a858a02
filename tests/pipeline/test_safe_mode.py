"""SAFE mode buys back to target, and sells only to pay money out and where the law says so."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jeoul.account.orders import account_orders
from jeoul.model.decision import Quote, Target
from jeoul.model.portfolio import Portfolio, Side
from jeoul.pipeline.placing import orders_for
from jeoul.pipeline.situation import Situation
from jeoul.rebalance import Fresh, TradeRules

DAY = date(2026, 6, 1)
PRICES = {"A": 10_000, "B": 20_000, "C": 5_000}
SAFE = Situation(safe=True)
HELD = Portfolio({"A": 700, "B": 100}, 1_000_000)  # 7 M, 2 M and 1 M in cash


def target(weights: Any, *, due: bool = True, cap: Any = None, risk: Any = ()) -> Target:
    return Target(
        as_of=DAY, executed=date(2026, 6, 2), currency="KRW",
        weights={**weights, "CASH": 1.0 - sum(weights.values())}, due=due, reasons=(),
        quotes={code: Quote(price=price, session=DAY) for code, price in PRICES.items()},
        band=0.05, min_trade=50_000, risk=frozenset(risk), risk_cap=cap,
    )  # fmt: skip


def orders(wish: Any, held: Any = HELD, situation: Any = SAFE, **more: Any) -> Any:
    rules = more.pop("rules", TradeRules())
    return orders_for(wish, held, rules=rules, situation=situation, **more)


def sold(placed: Any) -> Any:
    return {o.ticker: o.shares for o in placed.orders if o.side is Side.SELL}


def bought(placed: Any) -> Any:
    return {o.ticker: o.shares for o in placed.orders if o.side is Side.BUY}


def detail(placed: Any) -> Any:
    return {
        dict(r.detail)["ticker"]: (int(dict(r.detail)["wanted"]), int(dict(r.detail)["allowed"]))
        for r in placed.reasons
        if r.kind == "operations.cut_safe"
    }


@pytest.mark.parametrize("due", [True, False])
def test_nothing_is_sold_for_the_model_or_the_band(due: Any) -> None:
    wish = target({"A": 0.2, "B": 0.3, "C": 0.5}, due=due)
    free = orders(wish, situation=Situation())
    assert sold(free) == {"A": 500}
    placed = orders(wish)
    assert sold(placed) == {}
    assert detail(placed) == {"A": (500, 0)}
    assert [r.kind for r in placed.reasons[:2]] == [
        "place.model" if due else "place.band", "place.safe",
    ]  # fmt: skip


def test_money_that_is_there_buys_what_is_below_its_target() -> None:
    placed = orders(target({"A": 0.2, "B": 0.3, "C": 0.5}))
    assert sum(n * PRICES[code] for code, n in bought(placed).items()) == 1_000_000
    assert "A" not in bought(placed)


def test_money_to_pay_out_is_sold_for() -> None:
    wish = target({"A": 0.7, "B": 0.3})
    placed = account_orders(wish, HELD, Fresh(), TradeRules(), owed=3_000_000, situation=SAFE)
    raised = sum(n * PRICES[code] for code, n in sold(placed).items())
    assert 2_000_000 <= raised <= 2_020_000
    assert bought(placed) == {}


def test_the_reserve_counts_as_money_to_pay_out() -> None:
    wish = target({"A": 0.2, "B": 0.3, "C": 0.5})
    placed = orders(wish, rules=TradeRules(buffer=1_500_000))
    raised = sum(n * PRICES[code] for code, n in sold(placed).items())
    assert 500_000 <= raised <= 520_000
    assert bought(placed) == {}
    assert detail(placed)["A"][1] == sold(placed)["A"]


def test_risk_assets_beyond_the_cap_of_the_law_come_down_to_it() -> None:
    held = Portfolio({"A": 850, "C": 300}, 0)  # 8.5 M of risk assets in 10 M
    wish = target({"A": 0.2, "C": 0.8}, cap=0.7, risk={"A"})
    assert sold(orders(wish, held, situation=Situation())) == {"A": 650}
    placed = orders(wish, held)
    assert sold(placed) == {"A": 150}
    assert detail(placed) == {"A": (650, 150)}


def test_what_the_account_may_not_hold_is_sold_whole() -> None:
    wish = target({"A": 0.5, "C": 0.5})
    placed = orders(wish, situation=Situation(safe=True, barred=frozenset({"B"})))
    assert sold(placed) == {"B": 100}
    assert set(detail(placed)) == {"A"}


def test_buys_without_sales_never_break_the_cap() -> None:
    held = Portfolio({"A": 600, "C": 200}, 3_000_000)  # 6 M of risk assets in 10 M
    wish = target({"B": 0.7, "C": 0.3}, cap=0.7, risk={"A", "B"})
    placed = orders(wish, held)
    assert sold(placed) == {}
    assert bought(placed)["B"] * PRICES["B"] <= 1_000_000


def test_a_first_investment_is_made_in_safe_mode_too() -> None:
    placed = orders(
        target({"A": 0.5, "B": 0.5}, due=False),
        Portfolio({}, 1_000_000),
        situation=Situation(first=True, safe=True),
    )
    assert bought(placed) == {"A": 50, "B": 25}
    assert placed.reasons[0].kind == "place.first"


WEIGHTS = st.tuples(*[st.integers(0, 10)] * 3).filter(any)


@settings(max_examples=150, deadline=None)
@given(
    WEIGHTS, st.tuples(*[st.integers(0, 400)] * 3), st.integers(0, 5_000_000),
    st.sampled_from([None, 0.4, 0.7]),
)  # fmt: skip
def test_sales_are_never_more_than_the_law_and_the_owner_ask_for(
    parts: Any, shares: Any, cash: Any, cap: Any
) -> None:
    held = Portfolio(dict(zip(PRICES, shares, strict=True)), cash)
    value = held.value(PRICES)
    if not value:
        return
    wish = target(
        {code: part / sum(parts) for code, part in zip(PRICES, parts, strict=True)},
        cap=cap, risk={"A", "B"},
    )  # fmt: skip
    if cap is not None and sum(parts[:2]) / sum(parts) > cap:
        return  # no proposal breaks the cap
    placed = orders(wish, held)
    after = dict(held.shares)
    for order in placed.orders:
        after[order.ticker] += order.shares if order.side is Side.BUY else -order.shares
    risk = sum(held.shares[code] * PRICES[code] for code in "AB")
    then = sum(after[code] * PRICES[code] for code in "AB")
    raised = sum(n * PRICES[code] for code, n in sold(placed).items())
    excess = 0.0 if cap is None else max(risk - cap * value, 0.0)
    assert raised <= excess + sum(PRICES.values())
    assert placed.cash_after >= 0
    if cap is not None:
        assert then <= max(cap * value, risk - raised) + 1e-6
