"""When an answer of the fast path is given out: only with its own proof."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from jeoul.allocate import solve
from jeoul.allocate.solver.fast import Fast


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
