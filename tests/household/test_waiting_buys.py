"""Until its deposits have arrived, a plan sends what money and rules let through without them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.household.drawn import drawn
from tests.household.small_homes import home, with_account, with_credit, with_new_money

from jeoul.household.planning.fast import plan_fast
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import Moves
from jeoul.operations.household.waiting_buys import (
    PlanToday,
    paid_in_as,
    payable_today,
    plan_today,
)

ISA = ("isa", "stocks")
BONDS = ("isa", "bonds")
GENERAL = ("general", "bonds")


def test_what_the_account_pays_by_itself_is_bought_and_the_rest_waits() -> None:
    house = with_new_money(with_account(home(), "isa", cash=100_500.0), 1_000_000.0)
    plan = Moves(trades={ISA: 60, GENERAL: 20}, deposits={"isa": 600_000.0})
    today = payable_today(house, plan)
    assert today == Moves(trades={ISA: 10, GENERAL: 20})
    found = plan_today(house, plan, stands=False)
    assert found == PlanToday(moves=today, waits={ISA: 50}, put_off={})
    assert found.document() == {
        "waiting": [{"account": "isa", "ticker": "stocks", "shares": 50}],
        "put_off": [],
    }


def test_sales_do_not_wait() -> None:
    house = with_new_money(home(), 1_000_000.0)
    plan = Moves(trades={("general", "stocks"): -40, ISA: 60}, deposits={"isa": 700_000.0})
    assert payable_today(house, plan).trades == {("general", "stocks"): -40}


def test_an_irp_does_not_buy_its_risk_assets_before_the_money_for_its_bonds() -> None:
    """All its cash in stocks would be 100 % of it; with the transfer it is 60 %."""
    irp = with_account(with_credit(home(), "isa"), "isa", kind="irp", cash=600_600.0, risk_cap=0.7)
    house = with_new_money(irp, 1_000_000.0)
    plan = Moves(trades={ISA: 60, BONDS: 40}, deposits={"isa": 401_000.0})
    assert not evaluate(house, plan).violations
    today = payable_today(house, plan)
    assert not evaluate(house, today).violations
    assert today.trades[ISA] == 42  # 70 % of 600,600 won, in shares of 10,000
    assert today.trades.get(BONDS, 0) <= 18


@pytest.mark.parametrize("seed", range(12))
def test_no_rule_is_broken_by_what_is_sent_first(seed: int) -> None:
    house = drawn(seed)
    plan = plan_fast(house).moves
    if evaluate(house, plan).violations:
        pytest.skip("the household has no plan")
    today = payable_today(house, plan)
    assert not evaluate(house, today).violations
    assert not today.deposits
    for key, shares in today.trades.items():
        assert shares == plan.trades[key] or 0 < shares < plan.trades[key]
    waits = plan_today(house, plan, stands=False).waits
    whole = {key: today.trades.get(key, 0) + waits.get(key, 0) for key in plan.trades}
    assert whole == dict(plan.trades)
    assert {account for account, _ in waits} <= set(plan.deposits)


# --- while the plan that asked for the money stands -----------------------------------------------


def standing(cash: float, min_gain: float) -> PlanToday:
    house = with_new_money(with_account(home(), "general", cash=cash), 1_000_000.0)
    house = replace(house, policy=replace(house.policy, min_gain=min_gain))
    trades = {("general", "stocks"): -40, GENERAL: 20, ISA: 60}
    plan = Moves(trades=trades, deposits={"isa": 700_000.0})
    return plan_today(house, plan, stands=True)


def test_a_buy_that_is_worth_it_by_itself_does_not_wait_for_another_account_s_transfer() -> None:
    found = standing(1_000_000.0, min_gain=0.0)
    assert found.moves.trades == {GENERAL: 20}
    assert found.waits == {ISA: 60}
    assert found.put_off == {("general", "stocks"): -40}


def test_what_is_not_worth_it_is_put_off_and_said_to_be() -> None:
    found = standing(1_000_000.0, min_gain=10.0**9)
    assert found.moves == Moves()
    assert found.waits == {ISA: 60}
    assert found.document()["put_off"] == [
        {"account": "general", "side": "BUY", "ticker": "bonds", "shares": 20},
        {"account": "general", "side": "SELL", "ticker": "stocks", "shares": 40},
    ]


def test_a_plan_that_waits_pays_in_where_people_were_asked_to() -> None:
    house = with_new_money(home(), 1_000_000.0)
    asked = paid_in_as(house, {"isa": 400_000, "elsewhere": 3})
    assert {each.id: each.room for each in asked.accounts if each.room} == {"isa": 400_000.0}
    plan = plan_fast(asked).moves
    assert {name for name, won in plan.deposits.items() if won} <= {"isa"}
    assert plan.deposits.get("isa", 0.0) <= 400_000.0
