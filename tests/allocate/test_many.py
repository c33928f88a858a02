"""Many problems at once have the answers that they have one after another."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from jeoul.allocate import MANY, Group, PreparedProgram, Program, Solution, solve_many
from jeoul.errors import BadEstimate, BadValue, Infeasible
from jeoul.estimate import Estimate
from jeoul.model.factored import Factored

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
    prepared = PreparedProgram(program)
    singly = [
        prepared.solve(one, previous=None if held is None else held[i])
        for i, one in enumerate(given)
    ]
    found = solve_many(program, given, previous=held)
    assert len(found) == 30
    assert all(map(agree, found, singly))


def test_a_rule_that_chooses_or_moves_makes_more_than_one_quadratic_program() -> None:
    apart = {name for name, program in PROGRAMS.items() if not program.is_quadratic}
    assert apart == {"a turnover limit", "smallest positions"}
    nobody = Group("nobody", np.zeros(N, dtype=bool), 0.1, 0.2)
    void = replace(PLAIN, groups=(*PLAIN.groups, nobody))
    assert void.is_void
    assert not void.is_quadratic
    many = Program(labels=tuple(f"fund{i}" for i in range(MANY)), risk_aversion=5.0)
    assert not many.is_quadratic


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


def factored(estimate: Estimate) -> Any:
    """Return an estimate whose covariance has three factors, as factors and as numbers."""
    own = np.linspace(0.001, 0.02, N)
    loadings = estimate.covariance[:, :3]
    return SimpleNamespace(labels=LABELS, mean=estimate.mean, covariance=Factored(loadings, own))


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_a_covariance_in_factor_form_is_solved_as_its_numbers_are(program: Program) -> None:
    given: list[Any] = list(estimates(4))
    given[1:3] = map(factored, given[1:3])
    dense = [
        Estimate(LABELS, one.mean, one.covariance.dense())
        if isinstance(one.covariance, Factored)
        else one
        for one in given
    ]
    for one, other in zip(solve_many(program, given), solve_many(program, dense), strict=True):
        np.testing.assert_allclose(one.weights, other.weights, rtol=0.0, atol=1e-9)


HELD = np.random.default_rng(5).dirichlet(np.ones(N), 3)
TABLES = {
    "frame": pd.DataFrame(HELD, columns=LABELS),
    "frame in another order": pd.DataFrame(HELD, columns=LABELS).iloc[:, ::-1],
    "mapping of columns": {label: HELD[:, i].tolist() for i, label in enumerate(LABELS)},
    "rows that have labels": [dict(zip(reversed(LABELS), row[::-1], strict=True)) for row in HELD],
    "series": [pd.Series(row, LABELS).iloc[::-1] for row in HELD],
    "array": HELD,
    "lists": HELD.tolist(),
    "text": HELD.astype(str).tolist(),
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_weights_before_are_a_table_of_any_form(table: Any) -> None:
    program = PROGRAMS["a cost of trading"]
    expected = solve_many(program, estimates(3), previous=list(HELD))
    found = solve_many(program, estimates(3), previous=table)
    assert all(map(agree, found, expected))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (pd.DataFrame(HELD, columns=[*LABELS[:-1], "gold"]), "other labels"),
        (pd.DataFrame(HELD[:2], columns=LABELS), "2 rows for 3"),
        ({label: [0.1] * (3 if label == "fund0" else 2) for label in LABELS}, "differ in length"),
        (dict.fromkeys(LABELS, 0.125), "give a list"),
        (np.where(HELD[1, 2] == HELD, np.nan, HELD), "row 2 of previous has NaN"),
        ([HELD[0], HELD[1], HELD[2][:-1]], r"row 3 of previous has shape \(7,\)"),
        ([HELD[0], HELD[1], dict.fromkeys(LABELS[1:], 0.1)], "row 3 of previous lacks fund0"),
        ("0.1", "give a list"),
    ],
)
def test_a_table_that_cannot_be_meant_is_one_sentence(table: Any, said: str) -> None:
    with pytest.raises(BadValue, match=said):
        solve_many(PROGRAMS["a cost of trading"], estimates(3), previous=table)


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
@pytest.mark.parametrize(
    "held",
    [
        np.full(N - 1, 1 / N), np.full((N, 1), 1 / N)[:-1], [0.1], np.array(0.1), "0.1",
        np.append(np.full(N - 1, 1 / N), np.nan), np.append(np.full(N - 1, 1 / N), np.inf),
        [*[0.1] * (N - 1), None], dict.fromkeys(LABELS[1:], 0.1), {"gold": 1.0},
    ],
)  # fmt: skip
def test_every_solve_checks_the_weights_before(program: Program, held: Any) -> None:
    (estimate,) = estimates(1)
    with pytest.raises(BadValue):
        PreparedProgram(program).solve(estimate, previous=held)
    with pytest.raises(BadValue):
        solve_many(program, [estimate], previous=[held])
    if np.ndim(held) and np.size(held) > 1:
        with pytest.raises(BadValue):
            replace(program, previous=held)


def test_weights_before_of_one_solve_are_matched_by_label() -> None:
    (estimate,), program = estimates(1), PROGRAMS["a turnover limit"]
    expected = PreparedProgram(program).solve(estimate, previous=HELD[0])
    shuffled = pd.Series(HELD[0], LABELS).iloc[::-1]
    for form in (shuffled, dict(shuffled), HELD[0].tolist()):
        assert agree(PreparedProgram(program).solve(estimate, previous=form), expected)
