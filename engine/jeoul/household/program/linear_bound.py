"""What no plan of a household can cost less than, by the linear relaxation of its program."""

from __future__ import annotations

from jeoul.errors import SolverFailed
from jeoul.household.problem.records import Household
from jeoul.household.program.inputs import UNIT
from jeoul.household.program.program import build
from jeoul.household.program.solver import loaded


def linear_bound(household: Household) -> float | None:
    """Return the least cost in won where shares and orders need not be whole, None if none is.

    Raises :class:`SolverFailed` where HiGHS stops for another reason.
    """
    import highspy  # here, because it takes half a second

    solver = loaded(build(household), whole=False)
    solver.run()
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kOptimal:
        return UNIT * float(solver.getInfo().objective_function_value)
    if status in (
        highspy.HighsModelStatus.kInfeasible,
        highspy.HighsModelStatus.kUnboundedOrInfeasible,
    ):
        return None
    raise SolverFailed("highs", solver.modelStatusToString(status))
