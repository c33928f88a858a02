"""Rules of one's own, written in cvxpy, against the same rules where a program can say them."""

from __future__ import annotations

import dataclasses
from typing import Any

import cvxpy as cp
import numpy as np
import pytest

import jeoul
from jeoul.allocate import Group, PreparedProgram, Program, solve
from jeoul.errors import BadValue, Infeasible
from jeoul.estimate import Estimate


def random_rules(seed: Any, problems: Any) -> Any:
    """Return a program, its estimate, and rules that its optimum breaks, as groups and in cvxpy.

    In turn the groups come alone, with a turnover cap and with a volatility ceiling.
    """
    rng = np.random.default_rng(seed)
    n = int(rng.integers(6, 25))
    estimate = problems.estimate(seed, n)
    program = problems.program(seed, n, turnover_cost=0.002 * (seed % 2))
    free = solve(program, estimate)
    groups, rules = list(program.groups), []
    for number in range(int(rng.integers(1, 4))):
        mask = np.zeros(n, dtype=bool)
        mask[rng.choice(n, size=n // 3, replace=False)] = True
        now = float(free.weights[mask].sum())
        low, high = (now + 0.03, 1.0) if rng.random() < 0.5 else (0.0, max(now - 0.03, 0.0))
        groups.append(Group(f"own {number}", mask, low, high))
        rules.append((mask.astype(float), low, high))
    same = {"groups": tuple(groups)}
    if seed % 3 == 1:
        same["turnover_max"] = 0.3  # type: ignore[assignment]
    if seed % 3 == 2:
        same["volatility_max"] = 0.95 * free.volatility  # type: ignore[assignment]
    root = np.linalg.cholesky(estimate.covariance)

    def extra(w: Any) -> Any:
        found = [row @ w >= low for row, low, _ in rules] + [
            row @ w <= high for row, _, high in rules
        ]
        if seed % 3 == 1:
            found.append(cp.norm1(w - program.previous) / 2 <= 0.3)
        if seed % 3 == 2:
            found.append(cp.norm(root.T @ w) <= same["volatility_max"])
        return found

    return program, dataclasses.replace(program, **same), extra, estimate


def test_50_sets_of_rules_in_cvxpy_agree_with_the_direct_path_to_1e_7(problems: Any) -> None:
    compared, seed = 0, 0
    while compared < 50:
        seed += 1
        program, said, extra, estimate = random_rules(seed, problems)
        try:
            direct = solve(said, estimate, solver="daqp")
        except Infeasible:
            with pytest.raises(Infeasible):
                solve(program, estimate, extra=extra)
            continue
        asked = solve(program, estimate, extra=extra)
        assert (direct.path, asked.path) == ("direct", "reference")
        np.testing.assert_allclose(asked.weights, direct.weights, rtol=0, atol=1e-7)
        assert asked.objective == pytest.approx(direct.objective, abs=1e-7)
        assert asked.violation < 1e-7
        compared += 1


def test_a_rule_no_program_can_say_is_kept(problems: Any) -> None:
    program, estimate = problems.program(3, 12), problems.estimate(3, 12)
    free = solve(program, estimate)
    largest = 0.9 * float(np.linalg.norm(free.weights))
    found = solve(program, estimate, extra=lambda w: [cp.norm(w) <= largest])
    assert np.linalg.norm(found.weights) == pytest.approx(largest, abs=1e-7)
    assert found.objective < free.objective
    assert np.isnan(found.gap)


def test_rules_that_leave_no_weights_are_refused_as_the_extra_ones(problems: Any) -> None:
    program, estimate = problems.program(3, 12), problems.estimate(3, 12)
    with pytest.raises(Infeasible, match="extra constraints"):
        solve(program, estimate, extra=lambda w: [w[0] + w[1] >= 0.9])


def test_the_direct_path_refuses_what_it_cannot_say(problems: Any) -> None:
    with pytest.raises(ValueError, match="extra rules need cvxpy"):
        PreparedProgram(problems.program(3, 12), solver="daqp", extra=lambda w: [w[0] >= 0.1])


def test_the_notebook_call_takes_them_and_says_so(problems: Any) -> None:
    estimate = problems.estimate(4, 5)
    call = {"mean": estimate.mean, "covariance": estimate.covariance, "risk_aversion": 4.0}
    free = jeoul.solve(**call)
    held = int(np.argmax(free.weights))
    found = jeoul.solve(**call, extra=lambda w: [w[held] <= 0.1])
    assert found.weights[held] == pytest.approx(0.1, abs=1e-7)
    assert (free.solution.path, found.solution.path) == ("direct", "reference")
    assert {reason.kind for reason in found.reasons} == {"allocate.extra"}


def test_the_public_verb_takes_a_program_and_rules_of_its_own() -> None:
    # Without the rule two uncorrelated funds of the same variance are held in halves.
    labels = ("stocks", "bonds")
    program = Program(labels=labels, risk_aversion=4.0)
    estimate = Estimate(labels, np.array([0.05, 0.05]), np.diag([0.04, 0.04]))
    free = jeoul.solve(program, estimate)
    assert free.weights == pytest.approx({"stocks": 0.5, "bonds": 0.5}, abs=1e-7)
    assert free.solution.path == "direct"
    assert [reason.kind for reason in free.reasons] == ["allocate.balanced"] * 2
    found = jeoul.solve(program, estimate, extra=lambda w: [w[1] >= 3 * w[0]])
    assert found.weights == pytest.approx({"stocks": 0.25, "bonds": 0.75}, abs=1e-6)
    assert found.solution.path == "reference"
    assert [reason.kind for reason in found.reasons] == ["allocate.extra"] * 2


def test_a_program_is_refused_beside_other_rules_or_without_an_estimate() -> None:
    program: Any = Program(labels=("stocks", "bonds"), risk_aversion=4.0)
    estimate = Estimate(program.labels, np.array([0.05, 0.05]), np.diag([0.04, 0.04]))
    with pytest.raises(BadValue, match="give risk_aversion, bounds to the program"):
        jeoul.solve(program, estimate, risk_aversion=2.0, bounds=(0.0, 0.4))
    covariance: Any = np.diag([0.04, 0.04])
    with pytest.raises(BadValue, match="a program needs an estimate"):
        jeoul.solve(program, covariance)
