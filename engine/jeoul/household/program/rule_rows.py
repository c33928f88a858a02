"""A small mixed-integer program, row by row, solved more than once by HiGHS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from jeoul.errors import SolverFailed
from jeoul.highs import silent_highs

_SECONDS = 10.0


@dataclass
class ProgramRows:
    """Columns between two bounds, some of them whole, and rows at most or at least something."""

    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    at: list[Sequence[int]] = field(default_factory=list)
    by: list[Sequence[float]] = field(default_factory=list)
    least: list[float] = field(default_factory=list)
    most: list[float] = field(default_factory=list)

    def add_column(self, low: float, high: float, *, whole: bool = False) -> int:
        """Add a column and return where it is."""
        self.low.append(low)
        self.high.append(high)
        self.whole.append(whole)
        return len(self.low) - 1

    def add_row(
        self,
        entries: Mapping[int, float],
        *,
        low: float = float("-inf"),
        high: float = float("inf"),
    ) -> None:
        """Add low <= sum of column x entry <= high."""
        self.at.append(tuple(entries))
        self.by.append(tuple(entries.values()))
        self.least.append(low)
        self.most.append(high)


@dataclass(frozen=True, slots=True)
class ProgramSolution:
    """The columns of a solution, what they cost, and what no solution costs less than."""

    values: Sequence[float]
    cost: float
    bound: float


class Solver:
    """Solves the same rows for other costs and bounds."""

    def __init__(self, rows: ProgramRows) -> None:
        import highspy  # here, because it takes half a second

        self._highs = silent_highs()
        self._highs.setOptionValue("time_limit", _SECONDS)
        self._highs.addVars(len(rows.low), np.array(rows.low), np.array(rows.high))
        self._costs: dict[int, float] = {}
        for at, by, least, most in zip(rows.at, rows.by, rows.least, rows.most, strict=True):
            self._highs.addRow(least, most, len(at), np.array(at, dtype=np.int32), np.array(by))
        for number in np.flatnonzero(rows.whole):
            self._highs.changeColIntegrality(int(number), highspy.HighsVarType.kInteger)

    def bound(self, column: int, low: float, high: float) -> None:
        """Move a column between other bounds."""
        self._highs.changeColBounds(column, low, high)

    def least(self, costs: Mapping[int, float], *, gap: float = 1e-4) -> ProgramSolution | None:
        """Return the cheapest solution, to a relative gap, None if there is none.

        Raises :class:`SolverFailed` where HiGHS finds neither within ten seconds.
        """
        import highspy

        for column in self._costs.keys() - costs.keys():
            self._highs.changeColCost(column, 0.0)
        for column, cost in costs.items():
            self._highs.changeColCost(column, cost)
        self._costs = dict(costs)
        self._highs.setOptionValue("mip_rel_gap", gap)
        self._highs.clearSolver()
        self._highs.run()
        status, info = self._highs.getModelStatus(), self._highs.getInfo()
        if status in (
            highspy.HighsModelStatus.kInfeasible,
            highspy.HighsModelStatus.kUnboundedOrInfeasible,
        ):
            return None
        if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            raise SolverFailed("highs", self._highs.modelStatusToString(status))
        cost, bound = float(info.objective_function_value), float(info.mip_dual_bound)
        return ProgramSolution(self._highs.getSolution().col_value, cost, min(cost, bound))
