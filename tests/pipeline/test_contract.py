"""What must hold of every proposal and every order, on real data and on the sample."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jeoul import api
from jeoul.errors import HoldingsError, Infeasible, ShortHistory, UsageError
from jeoul.model.instrument import AccountKind
from jeoul.model.portfolio import CASH, Portfolio, Side
from jeoul.pipeline import place
from jeoul.rebalance import current_weights, round_to_tick

DAY = date(2024, 6, 28)
PROFILES = ("conservative", "balanced", "growth")
ACCOUNTS = tuple(map(str, AccountKind))


def after(portfolio: Any, decision: Any) -> Any:
    """Return the shares held once the orders are filled."""
    held = dict(portfolio.shares)
    for order in decision.orders:
        held[order.ticker] = held.get(order.ticker, 0) + (
            order.shares if order.side is Side.BUY else -order.shares
        )
    return {code: count for code, count in held.items() if count}


def worth(proposal: Any, held: Any) -> int:
    """Return what priced holdings are worth; one without a price is kept and not counted."""
    quotes = proposal.quotes
    return sum(count * quotes[code].price for code, count in held.items() if code in quotes)


@pytest.mark.parametrize("account", ACCOUNTS)
def test_three_feasible_profiles_in_every_kind_of_account(
    real_market: Any, desk: Any, account: str
) -> None:
    three_feasible_profiles(real_market, desk, account)


@pytest.mark.parametrize("account", ["general", "irp"])
def test_three_feasible_profiles_on_the_sample(sample: Any, desk: Any, account: str) -> None:
    three_feasible_profiles(sample, desk, account)


def three_feasible_profiles(market: Any, desk: Any, account: Any) -> None:
    universe = api.universe_of("krx-core")
    volatilities = []
    for profile in PROFILES:
        proposal = desk.proposal(market, DAY, "managed", profile, account)
        for weights in (proposal.allocation, proposal.weights):
            assert sum(weights.values()) == pytest.approx(1.0, abs=1e-9)
            assert min(weights.values()) >= 0.0
            held = [universe.instruments[code] for code in weights if code != CASH]
            assert all(AccountKind(account).ruled_as in fund.accounts for fund in held)
            assert not any(fund.code in universe.excluded for fund in held)
        large = [c for c, w in proposal.allocation.items() if c != CASH and w >= 0.02]
        assert len(large) >= 5
        if account == "irp":
            chosen = [(c, w) for c, w in proposal.weights.items() if c != CASH]
            funds = [(universe.instruments[code], weight) for code, weight in chosen]
            assert not any(fund.irp == "barred" for fund, _ in funds)
            assert sum(w for fund, w in funds if fund.irp == "risk") <= 0.70 + 1e-9
        limit = api.load_strategy("managed").profiles[profile].volatility.max  # type: ignore[index]
        assert proposal.volatility <= limit + 1e-6
        volatilities.append(proposal.volatility)
        decision = place(proposal, Portfolio({}, 100_000_000))
        assert decision.orders
        assert {order.side for order in decision.orders} == {Side.BUY}
        assert decision.cash_after >= 0
    assert volatilities == sorted(set(volatilities))


@pytest.mark.parametrize("account", ["isa", "pension_savings", "irp"])
def test_funds_of_new_york_fit_no_korean_tax_account(sample: Any, account: str) -> None:
    with pytest.raises(Infeasible) as caught:
        api.propose(api.load_strategy("managed-us"), "balanced", account, sample.as_of(DAY, "XNYS"))
    assert caught.value.exit_code == 4
    assert f"account.{account}" in caught.value.conflicts


KRX = sorted(api.universe_of("krx-core").instruments)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_an_irp_never_buys_risk_assets_beyond_seventy_percent(
    sample: Any, desk: Any, data: Any
) -> None:
    proposal = desk.proposal(sample, DAY, "managed", "growth", "irp")
    codes = sorted(proposal.quotes)
    cash = data.draw(st.integers(0, 3_000_000), label="cash")
    deposit = data.draw(st.sampled_from([0, 0, 1, 100_000, 777_777]), label="deposit")
    some = st.dictionaries(st.sampled_from(codes), st.integers(1, 60), max_size=4)
    portfolio = Portfolio(data.draw(some, label="shares"), cash)
    if not portfolio.shares and cash + deposit == 0:
        return
    decision = place(proposal, portfolio, deposit=deposit)
    value = worth(proposal, portfolio.shares) + cash + deposit
    held = after(portfolio, decision)
    risk = worth(proposal, {c: n for c, n in held.items() if c in proposal.risk})
    bought = any(o.side is Side.BUY and o.ticker in proposal.risk for o in decision.orders)
    if bought or (decision.orders and not deposit):
        assert risk <= 0.70 * value + 1e-6
    assert min(held.values(), default=0) >= 0
    assert decision.cash_after >= 0


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_money_is_conserved_and_a_deposit_only_buys(sample: Any, desk: Any, data: Any) -> None:
    proposal = desk.proposal(sample, DAY, "managed", "balanced")
    codes = sorted(proposal.quotes)
    shares = data.draw(st.dictionaries(st.sampled_from(codes), st.integers(1, 500), max_size=5))
    cash, deposit = data.draw(st.integers(0, 10**8)), data.draw(st.integers(0, 10**7))
    if not shares and cash + deposit == 0:
        return
    portfolio = Portfolio(shares, cash)
    decision = place(proposal, portfolio, deposit=deposit)
    spent = sum(o.shares * o.price * (1 if o.side is Side.BUY else -1) for o in decision.orders)
    assert decision.cash_after == cash + deposit - spent - decision.cost
    assert decision.cash_after >= 0
    assert all(count >= 0 for count in after(portfolio, decision).values())
    if deposit:
        assert all(order.side is Side.BUY for order in decision.orders)


def test_three_portfolios_of_one_profile_have_the_same_weights(market: Any, desk: Any) -> None:
    proposal = desk.proposal(market, DAY, "managed", "balanced")
    portfolios = (
        Portfolio({}, 50_000_000),
        Portfolio({"069500": 1000}, 0),
        Portfolio({"114260": 30, "360750": 200}, 12_345_678),
    )
    found = [place(proposal, portfolio, proceeds="reuse") for portfolio in portfolios]
    assert len({tuple(d.proposal.weights.items()) for d in found}) == 1
    assert len({d.inputs_id for d in found}) == 3
    for portfolio, decision in zip(portfolios, found, strict=True):
        prices = {code: quote.price for code, quote in proposal.quotes.items()}
        done = Portfolio(after(portfolio, decision), decision.cash_after)
        now = current_weights(done, prices)
        total = worth(proposal, done.shares) + done.cash
        for code, weight in proposal.weights.items():
            whole_share = max(prices.get(code, 0), 10_000) / total
            assert now.get(code, 0.0) == pytest.approx(weight, abs=whole_share + 0.01)


def test_twelve_deposits_leave_less_than_one_cheapest_share(market: Any) -> None:
    strategy, memory, portfolio = api.load_strategy("managed"), None, Portfolio({}, 0)
    months = np.arange("2023-07", "2024-07", dtype="datetime64[M]")
    days = market.sessions("XKRX")
    for month in months:
        day = days[np.searchsorted(days, month.astype("datetime64[D]"))].astype(object)
        proposal = api.propose(strategy, "balanced", "general", market.as_of(day), memory)
        memory = proposal.memory
        decision = place(proposal, portfolio, deposit=100_000)
        assert decision.orders
        portfolio = Portfolio(after(portfolio, decision), decision.cash_after)
        cheapest = min(proposal.quotes[code].price for code in proposal.weights if code != CASH)
        kept = 0.0
        total = worth(proposal, portfolio.shares) + portfolio.cash
        dearest = max(proposal.quotes[code].price for code in proposal.weights if code != CASH)
        if proposal.weights[CASH] * total >= dearest:  # the strategy's own cash, once it counts
            kept = proposal.weights[CASH] * total
        assert portfolio.cash < cheapest + kept
    assert kept == 0.0
    assert len(portfolio.shares) >= 5


@pytest.mark.parametrize("cash", [1, 999, 100_000, 10**14])
def test_amounts_from_one_won_up(sample: Any, desk: Any, cash: int) -> None:
    proposal = desk.proposal(sample, DAY, "managed", "balanced")
    decision = place(proposal, Portfolio({}, cash))
    assert 0 <= decision.cash_after <= cash
    assert (decision.orders == ()) == (cash < 1_000)


def test_an_account_of_another_currency_or_without_anything_is_refused(
    sample: Any, desk: Any
) -> None:
    proposal = desk.proposal(sample, DAY, "managed", "balanced")
    with pytest.raises(HoldingsError, match="trades in KRW"):
        place(proposal, Portfolio({}, 1_000, "USD"))
    with pytest.raises(HoldingsError, match="account is empty"):
        place(proposal, Portfolio({}, 0))
    with pytest.raises(UsageError, match="below zero"):
        place(proposal, Portfolio({"069500": 1}, 0), deposit=-5)


def test_an_account_inside_its_band_is_left_alone(sample: Any, desk: Any) -> None:
    quiet = desk.proposal(sample, date(2024, 5, 16), "static", "balanced")
    assert not quiet.due
    begun = Portfolio({"069500": 1}, 10**8)
    bought = place(quiet, begun)
    assert bought.reasons[0].kind == "place.band"
    full = Portfolio(after(begun, bought), bought.cash_after)
    assert place(quiet, full).orders == ()
    assert place(quiet, full).reasons[0].kind == "place.hold"


def test_the_instants_of_a_decision_are_in_order(market: Any, desk: Any) -> None:
    for strategy, calendar in (("managed", "XKRX"), ("managed-us", "XNYS")):
        proposal = desk.proposal(market, DAY, strategy, "balanced")
        assert proposal.known_at <= proposal.decided_at < proposal.executed_at
        exchange = api.calendars()[calendar]
        assert proposal.executed == exchange.after(DAY)
        assert proposal.executed_at == exchange.closes[exchange.index(proposal.executed)]


def test_before_the_first_investable_session_nothing_is_proposed(sample: Any) -> None:
    day = sample.sessions("XKRX")[100].astype(object)
    with pytest.raises(ShortHistory, match="choose a later date"):
        api.propose(api.load_strategy("managed"), "balanced", "general", sample.as_of(day))


def test_an_order_has_a_price_on_the_tick_and_a_reason(market: Any, desk: Any) -> None:
    proposal = desk.proposal(market, DAY, "managed", "growth")
    for order in place(proposal, Portfolio({}, 50_000_000)).orders:
        assert round_to_tick(order.price, "up") == round_to_tick(order.price, "down")
        assert order.reason.kind.startswith("rebalance.")
