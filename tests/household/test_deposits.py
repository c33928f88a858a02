"""Where money goes, and what each account alone would cost instead."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from tests.household.drawn import drawn
from tests.household.small_homes import home, with_account, with_credit, with_new_money

from jeoul.errors import UsageError
from jeoul.household.explaining.deposits import best_account, best_source
from jeoul.household.planning.exact import plan_exactly
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import Household, HouseholdPlan, Moves


def test_money_goes_where_it_earns_the_credit_and_the_other_account_forgoes_it() -> None:
    """1 M into pension savings earns 132,000 won; nothing else differs between both accounts."""
    household = with_credit(home(), "isa")
    free = tuple(replace(each, drag=0.0) for each in household.positions)
    found = best_account(replace(household, positions=free), 1_000_000.0)
    assert found.free.moves.deposits.get("isa") == pytest.approx(1_000_000.0, rel=0.01)
    assert [each.account for each in found.alone] == ["isa", "general"]
    assert found.alone[0].regret == pytest.approx(0.0, abs=1_000.0)  # a share more or less
    assert found.alone[1].regret == pytest.approx(132_000.0, rel=0.01)


def test_an_account_without_room_takes_nothing_and_costs_the_difference() -> None:
    household = with_account(with_credit(home(), "isa"), "isa", room=300_000.0)
    found = best_account(household, 1_000_000.0)
    alone = {each.account: each for each in found.alone}
    assert alone["isa"].moved <= 300_000.0
    assert alone["isa"].regret is not None


def test_a_withdrawal_that_an_account_alone_cannot_give_has_no_regret() -> None:
    found = best_source(home(), 500_000.0)
    alone = {each.account: each for each in found.alone}
    assert found.free.moves.withdrawals == {"general": 500_000.0}
    assert alone["isa"].regret is None
    assert alone["general"].regret == pytest.approx(0.0, abs=1.0)


def test_a_pool_or_an_aim_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="no pool bonus"):
        best_account(home(), 1.0, pool="bonus")
    with pytest.raises(UsageError, match="no aim child"):
        best_source(home(), 1.0, aim="child")


@pytest.mark.parametrize("seed", [0, 2])
def test_the_free_split_is_never_dearer_than_one_account(seed: int) -> None:
    household = drawn(seed, funds=5, kinds=("general", "isa", "pension_savings"))
    aim = replace(household.aims[0], withdrawal=0.0)
    planner = partial(plan_exactly, seconds=float("inf"), nodes=50)
    found = best_account(replace(household, aims=(aim,)), 2_000_000.0, planner=planner)
    for each in found.alone:
        assert each.regret is not None
        assert each.least is not None
        assert each.most is not None
        assert each.regret >= -1e-6
        assert each.least <= each.regret + 1e-6
        assert each.regret <= each.most + 1e-6
        assert each.plan is not None
        funded = with_new_money(replace(household, aims=(aim,)), 2_000_000.0)
        assert not evaluate(funded, each.plan.moves).violations


@pytest.mark.parametrize("seed", [6, 11])
def test_a_transfer_smaller_than_an_order_saves_more_than_it_costs_to_make(seed: int) -> None:
    """The program alone pays 1,625 won and 3,023 won into an account of these two households."""
    household = drawn(seed, funds=5, kinds=("general", "isa", "pension_savings"))
    household = replace(household, aims=(replace(household.aims[0], withdrawal=0.0),))
    planner = partial(plan_exactly, seconds=float("inf"), nodes=50)
    free = best_account(household, 2_000_000.0, planner=planner).free
    policy, funded = household.policy, with_new_money(household, 2_000_000.0)
    assert sum(free.moves.deposits.values()) > 2_000_000.0 - policy.min_trade
    assert not evaluate(funded, free.moves).violations
    for name, won in free.moves.deposits.items():
        if won < policy.min_trade:
            without = planner(with_account(funded, name, room=0.0), None)
            assert without.cost.total > free.cost.total + policy.trade_price


def test_a_tiny_transfer_of_a_person_whose_money_is_not_split_is_left_out_too() -> None:
    """Only the money for the ISA is split; 1,625 won into the other account save 868 won."""
    household = with_new_money(home(), 2_000_000.0)
    pools = tuple(replace(each, accounts=("isa",)) for each in household.pools)
    policy = replace(household.policy, trade_price=3_000.0, min_trade=100_000.0)
    household = replace(household, pools=pools, policy=policy)
    made = plan_exactly(household)

    def planner(asked: Household, start: Moves | None) -> HouseholdPlan:
        room = {each.id: each.room for each in asked.accounts}
        tiny = {"general": 1_625.0} if room["general"] else {}
        cost = replace(made.cost, fees=made.cost.fees + (0.0 if tiny else 868.0))
        return replace(made, moves=Moves(deposits={"isa": 2_000_000.0, **tiny}), cost=cost)

    assert dict(best_account(household, 2_000_000.0, planner=planner).free.moves.deposits) == {
        "isa": 2_000_000.0
    }
