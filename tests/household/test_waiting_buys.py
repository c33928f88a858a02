"""Until its deposits have arrived, a plan sends what money and rules let through without them."""

from __future__ import annotations

import pytest
from tests.household.drawn import drawn
from tests.household.small_homes import home, with_account, with_credit, with_new_money

from jeoul.household.planning.fast import plan_fast
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import Moves
from jeoul.operations.household.waiting_buys import payable_today, waiting_buys

ISA = ("isa", "stocks")
BONDS = ("isa", "bonds")
GENERAL = ("general", "bonds")


def test_what_the_account_pays_by_itself_is_bought_and_the_rest_waits() -> None:
    house = with_new_money(with_account(home(), "isa", cash=100_500.0), 1_000_000.0)
    plan = Moves(trades={ISA: 60, GENERAL: 20}, deposits={"isa": 600_000.0})
    today = payable_today(house, plan)
    assert today == Moves(trades={ISA: 10, GENERAL: 20})
    assert waiting_buys(plan, today) == [{"account": "isa", "ticker": "stocks", "shares": 50}]


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
    waits = {
        (each["account"], each["ticker"]): each["shares"] for each in waiting_buys(plan, today)
    }
    whole = {key: today.trades.get(key, 0) + waits.get(key, 0) for key in plan.trades}
    assert whole == dict(plan.trades)
    assert {account for account, _ in waits} <= set(plan.deposits)
