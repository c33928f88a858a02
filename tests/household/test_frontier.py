"""How far each further trade brings a household."""

from __future__ import annotations

from functools import partial

import pytest
from tests.household.drawn import drawn
from tests.household.small_homes import home

from jeoul.household.explaining.frontier import trade_frontier
from jeoul.household.planning.exact import plan_exactly
from jeoul.household.problem.evaluate import evaluate


def test_one_order_closes_the_gap_of_two_classes() -> None:
    """Half the money is stocks and half is cash: buying bonds takes one order, stocks another."""
    points = trade_frontier(home())
    assert [each.trades for each in points] == list(range(len(points)))
    assert points[0].drift == pytest.approx(0.5)
    assert points[1].drift == pytest.approx(0.1, abs=0.01)
    assert points[-1].drift < 0.01


@pytest.mark.parametrize("seed", [1, 4])
def test_cost_and_bound_never_rise_and_every_point_is_allowed(seed: int) -> None:
    household = drawn(seed, funds=5, kinds=("general", "isa"))
    planner = partial(plan_exactly, seconds=float("inf"), nodes=50)
    points = trade_frontier(household, 4, planner=planner)
    costs = [each.cost.total for each in points]
    bounds = [each.bound for each in points]
    assert costs == sorted(costs, reverse=True)
    assert bounds == sorted(bounds, reverse=True)
    for each in points:
        assert each.bound <= each.cost.total + 1e-6
        assert each.trades <= each.most
        assert not evaluate(household, each.moves).violations
