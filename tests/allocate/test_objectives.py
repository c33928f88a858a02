"""Objectives beside mean-variance, whole positions, and caps on shares of risk."""

from __future__ import annotations

import dataclasses
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jeoul.allocate import (
    Conflict,
    RiskShare,
    inverse_volatility,
    max_sharpe,
    min_cvar,
    risk_contributions,
    risk_parity,
    solve,
)
from jeoul.errors import BadEstimate, Infeasible, UsageError
from jeoul.estimate import Estimate


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 40))
def test_risk_parity_shares_risk_as_asked(problems: Any, seed: int, n: int) -> None:
    covariance = problems.estimate(seed, n).covariance
    shares = np.random.default_rng(seed).dirichlet(np.ones(n)) + 0.01
    found = risk_parity(covariance, shares=shares)
    assert found.sum() == pytest.approx(1.0)
    assert np.all(found > 0)
    np.testing.assert_allclose(
        risk_contributions(covariance, found), shares / shares.sum(), atol=1e-10
    )


def test_risk_parity_equals_skfolio(problems: Any) -> None:
    from skfolio.moments import BaseCovariance
    from skfolio.optimization import RiskBudgeting
    from skfolio.prior import EmpiricalPrior

    covariance = problems.estimate(4, 9).covariance

    class Given(BaseCovariance):  # type: ignore[misc]
        def fit(self, x: object, y: object = None) -> Given:
            self.covariance_ = covariance
            return self

    peer = RiskBudgeting(prior_estimator=EmpiricalPrior(covariance_estimator=Given()))
    peer.fit(np.random.default_rng(0).normal(size=(40, 9)) / 100)
    np.testing.assert_allclose(risk_parity(covariance), peer.weights_, atol=5e-4)


def test_risk_parity_refuses_what_has_no_answer() -> None:
    with pytest.raises(BadEstimate, match="above 0"):
        risk_parity(np.diag([0.04, 0.0]))
    with pytest.raises(BadEstimate, match="leave it out"):
        inverse_volatility(np.diag([0.04, 0.0]))
    with pytest.raises(ValueError, match="share of risk"):
        risk_parity(np.diag([0.04, 0.01]), shares=np.array([1.0, 0.0]))


def test_max_sharpe_equals_pyportfolioopt_and_no_point_of_the_family_is_better(
    problems: Any,
) -> None:
    from pypfopt import EfficientFrontier

    for seed in range(4):
        estimate = problems.estimate(seed, 10)
        program = problems.program(seed, 10, groups=(), turnover_cost=0.0)
        found = max_sharpe(program, estimate, riskless=0.01)
        peer = EfficientFrontier(
            estimate.mean, estimate.covariance, weight_bounds=(0, 0.3), solver="CLARABEL"
        )
        peer.max_sharpe(risk_free_rate=0.01)
        np.testing.assert_allclose(found.weights, peer.weights, atol=5e-4)


def test_max_sharpe_refuses_means_below_the_riskless_rate(problems: Any) -> None:
    estimate = problems.estimate(0, 6)
    gloomy = Estimate(estimate.labels, estimate.mean - 1.0, estimate.covariance)
    with pytest.raises(UsageError, match="riskless"):
        max_sharpe(problems.program(0, 6), gloomy)


def test_min_cvar_equals_skfolio_and_diagnoses_its_conflicts(problems: Any) -> None:
    from skfolio import RiskMeasure
    from skfolio.optimization import MeanRisk

    rng = np.random.default_rng(3)
    returns = rng.standard_t(4, size=(400, 6)) @ rng.normal(size=(6, 6)) / 100
    program = problems.program(3, 6, groups=(), upper=0.5, previous=None, turnover_cost=0.0)
    found = min_cvar(program, returns)
    peer = MeanRisk(risk_measure=RiskMeasure.CVAR, max_weights=0.5).fit(returns)
    theirs = -np.sort(returns @ peer.weights_)[:20].mean()
    assert found.cvar == pytest.approx(theirs, rel=1e-4)
    np.testing.assert_allclose(found.weights, peer.weights_, atol=2e-3)
    with pytest.raises(Conflict, match="max_weight"):
        min_cvar(dataclasses.replace(program, upper=np.full(6, 0.1)), returns)


def _enumerated(program: Any, estimate: Any, smallest: float, most: int) -> float:
    """Return the best objective over every choice of assets, each at its smallest or above."""
    n, best = len(program.labels), -np.inf
    for size in range(1, most + 1):
        for chosen in combinations(range(n), size):
            mask = np.isin(np.arange(n), chosen)
            bounded = dataclasses.replace(
                program,
                lower=np.where(mask, smallest, 0.0),
                upper=np.where(mask, program.upper, 0.0),
            )
            try:
                best = max(best, solve(bounded, estimate).objective)
            except Infeasible:
                continue
    return best


@pytest.mark.parametrize(("smallest", "most"), [(0.08, 8), (0.0, 4), (0.1, 5)])
def test_whole_positions_are_the_best_of_every_choice(
    problems: Any, smallest: float, most: int
) -> None:
    for seed in range(3):
        estimate = problems.estimate(seed, 8)
        program = problems.program(seed, 8, groups=(), upper=0.4)
        found = solve(
            dataclasses.replace(program, min_position=smallest or None, max_positions=most),
            estimate,
        )
        held = found.weights[found.weights > 1e-9]
        assert len(held) <= most
        assert held.min() >= smallest - 1e-9
        assert found.objective == pytest.approx(
            _enumerated(program, estimate, smallest, most), abs=1e-9
        )


def test_whole_positions_under_a_ceiling_and_the_impossible(problems: Any) -> None:
    estimate = problems.estimate(1, 10)
    program = problems.program(1, 10, groups=(), upper=0.4)
    ceiling = solve(program, estimate).volatility * 0.9
    found = solve(
        dataclasses.replace(program, volatility_max=ceiling, max_positions=4, min_position=0.05),
        estimate,
    )
    assert found.volatility <= ceiling * (1 + 1e-9)
    assert (found.weights > 1e-9).sum() <= 4
    with pytest.raises(Infeasible) as caught:
        solve(dataclasses.replace(program, max_positions=2), estimate)
    assert caught.value.conflicts == ("allocate.max_positions",)


def _softened(problems: Any, seed: int) -> Any:
    """Return an estimate and a program whose floors of two classes yield to the ceiling."""
    estimate, program = problems.estimate(seed, 8), problems.program(seed, 8, upper=0.5)
    floors = tuple(
        dataclasses.replace(group, lower=floor)
        for group, floor in zip(program.groups, (0.35, 0.3, 0.05, 0.0), strict=True)
    )
    firm = dataclasses.replace(program, groups=floors, objective="min-variance", turnover_cost=0.0)
    ceiling = solve(firm, estimate).volatility * 0.97
    names = tuple(group.name for group in program.groups[:2])
    return estimate, dataclasses.replace(
        program, groups=floors, volatility_max=ceiling, yielding=names
    )


def _given_up(found: Any) -> float:
    return sum(relaxation.declared - relaxation.used for relaxation in found.relaxed)  # type: ignore[no-any-return]


def test_whole_positions_that_cannot_bind_leave_a_softened_optimum_as_it_is(problems: Any) -> None:
    estimate, program = _softened(problems, 1)
    plain = solve(program, estimate)
    assert plain.relaxed
    loose = solve(dataclasses.replace(program, max_positions=8, min_position=1e-6), estimate)
    np.testing.assert_allclose(loose.weights, plain.weights, atol=1e-9)
    assert _given_up(loose) == pytest.approx(_given_up(plain), abs=1e-9)


def test_whole_positions_yield_the_least_of_every_choice(problems: Any) -> None:
    estimate, program = _softened(problems, 1)
    whole = dataclasses.replace(program, max_positions=4)
    found = solve(whole, estimate)
    assert (found.weights > 1e-9).sum() <= 4
    assert found.volatility <= program.volatility_max * (1 + 1e-9)
    least = np.inf
    for chosen in combinations(range(8), 4):
        upper = np.where(np.isin(np.arange(8), chosen), program.upper, 0.0)
        try:
            other = solve(dataclasses.replace(program, upper=upper), estimate)
        except Infeasible:
            continue
        least = min(least, _given_up(other))
    assert _given_up(found) == pytest.approx(least, abs=1e-7)


def test_a_ceiling_in_the_way_of_whole_positions_is_named(problems: Any) -> None:
    estimate, program = problems.estimate(1, 10), problems.program(1, 10, groups=(), upper=0.4)
    calm = dataclasses.replace(program, objective="min-variance", turnover_cost=0.0)
    ceiling = solve(calm, estimate).volatility * 1.0001
    with pytest.raises(Infeasible, match="raise the volatility ceiling") as caught:
        solve(dataclasses.replace(program, volatility_max=ceiling, max_positions=3), estimate)
    assert caught.value.conflicts == ("allocate.max_positions", "profiles.volatility.max")


def test_shares_of_risk_stay_under_their_caps(problems: Any) -> None:
    for seed in range(3):
        estimate = problems.estimate(seed, 10)
        program = problems.program(seed, 10, groups=(), upper=0.5)
        free = solve(program, estimate)
        parts = risk_contributions(estimate.covariance, free.weights)
        top = int(parts.argmax())
        cap = RiskShare("allocate.risk_shares.top", np.arange(10) == top, float(parts[top]) * 0.7)
        held = solve(dataclasses.replace(program, risk_shares=(cap,)), estimate)
        now = risk_contributions(estimate.covariance, held.weights)
        assert now[top] <= cap.upper + 1e-6
        # A cap that binds is used up, and costs something.
        assert now[top] == pytest.approx(cap.upper, abs=1e-5)
        assert held.objective < free.objective
        loose = RiskShare(cap.name, cap.members, 0.99)
        np.testing.assert_array_equal(
            solve(dataclasses.replace(program, risk_shares=(loose,)), estimate).weights,
            free.weights,
        )
