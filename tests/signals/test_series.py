"""Signals made from series: values by hand, gaps, and a past that is never rewritten."""

from __future__ import annotations

from math import nan, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jeoul.signals import change, difference, drawdown, ratio, realised_volatility

WON = np.array([1200.0, nan, 1260.0, 1234.8, nan, nan, 1296.54])


def test_a_change_counts_observations_not_sessions() -> None:
    found = change(WON, 2)
    assert np.isnan(found[[0, 1, 2, 4, 5]]).all()
    assert found[3] == pytest.approx(0.029)  # 1234.8 over 1200
    assert found[6] == pytest.approx(0.029)  # 1296.54 over 1260


def test_oil_below_zero_gives_no_change_but_can_be_reached() -> None:
    # the May contract of April 2020: 18.27, then -37.63, then 10.01
    found = change(np.array([18.27, -37.63, 10.01]), 1)
    assert found[1] == pytest.approx(-37.63 / 18.27 - 1.0)
    assert np.isnan(found[[0, 2]]).all()


def test_a_difference_is_in_the_units_of_the_series() -> None:
    yields = np.array([4.25, 4.00, nan, 3.50])
    np.testing.assert_allclose(difference(yields, 2), [nan, nan, nan, -0.75])


def test_a_ratio_needs_both() -> None:
    spot, longer = np.array([30.0, 20.0, nan, 40.0]), np.array([25.0, nan, 20.0, 0.0])
    np.testing.assert_allclose(ratio(spot, longer), [1.2, nan, nan, nan])


def test_a_drawdown_is_from_the_highest_of_the_window() -> None:
    level = np.array([100.0, 120.0, 90.0, nan, 96.0, 84.0])
    np.testing.assert_allclose(drawdown(level, 3), [nan, nan, 0.25, nan, 0.20, 0.125])


def test_the_volatility_is_the_deviation_of_returns_a_year() -> None:
    level = np.array([100.0, 110.0, nan, 99.0, 108.9])  # +10, -10, +10 %
    found = realised_volatility(level, 3, 252.0)
    mean = 0.1 / 3
    by_hand = sqrt((2 * (0.1 - mean) ** 2 + (-0.1 - mean) ** 2) / 2 * 252)
    assert np.isnan(found[:4]).all()
    assert found[4] == pytest.approx(by_hand)


@pytest.mark.parametrize("made", [change, difference, drawdown])
@pytest.mark.parametrize("values", [[], [nan, nan], [1.0], [1.0, 2.0]])
def test_too_few_observations_are_none(made: Any, values: Any) -> None:
    assert np.isnan(made(np.array(values), 3)).all()


MADE = [
    lambda v: change(v, 3),
    lambda v: difference(v, 3),
    lambda v: drawdown(v, 4),
    lambda v: realised_volatility(v, 3, 250.0),
    lambda v: ratio(v, np.roll(v, 0) + 1.0),
]


@pytest.mark.parametrize("made", MADE)
@given(st.lists(st.floats(0.5, 2.0) | st.just(nan), min_size=12, max_size=60), st.integers(1, 11))
def test_what_comes_later_moves_nothing(made: Any, values: Any, cut: Any) -> None:
    whole, part = made(np.array(values)), made(np.array(values[:-cut]))
    np.testing.assert_array_equal(part, whole[:-cut])
