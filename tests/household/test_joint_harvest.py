"""Selling and buying back is planned together with everything else."""

from __future__ import annotations

from functools import partial

import pytest
from tests.household.drawn import drawn
from tests.household.small_homes import abroad

from jeoul.household.planning.exact import plan_exactly
from jeoul.household.problem.records import NOTHING, Lot
from jeoul.household.year_end.joint_harvest import plan_with_rebuys
from jeoul.household.year_end.rebuys import harvests

EXACTLY = partial(plan_exactly, gap=0.0)


def test_alone_it_is_what_the_harvest_finds() -> None:
    household = abroad(Lot(50, 60_000.0))
    (alone,) = harvests(household, NOTHING, capped=True)
    found = plan_with_rebuys(household, capped=True, planner=EXACTLY)
    bought_back = [(each.fund, each.shares) for each in found.rebuys]
    assert bought_back == [(each.fund, each.shares) for each in alone.rebuys]
    assert found.gain == pytest.approx(alone.gain)
    assert found.gain <= 2_500_000.0


@pytest.mark.parametrize("seed", range(3))
def test_it_costs_no_more_than_the_plan_that_never_buys_back(seed: int) -> None:
    household = drawn(seed, funds=5, kinds=("general", "overseas"))
    planner = partial(plan_exactly, seconds=float("inf"), nodes=100)
    without = planner(household, None)
    found = plan_with_rebuys(household, without.moves, planner=planner)
    assert found.plan.cost.total <= without.cost.total + 1.0
    held = {each.key for each in household.positions}
    assert set(found.moves.trades) <= held
    orders = found.plan.moves.count
    assert household.policy.max_trades is not None
    assert orders <= household.policy.max_trades
