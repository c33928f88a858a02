"""What an exact plan is: the cheapest moves that are allowed, with a bound that proves it."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from math import inf

import numpy as np
import pytest
from tests.household.drawn import drawn, tiny

from jeoul.household.planning.exact import plan_exactly
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import NOTHING, Household, HouseholdPlan, Moves, PlanStatus
from jeoul.household.program.program import build
from jeoul.household.program.solver import loaded

FINE = 1e-6


def finely(household: Household) -> HouseholdPlan:
    return plan_exactly(household, gap=FINE, seconds=inf)


def free(seed: int) -> Household:
    """Return a household that may do nothing."""
    household = drawn(seed)
    assert evaluate(household, NOTHING).violations == ()
    return household


def small(seed: int) -> Household:
    return drawn(seed, funds=5, kinds=("general", "isa", "irp"))


def cheapest(household: Household) -> float:
    """Return the least cost of all moves that are allowed, one by one; infinite if none are."""
    at = build(household).at
    upper = build(household).upper
    counts = [
        range(-int(upper[at.sell[n]]), int(upper[at.buy[n]]) + 1)
        for n in range(len(household.positions))
    ]
    keys = [each.key for each in household.positions]
    found = inf
    for chosen in product(*counts):
        judged = evaluate(household, Moves(trades=dict(zip(keys, chosen, strict=True))))
        if not judged.violations:
            found = min(found, judged.cost.total)
    return found


@pytest.mark.parametrize("seed", range(12))
def test_no_allowed_moves_are_cheaper_than_an_exact_plan(seed: int) -> None:
    household = tiny(seed)
    plan = finely(household)
    best = cheapest(household)
    if plan.status is PlanStatus.INFEASIBLE:
        assert best == inf
    else:
        assert plan.cost.total == pytest.approx(best, abs=1.0)
        assert plan.bound <= best + 1.0


@pytest.mark.parametrize("least", [30_000.0, 300_000.0])
@pytest.mark.parametrize("seed", range(4))
def test_nothing_saves_the_least_gain_where_no_trade_is_proven(seed: int, least: float) -> None:
    household = tiny(seed)
    household = replace(household, policy=replace(household.policy, min_gain=least))
    plan, best = plan_exactly(household, seconds=inf), cheapest(household)
    if evaluate(household, NOTHING).violations:
        assert plan.status is not PlanStatus.NO_TRADE
    elif plan.nothing.total - best < least:
        assert plan.status is PlanStatus.NO_TRADE
        assert plan.moves == NOTHING
    else:
        assert plan.cost.total <= plan.nothing.total - least
        assert plan.cost.total - best <= 0.01 * plan.cost.total


@pytest.mark.parametrize("seed", [0, 1, 3])
def test_a_program_solved_to_the_end_costs_what_its_moves_cost(seed: int) -> None:
    household = small(seed)
    program = build(household)
    solver = loaded(program)
    solver.setOptionValue("mip_rel_gap", FINE)
    solver.run()
    solution = np.array(solver.getSolution().col_value)
    moves = program.moves_of(solution)
    assert evaluate(household, moves).violations == ()
    assert evaluate(household, moves).cost.total == pytest.approx(
        program.objective(solution), abs=1.0
    )


@pytest.mark.parametrize("seed", range(4))
def test_an_exact_plan_breaks_no_rule_and_costs_no_less_than_its_bound(seed: int) -> None:
    household = drawn(seed)
    plan = plan_exactly(household, seconds=30.0)
    if plan.status is PlanStatus.INFEASIBLE:
        assert evaluate(household, NOTHING).violations
        return
    judged = evaluate(household, plan.moves)
    assert judged.violations == ()
    assert judged.cost == plan.cost
    assert plan.cost.total >= plan.bound - 1.0
    assert plan.status is not PlanStatus.WITHIN_GAP or (plan.gap or 0.0) <= 0.01


@pytest.mark.parametrize("seed", range(4))
def test_a_start_is_never_made_worse(seed: int) -> None:
    household = small(seed)
    start = plan_exactly(household, gap=0.2, nodes=1, seconds=inf)
    if start.status is not PlanStatus.INFEASIBLE:
        again = plan_exactly(household, start.moves, nodes=1, seconds=inf)
        assert again.cost.total <= start.cost.total


def test_the_same_household_has_the_same_plan_where_no_clock_ends_the_search() -> None:
    household = small(3)
    first, second = (plan_exactly(household, nodes=20, seconds=inf) for _ in range(2))
    assert first == second


def test_nothing_is_done_where_it_is_proven_that_nothing_saves_enough() -> None:
    household = free(2)
    after = replace(household, policy=replace(household.policy, min_gain=1e9))
    plan = plan_exactly(after, seconds=inf)
    assert plan.status is PlanStatus.NO_TRADE
    assert plan.moves == NOTHING
    assert plan.bound >= plan.nothing.total - after.policy.min_gain


@pytest.mark.parametrize("seed", range(3))
def test_a_plan_that_saves_less_than_the_least_gain_is_not_one(seed: int) -> None:
    household = small(seed)
    plan = finely(household)
    if plan.status is PlanStatus.INFEASIBLE or evaluate(household, NOTHING).violations:
        return
    saved = plan.nothing.total - plan.cost.total
    more = replace(household, policy=replace(household.policy, min_gain=saved + 10.0))
    assert finely(more).status is PlanStatus.NO_TRADE
    less = replace(household, policy=replace(household.policy, min_gain=saved - 10.0))
    assert finely(less).cost.total == pytest.approx(plan.cost.total, abs=1.0)


def test_rules_that_cannot_hold_together_are_infeasible() -> None:
    household = cut(free(2), 0.0)
    held = tuple(replace(each, sellable=False) for each in household.positions)
    plan = plan_exactly(replace(household, positions=held))
    assert plan.status is PlanStatus.INFEASIBLE
    assert plan.moves == NOTHING


def test_a_forced_sale_is_made_though_it_costs_more_than_doing_nothing() -> None:
    household = cut(free(2), 0.2)
    plan = plan_exactly(household, seconds=30.0)
    assert [each.rule for each in evaluate(household, NOTHING).violations] == ["risk"]
    assert evaluate(household, plan.moves).violations == ()
    assert plan.cost.total > plan.nothing.total


def cut(household: Household, most: float) -> Household:
    return replace(household, aims=(replace(household.aims[0], risk_most=most),))


def wider(household: Household) -> dict[str, Household]:
    policy = household.policy
    return {
        "more trades": replace(
            household, policy=replace(policy, max_trades=(policy.max_trades or 0) + 3)
        ),
        "wider rooms": replace(
            household,
            accounts=tuple(replace(a, room=a.room + 5e6) for a in household.accounts),
            members=tuple(replace(m, pension_room=m.pension_room + 5e6) for m in household.members),
        ),
        "lower fees": replace(
            household,
            positions=tuple(
                replace(p, buy_cost=p.buy_cost / 2.0, sell_cost=p.sell_cost / 2.0)
                for p in household.positions
            ),
        ),
    }


@pytest.mark.parametrize("seed", range(3))
def test_more_freedom_never_costs_more(seed: int) -> None:
    household = small(seed)
    plan = finely(household)
    if plan.status is not PlanStatus.INFEASIBLE:
        for name, each in wider(household).items():
            assert finely(each).bound <= plan.cost.total + 1.0, name
