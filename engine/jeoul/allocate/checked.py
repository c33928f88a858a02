"""An optimum with its receipt, and the solution that it is."""

from __future__ import annotations

import math
from typing import NamedTuple

from jeoul.allocate.program import Program
from jeoul.allocate.solution import Relaxation, Solution
from jeoul.allocate.solver.certificate import SolveReceipt
from jeoul.allocate.solver.optimum import Optimum
from jeoul.allocate.solver.terms import ShapeTerms
from jeoul.model.portfolio import Reason

TRUSTED = 1e-9
"""The largest gap and violation with which an answer of the direct path is given out."""


def solution_of(
    program: Program,
    terms: ShapeTerms,
    found: CheckedOptimum,
    *,
    solver: str,
    path: str,
    repairs: tuple[Reason, ...] = (),
) -> Solution:
    """Return what a solver found on its path as a solution; ``repairs`` are of the estimate."""
    optimum, figures = found.optimum, found.receipt
    # What the terms leave out because it is the same for all weights.
    objective = figures.objective
    if program.target is not None and program.pull > 0.0:
        objective -= program.pull / 2 * float(program.target @ program.target)
    if program.objective == "tracking" and program.target is not None:
        spread = float(program.target @ (terms.quadratic @ program.target))
        objective -= program.risk_aversion / 2 * spread
    return Solution(
        labels=program.labels,
        weights=optimum.weights,
        volatility=figures.volatility,
        objective=objective,
        solver=solver,
        path=path,
        risk_aversion=optimum.aversion,
        violation=figures.violation,
        gap=figures.gap,
        prices=optimum.prices,
        cost=optimum.cost,
        relaxed=found.relaxed,
        repairs=repairs,
    )


class CheckedOptimum(NamedTuple):
    """An optimum with what its weights say of it, and the rules that yielded."""

    optimum: Optimum
    receipt: SolveReceipt
    relaxed: tuple[Relaxation, ...]
    priced: bool
    """Whether the prices of all rules are known."""

    @property
    def bounded(self) -> bool:
        """Return whether the optimum is one of which a gap can be computed."""
        return self.priced and math.isfinite(self.optimum.aversion)

    @property
    def measured(self) -> bool:
        """Return whether the receipt has every figure that vouches for the optimum."""
        known = not (self.bounded and math.isnan(self.receipt.gap))
        return known and not math.isnan(self.receipt.violation)

    @property
    def trusted(self) -> bool:
        """Return whether violation and gap are small; one that is NaN vouches for nothing."""
        near = self.receipt.gap <= TRUSTED or not self.bounded
        return near and self.receipt.violation <= TRUSTED
