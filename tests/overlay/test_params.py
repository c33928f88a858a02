"""Rules that cannot be used are refused, all of their faults at once."""

from __future__ import annotations

from math import nan
from typing import Any

import pytest

from jeoul.errors import UsageError
from jeoul.overlay import LatchRule, params_from


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        (LatchRule(30.0, 30.0), "exit 30.0 must lie below enter"),
        (LatchRule(-0.02, -0.03, above=False), "exit -0.03 must lie above enter"),
        (LatchRule(30.0, 22.0, panic=29.0), "panic 29.0 must lie beyond enter"),
        (LatchRule(-0.02, 0.02, above=False, panic=0.0), "panic 0.0 must lie beyond enter"),
        (LatchRule(nan, 22.0), "enter and exit must be numbers"),
        (LatchRule(30.0, 22.0, enter_closes=0), "closes must be at least 1"),
        (LatchRule(30.0, 22.0, scale=1.1), "scale 1.1 must lie between 0 and 1"),
    ],
)
def test_a_latch_that_cannot_work_is_refused(rule: Any, fault: str) -> None:
    with pytest.raises(UsageError, match=fault):
        params_from({"vix": rule})


@pytest.mark.parametrize(
    "wrong",
    [
        {"both": 1.2},
        {"both": 0.33},
        {"loss_limit": 0.0},
        {"loss_limit": 1.0},
        {"loss_slope": -1.0},
        {"window": 0},
        {"grid": 0.3},
        {"grid": 0.0},
        {"reentry_step": 0.0},
        {"reentry_step": 0.12},
        {"reentry_every": -1},
        {"cooldown": -1},
        {"stale_max": -1},
    ],
)
def test_a_value_outside_its_range_is_refused_by_name(wrong: Any) -> None:
    with pytest.raises(UsageError, match=next(iter(wrong))):
        params_from({}, **wrong)


def test_all_faults_come_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        params_from({"vix": LatchRule(30.0, 40.0, scale=2.0)}, cooldown=-1)
    for part in ("exit 40.0", "scale 2.0", "cooldown is -1"):
        assert part in str(caught.value)


def test_scales_that_the_grid_would_round_are_refused_together() -> None:
    with pytest.raises(UsageError) as caught:
        params_from({"vix": LatchRule(30.0, 22.0, scale=0.92)}, both=0.33, reentry_step=0.12)
    for part in ("vix: scale is 0.92", "both is 0.33", "reentry_step is 0.12"):
        assert f"{part}; give a multiple of the grid 0.05" in str(caught.value)


def test_a_name_longer_than_the_table_is_refused() -> None:
    with pytest.raises(UsageError, match="24 characters"):
        params_from({"x" * 25: LatchRule(1.0, 0.0)})
