"""When an answer of the fast path is given out: only with its own proof."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from jeoul.allocate import solve, solving
from jeoul.allocate.solver import working_set


def test_an_answer_within_the_rules_but_short_of_the_optimum_is_not_trusted(
    problems: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    estimate = problems.estimate(3, 14)
    program = dataclasses.replace(problems.program(3, 14), turnover_cost=0.0, groups=())
    best = solve(program, estimate)
    assert best.path == "direct"
    found = solving.Fast.optimum  # type: ignore[attr-defined]

    def short(self, terms: Any, aversion: Any) -> Any:  # type: ignore[no-untyped-def]
        answer = found(self, terms, aversion)
        return answer._replace(weights=0.9 * answer.weights + 0.1 / len(answer.weights))

    monkeypatch.setattr(solving.Fast, "optimum", short)  # type: ignore[attr-defined]
    checked = solve(program, estimate)
    assert checked.path == "reference"
    np.testing.assert_allclose(checked.weights, best.weights, atol=1e-5)


@pytest.mark.parametrize("seed", range(4))
def test_a_large_universe_is_solved_over_all_that_pays(
    problems: Any, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    n = 160
    estimate = problems.estimate(seed, n)
    program = problems.program(
        seed, n, upper=0.06, risk_aversion=30.0, previous=np.eye(n)[0] * 0.02
    )
    small = solve(program, estimate)  # the first guess misses assets that pay
    monkeypatch.setattr(working_set, "LARGE", n + 1)
    whole = solve(program, estimate)
    assert (small.path, whole.path) == ("direct", "direct")
    np.testing.assert_allclose(small.weights, whole.weights, atol=1e-7)
