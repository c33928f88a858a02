"""The doctor names the rules in conflict exactly, and its cures cure."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from jeoul.allocate import Conflict, Group, Program, diagnose, solve
from jeoul.errors import Infeasible
from jeoul.messages import LANGUAGES, say

CLASS = "profiles.growth.classes.c"
KINDS = (
    "floors",
    "floor over caps",
    "ceilings",
    "small caps",
    "volatility",
    "mask",
    "turnover",
    "frozen",
)


def _floor(program: Program, k: int, lower: float, upper: float) -> Program:
    groups = list(program.groups)
    groups[k] = dataclasses.replace(groups[k], lower=lower, upper=upper)
    return dataclasses.replace(program, groups=tuple(groups))


def _plant(problems: Any, kind: str, seed: int) -> tuple[Program, set[str]]:  # noqa: PLR0911
    """Return a feasible random program with one conflict planted, and the keys of that conflict."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(8, 24))
    program = problems.program(seed, n, upper=0.5)
    program = dataclasses.replace(
        program, groups=tuple(dataclasses.replace(g, lower=0.02, upper=0.8) for g in program.groups)
    )
    a, b = (int(k) for k in rng.choice(4, size=2, replace=False))
    size = int(program.groups[a].members.sum())
    if kind == "floors":
        program = _floor(_floor(program, a, 0.55, 0.8), b, 0.5, 0.8)
        return program, {f"{CLASS}{a}", f"{CLASS}{b}"}
    if kind == "floor over caps":
        cap = np.full(n, 0.5)
        cap[program.groups[a].members] = 0.3 / size
        return dataclasses.replace(_floor(program, a, 0.4, 0.8), upper=cap), {
            f"{CLASS}{a}",
            "allocate.max_weight",
        }
    if kind == "ceilings":
        for k in range(4):
            program = _floor(program, k, 0.02, 0.24)
        return program, {f"{CLASS}{k}" for k in range(4)}
    if kind == "small caps":
        return dataclasses.replace(program, upper=np.full(n, 0.9 / n)), {"allocate.max_weight"}
    if kind == "volatility":
        return dataclasses.replace(program, volatility_max=1e-4), {"profiles.volatility.max"}
    if kind == "mask":
        mask = ~program.groups[a].members
        return dataclasses.replace(program, eligible=mask), {f"{CLASS}{a}", "account"}
    if kind == "turnover":
        held = np.where(program.groups[a].members, 1.0 / size, 0.0)
        moved = dataclasses.replace(program, previous=held, turnover_max=0.1, upper=np.ones(n))
        loose = tuple(dataclasses.replace(g, lower=0.0, upper=1.0) for g in moved.groups)
        moved = dataclasses.replace(moved, groups=loose)
        return _floor(moved, b, 0.2, 1.0), {f"{CLASS}{b}", "allocate.turnover_max"}
    held = np.full(n, 0.4 / (n - 1))
    held[3] = 0.6
    frozen = np.zeros(n, dtype=bool)
    frozen[3] = True
    return dataclasses.replace(program, previous=held, frozen=frozen), {
        "allocate.max_weight",
        "allocate.frozen",
    }


def test_a_hundred_planted_conflicts_are_named_exactly(problems: Any) -> None:
    missed = []
    for seed in range(100):
        kind = KINDS[seed % len(KINDS)]
        program, planted = _plant(problems, kind, seed)
        with pytest.raises(Conflict) as caught:
            solve(program, problems.estimate(seed, len(program.labels)))
        if set(caught.value.conflicts) != planted:
            missed.append((seed, kind, caught.value.conflicts, planted))
    assert missed == []


@pytest.mark.parametrize("kind", KINDS)
def test_leaving_any_rule_of_the_conflict_out_leaves_none(problems: Any, kind: str) -> None:
    program, _ = _plant(problems, kind, 8)
    covariance = problems.estimate(8, len(program.labels)).covariance
    found = diagnose(program, covariance)
    assert found is not None
    for rule in {r.rule for r in found.conflict} & {g.name for g in program.groups}:
        loose = tuple(
            dataclasses.replace(g, lower=0.0, upper=1.0) if g.name == rule else g
            for g in program.groups
        )
        assert diagnose(dataclasses.replace(program, groups=loose), covariance) is None


def test_every_cure_cures_and_a_little_less_does_not(problems: Any) -> None:
    program, _ = _plant(problems, "floors", 3)
    estimate = problems.estimate(3, len(program.labels))
    found = diagnose(program, estimate.covariance)
    assert found is not None
    assert len(found.cures) == 2
    for cure in found.cures:
        k = int(cure.rule[-1])
        assert cure.used < cure.declared
        solve(_floor(program, k, cure.used - 1e-7, 0.8), estimate)
        with pytest.raises(Conflict):
            solve(_floor(program, k, cure.used + 1e-4, 0.8), estimate)


def test_two_conflicts_at_once_are_cured_together(problems: Any) -> None:
    n = 12
    program = problems.program(0, n, upper=1.0, eligible=np.arange(n) % 4 > 1)
    found = diagnose(program, problems.estimate(0, n).covariance)
    assert found is not None
    # Masked classes 0 and 1 both have a floor of 5 %: the mask alone can cure both.
    assert {c.rule for c in found.cures} == {"account"}
    floors = tuple(dataclasses.replace(g, lower=0.5, upper=0.5) for g in program.groups)
    worse = dataclasses.replace(program, groups=floors)
    found = diagnose(worse, problems.estimate(0, n).covariance)
    assert found is not None
    assert found.cures == ()
    moved = {m.rule: m.used for m in found.least}
    assert len(moved) >= 2


def test_volatility_cure_is_the_least_volatility(problems: Any) -> None:
    n = 10
    estimate = problems.estimate(6, n)
    program = problems.program(6, n, volatility_max=0.01)
    with pytest.raises(Conflict) as caught:
        solve(program, estimate)
    cure = next(c for c in caught.value.diagnosis.cures if c.rule == "profiles.volatility.max")
    least = dataclasses.replace(
        program, volatility_max=None, objective="min-variance", turnover_cost=0.0
    )
    assert cure.used == pytest.approx(solve(least, estimate).volatility, rel=1e-9)
    solve(dataclasses.replace(program, volatility_max=cure.used * (1 + 1e-7)), estimate)


def test_bounds_that_cross_and_a_class_without_members_are_named(problems: Any) -> None:
    n = 8
    crossed = problems.program(1, n, lower=0.4, upper=0.2)
    with pytest.raises(Infeasible) as caught:
        solve(crossed, problems.estimate(1, n))
    assert set(caught.value.conflicts) <= {"allocate.min_weight", "allocate.max_weight"}
    empty = Group("profiles.growth.classes.gold", np.zeros(n, dtype=bool), 0.05, 0.1)
    program = problems.program(1, n)
    program = dataclasses.replace(program, groups=(*program.groups, empty))
    with pytest.raises(Infeasible) as caught:
        solve(program, problems.estimate(1, n))
    assert caught.value.conflicts == ("profiles.growth.classes.gold",)
    unused = dataclasses.replace(empty, lower=0.0)
    solve(
        dataclasses.replace(program, groups=(*program.groups[:4], unused)), problems.estimate(1, n)
    )


def test_strategy_names_its_own_keys(problems: Any) -> None:
    program = problems.program(1, 8, volatility_max=0.001)
    named = dataclasses.replace(program, keys={"volatility": "profiles.growth.volatility.max"})
    with pytest.raises(Conflict, match=r"profiles\.growth\.volatility\.max") as caught:
        solve(named, problems.estimate(1, 8))
    for language in LANGUAGES:
        for reason in caught.value.diagnosis.reasons():
            text = say(language, reason.kind, dict(reason.detail))
            assert "{" not in text
            assert any(rule.rule in text for rule in caught.value.diagnosis.conflict)
