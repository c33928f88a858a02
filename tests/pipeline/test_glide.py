"""A glide path along history: it moves on the dates of the calendar, by the mix of each."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.backtesting import prepare, simulated
from jeoul.errors import UsageError
from jeoul.pipeline import present, run_model
from jeoul.pipeline.allocation import allocate, holdable
from jeoul.pipeline.content import changes, content_of
from jeoul.pipeline.memory import remember
from jeoul.pipeline.mixing import mixed_rules
from jeoul.research.ledger import trial_key

GOAL = date(2006, 6, 30)
DAY = date(2003, 3, 31)  # of the sample: seven years of history, on the path all the way
GLIDES = api.load_strategy("target-date").towards(GOAL)


@pytest.fixture(scope="module")
def snapshot(sample: Any) -> Any:
    return sample.as_of(DAY)


@pytest.fixture(scope="module")
def history(snapshot: Any) -> Any:
    return api.history(GLIDES, snapshot)


@pytest.fixture(scope="module")
def model(history: Any) -> Any:
    return run_model(api.mandate(GLIDES, "growth"), history)


def test_every_allocation_is_that_of_its_days_mix(model: Any, history: Any) -> None:
    """At each date the weights are those of an ordinary strategy with the mixed rules."""
    glide, strategy = GLIDES.glide, api.load_strategy("managed")
    assert glide is not None
    for row, made in list(model.allocations.items())[::12]:
        mix = glide.mix_for("growth", glide.years_left(history.day(row)))
        rules = mixed_rules(strategy, mix)
        ordinary = strategy.model_copy(
            update={"profiles": {**strategy.profiles, "growth": rules}},
        )
        same = api.mandate(ordinary, "growth")
        found = allocate(same, history, row, holdable(same, history, row, proxies=True))
        assert np.abs(found.weights - made.weights).max() < 1e-9


def test_the_date_alone_forces_no_trade(model: Any, history: Any) -> None:
    """Between calendar dates the target is that of the last one, whatever the days that pass."""
    causes = {trade.cause for trade in model.trace.trades}
    assert causes <= {"first", "calendar", "overlay", "drift"}
    dates = {trade.row for trade in model.trace.trades if trade.cause in ("first", "calendar")}
    assert dates == set(model.allocations)


def test_risk_falls_on_the_way_to_the_goal(model: Any) -> None:
    rows = sorted(model.allocations)
    at_risk = [
        sum(
            weight
            for name, weight in zip(model.mandate.classes, made.weights[:-1], strict=True)
            if name.startswith("equity")
        )
        for made in (model.allocations[rows[0]], model.allocations[rows[-1]])
    ]
    assert at_risk[0] > at_risk[1] + 0.10


def test_the_loss_limit_is_that_of_the_mix_that_is_held(model: Any) -> None:
    limits = [
        model.mandate.on(model.history.day(row)).rules.loss_limit for row in model.allocations
    ]
    assert limits[-1] < limits[0]
    assert model.held_mandate.overlay.loss_limit == limits[-1]


@pytest.mark.parametrize("before", [date(2002, 6, 28), date(2003, 3, 28)])
def test_from_a_memory_the_model_comes_to_the_same(
    sample: Any, snapshot: Any, model: Any, before: date
) -> None:
    early = api.history(GLIDES, sample.as_of(before))
    mandate = api.mandate(GLIDES, "growth")
    memory = remember(mandate, early, run_model(mandate, early).state)
    again = run_model(mandate, model.history, memory)
    calendar = api.calendars()["XKRX"]
    assert present(again, snapshot, calendar) == present(model, snapshot, calendar)


def test_a_cautious_investor_glides_below_the_own_profile(history: Any) -> None:
    """Twenty years before the goal, the conservative hold what the conservative hold."""
    far = api.load_strategy("target-date").towards(date(2040, 1, 1))
    mandate = api.mandate(far, "conservative")
    managed = api.mandate(api.load_strategy("managed"), "conservative")
    run, same = (simulated(prepare(each, history)).nav for each in (mandate, managed))
    assert np.abs(run / same - 1.0).max() < 1e-9


def test_a_proposal_says_where_on_the_path_it_is(model: Any, snapshot: Any) -> None:
    proposal = present(model, snapshot, api.calendars()["XKRX"])
    said = next(each for each in proposal.reasons if each.kind == "glide.ahead")
    assert dict(said.detail)["by"] == "2006-06-30"
    assert dict(said.detail)["mix_en"].startswith("balanced")


def test_the_content_of_the_rules_names_the_date_that_changed() -> None:
    contents = [
        content_of(api.mandate(GLIDES.towards(day), "growth")) for day in (GOAL, date(2007, 6, 30))
    ]
    assert [change.key for change in changes(*contents)] == ["glide.by"]


def test_every_profile_below_the_investors_counts_for_the_trial() -> None:
    """A change of the conservative table is another trial of the path for growth."""
    other = GLIDES.replace("profiles.conservative.risk_aversion", 9.0)
    keys = [
        trial_key(api.mandate(each, profile), "data", date(2000, 1, 3), DAY)
        for each in (GLIDES, other)
        for profile in ("growth", "balanced")
    ]
    assert len(set(keys)) == 4


def test_the_compiled_simulation_refuses_a_path(history: Any) -> None:
    with pytest.raises(UsageError, match="changing weights of a glide path"):
        _ = prepare(api.mandate(GLIDES, "growth"), history).path
