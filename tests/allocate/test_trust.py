"""When an answer of the fast path is given out: only with its own proof."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from jeoul.allocate import prove, solve, solving
from jeoul.allocate.solver.certificate import SolveReceipt, receipt
from jeoul.allocate.solver.fast import Fast
from jeoul.allocate.solver.terms import filled, fixed_terms, shape_of
from jeoul.errors import SolverFailed


def test_an_answer_within_the_rules_but_short_of_the_optimum_is_not_trusted(
    problems: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    estimate = problems.estimate(3, 14)
    program = dataclasses.replace(problems.program(3, 14), turnover_cost=0.0, groups=())
    best = solve(program, estimate)
    assert best.path == "direct"
    found = Fast.optimum

    def short(self, terms: Any, aversion: Any) -> Any:  # type: ignore[no-untyped-def]
        answer = found(self, terms, aversion)
        return answer._replace(weights=0.9 * answer.weights + 0.1 / len(answer.weights))

    monkeypatch.setattr(Fast, "optimum", short)
    checked = solve(program, estimate)
    assert checked.path == "reference"
    np.testing.assert_allclose(checked.weights, best.weights, atol=1e-5)


@pytest.mark.parametrize("figure", ["gap", "violation"])
@pytest.mark.parametrize("unknown", ["direct", "both"])
def test_an_answer_with_a_figure_that_is_not_known_is_not_trusted(
    problems: Any, monkeypatch: pytest.MonkeyPatch, figure: str, unknown: str
) -> None:
    """NaN is not larger than any limit, so comparing it the wrong way round would prove it."""
    estimate = problems.estimate(3, 14)
    program = dataclasses.replace(problems.program(3, 14), turnover_cost=0.0, groups=())
    best = solve(program, estimate)
    seen: list[float] = []

    def blind(*given: Any) -> SolveReceipt:
        found = receipt(*given)
        seen.append(found.gap)
        hidden = unknown == "both" or len(seen) == 1
        return found._replace(**{figure: math.nan}) if hidden else found

    monkeypatch.setattr(solving, "receipt", blind)
    if unknown == "both":
        with pytest.raises(SolverFailed):
            solve(program, estimate)
        return
    checked = solve(program, estimate)
    assert checked.path == "reference"
    np.testing.assert_allclose(checked.weights, best.weights, atol=1e-5)


def test_a_gap_of_weights_that_are_not_known_is_not_known(problems: Any) -> None:
    program = dataclasses.replace(problems.program(3, 14), turnover_cost=0.002, groups=())
    estimate = problems.estimate(3, 14)
    terms = filled(program, fixed_terms(program), estimate.mean, estimate.covariance)
    best = Fast(shape_of(program)).optimum(terms, program.risk_aversion)
    assert best is not None
    rows = np.eye(14)
    assert receipt(terms, rows, best, program.risk_aversion).gap < 1e-9
    unknown = terms._replace(previous=np.full(14, np.nan))
    assert math.isnan(receipt(unknown, rows, best, program.risk_aversion).gap)


def test_an_objective_that_is_not_known_proves_nothing(problems: Any) -> None:
    program, estimate = problems.program(3, 14), problems.estimate(3, 14)
    best = solve(program, estimate)
    assert prove(program, estimate, best).holds
    assert not prove(program, estimate, dataclasses.replace(best, objective=math.nan)).holds
