"""Until its deposits have arrived, a plan sends what money and rules let through without them."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

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
    transfers_of,
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


@pytest.mark.parametrize(
    ("cash", "min_trade", "wanted", "bought"),
    [
        (10_010.0, 0.0, 60, {ISA: 1}),
        (30_030.0, 30_000.0, 60, {ISA: 3}),  # as many as the smallest order has
        (20_020.0, 30_000.0, 60, {}),
        (50_050.0, 0.0, 5, {ISA: 5}),
        (20_020.0, 20_000.4, 2, {ISA: 2}),  # two thirds of a won below it are not looked at
    ],
)
def test_a_buy_is_at_least_the_smallest_order_and_at_most_what_is_wanted(
    cash: float, min_trade: float, wanted: int, bought: dict[tuple[str, str], int]
) -> None:
    house = with_new_money(with_account(home(), "isa", cash=cash), 1_000_000.0)
    house = replace(house, policy=replace(house.policy, min_trade=min_trade))
    plan = Moves(trades={ISA: wanted}, deposits={"isa": 600_000.0})
    assert payable_today(house, plan).trades == bought


def test_an_account_without_a_deposit_keeps_its_orders_whatever_they_cost() -> None:
    """Its cash pays for 99 of them: what of a whole plan it cannot pay, another look refuses."""
    trades = {("general", "stocks"): -1, GENERAL: 200, ISA: 1}
    plan = Moves(trades=trades, deposits={"general": 0.0, "isa": 1.0})
    house = with_new_money(with_account(home(), "isa", cash=50_000.0), 1_000_000.0)
    assert payable_today(house, plan).trades.get(GENERAL) == 200


def test_a_sale_in_an_account_with_a_deposit_does_not_wait() -> None:
    """With the 9,990 won that it brings, the cash pays for 100 shares at 10,010 won."""
    plan = Moves(trades={("general", "stocks"): -1, GENERAL: 200}, deposits={"general": 1.0})
    found = payable_today(with_new_money(home(), 1_000_000.0), plan).trades
    assert found == {("general", "stocks"): -1, GENERAL: 100}


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


@pytest.mark.parametrize(
    ("more", "bought"), [(-0.01, {GENERAL: 1}), (0.0, {GENERAL: 1}), (0.01, {})]
)
def test_a_buy_is_worth_it_where_it_saves_as_much_as_a_plan_has_to(
    more: float, bought: dict[tuple[str, str], int]
) -> None:
    house = home()
    one = Moves(trades={GENERAL: 1})
    saved = evaluate(house, Moves()).cost.total - evaluate(house, one).cost.total
    assert saved > 1.0
    house = replace(house, policy=replace(house.policy, min_gain=saved + more))
    assert plan_today(house, one, stands=True).moves.trades == bought


def test_a_buy_that_a_sale_was_to_pay_for_waits_with_it() -> None:
    found = standing(0.0, min_gain=0.0)
    assert found.moves == Moves()
    assert found.put_off == {("general", "stocks"): -40, GENERAL: 20}


def test_one_share_is_said_as_a_sale_or_a_buy() -> None:
    off = PlanToday(moves=Moves(), waits={}, put_off={GENERAL: 1, ISA: -1})
    assert [(each["side"], each["shares"]) for each in off.document()["put_off"]] == [
        ("BUY", 1),
        ("SELL", 1),
    ]


@pytest.mark.parametrize(
    ("asked", "room"), [(400_000, 300_000.0), (200_000, 200_000.0), (-5, 0.0), (0, 0.0)]
)
def test_a_plan_that_waits_pays_in_no_more_than_an_account_takes(asked: int, room: float) -> None:
    house = paid_in_as(with_account(home(), "isa", room=300_000.0), {"isa": asked})
    assert {each.id: each.room for each in house.accounts} == {"general": 0.0, "isa": room}


def test_a_transfer_is_what_goes_in_less_what_goes_out() -> None:
    moves = {"isa": (5, 0), "irp": (0, 3), "us": (0, 0), "general": (7, 7)}
    accounts = [
        SimpleNamespace(id=name, deposit=there, withdrawal=back)
        for name, (there, back) in moves.items()
    ]
    assert transfers_of(cast(Any, SimpleNamespace(accounts=accounts))) == {"isa": 5, "irp": -3}


def test_a_plan_that_waits_pays_in_where_people_were_asked_to() -> None:
    house = with_new_money(home(), 1_000_000.0)
    asked = paid_in_as(house, {"isa": 400_000, "elsewhere": 3})
    assert {each.id: each.room for each in asked.accounts if each.room} == {"isa": 400_000.0}
    plan = plan_fast(asked).moves
    assert {name for name, won in plan.deposits.items() if won} <= {"isa"}
    assert plan.deposits.get("isa", 0.0) <= 400_000.0
