"""Every reason of an account's decision is borne out by the orders beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jeoul.account.collar import Collar
from jeoul.account.orders import account_decision, account_orders
from jeoul.messages import LANGUAGES, say
from jeoul.model.decision import Quote, Target
from jeoul.model.portfolio import Portfolio, Side, signed_amount
from jeoul.pipeline.claims import claims
from jeoul.rebalance import ETF_TICKS, Fresh, TradeRules
from jeoul.reporting.reasons import reason_text

DAY, FILLED, LATER = date(2026, 6, 1), date(2026, 6, 2), date(2026, 6, 4)
PRICES = {"A": 12_345, "B": 41_000, "C": 108_200}
RULES = TradeRules(buy_fee=Decimal("0.001"), sell_fee=Decimal("0.001"), ticks=ETF_TICKS)


def target(
    weights: Any = (0.5, 0.3, 0.1), *, due: bool = False, cap: Any = None, least: int = 0
) -> Target:
    funds = dict(zip(PRICES, weights, strict=True))
    return Target(
        as_of=DAY, executed=FILLED, currency="KRW",
        weights={**funds, "CASH": 1.0 - sum(weights)}, due=due, reasons=(),
        quotes={code: Quote(price=price, session=DAY) for code, price in PRICES.items()},
        band=0.05, min_trade=least, risk=frozenset({"A", "B"}), risk_cap=cap,
    )  # fmt: skip


def kinds(placed: Any) -> list[str]:
    return [reason.kind for reason in placed.reasons]


def sides(placed: Any) -> set[Side]:
    return {order.side for order in placed.orders}


@st.composite
def cases(draw: Any) -> dict[str, Any]:
    parts = draw(st.tuples(*[st.integers(0, 10)] * 3))
    whole = max(sum(parts), draw(st.integers(1, 12)))
    amounts = st.integers(0, 3_000_000) | st.integers(0, 30_000)
    cash = draw(amounts)
    fresh = Fresh(*(draw(st.sampled_from([0, 0, 1, 9_000, 400_000])) for _ in range(3)))
    coming = draw(st.sampled_from([{}, {LATER: 700_000}]))
    held = {code: draw(st.integers(0, 40)) for code in PRICES}
    held = {code: count for code, count in held.items() if count}
    portfolio = Portfolio(held, cash + fresh.total + 1, unsettled=coming)
    return {
        "made": target(
            [part / whole for part in parts], due=draw(st.booleans()),
            cap=draw(st.sampled_from([None, 0.7])), least=draw(st.sampled_from([0, 50_000])),
        ),
        "portfolio": portfolio, "fresh": fresh,
        "owed": draw(st.sampled_from([0, 0, portfolio.value(PRICES) // 3])),
        "proceeds": draw(st.sampled_from(["settled", "reuse"])),
    }  # fmt: skip


def decide(made: Any, portfolio: Any, fresh: Any, owed: Any, proceeds: Any) -> Any:
    return account_orders(made, portfolio, fresh, RULES, owed=owed, proceeds=proceeds)


@settings(max_examples=300, deadline=None)
@given(case=cases())
def test_a_reason_says_what_the_orders_do(case: Any) -> None:
    placed = decide(**case)
    for reason in placed.reasons:
        needed = claims(reason.kind)
        assert not needed or needed & sides(placed), reason
        for language in LANGUAGES:
            assert "{" not in reason_text(reason, language)
    found = set(kinds(placed))
    if "place.hold" in found:
        assert not placed.orders
    if not placed.orders:
        assert found & {"place.hold", "place.model_rests", "place.band_rests",
                        "place.withdrawal_kept", "place.sales_wait"}  # fmt: skip
    if any(kind.endswith("_idle") for kind in found) or "place.too_small" in found:
        assert Side.BUY not in sides(placed)
    if "place.sales_wait" in found:
        assert Side.SELL not in sides(placed)
    if case["fresh"].deposited and not found & {"place.sales_wait"}:
        assert any(kind.startswith("place.deposit") for kind in found)
    if not case["fresh"].deposited:
        assert not any(kind.startswith("place.deposit") for kind in found)
    if case["proceeds"] == "reuse":
        assert not found & {"place.buys_wait", "place.settled", "place.settled_idle"}


@settings(max_examples=300, deadline=None)
@given(case=cases())
def test_an_order_says_what_is_held_after_it(case: Any) -> None:
    placed, portfolio = decide(**case), case["portfolio"]
    value = portfolio.value(PRICES)
    for order in placed.orders:
        traded = order.shares if order.side is Side.BUY else -order.shares
        after = (portfolio.shares.get(order.ticker, 0) + traded) * PRICES[order.ticker] / value
        assert dict(order.reason.detail)["after"] == f"{after:.1%}"


@settings(max_examples=300, deadline=None)
@given(case=cases())
def test_buys_spend_only_what_may_be_spent(case: Any) -> None:
    placed, portfolio = decide(**case), case["portfolio"]
    bought, sold = (
        sum(signed_amount(o) + RULES.cost(o) for o in placed.orders if o.side is side)
        for side in (Side.BUY, Side.SELL)
    )
    if case["proceeds"] == "settled":
        assert bought <= max(portfolio.cash - case["owed"], 0)
    else:
        assert bought <= max(portfolio.money - sold - case["owed"], 0)


def test_where_sales_fund_buys_the_proceeds_decide_how_much_is_bought() -> None:
    held, made = Portfolio({"C": 10}, 0), target(due=True)
    waiting = account_orders(made, held, Fresh(), RULES)
    assert (sides(waiting), kinds(waiting)) == ({Side.SELL}, ["place.model", "place.buys_wait"])
    reused = account_orders(made, held, Fresh(), RULES, proceeds="reuse")
    assert (sides(reused), kinds(reused)) == ({Side.SELL, Side.BUY}, ["place.model"])
    assert reused.cash_after >= 0


def test_money_on_its_way_is_reused_too() -> None:
    coming = Portfolio({}, 0, unsettled={LATER: 1_000_000})
    assert account_orders(target(due=True), coming, Fresh(), RULES).orders == ()
    reused = account_orders(target(due=True), coming, Fresh(), RULES, proceeds="reuse")
    assert sides(reused) == {Side.BUY}


def test_a_deposit_too_small_for_any_fund_names_the_cheapest() -> None:
    poor = Portfolio({"A": 41, "B": 7, "C": 1}, 9_000)
    wish = target((0.55, 0.31, 0.12))
    found = account_orders(wish, poor, Fresh(deposited=9_000), RULES)
    assert found.orders == ()
    assert kinds(found) == ["place.hold", "place.deposit_idle", "place.too_small"]
    assert dict(found.reasons[-1].detail) == {"ticker": "A", "free": "9,000", "price": "12,345"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_settled_sales_are_not_called_deposits(language: str) -> None:
    held = Portfolio({"A": 41, "B": 7, "C": 1}, 60_000)
    wish = target((0.55, 0.31, 0.12))
    named = {
        part: reason_text(account_orders(wish, held, fresh, RULES).reasons[0], language)
        for part, fresh in {
            "deposit": Fresh(deposited=50_000),
            "settled": Fresh(settled=50_000),
            "adopted": Fresh(adopted=50_000),
        }.items()
    }
    for part, text in named.items():
        assert text == say(language, f"place.{part}", {"amount": "50,000"})
    assert len(set(named.values())) == 3
    mixed = account_orders(wish, held, Fresh(deposited=20_000, settled=30_000), RULES)
    assert kinds(mixed) == ["place.deposit", "place.settled"]
    assert [dict(reason.detail)["amount"] for reason in mixed.reasons] == ["20,000", "30,000"]


def test_fresh_money_shrinks_with_the_cash_and_sales_go_first() -> None:
    for cash, (paid, sold) in product((0, 7, 12, 50), [(5, 8), (-3, 8), (8, -3)]):
        found = Fresh(paid, sold).within(cash)
        assert found.total == min(cash, max(paid, 0) + max(sold, 0))
        assert found.deposited == min(max(paid, 0), cash)


def test_buys_are_paid_even_at_their_limits(sample: Any, desk: Any) -> None:
    proposal = desk.proposal(sample, date(2024, 6, 28), "managed", "balanced")
    rules, held = TradeRules(ticks=ETF_TICKS), Portfolio({"069500": 100}, 500_000)
    collar = Collar(Decimal("0.02"), dict.fromkeys(proposal.quotes, 1.0))
    for proceeds, money in (("settled", 500_000), ("reuse", 500_000)):
        found = account_decision(
            proposal,
            held,
            Fresh(),
            rules,
            proceeds=proceeds,  # type: ignore[arg-type]
            collar=collar,
        )
        worst = {
            side: sum(o.shares * (o.limit or 0) for o in found.orders if o.side is side)
            for side in Side
        }
        assert found.orders
        assert worst[Side.BUY] <= money + (worst[Side.SELL] if proceeds == "reuse" else 0)
        assert found.proceeds == proceeds


@pytest.mark.parametrize("kept", ["owed", "buffer"])
@pytest.mark.parametrize("cash", [500_000, 3_200_000, 30_000_000])
@pytest.mark.parametrize("part", [0.01, 0.3, 0.9])
def test_what_is_kept_in_cash_is_there_if_every_order_fills_at_its_limit(
    sample: Any, desk: Any, kept: str, cash: int, part: float
) -> None:
    proposal = desk.proposal(sample, date(2024, 6, 28), "managed", "conservative")
    collar = Collar(Decimal("0.02"), dict.fromkeys(proposal.quotes, 1.0))
    held, amount = Portfolio({"069500": 200}, cash), int(part * cash)
    rules = replace(RULES, buffer=amount if kept == "buffer" else 0)
    owed = amount if kept == "owed" else 0
    found = account_decision(proposal, held, Fresh(), rules, owed=owed, collar=collar)
    buys = [replace(o, price=o.limit or 0) for o in found.orders if o.side is Side.BUY]
    left = cash - sum(o.shares * o.price + RULES.cost(o) for o in buys)
    assert buys
    assert left >= amount


@pytest.mark.parametrize("deposit", range(9_000, 40_000, 500))
def test_a_deposit_whose_buys_are_all_cut_at_their_limits_stays_in_cash(
    sample: Any, desk: Any, deposit: int
) -> None:
    proposal = desk.proposal(sample, date(2024, 6, 28), "managed", "balanced")
    collar = Collar(Decimal("0.02"), dict.fromkeys(proposal.quotes, 1.0))
    found = account_decision(proposal, Portfolio({}, deposit), Fresh(deposit), RULES, collar=collar)
    said = {reason.kind for reason in found.reasons if reason.kind.startswith("place.deposit")}
    bought = any(order.side is Side.BUY for order in found.orders)
    assert said == ({"place.deposit_counts"} if bought else {"place.deposit_idle"})


def test_a_small_account_buys_what_is_left_of_its_money() -> None:
    """A hundredth of 892,500 is the smallest order, also where a buy is cut to what can be paid."""
    made = target((0.0, 0.9, 0.0), due=True, least=50_000)
    found = account_orders(
        made, Portfolio({"C": 5}, 45_000), Fresh(), replace(RULES, min_trade=50_000)
    )
    assert [(o.ticker, o.shares) for o in found.orders if o.side is Side.BUY] == [("B", 1)]
