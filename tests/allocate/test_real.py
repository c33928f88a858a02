"""Real returns: every answer carries its proof, and conflicts are real ones."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jeoul.allocate import Conflict, Group, Program, solve
from jeoul.estimate import Estimate, aligned_window, equilibrium_mean, ledoit_wolf


@pytest.fixture(scope="module")
def returns() -> list[np.ndarray]:
    folder = os.environ.get("JEOUL_MARKET")
    if not folder:
        pytest.skip("JEOUL_MARKET names no market folder")
    found = []
    for name in ("prices-us.csv", "prices-kr.csv"):
        with (Path(folder) / name).open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))[1:]
        prices = np.array([[float(cell) if cell else np.nan for cell in row[1:]] for row in rows])
        found.append(prices[1:] / prices[:-1] - 1)
    return found


def _problem(returns: list[np.ndarray], seed: int) -> tuple[Program, Estimate] | None:
    rng = np.random.default_rng(seed)
    table = returns[seed % 2]
    end = int(rng.integers(1500, len(table)))
    window = aligned_window(table[end - 756 : end], 500)
    if len(window.kept) < 4:
        return None
    n = int(rng.integers(4, min(40, len(window.kept)) + 1))
    x = window.returns[:, rng.choice(len(window.kept), n, replace=False)]
    covariance = ledoit_wolf(x)[0] * 250
    mean = equilibrium_mean(covariance, rng.dirichlet(np.ones(n)), 2.5)
    if seed % 3 == 0:
        mean = x.mean(axis=0) * 250
    kind = np.arange(n) % 4
    return Program(
        labels=tuple(map(str, range(n))),
        risk_aversion=float(rng.uniform(1, 12)),
        upper=max(0.4, 2 / n),  # type: ignore[arg-type]
        groups=tuple(Group(f"c{k}", kind == k, 0.05, 0.5) for k in range(4)),
        previous=rng.dirichlet(np.full(n, 0.3)),
        turnover_cost=float(rng.choice([0.0, 0.0005, 0.002])),
        volatility_max=float(rng.uniform(0.02, 0.15)) if seed % 2 else None,
        yielding=("c0", "c1") if seed % 5 == 0 else (),
    ), Estimate(tuple(map(str, range(n))), mean, covariance)


@pytest.mark.slow
def test_a_thousand_real_problems_are_right_and_none_falsely_infeasible(returns: Any) -> None:
    solved = 0
    for seed in range(1400):
        given = _problem(returns, seed)
        if given is None:
            continue
        program, estimate = given
        try:
            found = solve(program, estimate, solver="daqp")
        except Conflict:
            # The cone solver, asked on its own, must find nothing either.
            with pytest.raises(Conflict):
                solve(program, estimate, solver="clarabel")
            continue
        solved += 1
        assert found.violation <= 1e-9
        assert found.relaxed or found.gap <= 1e-9
        if program.volatility_max is not None:
            assert found.volatility <= program.volatility_max * (1 + 1e-9)
    assert solved >= 1000
