"""The first investment is a trigger of its own, whatever the calendar of a strategy says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pytest

from jeoul import api
from jeoul.account.file import AccountFile
from jeoul.account.orders import account_decision, account_orders
from jeoul.account.terms import run_account
from jeoul.errors import Infeasible
from jeoul.market import assemble
from jeoul.model.instrument import AccountKind
from jeoul.model.money import UNITS
from jeoul.model.portfolio import Portfolio, Side
from jeoul.pipeline import default_rules, place, present, run_model
from jeoul.pipeline.situation import Situation, never_invested
from jeoul.rebalance import Fresh
from jeoul.reporting.reasons import reason_text
from jeoul.strategy.load import shipped

QUIET = date(1998, 1, 14)  # the middle of a month, and of a year that has begun
CALENDAR_ONLY = ("k-all-weather", "sixty-forty")
PROFILES = ("conservative", "balanced", "growth")
EVERY = [
    (name, profile, kind)
    for name in shipped()
    for profile, kind in product(api.load_strategy(name).profiles, AccountKind)
    if profile in PROFILES
]


@pytest.fixture(scope="module")
def proposals(sample: Any) -> Any:
    """The proposal of every strategy, profile and kind on a day of no calendar."""
    snapshots: dict[Any, Any] = {}
    histories: dict[Any, Any] = {}
    models: dict[Any, Any] = {}
    found: dict[Any, Any] = {}
    for name, profile, kind in EVERY:
        strategy = api.load_strategy(name)
        key = strategy.calendar, strategy.universe
        if key not in snapshots:
            days = sample.sessions(strategy.calendar)
            day = max(each for each in days.astype(object) if each <= QUIET)
            snapshots[key] = sample.as_of(day, strategy.calendar)
            histories[key] = api.history(strategy, snapshots[key])
        try:
            mandate = api.mandate(strategy, profile, kind)
            _ = mandate.members
        except Infeasible:
            continue
        like = models.get((name, profile))
        model = models[name, profile] = run_model(mandate, histories[key], like=like)
        calendar = api.calendars()[strategy.calendar]
        found[name, profile, kind] = present(model, snapshots[key], calendar)
    return found


def money(proposal: Any) -> Portfolio:
    return Portfolio({}, 50_000_000 if proposal.currency == "KRW" else 5_000_000, proposal.currency)


def decided(proposal: Any, portfolio: Any, **more: Any) -> Any:
    return account_decision(proposal, portfolio, Fresh(), default_rules(proposal), **more)


def test_there_is_a_case_for_every_strategy(proposals: Any) -> None:
    assert {name for name, _, _ in proposals} == set(shipped())
    assert len(proposals) > 50


def test_an_account_that_was_never_invested_buys_on_any_day(proposals: Any) -> None:
    for case, proposal in proposals.items():
        found = decided(proposal, money(proposal))
        assert {order.side for order in found.orders} == {Side.BUY}, case
        assert found.reasons[0].kind == "place.first", case
        spent = sum(order.shares * order.price for order in found.orders)
        assert spent > 0.8 * (1.0 - proposal.weights["CASH"]) * money(proposal).cash, case


def test_the_day_after_it_is_an_account_like_any_other(proposals: Any) -> None:
    for case, proposal in proposals.items():
        bought = decided(proposal, money(proposal))
        held = {order.ticker: order.shares for order in bought.orders}
        after = Portfolio(held, max(bought.cash_after, 0), proposal.currency)
        again = decided(replace(proposal, due=False), after)
        assert again.reasons[0].kind == "place.hold", case
        assert again.orders == (), case


@pytest.mark.parametrize("name", CALENDAR_ONLY)
def test_it_is_the_first_investment_that_buys_and_nothing_else(proposals: Any, name: Any) -> None:
    for case, proposal in proposals.items():
        if case[0] != name:
            continue
        assert not proposal.due
        later = decided(proposal, money(proposal), situation=Situation(first=False))
        assert later.orders == ()
        assert later.reasons[0].kind == "place.hold"
        assert place(proposal, money(proposal)).orders


def test_money_of_a_sale_on_its_way_is_no_first_day(proposals: Any) -> None:
    proposal = proposals["sixty-forty", "balanced", AccountKind.GENERAL]
    sold = replace(money(proposal), unsettled={proposal.executed: 1_000_000})
    assert not never_invested(sold, proposal.classes)
    assert decided(proposal, sold).orders == ()


def test_what_lies_outside_the_plan_does_not_count() -> None:
    assert never_invested(Portfolio({"005930": 10}, 1), {"069500"})
    assert not never_invested(Portfolio({"069500": 1}, 1), {"069500"})
    assert never_invested(Portfolio({"069500": 0}, 1), {"069500"})


def test_a_target_of_cash_alone_is_no_investment(proposals: Any) -> None:
    proposal = proposals["sixty-forty", "balanced", AccountKind.GENERAL]
    parked = replace(proposal, weights={"CASH": 1.0})
    found = decided(parked, money(parked))
    assert (found.orders, found.reasons[0].kind) == ((), "place.hold")


@pytest.mark.parametrize(("lang", "said"), [("en", "First investment"), ("ko", "최초 투자")])
def test_the_reason_is_worded_in_both_languages(proposals: Any, lang: Any, said: Any) -> None:
    proposal = proposals["sixty-forty", "balanced", AccountKind.GENERAL]
    assert said in reason_text(decided(proposal, money(proposal)).reasons[0], lang)
    poor = decided(proposal, replace(money(proposal), cash=100))
    assert poor.reasons[0].kind == "place.first_rests"


@pytest.mark.parametrize("name", CALENDAR_ONLY)
def test_an_accounts_backtest_decides_as_decide_does(sample: Any, name: Any) -> None:
    strategy = api.load_strategy(name)
    end = date(1998, 3, 31)
    days = sample.sessions("XKRX").astype(object)
    begun = next(day for day in days if day >= QUIET)
    last = max(day for day in days if day <= end)
    mandate = api.mandate(strategy, "balanced")
    snapshot = sample.as_of(last)
    history = assemble(snapshot, mandate.universe, api.calendars())
    settings = AccountFile(schema=1, name="mine", cash=50_000_000)
    run = run_account(
        settings, mandate, history, sample, api.calendars()["XKRX"], start=begun, end=last
    )
    first, second = run.days[:2]
    then = api.propose(strategy, "balanced", "general", sample.as_of(begun))
    rules = default_rules(then, settings.costs.tariff(UNITS["KRW"]))
    fresh = Fresh(deposited=50_000_000)
    wanted = account_orders(
        then, Portfolio({}, 50_000_000), fresh, rules, situation=Situation(first=True)
    )
    assert first.reasons[0].kind == "place.first"
    assert first.orders == wanted.orders
    assert {fill.ticker for fill in second.fills} == {order.ticker for order in first.orders}
    assert not [day for day in run.days[1:] if day.reasons[0].kind == "place.first"]
