"""The compiled replay: the same numbers as the plain one, to the last bit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.backtesting.exact import exact_model
from jeoul.pipeline import Model, run_model
from jeoul.pipeline.replay import overlay_steps, replay, start
from jeoul.research.evidence_strategies import LIGHT, LITERAL, held_constant, ways_of

DAY = date(2024, 6, 28)


def assert_equal(plain: Model, exact: Model) -> None:
    for name in ("nav", "proxy", "turnover", "cost", "scales"):
        np.testing.assert_array_equal(getattr(plain.trace, name), getattr(exact.trace, name))
    assert plain.trace.trades == exact.trace.trades
    assert plain.trace.held_back == exact.trace.held_back
    for name in ("row", "ticks", "posture", "nav", "pending", "fills"):
        assert getattr(plain.state, name) == getattr(exact.state, name)
    for name in ("held", "target"):
        np.testing.assert_array_equal(getattr(plain.state, name), getattr(exact.state, name))
    assert plain.state.allocation is exact.state.allocation
    assert plain.state.previous is exact.state.previous


def again(model: Model) -> Model:
    return exact_model(model.mandate, model.history, model.allocations, model.trace.held_back)


@pytest.mark.parametrize("strategy", ["managed", "static", "laa"])
def test_equal_to_the_replay_on_both_markets(desk: Any, market: Any, strategy: str) -> None:
    model = desk.model(market, DAY, strategy, "balanced")
    assert_equal(model, again(model))


@pytest.mark.parametrize("way", ["literal", "light", "vix only", "trend only", "loss limit only"])
def test_equal_for_each_part_of_the_overlay(desk: Any, sample: Any, way: str) -> None:
    model = desk.model(sample, DAY, "managed", "growth")
    strategy, literal, light = map(api.load_strategy, ("managed", LITERAL, LIGHT))
    mandate = replace(model.mandate, strategy=ways_of(strategy, literal, light)[way])
    plain = run_model(mandate, model.history, like=model)
    assert_equal(plain, again(plain))


def test_the_overlay_along_the_way_is_made_when_it_is_looked_at(desk: Any, sample: Any) -> None:
    plain = desk.model(sample, DAY, "managed", "balanced").trace
    exact = again(desk.model(sample, DAY, "managed", "balanced")).trace
    assert len(exact.overlay) == len(plain.overlay) == len(exact.readings)
    for place in (0, 1000, -1):
        for one, other in zip(plain.overlay[place], exact.overlay[place], strict=True):
            np.testing.assert_array_equal(one, other)
        for one, other in zip(plain.readings[place], exact.readings[place], strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("strategy", ["static", "laa"])  # a table without a latch, and no table
def test_an_overlay_that_does_not_act_leaves_no_states(
    desk: Any, sample: Any, strategy: str
) -> None:
    plain = desk.model(sample, DAY, strategy, "balanced")
    exact = again(plain)
    assert tuple(exact.trace.overlay) == tuple(plain.trace.overlay) == ()
    assert tuple(exact.trace.readings) == tuple(plain.trace.readings) == ()
    assert [*overlay_steps(exact.trace)] == []
    assert exact.state.ticks == plain.state.ticks == 0


def test_a_model_held_at_half_is_the_replay_of_its_weights(desk: Any, sample: Any) -> None:
    half = held_constant(desk.model(sample, DAY, "static", "growth"), 0.5)
    state, trace = replay(half.mandate, half.history, start(half.mandate), half.allocations)
    plain = Model(half.mandate, half.history, state, trace, half.allocations)
    assert_equal(plain, half)


def test_a_mandate_that_no_scale_describes_is_replayed(desk: Any, sample: Any) -> None:
    strategy = api.load_strategy("target-date").towards(date(2040, 1, 1))
    mandate = api.mandate(strategy, "growth")
    history = api.history(strategy, sample.as_of(date(2012, 6, 29)))
    plain = run_model(mandate, history)
    assert_equal(plain, again(plain))
