"""The trend's readings: a sleeve that is the same for everybody, against its own average."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jeoul.signals import distance_from_average, on_clock, sleeve_level


def panel(returns: Any, names: Any) -> Any:
    return SimpleNamespace(members=names, returns=np.array(returns))


def test_the_sleeve_earns_the_weighted_mean_of_those_that_traded() -> None:
    n = np.nan
    history = panel([[n, n], [0.10, n], [0.10, 0.20], [n, n], [0.0, 0.40]], ("a", "b"))
    level = sleeve_level(history, {"a": 3.0, "b": 1.0})
    assert np.isnan(level[[0, 3]]).all()
    assert level[1] == pytest.approx(1.10)
    assert level[2] == pytest.approx(1.10 * 1.125)
    assert level[4] == pytest.approx(1.10 * 1.125 * 1.10)


def test_the_average_is_over_the_values_seen_and_needs_all_of_them() -> None:
    n = np.nan
    distance = distance_from_average(np.array([1.0, n, 2.0, 3.0, n, 8.0]), 3)
    assert np.isnan(distance[[0, 1, 2, 4]]).all()
    assert distance[3] == pytest.approx(3.0 / 2.0 - 1.0)
    assert distance[5] == pytest.approx(8.0 / (13.0 / 3.0) - 1.0)


@given(
    st.lists(st.floats(0.5, 2.0) | st.just(float("nan")), min_size=12, max_size=60),
    st.integers(1, 11),
)
def test_a_longer_past_does_not_move_a_distance(values: Any, cut: Any) -> None:
    whole = distance_from_average(np.array(values), 4)
    part = distance_from_average(np.array(values[cut:]), 4)
    seen = np.isfinite(part)
    np.testing.assert_array_equal(part[seen], whole[cut:][seen])


def test_a_clock_session_reads_a_row_once() -> None:
    # rows known at each of five New York closes: none, one, one (Seoul was closed), two, four
    history = SimpleNamespace(clock_row=np.array([0, 1, 1, 2, 4]))
    found = on_clock(history, np.array([10.0, 20.0, 30.0, 40.0]))  # type: ignore[arg-type]
    np.testing.assert_array_equal(found, [np.nan, 10.0, np.nan, 20.0, 40.0])
