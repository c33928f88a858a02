"""The search of HiGHS for a plan: what it found that is allowed, and the bound that it proved."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from jeoul.household.evaluate import evaluate
from jeoul.household.program import Program
from jeoul.household.program_inputs import UNIT
from jeoul.household.records import Evaluation, Moves
from jeoul.household.solver import loaded

if TYPE_CHECKING:
    import highspy

LEAN = {
    "mip_allow_restart": False,
    "mip_heuristic_run_feasibility_jump": False,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_root_reduced_cost": False,
}
"""Parts of the search that a good start makes superfluous, all of it before the first node."""


@dataclass
class Search:
    """A program in its solver, the allowed moves known so far, and the bound proven so far."""

    program: Program
    known: list[tuple[Moves, Evaluation]] = field(default_factory=list)
    bound: float = -np.inf
    infeasible: bool = False

    def add(self, moves: Moves) -> None:
        """Remember moves if they break no rule."""
        found = evaluate(self.program.household, moves)
        if not found.violations:
            self.known.append((moves, found))

    @property
    def best(self) -> tuple[Moves, Evaluation] | None:
        """Return the cheapest moves that are known, None before any are."""
        return min(self.known, key=lambda each: each[1].cost.total, default=None)

    def run(
        self,
        *,
        gap: float = 0.0,
        below: float = np.inf,
        seconds: float = np.inf,
        nodes: int | None = None,
        first: bool = False,
    ) -> float:
        """Search for moves that cost at most ``below`` won; return the seconds it took.

        It ends within ``gap`` of the bound, at a limit, or with ``first`` at the first solution.
        """
        solver = loaded(self.program)
        best = self.best
        if best is not None:
            _set_start(solver, self.program.start_of(best[0]))
            for name, value in LEAN.items():
                solver.setOptionValue(name, value)
        solver.setOptionValue("mip_rel_gap", gap)
        solver.setOptionValue("time_limit", max(seconds, 0.0))
        if np.isfinite(below):
            solver.setOptionValue("objective_bound", below / UNIT)
        if nodes is not None:
            solver.setOptionValue("mip_max_nodes", nodes)
        if first:
            solver.setOptionValue("mip_max_improving_sols", 1)
        solver.run()
        self._read(solver, below)
        return float(solver.getRunTime())

    def _read(self, solver: highspy.Highs, below: float) -> None:
        import highspy

        info, status = solver.getInfo(), solver.getModelStatus()
        ended = status in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible)
        if info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
            self.add(self.program.moves_of(np.array(solver.getSolution().col_value)))
        if ended and np.isfinite(below) and UNIT * info.objective_function_value > below:
            self.bound = max(self.bound, below)
        elif status == highspy.HighsModelStatus.kInfeasible:
            self.infeasible = True
        else:
            self.bound = max(self.bound, min(UNIT * info.mip_dual_bound, below))


def _set_start(solver: highspy.Highs, values: np.ndarray) -> None:
    import highspy

    solution = highspy.HighsSolution()
    solution.col_value = list(values)
    solver.setSolution(solution)
