"""A model that was kept is the replay: every state, reading, trade and allocation, to the bit."""

from __future__ import annotations

from dataclasses import fields
from math import isnan
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.market import Market
from jeoul.model.calendar import Reals
from jeoul.model.history import History
from jeoul.pipeline import Mandate, Model, run_model
from jeoul.pipeline.remade import Remade, packed, unpacked
from jeoul.pipeline.replay import ModelState

CASES = {
    "managed": "balanced",  # latches, a loss limit, effects
    "static": "growth",  # no overlay
    "target-date": "growth",  # a mix of profiles that changes
}


def same(one: Any, other: Any) -> bool:
    """Return whether two values are equal, their arrays and records to the bit."""
    if isinstance(one, np.ndarray):
        return bool(np.array_equal(one, other, equal_nan=one.dtype.kind == "f"))
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if hasattr(one, "__dataclass_fields__"):
        return all(same(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    return bool(one == other) or (isnan(one) and isnan(other))


@pytest.fixture(scope="module")
def panel(sample: Market) -> History:
    return api.history(api.load_strategy("managed"), sample.as_of("2014-06-27", "XKRX"))


def followed(mandate: Mandate, panel: History) -> tuple[Model, Reals]:
    along: list[ModelState] = []
    model = run_model(mandate, panel, watch=along.append)
    held = np.full((len(along), len(mandate.places)), np.nan)
    for row, state in enumerate(along):
        if state.held is not None:
            held[row] = state.held
    return model, held


@pytest.mark.parametrize("name", CASES)
def test_a_model_that_was_kept_is_the_replay(name: str, panel: History) -> None:
    strategy = api.load_strategy(name)
    if strategy.glide is not None:
        strategy = strategy.towards(panel.day(-1).replace(year=2030))
    mandate = api.mandate(strategy, CASES[name])
    model, held = followed(mandate, panel)
    again, held_again = unpacked(mandate, panel, packed(model, held))
    assert same(held_again, held)
    for each in fields(ModelState):
        assert same(getattr(again.state, each.name), getattr(model.state, each.name)), each.name
    for key in ("start", "nav", "proxy", "turnover", "cost", "trades", "tick", "held_back"):
        assert same(getattr(again.trace, key), getattr(model.trace, key)), key
    assert same(tuple(again.trace.overlay), tuple(model.trace.overlay))
    assert same(tuple(again.trace.readings), tuple(model.trace.readings))
    assert packed(again, held_again) == packed(model, held)


def test_its_allocations_are_made_again_when_they_are_asked_for(panel: History) -> None:
    mandate = api.mandate(api.load_strategy("static"), "balanced")
    model, held = followed(mandate, panel)
    again, _ = unpacked(mandate, panel, packed(model, held))
    assert isinstance(again.allocations, Remade)
    assert list(again.allocations) == sorted(model.allocations)
    rows = list(model.allocations)
    for row in (rows[0], rows[len(rows) // 2], rows[-1]):
        assert same(again.allocations[row], model.allocations[row])
    with pytest.raises(KeyError):
        again.allocations[rows[0] - 1]
