"""A window taken from a panel is the window aligned on its own."""

from __future__ import annotations

import numpy as np
import pytest

from jeoul.estimate import ReturnPanel, aligned_window


@pytest.mark.parametrize("seed", range(12))
def test_a_window_of_a_panel_is_the_aligned_window(seed: int) -> None:
    rng = np.random.default_rng(seed)
    returns = rng.normal(size=(60, 5))
    returns[rng.random(returns.shape) < rng.choice([0.0, 0.05, 0.4])] = np.nan
    returns[: rng.integers(0, 50), rng.integers(0, 5)] = np.nan
    panel = ReturnPanel(returns)
    for first in range(0, 60, 7):
        for stop in range(first, 61, 5):
            least = int(rng.integers(0, 25))
            found = panel.window(first, stop, least)
            alone = aligned_window(returns[first:stop], least)
            assert found.kept.tolist() == list(alone.kept)
            assert found.left_out.tolist() == list(alone.left_out)
            if len(found.kept):
                np.testing.assert_array_equal(found.returns, alone.returns)
