"""What holds each weight, and families of portfolios over risk aversion."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from jeoul.allocate import Conflict, Group, Program, family, frontier, reasons, solve
from jeoul.estimate import Estimate
from jeoul.messages import LANGUAGES, say


def test_every_weight_has_its_reason() -> None:
    labels = ("star", "twin", "dull", "kept", "barred", "stuck", "core")
    estimate = Estimate(
        labels,
        np.array([0.30, 0.12, -0.05, 0.0505, 0.5, 0.0, 0.05]),
        np.diag([0.03, 0.04, 0.05, 0.03, 0.09, 0.02, 0.01]),
    )
    previous = np.array([0.2, 0.0, 0.0, 0.10, 0.0, 0.05, 0.65])
    program = Program(
        labels=labels,
        risk_aversion=5.0,
        upper=np.array([0.2, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9]),
        groups=(Group("classes.twin", np.arange(7) == 1, 0.0, 0.08),),
        previous=previous,
        turnover_cost=0.02,
        eligible=np.arange(7) != 4,
        frozen=np.arange(7) == 5,
    )
    found = reasons(program, estimate, solve(program, estimate))
    assert dict(zip(labels, (r.kind.removeprefix("allocate.") for r in found), strict=True)) == {
        "star": "at_cap",
        "twin": "class_full",
        "dull": "not_worth",
        "kept": "trading_cost",
        "barred": "not_eligible",
        "stuck": "frozen",
        "core": "balanced",
    }
    for language in LANGUAGES:
        for reason in found:
            assert dict(reason.detail)["label"] in say(language, reason.kind, dict(reason.detail))


def test_gain_of_a_cap_is_what_relaxing_it_brings(problems: Any) -> None:
    program, estimate = problems.program(11, 12), problems.estimate(11, 12)
    before = solve(program, estimate)
    found = [
        (i, float(dict(r.detail)["gain"]))
        for i, r in enumerate(reasons(program, estimate, before))
        if r.kind == "allocate.at_cap"
    ]
    assert found
    for i, gain in found:
        upper = program.upper.copy()
        upper[i] += 1e-5
        after = solve(dataclasses.replace(program, upper=upper), estimate)
        # The objective is per unit of weight and year: a point more is 0.01, a basis point 1e-4.
        brought = (after.objective - before.objective) / 1e-5 * 100
        assert brought == pytest.approx(gain, abs=0.01)


def test_family_is_monotone_and_smooth(problems: Any) -> None:
    for seed in range(4):
        program, estimate = problems.program(seed, 14), problems.estimate(seed, 14)
        aversions = np.geomspace(60.0, 0.8, 101)
        found = family(program, estimate, aversions)
        assert np.all(np.diff(found.volatility) >= -1e-12)
        # Piecewise linear in 1 / risk aversion: no step is larger than its share of the way.
        step = np.abs(np.diff(found.weights, axis=0)).max(axis=1)
        assert step.max() < 0.25
        for k in (0, 37, 100):
            alone = dataclasses.replace(program, risk_aversion=float(aversions[k]))
            np.testing.assert_allclose(found.weights[k], solve(alone, estimate).weights, atol=1e-9)


def test_frontier_runs_from_least_variance_to_highest_mean(problems: Any) -> None:
    program = problems.program(2, 10, turnover_cost=0.0, previous=None)
    estimate = problems.estimate(2, 10)
    found = frontier(program, estimate, points=50)
    assert found.weights.shape == (50, 10)
    least = solve(dataclasses.replace(program, objective="min-variance"), estimate)
    assert found.volatility[0] == pytest.approx(least.volatility, rel=1e-3)
    assert np.all(np.diff(found.mean) >= -1e-12)
    greedy = family(program, estimate, [1e-6])
    assert found.mean[-1] == pytest.approx(float(greedy.mean[0]), abs=1e-9)
    np.testing.assert_allclose(found.weights.sum(axis=1), 1.0, atol=1e-12)


def test_sweeps_refuse_what_a_solve_refuses(problems: Any) -> None:
    n = 8
    with pytest.raises(Conflict, match="max_weight"):
        frontier(problems.program(0, n, upper=0.1), problems.estimate(0, n))
    with pytest.raises(ValueError, match="above 0"):
        family(problems.program(0, n), problems.estimate(0, n), [1.0, 0.0])
