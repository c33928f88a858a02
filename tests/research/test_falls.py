"""The deepest falls of resampled paths, and the rows that resampling draws."""

from __future__ import annotations

import numpy as np
import pytest

from jeoul.estimate.resampling import resampled, resampled_paths, resamplings
from jeoul.model.calendar import Reals
from jeoul.research.falls import drawn_falls


def by_definition(returns: Reals) -> Reals:
    level = np.cumprod(1.0 + returns, axis=1)
    peak = np.maximum(np.maximum.accumulate(level, axis=1), 1.0)
    found: Reals = (level / peak - 1.0).min(axis=1)
    return found


@pytest.mark.parametrize("drift", [-0.01, 0.0, 0.01])
def test_falls_are_those_of_each_resampled_path(drift: float) -> None:
    returns = np.random.default_rng(1).normal(drift, 0.02, (5, 300))
    rows = resamplings(300, 12.0, 7, 40)
    found = drawn_falls(returns, rows)
    expected = np.array([by_definition(returns[:, drawn]) for drawn in rows])
    np.testing.assert_array_equal(found, expected)


def test_resamplings_are_one_call_after_another() -> None:
    rng = np.random.default_rng(3)
    expected = np.array([resampled(50, 6.0, rng) for _ in range(10)])
    np.testing.assert_array_equal(resamplings(50, 6.0, 3, 10), expected)
    assert not resamplings(50, 6.0, 3, 10).flags.writeable


@pytest.mark.parametrize("steps", [3, 5, 40])
def test_blocks_run_on_and_around_the_end(steps: int) -> None:
    found = resampled_paths(5, 3.0, np.random.default_rng(2), paths=200, steps=steps)
    assert set(found.ravel().tolist()) == set(range(5))
    runs_on = (found[:, 1:] - found[:, :-1]) % 5 == 1
    assert 2 / 3 < runs_on.mean() < 0.85  # two thirds go on, and a fifth of the fresh starts too
