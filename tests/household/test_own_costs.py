"""A plan divides the money that its own fees and taxes leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from tests.household.drawn import drawn
from tests.household.small_homes import home

from jeoul.household.explaining.answer import Questions, answer
from jeoul.household.planning.fast import plan_fast
from jeoul.household.planning.own_costs import less_costs
from jeoul.household.planning.tomorrow import tomorrow
from jeoul.household.problem.after import aim_money
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import NOTHING
from jeoul.korea.tables import load_rules

SEEDS = range(8)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_drift_of_a_plan_is_the_drift_of_the_day_after(seed: int) -> None:
    household = drawn(seed, fifo=True)
    household = replace(household, policy=replace(household.policy, risk_aversion=0.0))
    moves = plan_fast(household).moves
    found = evaluate(less_costs(household, moves), moves).cost
    after = evaluate(tomorrow(household, moves), NOTHING).cost
    assert found.tracking == pytest.approx(after.tracking, abs=1.0)


def test_weights_still_divide_everything() -> None:
    household = drawn(1)
    moves = plan_fast(household).moves
    assert moves.count
    for aim, before in zip(less_costs(household, moves).aims, household.aims, strict=True):
        assert sum(aim.weights.values()) == pytest.approx(sum(before.weights.values()))
        assert aim.weights["CASH"] > before.weights.get("CASH", 0.0)


def test_where_nothing_is_done_nothing_is_left_out() -> None:
    household = drawn(1)
    assert less_costs(household, NOTHING) == household


def test_an_answer_plans_for_what_its_costs_leave() -> None:
    asked = home()
    found = answer(asked, Questions(seconds=0.0), book=load_rules(2026), on=date(2026, 11, 30))
    assert found.plan.moves.count
    left = [aim_money(tomorrow(asked, found.plan.moves), aim) for aim in asked.aims]
    for aim, planned, money in zip(asked.aims, found.household.aims, left, strict=True):
        for name in asked.classes:
            wanted = aim.weights.get(name, 0.0) * money
            assert planned.weights.get(name, 0.0) * aim_money(asked, aim) == pytest.approx(
                wanted, rel=1e-4
            )
    assert found.plan.nothing == evaluate(asked, NOTHING).cost
