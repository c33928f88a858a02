"""Universes of more than a hundred funds, and what the conditions of optimality say of weights."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from jeoul.allocate import Group, Program, Solution
from jeoul.estimate import FactorEstimate
from jeoul.model.calendar import Reals
from jeoul.model.factored import Factored


def labels(n: int) -> tuple[str, ...]:
    return tuple(f"f{i}" for i in range(n))


def estimate(seed: int, n: int, factors: int = 8) -> FactorEstimate:
    rng = np.random.default_rng(seed)
    loadings = 0.05 * rng.normal(size=(n, factors))
    loadings[:, 0] += rng.uniform(0.02, 0.15, n)
    own = rng.uniform(0.02, 0.2, n) ** 2
    return FactorEstimate(labels(n), rng.normal(0.04, 0.03, n), Factored(loadings, own))


def program(seed: int, n: int, **changes: Any) -> Program:
    rng = np.random.default_rng(seed + 1)
    held = np.zeros(n)
    held[rng.choice(n, 30, replace=False)] = rng.dirichlet(np.ones(30))
    kind = np.arange(n) % 4
    rules: dict[str, Any] = {
        "labels": labels(n),
        "risk_aversion": float(rng.uniform(2.0, 10.0)),
        "upper": 0.08,
        "groups": tuple(Group(f"class {k}", kind == k, 0.1, 0.4) for k in range(4)),
        "previous": held,
        "turnover_cost": 0.002,
    }
    return Program(**{**rules, **changes})


def fault(given: Program, known: FactorEstimate, weights: Reals, solution: Solution) -> float:
    """Return how far weights are from the conditions of optimality, at the prices of a solution.

    With prices y of the budget and the groups, the slope of the objective to be made small is
    d Sigma w - mean + cost + A'y for raising a weight and the same with -cost for lowering it
    (beside the weight before, each where it applies). No weight that can be raised may have a
    raising slope below 0, none that can be lowered a lowering slope above 0, and a price may act
    at a bound alone.
    """
    near, y = 1e-9, solution.prices
    covariance = known.covariance.loadings @ known.covariance.loadings.T
    covariance = covariance + np.diag(known.covariance.own)
    slope = solution.risk_aversion * covariance @ weights - known.mean + y[0]
    sums, ends = [], []
    for price, group in zip(y[1:], given.groups, strict=True):
        slope = slope + price * group.members
        sums.append(float(weights[group.members].sum()))
        ends.append((sums[-1] - group.lower if price < 0 else group.upper - sums[-1]) * abs(price))
    before = np.zeros(len(weights)) if given.previous is None else given.previous
    cost = given.turnover_cost if given.previous is not None else 0.0
    raising = slope + np.where(weights >= before - near, cost, -cost)
    lowering = slope + np.where(weights > before + near, cost, -cost)
    wrong = [
        np.where(weights < given.upper - near, -raising, 0.0).max(),
        np.where(weights > given.lower + near, lowering, 0.0).max(),
        max(ends, default=0.0),
        abs(float(weights.sum()) - given.budget),
        *(group.lower - total for group, total in zip(given.groups, sums, strict=True)),
        *(total - group.upper for group, total in zip(given.groups, sums, strict=True)),
    ]
    return max(float(each) for each in wrong)


@pytest.fixture(scope="session")
def many() -> SimpleNamespace:
    return SimpleNamespace(estimate=estimate, program=program, fault=fault, labels=labels)
