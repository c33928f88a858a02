"""Random problems that look like real ones: factor-driven covariances, classes, caps, costs."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from jeoul.allocate import Group, Program
from jeoul.estimate import Estimate


def estimate(seed: int, n: int) -> Estimate:
    rng = np.random.default_rng(seed)
    loadings = rng.normal(0.8, 0.4, size=(n, 3)) * rng.uniform(0.02, 0.2, size=(n, 1))
    own = np.diag(rng.uniform(0.02, 0.2, size=n) ** 2)
    covariance = loadings @ loadings.T + own
    mean = rng.normal(0.04, 0.04, size=n)
    return Estimate(tuple(f"a{i}" for i in range(n)), mean, (covariance + covariance.T) / 2)


def program(seed: int, n: int, **changes: object) -> Program:
    rng = np.random.default_rng(seed + 10_000)
    kind = np.arange(n) % 4
    previous = rng.dirichlet(np.full(n, 0.5))
    rules = {
        "labels": tuple(f"a{i}" for i in range(n)),
        "risk_aversion": float(rng.uniform(1.5, 12.0)),
        "upper": max(0.3, 3.0 / n),
        "groups": tuple(
            Group(f"profiles.growth.classes.c{k}", kind == k, 0.05, 0.45) for k in range(4)
        ),
        "previous": previous,
        "turnover_cost": 0.002,
    }
    return Program(**{**rules, **changes})  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def problems() -> SimpleNamespace:
    return SimpleNamespace(estimate=estimate, program=program)
