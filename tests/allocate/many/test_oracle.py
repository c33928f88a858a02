"""Degenerate programs over many funds beside cvxpy, which shares nothing with the path for them."""

from __future__ import annotations

from typing import Any

import cvxpy as cp
import numpy as np
import pytest

from jeoul.allocate import Program, solve
from jeoul.errors import Infeasible
from jeoul.estimate import FactorEstimate
from jeoul.model.factored import Factored

N = 130


def oracle(program: Program, known: FactorEstimate) -> float | None:
    """Return the optimal objective as cvxpy finds it, None where it finds no weights."""
    w = cp.Variable(N)
    risk = cp.sum_squares(known.covariance.loadings.T @ w)
    risk += cp.sum_squares(cp.multiply(np.sqrt(known.covariance.own), w))
    cost = 0.0
    if program.previous is not None:
        cost = program.turnover_cost * cp.norm1(w - program.previous)
    lower, upper = program.bounds()
    rules = [cp.sum(w) == program.budget, w >= lower, w <= upper]
    for group in program.groups:
        total = group.members.astype(float) @ w
        rules += [total >= group.lower, total <= group.upper]
    worth = known.mean @ w - program.risk_aversion / 2 * risk - cost
    problem = cp.Problem(cp.Maximize(worth), rules)
    problem.solve(solver="CLARABEL")
    return None if problem.status.startswith("infeasible") else float(problem.value)


def duplicates(seed: int, known: FactorEstimate) -> FactorEstimate:
    """Every fund twice, without any variance of its own: no two of them can be told apart."""
    half = np.arange(N) // 2
    thin = Factored(known.covariance.loadings[half], np.zeros(N))
    return FactorEstimate(known.labels, known.mean[half], thin)


def no_variance(seed: int, known: FactorEstimate) -> FactorEstimate:
    """Ten funds that never move."""
    loadings, own = known.covariance.loadings.copy(), known.covariance.own.copy()
    loadings[:10], own[:10] = 0.0, 0.0
    return FactorEstimate(known.labels, known.mean, Factored(loadings, own))


def ties(seed: int, known: FactorEstimate) -> FactorEstimate:
    """The same mean and the same own variance for all."""
    same = Factored(known.covariance.loadings, np.full(N, 0.01))
    return FactorEstimate(known.labels, np.full(N, 0.05), same)


def usual(seed: int, known: FactorEstimate) -> FactorEstimate:
    return known


KINDS = {"usual": usual, "duplicates": duplicates, "no variance": no_variance, "ties": ties}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(5))
def test_no_solver_finds_a_better_portfolio(many: Any, seed: int, kind: str) -> None:
    known = KINDS[kind](seed, many.estimate(seed, N))
    tight = {"upper": 0.25 / N * 4, "turnover_cost": 0.0} if seed % 2 else {}
    program = many.program(seed, N, **tight)
    found = solve(program, known, solver="daqp")
    best = oracle(program, known)
    assert best is not None
    assert found.violation < 1e-9
    assert found.objective == pytest.approx(best, abs=2e-7)
    assert found.objective > best - 1e-7  # Clarabel is right to some 1e-8


@pytest.mark.parametrize("seed", range(12))
def test_infeasible_is_what_cvxpy_calls_infeasible(many: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    known = many.estimate(seed, N)
    kind = np.arange(N) % 4
    groups = tuple(
        type(many.program(0, N).groups[0])(f"class {k}", kind == k, low, low + 0.1)
        for k, low in enumerate(rng.uniform(0.1, 0.3, 4))
    )
    eligible = rng.random(N) < 0.6
    program = many.program(
        seed, N, groups=groups, eligible=eligible, upper=float(rng.uniform(0.008, 0.03))
    )
    best = oracle(program, known)
    if best is None:
        with pytest.raises(Infeasible):
            solve(program, known)
    else:
        assert solve(program, known).objective == pytest.approx(best, abs=1e-6)
