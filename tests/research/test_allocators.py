"""What the optimiser is worth: the same overlay over other weights, tracking, and chance."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.research.allocators import PLAIN, allocators_of, keep

DAY = date(2005, 6, 30)


@pytest.fixture(scope="module")
def found(sample: Any) -> Any:
    strategy = api.load_strategy("managed")
    history = api.history(strategy, sample.as_of(DAY))
    return keep(api.mandate(strategy, "balanced"), history, seed=1)


def test_every_way_of_weighing_has_the_overlay_and_the_funds_of_the_strategy() -> None:
    managed = api.load_strategy("managed")
    ways = allocators_of(managed)
    assert ways["mean-variance"] == managed
    for way in ways.values():
        assert way.model_copy(update={"allocate": managed.allocate}) == managed
    calm: Any = ways["min-variance"].allocate
    own: Any = managed.allocate
    assert (calm.class_band, calm.max_weight, calm.pull) == (own.class_band, own.max_weight, 0.0)


def test_the_shipped_strategic_weights_are_the_ones_of_the_comparison() -> None:
    named = {"name": "managed", "title": api.load_strategy("managed").title}
    shipped = api.load_strategy("managed-strategic").model_copy(update=named)
    assert shipped == allocators_of(api.load_strategy("managed"))[PLAIN]


def test_a_strategy_that_optimises_nothing_has_nothing_to_keep(sample: Any) -> None:
    strategy = api.load_strategy("k-all-weather")
    history = api.history(strategy, sample.as_of(DAY))
    assert keep(api.mandate(strategy, "balanced"), history, seed=1) is None


def test_all_ways_are_compared_over_the_same_sessions(found: Any) -> None:
    spans = {(way.figures.start, way.figures.end) for way in found.allocators}
    assert len(spans) == 1
    assert [way.kind for way in found.allocators if way.against is None] == [PLAIN]


def test_plain_weights_track_as_closely_and_their_costs_are_those_of_their_trades(
    found: Any,
) -> None:
    own, plain = found.optimiser, found.plain
    assert 0.0 < plain.tracking <= own.tracking
    assert plain.trades < own.trades
    assert 0.0 < plain.cost < own.cost


def test_random_weights_are_a_share_of_the_draws(found: Any) -> None:
    assert 0.0 <= found.random.better <= 1.0
    assert np.isfinite(found.random.sharpe)
