"""Many problems at once have the answers that they have one after another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jeoul.allocate import Group, Prepared, Program, Solution, solve_many
from jeoul.errors import BadEstimate, BadValue, Infeasible
from jeoul.estimate import Estimate

N = 8
LABELS = tuple(f"fund{i}" for i in range(N))
RISKY = np.arange(N) < 5
PLAIN = Program(
    labels=LABELS,
    risk_aversion=5.0,
    upper=np.full(N, 0.4),
    groups=(Group("risky", RISKY, 0.1, 0.6),),
)
PROGRAMS = {
    "bounds and groups": PLAIN,
    "a cost of trading": replace(PLAIN, turnover_cost=0.002, previous=np.full(N, 1 / N)),
    "a pull": replace(PLAIN, pull=0.05, target=np.full(N, 1 / N)),
    "tracking": replace(PLAIN, objective="tracking", target=np.full(N, 1 / N)),
    "least variance": replace(PLAIN, objective="min-variance"),
    "a ceiling": replace(PLAIN, volatility_max=0.08),
    "a turnover limit": replace(PLAIN, turnover_max=0.9, previous=np.full(N, 1 / N)),
    "smallest positions": replace(PLAIN, min_position=0.1),
}


def estimates(count: int, seed: int = 3) -> list[Estimate]:
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        loads = rng.normal(0.0, 0.1, (N, 3))
        covariance = loads @ loads.T + np.diag(rng.uniform(0.001, 0.02, N))
        covariance = (covariance + covariance.T) / 2
        found.append(Estimate(LABELS, rng.normal(0.03, 0.04, N), covariance))
    return found


def agree(one: Solution, other: Solution) -> bool:
    return (
        np.array_equal(one.weights, other.weights)
        and np.allclose(one.prices, other.prices, rtol=0.0, atol=1e-15)
        and abs(one.objective - other.objective) < 1e-14
        and abs(one.volatility - other.volatility) < 1e-14
        and abs(one.violation - other.violation) < 1e-14
        and abs(one.gap - other.gap) < 1e-14
        and (one.solver, one.path, one.relaxed, one.repairs, one.cost, one.risk_aversion)
        == (other.solver, other.path, other.relaxed, other.repairs, other.cost, other.risk_aversion)
    )


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_the_weights_are_those_of_one_estimate_after_another(program: Program) -> None:
    given = estimates(30)
    held: list[np.ndarray] | None = None
    if program.previous is not None:
        held = list(np.random.default_rng(5).dirichlet(np.ones(N), 30))
    prepared = Prepared(program)
    singly = [
        prepared.solve(one, previous=None if held is None else held[i])
        for i, one in enumerate(given)
    ]
    found = solve_many(program, given, previous=held)
    assert len(found) == 30
    assert all(map(agree, found, singly))


def test_a_singular_estimate_is_mended_and_the_others_are_not() -> None:
    given = estimates(3)
    flat = Estimate(LABELS, given[1].mean, np.ones((N, N)) * 0.01)
    first, mended, last = solve_many(PLAIN, [given[0], flat, given[2]])
    assert [reason.kind for reason in mended.repairs] == ["allocate.singular"]
    assert (first.repairs, last.repairs) == ((), ())


def test_what_cannot_be_solved_is_refused_as_it_is_alone() -> None:
    given = estimates(2)
    wrong = Estimate(LABELS, given[1].mean, given[1].covariance * np.nan)
    with pytest.raises(BadEstimate, match="missing or infinite"):
        solve_many(PLAIN, [given[0], wrong])
    tight = replace(PLAIN, upper=np.full(N, 0.1))
    with pytest.raises(Infeasible):
        solve_many(tight, given)


def test_weights_before_have_a_row_for_each_estimate() -> None:
    with pytest.raises(BadValue, match="1 rows for 2 estimates"):
        solve_many(PROGRAMS["a cost of trading"], estimates(2), previous=[np.full(N, 1 / N)])


def test_no_estimates_have_no_solutions() -> None:
    assert solve_many(PLAIN, []) == ()
