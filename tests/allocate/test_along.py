"""A program on many estimates has the answers of each estimate alone, to the bit."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import daqp
import numpy as np
import pytest

from jeoul.allocate import PreparedProgram, Solution, along, solve_along
from jeoul.allocate.solver import abreast
from jeoul.allocate.solver.certificate import receipt
from jeoul.allocate.solver.fast import Fast
from jeoul.allocate.solver.lending import LentWorkspace
from jeoul.allocate.solver.optimum import Optimum
from jeoul.allocate.solver.receipts import ProblemAnswers, receipts
from jeoul.allocate.solver.terms import fixed_terms, terms_of
from jeoul.allocate.solver.workspace import SETTINGS
from jeoul.errors import Infeasible

N, COUNT = 11, 40
CLASSES = ("profiles.growth.classes.c0", "profiles.growth.classes.c1")
RULES: dict[str, dict[str, Any]] = {
    "bounds and groups": {},
    "a pull": {"pull": 0.05},
    "a ceiling": {"volatility_max": 0.09},
    "a ceiling and a pull": {"volatility_max": 0.09, "pull": 0.05},
    "a ceiling that none can meet": {"volatility_max": 0.02},
    "rules that yield": {"volatility_max": 0.07, "yielding": CLASSES},
    "rules that yield, and a pull": {"volatility_max": 0.07, "yielding": CLASSES, "pull": 0.05},
    "least variance": {"objective": "min-variance"},
    "tracking": {"objective": "tracking", "volatility_max": 0.1},
}


@pytest.fixture(scope="module")
def estimates(problems: Any) -> list[Any]:
    return [problems.estimate(seed, N) for seed in range(COUNT)]


def ruled(problems: Any, rules: Any) -> Any:
    plain = {"turnover_cost": 0.0, "previous": None, "target": np.full(N, 1.0 / N)}
    return problems.program(7, N, **(plain | rules))


def together(prepared: PreparedProgram, estimates: list[Any], **more: Any) -> Any:
    means = np.array([each.mean for each in estimates])
    return solve_along(prepared, means, np.array([each.covariance for each in estimates]), **more)


def assert_same(one: Solution | None, other: Solution | None) -> None:
    assert (one is None) == (other is None)
    if one is None or other is None:
        return
    for field in fields(other):
        its, own = getattr(one, field.name), getattr(other, field.name)
        same = np.array_equal(its, own) if isinstance(own, np.ndarray) else its == own
        assert same, field.name


@pytest.mark.parametrize("name", RULES)
def test_solutions_are_those_of_each_estimate_alone(
    problems: Any, estimates: list[Any], name: str
) -> None:
    prepared = PreparedProgram(ruled(problems, RULES[name]))
    solved = 0
    for _ in range(2):  # workspaces that have solved before, too
        for found, estimate in zip(together(prepared, estimates), estimates, strict=True):
            if found is None:
                with pytest.raises(Infeasible):
                    prepared.fresh().solve(estimate)
                continue
            solved += 1
            assert_same(found, prepared.fresh().solve(estimate))
    assert (solved > 0) != (name == "a ceiling that none can meet")


@pytest.mark.parametrize("few", [0, 5, 100])
def test_a_search_ends_where_it_ends_whether_alone_or_with_others(
    problems: Any, estimates: list[Any], monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    prepared = PreparedProgram(ruled(problems, RULES["rules that yield, and a pull"]))
    expected = together(prepared, estimates)
    monkeypatch.setattr(abreast, "FEW", few)
    monkeypatch.setattr(along, "AT_ONCE", 7)
    for one, other in zip(together(prepared, estimates), expected, strict=True):
        assert_same(one, other)


def test_what_must_yield_is_found_once_for_all_means(
    problems: Any, estimates: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    program = ruled(problems, RULES["rules that yield, and a pull"])
    known: list[Any] = [{} for _ in estimates]
    together(PreparedProgram(program), estimates, yields=known)
    yielded = sum(map(len, known))
    assert yielded
    asked: list[object] = []
    real = Fast.least_yield

    def counted(*given: Any) -> Any:
        asked.append(given)
        return real(*given)

    monkeypatch.setattr(Fast, "least_yield", counted)
    other = PreparedProgram(replace(program, pull=0.2, risk_aversion=9.0))
    beside = together(other, estimates, yields=known)
    assert not asked
    for one, alone in zip(beside, together(other, estimates), strict=True):
        assert_same(one, alone)
    asked.clear()
    together(PreparedProgram(replace(program, volatility_max=0.069)), estimates, yields=known)
    assert asked


def test_a_workspace_that_has_solved_before_solves_like_a_new_one(problems: Any) -> None:
    rng = np.random.default_rng(1)
    form = Fast(PreparedProgram(ruled(problems, {}))._shape)._live.form
    workspace = LentWorkspace(form)
    for seed in range(200):
        matrix = problems.estimate(seed, N).covariance
        if seed % 17 == 0:  # near singular: proximal iterations
            matrix = matrix[:, :1] @ matrix[:1] + 1e-13 * np.eye(N)
        linear = rng.normal(0.0, 0.05, N)
        lower, upper = form.low.copy(), form.high.copy()
        lower[:N], upper[:N] = 0.0, rng.uniform(0.05, 0.5, N)
        lower[N] = upper[N] = 1.0
        lower[N + 1 :], upper[N + 1 :] = 0.05, 0.45
        found = workspace.begin(matrix, linear, lower, upper)
        sense = np.zeros(len(lower), dtype=np.intc)
        sense[N] = 5
        fresh = daqp.Model()
        fresh.settings = SETTINGS
        flag, _ = fresh.setup(matrix, linear, form.a, upper, lower, sense)
        x, _, solved, said = fresh.solve() if flag >= 0 else (None, None, -1, {})
        assert (found is not None) == (solved > 0)
        if found is not None:
            np.testing.assert_array_equal(found[0], x)
            np.testing.assert_array_equal(found[1], said["lam"])
            workspace.step(2.0 * matrix, linear)


def test_receipts_at_once_are_those_one_by_one(problems: Any, estimates: list[Any]) -> None:
    rng = np.random.default_rng(2)
    rules = {"turnover_cost": 0.002, "previous": rng.dirichlet(np.ones(N)), "pull": 0.05}
    program = ruled(problems, rules)
    terms = [terms_of(program, each.mean, each.covariance) for each in estimates]
    weights, prices = rng.dirichlet(np.ones(N), COUNT), rng.normal(0.0, 0.01, (COUNT, 5))
    aversions, fixed = rng.uniform(1.0, 20.0, COUNT), fixed_terms(program)
    answers = ProblemAnswers(
        weights=weights,
        prices=prices,
        aversions=aversions,
        linear=np.array([each.linear for each in terms]),
        previous=np.array([each.previous for each in terms]),
        covariances=np.array([each.covariance for each in estimates]),
        group_lower=fixed.group_lower,
    )
    figures = receipts(program, fixed, answers)
    rows = PreparedProgram(program)._rows
    constant = program.pull / 2 * float(program.target @ program.target)
    for i, one in enumerate(terms):
        found = Optimum(weights[i], prices[i], float(aversions[i]), program.turnover_cost)
        alone = receipt(one, rows, found, program.risk_aversion)
        assert figures.volatility[i] == alone.volatility
        assert figures.objective[i] == alone.objective - constant
        assert figures.violation[i] == alone.violation
        assert figures.gap[i] == alone.gap
