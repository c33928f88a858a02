"""One program on many estimates, each as if it were the only one."""

from __future__ import annotations

from collections.abc import Sequence

from jeoul.allocate.program import Estimated, Program
from jeoul.allocate.solution import Solution
from jeoul.allocate.solver.terms import filled, fixed_terms
from jeoul.allocate.solving import PreparedProgram


def solve_along(
    prepared: PreparedProgram, estimates: Sequence[Estimated]
) -> tuple[Solution | None, ...] | None:
    """Return the solution of a program on each estimate, None where it takes a solve of its own.

    The solutions are those of ``prepared.fresh().solve(estimate)``, to the bit. The estimates are
    arrays in the order of the labels, with finite means and a covariance that needs no repair. A
    solve of its own takes a problem in which a rule yields or whose answer is not trusted. None for
    a program that is not one quadratic program under a volatility ceiling at most, or that charges
    for the weights before.
    """
    program = prepared.program
    twin = prepared.fresh()
    fast = twin.direct
    if fast is None or not fits_along(program):
        return None
    fixed = fixed_terms(program)
    solutions: list[Solution | None] = []
    for estimate in estimates:
        terms = filled(program, fixed, estimate.mean, estimate.covariance)
        fast.restart()
        if program.volatility_max is None:
            found = fast.optimum(terms, program.risk_aversion)
        else:
            found = fast.under(terms, program.risk_aversion, program.volatility_max)
        solutions.append(None if found is None else twin.vouched(found, terms))
    return tuple(solutions)


def fits_along(program: Program) -> bool:
    """Return whether a program can be solved by :func:`solve_along`."""
    return program.turnover_cost == 0.0 and program.is_quadratic
