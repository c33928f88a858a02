"""The frontier keeps a strategy's bands, and no portfolio inside them lies above it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import jeoul
from jeoul.errors import UsageError

DAY = "2003-06-30"


@pytest.fixture(scope="module")
def snapshot(sample: Any) -> Any:
    return sample.as_of(DAY)


@pytest.mark.parametrize("kind", ["mean-variance", "min-variance", "tracking", "max-sharpe"])
def test_a_strategy_lies_on_its_frontier_or_below(snapshot: Any, kind: str) -> None:
    strategy = jeoul.load_strategy("managed").replace("allocate", {"kind": kind})
    found = jeoul.frontier(strategy, "balanced", snapshot)
    line = found.points
    assert np.all(np.diff(line.volatility) >= -1e-12)
    assert np.all(np.diff(line.mean) >= -1e-12)
    for place in (found.allocation, found.strategic):
        assert line.volatility[0] - 1e-9 <= place.volatility <= line.volatility[-1] + 1e-9
        most = float(np.interp(place.volatility, line.volatility, line.mean))
        assert place.mean <= most + 2e-6  # between two points the frontier is above their line


def test_wider_bands_move_the_frontier_out(snapshot: Any) -> None:
    managed = jeoul.load_strategy("managed")
    narrow = jeoul.frontier(managed, "balanced", snapshot).points
    wide = jeoul.frontier(managed.replace("allocate.class_band", 0.2), "balanced", snapshot).points
    assert wide.volatility[0] < narrow.volatility[0]
    assert wide.mean[-1] > narrow.mean[-1]
    assert np.all(narrow.weights <= 0.4 + 1e-9)


def test_a_fixed_rule_has_no_frontier(snapshot: Any) -> None:
    with pytest.raises(UsageError, match="fixed rule"):
        jeoul.frontier(jeoul.load_strategy("sixty-forty"), "balanced", snapshot)
