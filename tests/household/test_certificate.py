"""The proof that nothing is worth its cost, and what waits behind a limit on trades."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.household.small_homes import home

from jeoul.household.explaining.certificate import certify_nothing, waiting
from jeoul.household.planning.exact import plan_exactly
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import NOTHING, Household, Moves, PlanStatus


def settled() -> Household:
    """Return the household after its own plan."""
    first = home()
    after = {("general", "stocks"): 120, ("general", "bonds"): 79}
    positions = tuple(
        replace(each, shares=after.get(each.key, 0), lots=()) for each in first.positions
    )
    accounts = tuple(replace(each, cash=0.0) for each in first.accounts)
    policy = replace(first.policy, trade_price=3_000.0, min_gain=5_000.0)
    return replace(first, positions=positions, accounts=accounts, policy=policy)


def test_a_household_on_its_target_is_proven_to_have_nothing_to_do() -> None:
    household = settled()
    plan = plan_exactly(household)
    found = certify_nothing(household, plan)
    assert plan.status is PlanStatus.NO_TRADE
    assert found.proven
    assert found.most_to_gain <= 5_000.0
    assert found.candidates
    for each in found.candidates:
        assert each.saves.total < found.min_gain
        moves = Moves(trades=each.orders)
        cost = evaluate(household, moves).cost.total
        assert evaluate(household, NOTHING).cost.total - cost == pytest.approx(each.saves.total)


def test_far_from_the_target_nothing_is_proven_and_the_first_candidate_is_worth_it() -> None:
    household = home()
    found = certify_nothing(household, plan_exactly(household))
    assert not found.proven
    assert found.candidates[0].saves.total > 0.0
    assert found.candidates[0].saves.tracking > 0.0


def test_what_waits_behind_a_limit_is_counted_and_priced() -> None:
    household = replace(home(), policy=replace(home().policy, max_trades=1))
    plan = plan_exactly(household, gap=0.0)
    more = waiting(household, plan)
    assert plan.moves.count == 1
    assert more.trades >= 1
    assert more.worth > 0.0
    assert more.most >= more.worth - 1e-6
    assert waiting(home(), plan_exactly(home(), gap=0.0)).trades == 0
