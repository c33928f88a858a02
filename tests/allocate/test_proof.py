"""What a second engine says of an answer: a right one holds, a wrong one does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from jeoul.allocate import Group, Program, prove, solve
from jeoul.errors import AllocationError


def test_answers_of_every_kind_of_program_hold(problems: Any) -> None:
    kinds = (  # type: ignore[var-annotated]
        {},
        {"objective": "min-variance"},
        {"turnover_max": 0.3},
        {"volatility_max": 0.12},
        {"max_positions": 6},
    )
    for seed, changes in enumerate(kinds):
        program, estimate = problems.program(seed, 10, **changes), problems.estimate(seed, 10)
        assert prove(program, estimate, solve(program, estimate)).holds, changes


def test_a_tracking_objective_of_zero_can_be_proved(problems: Any) -> None:
    target = np.full(10, 0.1)
    program = problems.program(
        5, 10, objective="tracking", target=target, groups=(), turnover_cost=0.0
    )
    assert prove(program, problems.estimate(5, 10), solve(program, problems.estimate(5, 10))).holds


def test_groups_that_yield_are_compared_by_what_they_give_way() -> None:
    estimate = two_assets()
    equity = Group("equity", np.array([True, False]), 0.6, 1.0)
    program = Program(
        labels=("stocks", "bonds"),
        risk_aversion=4.0,
        groups=(equity,),
        yielding=("equity",),
        volatility_max=0.06,
    )
    found = solve(program, estimate)
    assert found.relaxed
    assert prove(program, estimate, found).holds
    (rule,) = found.relaxed
    more = replace(found, relaxed=(replace(rule, used=rule.used - 1e-5),))
    assert not prove(program, estimate, more).holds


def test_an_answer_that_is_not_the_optimum_does_not_hold(problems: Any) -> None:
    program, estimate = problems.program(2, 10), problems.estimate(2, 10)
    found = solve(program, estimate)
    poorer = solve(replace(program, risk_aversion=2 * program.risk_aversion), estimate)
    w = poorer.weights
    utility = estimate.mean @ w - program.risk_aversion / 2 * w @ estimate.covariance @ w
    utility -= program.turnover_cost * np.abs(w - program.previous).sum()
    proof = prove(program, estimate, replace(found, weights=w, objective=float(utility)))
    assert not proof.holds
    assert proof.difference == pytest.approx(np.abs(w - found.weights).max(), abs=1e-5)


def test_an_answer_to_rules_that_leave_no_weights_has_no_proof() -> None:
    estimate = two_assets()
    loose = Program(labels=("stocks", "bonds"), risk_aversion=4.0)
    with pytest.raises(AllocationError):
        prove(replace(loose, upper=0.4), estimate, solve(loose, estimate))  # type: ignore[arg-type]


def two_assets() -> Any:
    from jeoul.estimate import Estimate

    return Estimate(("stocks", "bonds"), np.array([0.06, 0.02]), np.diag([0.04, 0.0025]))
