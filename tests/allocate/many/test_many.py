"""Programs over a hundred funds and more: the same optimum, proven over all of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from jeoul.allocate import MANY, Conflict, Group, PreparedProgram, frontier, solve, solving
from jeoul.allocate.solver.direct import direct_path
from jeoul.allocate.solver.fast import Fast
from jeoul.allocate.solver.large import screen
from jeoul.allocate.solver.many import ManySolvers
from jeoul.errors import BadEstimate, TooLarge
from jeoul.estimate import Estimate, FactorEstimate
from jeoul.model.factored import Factored, dense_of

RULES: dict[str, dict[str, Any]] = {
    "costs": {},
    "no costs": {"turnover_cost": 0.0, "previous": None},
    "ceiling": {"volatility_max": 0.07},
    "turnover": {"turnover_max": 0.35},
    "least variance": {"objective": "min-variance"},
    "pull": {"pull": 0.05},
    "yields": {"volatility_max": 0.035, "yielding": ("class 0", "class 1")},
    "barred": {"eligible": True},
}


def ruled(many: Any, seed: int, n: int, name: str) -> Any:
    rules = dict(RULES[name])
    if name == "pull":
        rules["target"] = np.full(n, 1.0 / n)
    if name == "barred":
        rules["eligible"] = np.arange(n) % 3 > 0
    return many.program(seed, n, **rules)


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("n", [MANY - 1, MANY, MANY + 1])
def test_both_paths_agree_around_the_size_where_the_path_changes(
    many: Any, monkeypatch: pytest.MonkeyPatch, n: int, name: str
) -> None:
    known, program = many.estimate(n, n), ruled(many, n, n, name)
    dense = Estimate(known.labels, known.mean, dense_of(known.covariance))
    monkeypatch.setattr(solving, "direct_path", Fast)
    few = solve(program, dense, solver="daqp")
    monkeypatch.setattr(solving, "direct_path", ManySolvers)
    lot = solve(program, known, solver="daqp")
    assert few.path == lot.path == "direct"
    np.testing.assert_allclose(lot.weights, few.weights, atol=1e-8, rtol=0.0)
    np.testing.assert_allclose(lot.objective, few.objective, atol=1e-10)
    assert [rule.rule for rule in lot.relaxed] == [rule.rule for rule in few.relaxed]


def test_rules_that_yield_are_kept_for_a_full_covariance_too(
    many: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, program = many.estimate(2, MANY), ruled(many, 2, MANY, "yields")
    dense = Estimate(known.labels, known.mean, dense_of(known.covariance))
    monkeypatch.setattr(solving, "direct_path", ManySolvers)
    by_factors, whole = (solve(program, each, solver="daqp") for each in (known, dense))
    assert whole.path == "direct"
    np.testing.assert_allclose(whole.weights, by_factors.weights, atol=1e-8, rtol=0.0)


def test_the_number_of_funds_alone_decides_the_path(many: Any) -> None:
    from jeoul.allocate.solver.terms import shape_of

    for n, path in ((MANY - 1, Fast), (MANY, ManySolvers)):
        assert type(direct_path(shape_of(many.program(1, n)))) is path


@pytest.mark.parametrize("seed", range(6))
def test_the_conditions_of_optimality_hold_for_every_fund(many: Any, seed: int) -> None:
    known, program = many.estimate(seed, 600), many.program(seed, 600)
    found = solve(program, known)
    assert found.path == "direct"
    assert many.fault(program, known, found.weights, found) < 1e-10
    assert max(found.gap, found.violation) < 1e-11


def test_an_optimum_over_too_few_funds_fails_the_conditions(many: Any) -> None:
    known, program = many.estimate(3, 600), many.program(3, 600)
    best = solve(program, known)
    unheld = (program.previous == 0.0) & (best.weights > 0.01)
    least = int(np.flatnonzero(unheld)[0])
    without = replace(program, eligible=np.arange(600) != least)
    wrong = solve(without, known)  # right for all funds but one
    assert many.fault(program, known, wrong.weights, wrong) > 1e-5
    assert wrong.objective < best.objective


def test_a_screen_that_overlooks_funds_is_not_trusted(
    many: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, program = many.estimate(4, 400), many.program(4, 400)
    best = solve(program, known)

    def nothing_pays(problem: Any, near: Any, working: Any) -> Any:
        return np.zeros(len(working), dtype=np.bool_)

    def held_alone(problem: Any) -> Any:
        first = problem.priced.copy()
        first[:40] = True
        return first

    monkeypatch.setattr(screen, "_paying", nothing_pays)
    monkeypatch.setattr(screen, "_first", held_alone)
    checked = solve(program, known)
    assert (best.path, checked.path) == ("direct", "reference")
    np.testing.assert_allclose(checked.weights, best.weights, atol=1e-5)


def test_an_answer_does_not_depend_on_the_one_before(many: Any) -> None:
    program = many.program(5, 300)
    prepared = PreparedProgram(program)
    for seed in range(4):
        known = many.estimate(seed, 300)
        after, alone = prepared.solve(known), solve(program, known)
        np.testing.assert_allclose(after.weights, alone.weights, atol=1e-9)


def test_order_of_funds_does_not_matter(many: Any) -> None:
    n = 250
    known, program = many.estimate(6, n), many.program(6, n)
    turned = np.random.default_rng(1).permutation(n)
    other = replace(
        program,
        labels=tuple(np.array(program.labels)[turned].tolist()),
        previous=program.previous[turned],
        groups=tuple(replace(group, members=group.members[turned]) for group in program.groups),
    )
    moved = FactorEstimate(other.labels, known.mean[turned], known.covariance.part(turned))
    np.testing.assert_allclose(
        solve(other, moved).weights, solve(program, known).weights[turned], atol=1e-9
    )


def test_a_frontier_of_many_funds_runs_from_calm_to_bold(many: Any) -> None:
    program = many.program(7, 150, previous=None, turnover_cost=0.0)
    found = frontier(program, many.estimate(7, 150), points=6)
    assert (np.diff(found.volatility) >= -1e-12).all()
    assert (np.diff(found.mean) >= -1e-12).all()


# --- no portfolio ----------------------------------------------------------------------------


def test_bands_that_cannot_hold_together_are_named_with_their_cure(many: Any) -> None:
    n = 200
    kind = np.arange(n) % 4
    # Each class has 50 funds of at most 0.8 %, so 40 % together: 60 % of class 0 is out of reach.
    groups = (Group("class 0", kind == 0, 0.6, 0.9), Group("class 1", kind == 1, 0.0, 0.4))
    program = many.program(8, n, upper=0.008, groups=groups)
    with pytest.raises(Conflict) as refused:
        solve(program, many.estimate(8, n))
    assert refused.value.diagnosis.keys == ("allocate.max_weight", "class 0")
    cure = next(c for c in refused.value.diagnosis.cures if c.rule == "allocate.max_weight")
    assert cure.used == pytest.approx(0.012, abs=1e-7)  # 60 % over 50 funds
    cured = replace(program, upper=np.full(n, 0.012 + 1e-6))
    assert solve(cured, many.estimate(8, n)).violation < 1e-9


def test_a_ceiling_that_no_portfolio_meets_is_named(many: Any) -> None:
    program = many.program(9, 150, volatility_max=0.001)
    with pytest.raises(Conflict) as refused:
        solve(program, many.estimate(9, 150))
    cure = next(c for c in refused.value.diagnosis.cures if c.rule == program.key("volatility"))
    met = solve(replace(program, volatility_max=cure.used * (1.0 + 1e-7)), many.estimate(9, 150))
    assert met.volatility == pytest.approx(cure.used, rel=1e-6)


def test_bounds_that_leave_one_portfolio_give_it(many: Any) -> None:
    n = 120
    program = many.program(10, n, upper=1.0 / n, groups=())
    np.testing.assert_allclose(solve(program, many.estimate(10, n)).weights, 1.0 / n, atol=1e-9)


# --- what does not fit -----------------------------------------------------------------------


@pytest.mark.parametrize("rules", [{"min_position": 0.01}, {"max_positions": 20}])
def test_whole_positions_among_too_many_funds_are_refused_in_one_sentence(
    many: Any, rules: dict[str, Any]
) -> None:
    with pytest.raises(TooLarge, match=r"^allocate.min_position .* 301 assets, .* 300 .*; leave"):
        solve(many.program(1, 301, **rules), many.estimate(1, 301))


def test_cvxpy_is_not_given_what_it_cannot_take(many: Any) -> None:
    with pytest.raises(TooLarge, match="1,001 x 1,001 covariances"):
        solve(many.program(1, 1001), many.estimate(1, 1001), solver="clarabel")


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        (lambda c: Factored(c.loadings * np.nan, c.own), "missing or infinite"),
        (lambda c: Factored(c.loadings, c.own - 1.0), "own variance is"),
        (lambda c: Factored(c.loadings * 0.0, c.own * 0.0), "largest variance 0"),
    ],
)
def test_bad_factors_are_refused_by_name(many: Any, spoilt: Any, said: str) -> None:
    known = many.estimate(1, 120)
    bad = FactorEstimate(known.labels, known.mean, spoilt(known.covariance))
    with pytest.raises(BadEstimate, match=said):
        solve(many.program(1, 120), bad)
