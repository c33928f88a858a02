"""One program on many estimates, each as if it were the only one, and all checked at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from jeoul.allocate.program import MANY, Estimated, Program
from jeoul.allocate.solution import Solution
from jeoul.allocate.solver.optimum import Optimum
from jeoul.allocate.solver.receipts import ProblemAnswers, receipts
from jeoul.allocate.solver.terms import ShapeTerms, filled, fixed_terms
from jeoul.allocate.solving import TRUSTED, PreparedProgram


def solve_along(
    prepared: PreparedProgram, estimates: Sequence[Estimated]
) -> tuple[Solution | None, ...] | None:
    """Return the solution of a program on each estimate, None where it takes a solve of its own.

    The weights are those of ``prepared.fresh().solve(estimate)``, to the bit; the figures of the
    receipts agree to rounding. The estimates are arrays in the order of the labels, with finite
    means and a covariance that needs no repair. A solve of its own takes a problem in which a rule
    yields or whose answer is not trusted. None for a program that is not one quadratic program
    under a volatility ceiling at most, or that charges for the weights before.
    """
    program = prepared.program
    twin = prepared.fresh()
    fast = twin.direct
    if fast is None or not fits_along(program):
        return None
    fixed = fixed_terms(program)
    terms: list[ShapeTerms] = []
    optima: list[Optimum] = []
    places: list[int] = []
    for place, estimate in enumerate(estimates):
        one = filled(program, fixed, estimate.mean, estimate.covariance)
        fast.restart()
        if program.volatility_max is None:
            found = fast.optimum(one, program.risk_aversion)
        else:
            found = fast.under(one, program.risk_aversion, program.volatility_max)
        if found is not None:
            places.append(place)
            optima.append(found)
            terms.append(one)
    solutions: list[Solution | None] = [None] * len(estimates)
    if places:
        checked = _checked(program, fixed, terms, optima)
        for place, solution in zip(places, checked, strict=True):
            solutions[place] = solution
    return tuple(solutions)


def fits_along(program: Program) -> bool:
    """Return whether a program can be solved by :func:`solve_along`."""
    rules = (program.turnover_max, program.frozen, program.min_position, program.max_positions)
    void = any(group.lower > 0.0 and not group.members.any() for group in program.groups)
    free = program.turnover_cost == 0.0 and not program.risk_shares and not void
    return free and len(program.labels) < MANY and all(rule is None for rule in rules)


def _checked(
    program: Program, fixed: ShapeTerms, terms: Sequence[ShapeTerms], optima: Sequence[Optimum]
) -> list[Solution | None]:
    """Return the solutions of optima, None where the receipt does not vouch for one."""
    weights = np.array([found.weights for found in optima])
    weights = np.minimum(np.maximum(weights, fixed.lower), fixed.upper) + 0.0
    answers = ProblemAnswers(
        weights=weights,
        prices=np.array([found.prices for found in optima]),
        linear=np.array([one.linear for one in terms]),
        previous=np.zeros_like(weights),
        covariances=np.array([one.quadratic for one in terms]),
        aversions=np.array([found.aversion for found in optima]),
    )
    figures = receipts(program, fixed, answers)
    trusted = (figures.violation <= TRUSTED) & (figures.gap <= TRUSTED)
    rows = zip(*(each.tolist() for each in figures), strict=True)
    return [
        Solution(
            labels=program.labels,
            weights=weights[place],
            volatility=volatility,
            objective=objective,
            solver="daqp",
            path="direct",
            risk_aversion=found.aversion,
            violation=violation,
            gap=gap,
            prices=found.prices,
            cost=found.cost,
        )
        if trusted[place]
        else None
        for place, (found, (volatility, objective, violation, gap)) in enumerate(
            zip(optima, rows, strict=True)
        )
    ]
