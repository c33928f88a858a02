"""The program against the one that was written a second time in cvxpy."""

from __future__ import annotations

from dataclasses import replace

import highspy
import numpy as np
import pytest
from tests.household.drawn import drawn

from jeoul.household.planning.exact import plan_exactly
from jeoul.household.problem.records import Household, PlanStatus
from jeoul.household.program.inputs import UNIT
from jeoul.household.program.program import HouseholdProgram, build
from jeoul.household.program.reference import reference_cost
from jeoul.household.program.solver import loaded


def plain(program: HouseholdProgram) -> HouseholdProgram:
    """Return a program without the rows that whole numbers imply."""
    lower = program.row_lower.copy()
    lower[program.rows["reached"]] = -np.inf
    return replace(program, row_lower=lower)


def relaxed(household: Household) -> float | None:
    solver = loaded(plain(build(household)), whole=False)
    solver.setOptionValue("primal_feasibility_tolerance", 1e-9)
    solver.setOptionValue("dual_feasibility_tolerance", 1e-9)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return float(solver.getInfo().objective_function_value) * UNIT


@pytest.mark.parametrize("fifo", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_the_linear_relaxations_agree(seed: int, fifo: bool) -> None:
    household = drawn(seed, fifo=fifo)
    found = relaxed(household)
    assert found is not None
    assert reference_cost(household, whole=False) == pytest.approx(found, rel=1e-9)


@pytest.mark.parametrize("fifo", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_the_whole_programs_agree(seed: int, fifo: bool) -> None:
    household = drawn(seed, funds=5, kinds=("general", "overseas", "irp"), fifo=fifo)
    household = replace(household, policy=replace(household.policy, min_gain=0.0))
    plan = plan_exactly(household, gap=1e-6, seconds=np.inf)
    if plan.status is not PlanStatus.INFEASIBLE:
        assert reference_cost(household, gap=1e-6) == pytest.approx(plan.cost.total, rel=3e-6)
