"""Solve a program on an estimate: the one place where the path is chosen."""

from __future__ import annotations

import dataclasses

import numpy as np

from jeoul.allocate import check
from jeoul.allocate.program import Estimated, Program
from jeoul.allocate.solution import Relaxation, Solution
from jeoul.allocate.terms import Shape, Terms, shape_of, terms_of, value
from jeoul.errors import Infeasible
from jeoul.model.calendar import Reals
from jeoul.model.portfolio import Reason


def solve(program: Program, estimate: Estimated, *, solver: str = "auto") -> Solution:
    """Return the optimal weights of a program on an estimate, with their receipt."""
    covariance, repairs = check.usable(program, estimate)
    mended = _Mended(estimate.labels, estimate.mean, covariance)
    return _reference(program, mended, repairs)


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class _Mended:
    labels: tuple[str, ...]
    mean: Reals
    covariance: Reals


def _reference(program: Program, estimate: _Mended, repairs: tuple[Reason, ...]) -> Solution:
    from jeoul.allocate import reference

    shape, terms = shape_of(program), terms_of(program, estimate)
    ceiling = program.volatility_max
    if ceiling is None:
        found = reference.solve(shape, terms)
        relaxed: tuple[Relaxation, ...] = ()
    else:
        root = np.linalg.cholesky(estimate.covariance)
        found = reference.solve(shape, terms, root=root, ceiling=ceiling)
        relaxed = ()
        if found is None and program.yielding:
            found, relaxed = _soften(program, shape, terms, root)
    if found is None:
        raise Infeasible("no weights satisfy every rule")
    members = np.array(shape.groups, dtype=float)
    weights = np.clip(found.weights, terms.lower, terms.upper)
    held = terms
    if relaxed:
        used = {r.rule: r.used for r in relaxed}
        held = terms._replace(
            group_lower=np.array([used.get(g.name, g.lower) for g in program.groups])
        )
    return Solution(
        program.labels,
        weights,
        float(np.sqrt(weights @ estimate.covariance @ weights)),
        value(program, estimate, weights),
        reference.SOLVER,
        "reference",
        program.risk_aversion + found.ceiling,
        check.violation(held, members, weights),
        float("nan"),
        found.duals,
        relaxed,
        repairs,
    )


def _soften(program: Program, shape: Shape, terms: Terms, root: Reals):
    from jeoul.allocate import reference

    assert program.volatility_max is not None
    yielding = tuple(i for i, g in enumerate(program.groups) if g.name in program.yielding)
    soft = shape._replace(yielding=yielding)
    least = reference.least_yield(soft, terms, root=root, ceiling=program.volatility_max)
    if least is None:
        return None, ()
    # At the least yield only the portfolio of least variance is left.
    calm = terms._replace(linear=np.zeros(shape.n), cost=0.0, slack_sum=least)
    found = reference.solve(soft, calm)
    if found is None:
        return None, ()
    sums = np.array(shape.groups, dtype=float) @ found.weights
    relaxed = tuple(
        Relaxation(
            program.groups[i].name,
            program.groups[i].lower,
            float(min(sums[i], program.groups[i].lower)),
        )
        for i in yielding
        if sums[i] < program.groups[i].lower - 1e-9
    )
    return found, relaxed
