"""The search of HiGHS for a plan: what it found that is allowed, and the bound that it proved.

A search goes in passes, coarse before fine. A coarse pass lets the shares of cheap funds be any
number and keeps only orders and dear funds whole: its bound holds for whole shares too, and it
comes several times sooner. Its orders are then rounded by a small program that may make no others.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import NOTHING, Evaluation, Moves
from jeoul.household.program.inputs import UNIT, Floats, ProgramInputs
from jeoul.household.program.program import HouseholdProgram
from jeoul.household.program.solver import loaded

if TYPE_CHECKING:
    import highspy

SUPERFLUOUS = (
    "mip_allow_restart",
    "mip_heuristic_run_feasibility_jump",
    "mip_heuristic_run_rens",
    "mip_heuristic_run_root_reduced_cost",
)
"""Parts of the search that a good start makes superfluous, all of it before the first node."""

PASSES = ((0.2, 0.5), (0.05, 0.8), (0.0, 1.0))
"""Parts of the gap: what the drift of a cheap share may cost, and how far a pass searches."""

BOX = 3.0
"""Shares by which rounding may move an order away from where the coarse pass left it."""

ROUNDING = 0.1
"""Part of the time that is kept for rounding."""


@dataclass(frozen=True)
class SearchLimits:
    """When a run of the solver ends, and above which cost in won it need not look."""

    gap: float = 0.0
    seconds: float = np.inf
    nodes: int | None = None
    below: float = np.inf
    first: bool = False

    def options(self) -> dict[str, float | int]:
        """Return them as options of HiGHS."""
        found: dict[str, float | int] = {"mip_rel_gap": self.gap}
        found["time_limit"] = max(self.seconds, 0.01)
        if np.isfinite(self.below):
            found["objective_bound"] = self.below / UNIT
        if self.nodes is not None:
            found["mip_max_nodes"] = self.nodes
        if self.first:
            found["mip_max_improving_sols"] = 1
        return found


@dataclass(frozen=True)
class SearchOutcome:
    """What a run found, and the bound that it proved, in won: infinite if there is nothing.

    With a limit ``below`` no bound above it is proven, since nothing above it was searched.
    """

    solution: Floats | None
    bound: float


@dataclass
class Search:
    """A program, the allowed moves known so far, the bound proven so far, and the time left."""

    program: HouseholdProgram
    seconds: float = np.inf
    nodes: int | None = None
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

    def descend(self, gap: float, below: float = np.inf) -> None:
        """Search in passes until the best moves are within ``gap`` of the bound.

        With ``below`` it looks only for moves that cost no more, in won, and proves that there are
        none where it finds none.
        """
        for coarse, share in PASSES:
            if self.infeasible or self.seconds <= 0.0 or self._done(gap, below):
                return
            program = self._relaxed(coarse * gap) if coarse else self.program
            if program is None:
                continue
            kept = ROUNDING * self.seconds if coarse else 0.0
            limits = SearchLimits(
                share * self._gap(gap, below), self.seconds - kept, self.nodes, below
            )
            outcome = self._run(program, limits, started=True)
            self.bound = max(self.bound, outcome.bound)
            self.infeasible = outcome.bound == np.inf
            if outcome.solution is not None and coarse:
                self._round(outcome.solution, gap / 10.0)
            elif outcome.solution is not None:
                self.add(program.moves_of(outcome.solution))

    def polish(self, gap: float) -> None:
        """Look for better shares and payments of the best orders, in the time that is left."""
        best = self.best
        if best is not None and best[0].count and self.seconds > 0.0:
            self._round(self.program.start_of(best[0]), gap)

    def _gap(self, gap: float, below: float) -> float:
        """Return the gap, or a finer one at which a bound of ``below`` is proven too."""
        best = self.best
        if best is None or best[1].cost.total <= below:
            return gap
        total = best[1].cost.total
        return min(gap, (total - below) / total)

    def _done(self, gap: float, below: float) -> bool:
        if self.bound >= below:
            return True
        best = self.best
        if best is None or best[1].cost.total > below:
            return False
        total = best[1].cost.total
        return total - self.bound <= gap * total

    def find(self) -> None:
        """Search without limits until some allowed moves are known, or none can be."""
        outcome = self._run(self.program, SearchLimits(first=True), started=False)
        self.infeasible = outcome.bound == np.inf
        if outcome.solution is not None:
            self.add(self.program.moves_of(outcome.solution))

    def _relaxed(self, coarse: float) -> HouseholdProgram | None:
        """Return the program with the shares of cheap funds as any numbers, None if none is.

        A fund is cheap if the drift of one share costs at most ``coarse`` of the best plan so far,
        or of doing nothing.
        """
        program = self.program
        found = self.best[1] if self.best else evaluate(program.household, NOTHING)
        total = found.cost.total / UNIT
        prices = ProgramInputs(program.household).price
        cheap = prices * program.household.policy.drift_price <= coarse * total
        if not cheap.any():
            return None
        whole = program.whole.copy()
        whole[program.at.buy[cheap]] = whole[program.at.sell[cheap]] = False
        return replace(program, whole=whole)

    def _round(self, solution: Floats, gap: float) -> None:
        """Add the best moves with the orders of a coarse solution, near its shares."""
        at, upper = self.program.at, self.program.upper.copy()
        for amount, use in ((at.buy, at.buy_use), (at.sell, at.sell_use)):
            upper[use] = np.minimum(upper[use], solution[use] > 0.5)
            most = (np.rint(solution[amount]) + BOX) * upper[use]
            upper[amount] = np.minimum(upper[amount], most)
        limits = SearchLimits(gap, self.seconds, self.nodes)
        found = self._run(replace(self.program, upper=upper), limits, started=False).solution
        if found is not None:
            self.add(self.program.moves_of(found))

    def _run(
        self, program: HouseholdProgram, limits: SearchLimits, *, started: bool
    ) -> SearchOutcome:
        solver = loaded(program)
        if started and self.best is not None:
            solver.setSolution(_solution(program.start_of(self.best[0])))
            for name in SUPERFLUOUS:
                solver.setOptionValue(name, False)
        for name, value in limits.options().items():
            solver.setOptionValue(name, value)
        solver.run()
        self.seconds -= float(solver.getRunTime())
        return _outcome(solver, limits.below)


def _outcome(solver: highspy.Highs, below: float) -> SearchOutcome:
    import highspy

    info = solver.getInfo()
    solution = None
    if info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
        solution = np.array(solver.getSolution().col_value)
    if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        return SearchOutcome(solution, below)
    return SearchOutcome(solution, min(UNIT * info.mip_dual_bound, below))


def _solution(values: Floats) -> highspy.HighsSolution:
    import highspy

    solution = highspy.HighsSolution()
    solution.col_value = list(values)
    return solution
