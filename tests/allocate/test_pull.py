"""A pull draws the weights towards a target, by the square of the distance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from jeoul.allocate import PreparedProgram, Program, prove, solve
from jeoul.allocate.families import family
from jeoul.allocate.sharpe import max_sharpe
from jeoul.estimate import Estimate


def test_without_bounds_in_the_way_the_optimum_solves_its_linear_equations() -> None:
    """(d Sigma + k I) w + nu 1 = mean + k target, and the weights sum to the budget."""
    covariance = np.array([[0.04, 0.006, 0.0], [0.006, 0.01, 0.001], [0.0, 0.001, 0.0025]])
    mean, target, k, d = np.array([0.04, 0.02, 0.01]), np.array([0.5, 0.3, 0.2]), 0.05, 3.0
    system = np.ones((4, 4))
    system[:3, :3], system[3, 3] = d * covariance + k * np.eye(3), 0.0
    expected = np.linalg.solve(system, np.append(mean + k * target, 1.0))[:3]
    assert (expected > 0).all()
    program = Program(labels=("a", "b", "c"), risk_aversion=d, target=target, pull=k)
    found = solve(program, Estimate(("a", "b", "c"), mean, covariance))
    np.testing.assert_allclose(found.weights, expected, atol=1e-10)
    distance = found.weights - target
    assert found.objective == pytest.approx(
        mean @ found.weights
        - d / 2 * found.weights @ covariance @ found.weights
        - k / 2 * distance @ distance,
        abs=1e-12,
    )


@pytest.mark.parametrize("objective", ["mean-variance", "min-variance", "tracking"])
@pytest.mark.parametrize("share", [None, 0.9])
@pytest.mark.parametrize("n", [2, 14, 120])
def test_both_engines_agree_under_a_pull(
    problems: Any, objective: str, share: float | None, n: int
) -> None:
    for seed in range(3):
        estimate = problems.estimate(seed, n)
        target = np.random.default_rng(seed).dirichlet(np.full(n, 2.0))
        rules = {"target": target, "pull": 0.05, "objective": objective, "upper": max(0.6, 3 / n)}
        program = problems.program(seed, n, groups=(), **rules)
        free = solve(program, estimate, solver="daqp")
        if share is not None:
            calm = solve(
                problems.program(
                    seed,
                    n,
                    groups=(),
                    **rules | {"pull": 0.0, "objective": "min-variance", "turnover_cost": 0.0},
                ),
                estimate,
            )
            ceiling = calm.volatility + share * (free.volatility - calm.volatility)
            program = problems.program(seed, n, groups=(), **rules, volatility_max=ceiling)
        found = solve(program, estimate, solver="daqp")
        assert found.gap <= 1e-9
        assert found.violation <= 1e-9
        if share is not None:
            assert found.volatility == pytest.approx(ceiling, rel=1e-9)
        proof = prove(program, estimate, found)
        assert proof.holds
        assert proof.difference < 2e-5


def test_a_strong_pull_ends_at_the_target_and_none_changes_nothing(problems: Any) -> None:
    estimate = problems.estimate(5, 14)
    target = np.random.default_rng(5).dirichlet(np.full(14, 8.0))
    groups = {"groups": (), "turnover_cost": 0.0}
    strong = solve(problems.program(5, 14, target=target, pull=1e6, **groups), estimate)
    np.testing.assert_allclose(strong.weights, target, atol=1e-6)
    none = solve(problems.program(5, 14, target=target, **groups), estimate)
    plain = solve(problems.program(5, 14, **groups), estimate)
    np.testing.assert_array_equal(none.weights, plain.weights)


def test_a_family_under_a_pull_holds_the_optimum_of_each_aversion(problems: Any) -> None:
    estimate = problems.estimate(7, 14)
    target = np.full(14, 1 / 14)
    program = problems.program(7, 14, target=target, pull=0.05)
    aversions = (2.0, 5.0, 9.0)
    found = family(program, estimate, aversions)
    for row, aversion in zip(found.weights, aversions, strict=True):
        own = problems.program(7, 14, target=target, pull=0.05, risk_aversion=aversion)
        np.testing.assert_allclose(row, PreparedProgram(own).solve(estimate).weights, atol=1e-8)


def test_the_highest_ratio_does_not_look_at_a_pull(problems: Any) -> None:
    estimate = problems.estimate(3, 8)
    target = np.full(8, 1 / 8)
    pulled = max_sharpe(problems.program(3, 8, target=target, pull=0.5), estimate)
    free = max_sharpe(problems.program(3, 8), estimate)
    np.testing.assert_array_equal(pulled.weights, free.weights)


def test_a_pull_needs_a_target_and_cannot_push() -> None:
    with pytest.raises(ValueError, match="pull need target weights"):
        Program(labels=("a",), risk_aversion=1.0, pull=0.1)
    with pytest.raises(ValueError, match="pull is -1"):
        Program(labels=("a",), risk_aversion=1.0, target=np.ones(1), pull=-1.0)
