"""The optimum of the convex program: against cone solvers, peers, and what must hold of it."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jeoul.allocate import Conflict, Group, PreparedProgram, Program, solve
from jeoul.allocate.solver.terms import YIELD_ROOM
from jeoul.errors import BadEstimate
from jeoul.estimate import Estimate


@pytest.mark.parametrize("n", [2, 5, 14, 30, 60])
def test_fast_path_and_cone_solver_find_the_same_optimum(problems: Any, n: int) -> None:
    for seed in range(6):
        estimate, program = problems.estimate(seed, n), problems.program(seed, n)
        if n < 4:
            program = dataclasses.replace(program, groups=(), upper=np.full(n, 0.8))
        fast, slow = solve(program, estimate), solve(program, estimate, solver="clarabel")
        assert fast.path == "direct"
        assert slow.path == "reference"
        assert slow.gap <= 1e-7
        assert fast.gap <= 1e-9
        assert fast.violation <= 1e-9
        assert fast.objective >= slow.objective - 1e-9
        np.testing.assert_allclose(fast.weights, slow.weights, atol=2e-5)


@pytest.mark.parametrize("share", [0.97, 0.9, 0.8])
def test_volatility_ceiling_is_met_as_the_cone_solver_meets_it(problems: Any, share: float) -> None:
    for seed in range(5):
        estimate, program = problems.estimate(seed, 14), problems.program(seed, 14)
        free = solve(program, estimate)
        calm = solve(
            dataclasses.replace(program, objective="min-variance", turnover_cost=0.0), estimate
        )
        ceiling = calm.volatility + share * (free.volatility - calm.volatility)
        bound = dataclasses.replace(program, volatility_max=ceiling)
        fast, slow = solve(bound, estimate), solve(bound, estimate, solver="clarabel")
        assert fast.path == "direct"
        assert fast.volatility <= ceiling * (1 + 1e-9)
        assert fast.objective == pytest.approx(slow.objective, abs=2e-9)
        np.testing.assert_allclose(fast.weights, slow.weights, atol=5e-4)
        assert fast.risk_aversion > program.risk_aversion


def test_ceiling_that_does_not_bind_changes_nothing(problems: Any) -> None:
    estimate, program = problems.estimate(1, 14), problems.program(1, 14)
    free = solve(program, estimate)
    loose = solve(dataclasses.replace(program, volatility_max=free.volatility * 1.001), estimate)
    np.testing.assert_array_equal(free.weights, loose.weights)


def test_floors_of_risk_classes_yield_the_least_that_meets_the_ceiling() -> None:
    estimate = Estimate(
        ("equity", "bond", "cash"),
        np.array([0.06, 0.02, 0.01]),
        np.array([[0.04, 0.001, 0.0], [0.001, 0.0025, 0.0], [0.0, 0.0, 1e-6]]),
    )
    one = np.eye(3, dtype=bool)
    program = Program(
        labels=estimate.labels,
        risk_aversion=3.0,
        groups=(Group("equity", one[0], 0.4, 0.6), Group("cash", one[2], 0.0, 0.3)),
        volatility_max=0.05,
        yielding=("equity",),
    )
    for solver in ("daqp", "clarabel"):
        found = solve(program, estimate, solver=solver)
        assert found.volatility == pytest.approx(0.05, rel=1e-8)
        (yielded,) = found.relaxed
        assert yielded.rule == "equity"
        assert yielded.declared == 0.4
        # A tenth of a percentage point less than the room would leave nothing under the ceiling.
        firm = dataclasses.replace(
            program,
            groups=(
                Group("equity", one[0], yielded.used + YIELD_ROOM + 0.001, 0.6),
                program.groups[1],
            ),
            yielding=(),
        )
        with pytest.raises(Conflict):
            solve(firm, estimate)


def test_both_paths_agree_on_several_classes_that_yield(problems: Any) -> None:
    for seed in range(6):
        estimate, program = problems.estimate(seed, 12), problems.program(seed, 12)
        names = [group.name for group in program.groups]
        floors = tuple(
            dataclasses.replace(group, lower=floor)
            for group, floor in zip(program.groups, (0.35, 0.3, 0.05, 0.0), strict=True)
        )
        firm = dataclasses.replace(
            program, groups=floors, objective="min-variance", turnover_cost=0.0
        )
        ceiling = solve(firm, estimate).volatility * 0.97
        soft = dataclasses.replace(
            program, groups=floors, volatility_max=ceiling, yielding=(names[0], names[1])
        )
        fast, slow = (solve(soft, estimate, solver=s) for s in ("daqp", "clarabel"))
        assert fast.volatility <= ceiling * (1 + 1e-8)
        given_up = [sum(r.declared - r.used for r in s.relaxed) for s in (fast, slow)]
        assert given_up[0] == pytest.approx(given_up[1], abs=1e-6)
        np.testing.assert_allclose(fast.weights, slow.weights, atol=1e-3)


def test_skfolio_finds_the_same_weights_on_twenty_problems(problems: Any) -> None:
    from skfolio.moments import BaseCovariance, BaseMu
    from skfolio.optimization import MeanRisk, ObjectiveFunction
    from skfolio.prior import EmpiricalPrior

    class Given(BaseMu, BaseCovariance):  # type: ignore[misc]
        def __init__(self, estimate: Estimate) -> None:
            self.estimate = estimate

        def fit(self, x: object, y: object = None) -> Given:
            self.mu_, self.covariance_ = self.estimate.mean, self.estimate.covariance
            return self

    for seed in range(20):
        n = 8 + seed
        estimate, program = problems.estimate(seed, n), problems.program(seed, n)
        kinds = [f"c{i % 4}" for i in range(n)]
        peer = MeanRisk(
            objective_function=ObjectiveFunction.MAXIMIZE_UTILITY,
            risk_aversion=program.risk_aversion / 2,
            prior_estimator=EmpiricalPrior(
                mu_estimator=Given(estimate), covariance_estimator=Given(estimate)
            ),
            max_weights=float(program.upper[0]),
            transaction_costs=program.turnover_cost,
            previous_weights=program.previous,
            groups=[list(range(n)), kinds],
            linear_constraints=[f"c{k} <= 0.45" for k in range(4)]
            + [f"c{k} >= 0.05" for k in range(4)],
            solver_params={"tol_gap_abs": 1e-9, "tol_gap_rel": 1e-9},
        )
        peer.fit(np.random.default_rng(seed).normal(size=(60, n)) / 100)
        np.testing.assert_allclose(solve(program, estimate).weights, peer.weights_, atol=5e-4)


def test_pyportfolioopt_finds_the_same_weights(problems: Any) -> None:
    from pypfopt import EfficientFrontier

    for seed in range(6):
        n = 12
        estimate = problems.estimate(seed, n)
        program = problems.program(seed, n, previous=None, turnover_cost=0.0)
        peer = EfficientFrontier(
            estimate.mean, estimate.covariance, weight_bounds=(0, 0.3), solver="CLARABEL"
        )
        for k in range(4):
            member = np.arange(n) % 4 == k
            peer.add_constraint(lambda w, m=member: w[m] @ np.ones(m.sum()) <= 0.45)
            peer.add_constraint(lambda w, m=member: w[m] @ np.ones(m.sum()) >= 0.05)
        peer.max_quadratic_utility(risk_aversion=program.risk_aversion)
        np.testing.assert_allclose(solve(program, estimate).weights, peer.weights, atol=5e-4)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6), n=st.integers(4, 24), cost=st.sampled_from([0.0, 1e-4, 0.002, 0.05])
)
def test_no_feasible_portfolio_is_better(problems: Any, seed: int, n: int, cost: float) -> None:
    estimate, program = problems.estimate(seed, n), problems.program(seed, n, turnover_cost=cost)
    found = solve(program, estimate)
    assert found.gap <= 1e-9
    assert found.violation <= 1e-9
    assert found.weights.min() >= 0.0
    assert found.weights.sum() == pytest.approx(1.0, abs=1e-9)

    def utility(w: np.ndarray) -> float:
        risk = program.risk_aversion / 2 * w @ estimate.covariance @ w
        return float(estimate.mean @ w - risk - cost * np.abs(w - program.previous).sum())

    assert found.objective == pytest.approx(utility(found.weights), abs=1e-12)
    rng = np.random.default_rng(seed)
    for _ in range(20):
        # Moving weight between two assets of one class keeps every rule but the caps.
        i = int(rng.integers(n))
        j = (i + 4 * int(rng.integers(1, 4))) % n
        if i % 4 != j % 4 or i == j:
            continue
        step = rng.uniform() * min(found.weights[i], program.upper[j] - found.weights[j])
        other = found.weights.copy()
        other[i] -= step
        other[j] += step
        assert utility(other) <= found.objective + 1e-9


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(4, 16))
def test_order_of_labels_does_not_matter(problems: Any, seed: int, n: int) -> None:
    estimate, program = problems.estimate(seed, n), problems.program(seed, n)
    order = np.random.default_rng(seed).permutation(n)
    labels = tuple(estimate.labels[i] for i in order)
    shuffled = dataclasses.replace(
        program,
        labels=labels,
        previous=program.previous[order],
        groups=tuple(dataclasses.replace(g, members=g.members[order]) for g in program.groups),
    )
    again = Estimate(labels, estimate.mean[order], estimate.covariance[np.ix_(order, order)])
    np.testing.assert_allclose(
        solve(shuffled, again).weights, solve(program, estimate).weights[order], atol=1e-9
    )


def test_trading_stops_when_it_costs_more_than_it_brings(problems: Any) -> None:
    estimate = problems.estimate(3, 12)
    start = solve(problems.program(3, 12, turnover_cost=0.0), estimate).weights
    nearby = Estimate(estimate.labels, estimate.mean + 1e-4, estimate.covariance * 1.01)
    dear = problems.program(3, 12, previous=start, turnover_cost=0.05)
    np.testing.assert_allclose(solve(dear, nearby).weights, start, atol=1e-12)


def test_budget_masks_frozen_assets_and_turnover_cap_hold(problems: Any) -> None:
    n = 10
    estimate = problems.estimate(5, n)
    previous = np.full(n, 0.098)
    eligible = np.ones(n, dtype=bool)
    eligible[[2, 7]] = False
    frozen = np.zeros(n, dtype=bool)
    frozen[4] = True
    program = problems.program(
        5, n, budget=0.98, eligible=eligible, frozen=frozen, previous=previous, turnover_max=0.25
    )
    fast, slow = (solve(program, estimate, solver=s) for s in ("daqp", "clarabel"))
    assert fast.weights.sum() == pytest.approx(0.98, abs=1e-9)
    assert np.abs(fast.weights[[2, 7]]).max() <= 1e-12
    assert fast.weights[4] == pytest.approx(0.098, abs=1e-12)
    assert np.abs(fast.weights - previous).sum() / 2 <= 0.25 + 1e-9
    np.testing.assert_allclose(fast.weights, slow.weights, atol=2e-5)


def test_tracking_meets_its_target_where_the_rules_let_it(problems: Any) -> None:
    n = 8
    estimate = problems.estimate(2, n)
    target = np.full(n, 1 / n)
    program = problems.program(
        2, n, objective="tracking", target=target, turnover_cost=0.0, previous=None
    )
    found = solve(program, estimate)
    np.testing.assert_allclose(found.weights, target, atol=1e-10)
    assert found.objective == pytest.approx(0.0, abs=1e-12)


def test_one_asset_and_everything_frozen_have_their_only_answer(problems: Any) -> None:
    single = Estimate(("a",), np.array([-0.2]), np.array([[0.04]]))
    assert solve(Program(labels=("a",), risk_aversion=2.0), single).weights == pytest.approx([1.0])
    n = 6
    held = np.array([0.1, 0.2, 0.15, 0.25, 0.2, 0.1])
    program = problems.program(
        1, n, frozen=np.ones(n, dtype=bool), previous=held, groups=(), upper=1.0
    )
    np.testing.assert_allclose(solve(program, problems.estimate(1, n)).weights, held, atol=1e-12)


def test_all_negative_means_still_give_the_best_portfolio(problems: Any) -> None:
    estimate = problems.estimate(4, 9)
    gloomy = Estimate(estimate.labels, -np.abs(estimate.mean) - 0.5, estimate.covariance)
    fast, slow = (solve(problems.program(4, 9), gloomy, solver=s) for s in ("auto", "clarabel"))
    np.testing.assert_allclose(fast.weights, slow.weights, atol=2e-5)


def _spoilt(problems: Any, how: str) -> Estimate:
    good = problems.estimate(0, 6)
    mean, covariance = good.mean.copy(), good.covariance.copy()
    if how == "missing mean":
        mean[2] = np.nan
    elif how == "infinite variance":
        covariance[1, 1] = np.inf
    elif how == "not symmetric":
        covariance[0, 1] *= 1.5
    elif how == "indefinite":
        covariance -= 1.2 * np.linalg.eigvalsh(covariance)[0] * np.eye(6)
    elif how == "negative variance":
        covariance[3, 3] = -0.01
    elif how == "all zero":
        covariance[:] = 0.0
    elif how == "other labels":
        return Estimate(tuple("abcdef"), mean, covariance)
    return Estimate(good.labels, mean, covariance)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("missing mean", "a2"),
        ("infinite variance", "a1"),
        ("not symmetric", "not symmetric"),
        ("indefinite", "indefinite"),
        ("negative variance", "indefinite"),
        ("all zero", "indefinite"),
        ("other labels", "same labels"),
    ],
)
def test_bad_estimates_are_refused_by_name(problems: Any, how: str, said: str) -> None:
    with pytest.raises(BadEstimate, match=said):
        solve(problems.program(0, 6), _spoilt(problems, how))


def test_singular_covariance_is_mended_and_the_mending_recorded(problems: Any) -> None:
    good = problems.estimate(0, 6)
    twin = good.covariance.copy()
    twin[5], twin[:, 5] = twin[4], twin[:, 4]
    twin[5, 5] = twin[4, 4]
    found = solve(problems.program(0, 6), Estimate(good.labels, good.mean, twin))
    assert [reason.kind for reason in found.repairs] == ["allocate.singular"]
    assert found.violation <= 1e-9
    assert solve(problems.program(0, 6), good).repairs == ()


def test_prepared_program_gives_what_a_fresh_solve_gives(problems: Any) -> None:
    program = problems.program(7, 14, volatility_max=0.3)
    prepared = PreparedProgram(program)
    for seed in range(8):
        estimate = problems.estimate(seed, 14)
        previous = np.random.default_rng(seed).dirichlet(np.ones(14))
        found = prepared.solve(estimate, previous=previous)
        fresh = solve(dataclasses.replace(program, previous=previous), estimate)
        np.testing.assert_allclose(found.weights, fresh.weights, atol=1e-9)


@pytest.mark.slow
def test_a_thousand_problems_are_all_solved_right(problems: Any) -> None:
    for seed in range(1000):
        n = 5 + seed % 40
        found = solve(problems.program(seed, n), problems.estimate(seed, n), solver="daqp")
        assert found.gap <= 1e-9
        assert found.violation <= 1e-9
