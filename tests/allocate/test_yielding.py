"""A ceiling that cannot be met: the least yield first, then the objective, against cvxpy."""

from __future__ import annotations

import dataclasses
from typing import Any

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jeoul.allocate import Program, solve
from jeoul.allocate.solver.terms import YIELD_ROOM

TIGHT = {"tol_gap_abs": 1e-9, "tol_gap_rel": 1e-9, "tol_feas": 1e-9}


def unmeetable(problems: Any, seed: int, n: int, share: float, **changes: Any) -> Any:
    """Return an estimate and a program whose floors leave nothing under its ceiling.

    The ceiling lies between the least volatility without the floors and the least with them.
    """
    estimate, program = problems.estimate(seed, n), problems.program(seed, n)
    wide = tuple(dataclasses.replace(group, lower=0.0, upper=1.0) for group in program.groups)
    calm = dataclasses.replace(program, groups=wide, objective="min-variance", turnover_cost=0.0)
    free = solve(calm, estimate)
    by_class = [float(free.weights[group.members].sum()) for group in wide]
    smallest = np.argsort(by_class)[:2].tolist()
    floors = tuple(
        dataclasses.replace(group, lower=held + 0.06) if number in smallest else group
        for number, (group, held) in enumerate(zip(wide, by_class, strict=True))
    )
    high = solve(dataclasses.replace(calm, groups=floors), estimate).volatility
    ceiling = free.volatility + share * (high - free.volatility)
    names = tuple(floors[number].name for number in smallest)
    rules = {"groups": floors, "volatility_max": ceiling, "yielding": names, **changes}
    return estimate, dataclasses.replace(program, **rules)


def in_two_stages(program: Program, estimate: Any) -> tuple[float, Any]:
    """Return the least yield and the weights of the two convex programs, as cvxpy states them."""
    w, slack = cp.Variable(len(program.labels)), cp.Variable(2)
    root = np.linalg.cholesky(estimate.covariance)
    rules = [cp.sum(w) == program.budget, w >= program.lower, w <= program.upper, slack >= 0]
    rules += [cp.norm(root.T @ w) <= program.volatility_max]
    for group in program.groups:
        held, soft = group.members.astype(float) @ w, group.name in program.yielding
        gives = slack[program.yielding.index(group.name)] if soft else 0.0
        rules += [held >= group.lower - gives]
        rules += [held <= group.upper]
    first = cp.Problem(cp.Minimize(cp.sum(slack)), rules)
    first.solve(solver=cp.CLARABEL, **TIGHT)
    risk = cp.quad_form(w, cp.psd_wrap(estimate.covariance))
    value = estimate.mean @ w - program.risk_aversion / 2 * risk
    value -= program.turnover_cost * cp.norm1(w - program.previous)
    if program.target is not None:
        value -= program.pull / 2 * cp.sum_squares(w - program.target)
    room = [cp.sum(slack) <= first.value + YIELD_ROOM]
    cp.Problem(cp.Maximize(value), [*rules, *room]).solve(solver=cp.CLARABEL, **TIGHT)
    return float(first.value), w.value


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(8, 14),
    share=st.floats(0.1, 0.9),
    pull=st.sampled_from([0.0, 0.05]),
)
def test_the_least_yield_comes_first_and_the_objective_second(
    problems: Any, seed: int, n: int, share: float, pull: float
) -> None:
    changes = {"pull": pull, "target": np.full(n, 1.0 / n)} if pull else {}
    estimate, program = unmeetable(problems, seed, n, share, **changes)
    least, weights = in_two_stages(program, estimate)
    found = solve(program, estimate)
    assert found.path == "direct"
    assert found.volatility <= program.volatility_max * (1 + 1e-9)
    yielded = sum(rule.declared - rule.used for rule in found.relaxed)
    assert least - 1e-7 <= yielded <= least + YIELD_ROOM + 1e-7
    np.testing.assert_allclose(found.weights, weights, atol=2e-4)
    assert found.gap <= 1e-9


def test_both_engines_know_the_two_stages(problems: Any) -> None:
    estimate, program = unmeetable(problems, 4, 10, 0.5)
    fast, slow = (solve(program, estimate, solver=name) for name in ("daqp", "clarabel"))
    np.testing.assert_allclose(fast.weights, slow.weights, atol=1e-5)
    assert fast.objective == pytest.approx(slow.objective, abs=1e-8)


def test_means_and_costs_still_count_where_the_ceiling_cannot_be_met(problems: Any) -> None:
    estimate, program = unmeetable(problems, 1, 10, 0.5)
    plain = solve(program, estimate)
    best = int(np.argmax(plain.weights < program.upper - 0.05))
    hopeful = dataclasses.replace(estimate, mean=estimate.mean + 0.2 * np.eye(10)[best])
    assert solve(program, hopeful).weights[best] > plain.weights[best] + 1e-3
    still = dataclasses.replace(program, previous=plain.weights, turnover_cost=0.05)
    moved = np.abs(solve(still, estimate).weights - plain.weights).sum()
    assert moved < 1e-6


def test_more_than_a_hundred_assets_yield_too(problems: Any) -> None:
    estimate, program = unmeetable(problems, 2, 120, 0.5)
    found = solve(program, estimate)
    assert found.path == "direct"
    assert found.relaxed
    assert found.gap <= 1e-9
