"""A turnover limit trades up to itself, and yields by the least where other rules take more."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from jeoul import Portfolio, api
from jeoul.allocate import Conflict, PreparedProgram, prove
from jeoul.messages import LANGUAGES, say
from jeoul.pipeline import place, present, run_model
from jeoul.pipeline.allocation import allocate, holdable
from jeoul.pipeline.notes import findings_of
from jeoul.pipeline.turnover_limit import ROOM, moved

DAY = "2003-06-30"
LIMIT = 0.004


@pytest.fixture(scope="module")
def mandate() -> Any:
    strategy = api.load_strategy("managed").replace("allocate.turnover_max", LIMIT)
    # Without the pull the allocation moves enough for the limit to bind.
    strategy = strategy.replace("allocate.pull", 0.0)
    strategy = strategy.replace("estimate.mean", {"kind": "equilibrium", "risk_aversion": 2.5})
    return api.mandate(strategy, "growth")


@pytest.fixture(scope="module")
def model(mandate: Any, sample: Any) -> Any:
    history = api.history(mandate.strategy, sample.as_of(DAY))
    return run_model(mandate, history)


@pytest.fixture(scope="module")
def fewer(mandate: Any, model: Any) -> Any:
    """An allocation on a session on which the largest fund can no longer be held."""
    before = model.allocations[max(model.allocations)]
    row = len(model.history) - 1
    gone = int(np.argmax(before.weights[:-1]))
    choice = holdable(mandate, model.history, row, proxies=True)
    left = choice[choice != gone]
    made = allocate(mandate, model.history, row, left, previous=before.weights)
    return before, made


def test_every_allocation_after_the_first_keeps_the_limit(model: Any) -> None:
    rows = sorted(model.allocations)
    made = [model.allocations[row].weights[:-1] for row in rows]
    turnover = [moved(now, then) for then, now in pairwise(made)]
    assert max(turnover) <= LIMIT + 1e-9
    assert sum(each > LIMIT - 1e-9 for each in turnover) > 5


def kinds(model: Any, allocation: Any) -> Any:
    found = findings_of(model, allocation, proxies=True)
    return {each.kind: dict(each.detail) for each in found if "turnover" in each.kind}


def test_a_limit_that_binds_is_a_finding(model: Any) -> None:
    rows = sorted(model.allocations)
    bound = 0
    for before, row in pairwise(rows):
        made = model.allocations[row]
        turnover = moved(made.weights[:-1], model.allocations[before].weights[:-1])
        found = kinds(model, made)
        bound += bool(found)
        assert (found == {"finding.turnover_bound": {"most": f"{LIMIT:.1%}"}}) == (
            turnover > LIMIT - ROOM
        )
    assert 0 < bound < len(rows)


def test_a_limit_that_the_other_rules_break_yields_by_the_least(mandate: Any, fewer: Any) -> None:
    _, made = fewer
    program, estimate, held, _ = made.solved
    (yielded,) = (each for each in made.relaxed if each.rule == "allocate.turnover_max")
    assert yielded.declared == LIMIT
    assert yielded.used == pytest.approx(moved(made.weights[made.members], held))
    assert yielded.used > 5 * LIMIT
    # A thousandth of a percent less, and no weights are left.
    tighter = replace(program, turnover_max=program.turnover_max - 2 * ROOM)
    with pytest.raises(Conflict, match=r"allocate\.turnover_max"):
        PreparedProgram(tighter).solve(estimate, previous=held)


def test_what_yields_is_the_limit_and_no_other_rule(mandate: Any, fewer: Any) -> None:
    _, made = fewer
    assert {each.rule for each in made.relaxed} == {"allocate.turnover_max"}
    assert made.volatility <= mandate.rules.volatility.max * (1.0 + 1e-6)
    program = made.solved.program
    for group in program.groups:
        total = made.weights[made.members][group.members].sum()
        assert group.lower - 1e-9 <= total <= group.upper + 1e-9


def test_the_other_engine_finds_the_same_weights(fewer: Any) -> None:
    _, made = fewer
    program, estimate, _, solution = made.solved
    assert prove(program, estimate, solution).holds


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_finding_says_the_limit_and_what_it_took(model: Any, fewer: Any, language: Any) -> None:
    _, made = fewer
    (found,) = (f for f in findings_of(model, made, proxies=True) if "turnover" in f.kind)
    assert found.kind == "finding.turnover_yielded"
    text = say(language, found.kind, dict(found.detail))
    assert f"{LIMIT:.1%}" in text
    assert dict(found.detail)["used"] in text


def test_decide_and_backtest_agree_under_a_limit(model: Any, mandate: Any, sample: Any) -> None:
    snapshot = sample.as_of(DAY)
    proposal = present(model, snapshot, api.calendars()["XKRX"])
    assert place(proposal, Portfolio({}, 10_000_000)).orders
    assert model.trace.held_back == ()
