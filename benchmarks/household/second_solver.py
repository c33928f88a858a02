"""SCIP as a second solver of the same program: an optional part, ``pip install pyscipopt``.

It never loads beside ortools; it does beside HiGHS.
"""

from __future__ import annotations

import time

import numpy as np
import pyscipopt

from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import NOTHING, Household, HouseholdPlan, Moves, PlanStatus
from jeoul.household.program.inputs import UNIT
from jeoul.household.program.program import HouseholdProgram, build


def plan_with_scip(
    household: Household, start: Moves, *, gap: float = 0.0001, seconds: float
) -> HouseholdPlan:
    """Return SCIP's plan of a household's program, with the bound that SCIP proved."""
    program = build(household)
    begun = time.perf_counter()
    model, columns = _model(program)
    model.setParam("limits/time", seconds)
    model.setParam("limits/gap", gap)
    _begin(model, columns, program.start_of(start))
    model.optimize()
    found = [start]
    if model.getNSols():
        best = model.getBestSol()
        values = np.array([model.getSolVal(best, each) for each in columns])
        found.append(program.moves_of(values))
    allowed = [(evaluate(household, moves), moves) for moves in found]
    judged = [(each.cost, moves) for each, moves in allowed if not each.violations]
    cost, moves = min(judged, key=lambda each: each[0].total)
    bound = model.getDualbound() * UNIT
    within = cost.total - bound <= gap * cost.total
    return HouseholdPlan(
        moves=moves,
        cost=cost,
        nothing=evaluate(household, NOTHING).cost,
        bound=bound,
        status=PlanStatus.WITHIN_GAP if within else PlanStatus.UNPROVEN,
        seconds=time.perf_counter() - begun,
    )


def _model(program: HouseholdProgram) -> tuple[pyscipopt.Model, list[pyscipopt.Variable]]:
    model = pyscipopt.Model()
    model.hideOutput()
    columns = [
        model.addVar(vtype="I" if whole else "C", lb=_bound(low), ub=_bound(high), obj=float(cost))
        for whole, low, high, cost in zip(
            program.whole, program.lower, program.upper, program.cost, strict=True
        )
    ]
    model.addObjoffset(float(program.constant))
    for row, (low, high) in enumerate(zip(program.row_lower, program.row_upper, strict=True)):
        span = slice(program.start[row], program.start[row + 1])
        terms = zip(program.value[span], program.index[span], strict=True)
        line = pyscipopt.quicksum(float(by) * columns[at] for by, at in terms)
        if np.isfinite(low):
            model.addCons(line >= float(low))
        if np.isfinite(high):
            model.addCons(line <= float(high))
    return model, columns


def _bound(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _begin(model: pyscipopt.Model, columns: list[pyscipopt.Variable], values: np.ndarray) -> None:
    solution = model.createSol()
    for column, value in zip(columns, values, strict=True):
        model.setSolVal(solution, column, float(value))
    model.addSol(solution)
