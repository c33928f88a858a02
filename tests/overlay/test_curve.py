"""The VIX curve: when it goes on and off, how it meets the loss cap, how risk comes back."""

from __future__ import annotations

from math import inf, nan
from typing import Any

import numpy as np
import pytest
from tests.overlay.conftest import walk

from jeoul.overlay import STATES, LatchRule, Reading, events, explain, latches_on, params_from

CURVE = LatchRule(1.0, 0.95, enter_closes=2, exit_closes=5, scale=0.75)


@pytest.fixture(scope="module")
def light() -> Any:
    """The parameters of the balanced profile of managed-light."""
    return params_from({"curve": CURVE}, loss_limit=0.12, gates=("vix", "curve"))


def told(*curve: float, start: int = 0, nav: float = nan) -> list[Reading]:
    return [Reading(start + i, np.array([value]), nav) for i, value in enumerate(curve)]


@pytest.mark.parametrize(
    ("curve", "on"),
    [
        ((1.0, 1.0), True),
        ((1.0, 0.9999), False),
        ((1.2, 0.99, 1.2), False),
        ((1.0, nan, 1.0), True),
        ((1.0, 1.0, *[0.95] * 4), True),
        ((1.0, 1.0, *[0.95] * 5), False),
        ((1.0, 1.0, *[0.9] * 4, 0.951, *[0.9] * 4), True),
        ((1.0, 1.0, 0.9, 0.9, nan, 0.9, 0.9, 0.9), False),
    ],
)
def test_two_closes_at_one_put_it_on_and_five_at_095_off(light: Any, curve: Any, on: bool) -> None:
    assert latches_on(light, walk(light, told(*curve))[-1])["curve"] is on


@pytest.mark.parametrize(
    ("drawdown", "scale"), [(0.0, 0.75), (0.05, 0.75), (0.06, 0.75), (0.08, 0.5), (0.12, 0.0)]
)
def test_the_lower_of_curve_and_loss_cap_counts(light: Any, drawdown: float, scale: float) -> None:
    fall = told(1.1, 1.1, start=1, nav=1.0 - drawdown)
    after = walk(light, [*told(0.9, nav=1.0), *fall])[-1]
    assert after.scale == pytest.approx(scale)
    assert STATES[after.mode] == ("DEFENSE" if scale <= 0.25 else "REDUCED")


def test_risk_comes_back_by_one_step_after_the_rest(light: Any) -> None:
    fall, calm = told(1.0, 1.0), told(*[0.9] * 8, start=2)
    states = walk(light, [*fall, *calm])
    assert [state.scale for state in states] == [1.0, *[0.75] * 5, *[1.0] * 4]
    assert STATES[states[5].mode] == "REDUCED"
    assert [e.cause.kind for e in events(light, states[5], states[6], calm[4])] == [
        "overlay.curve_off",
        "overlay.rise",
    ]


def test_without_a_reading_risk_does_not_come_back_but_the_loss_limit_still_cuts(
    light: Any,
) -> None:
    start, fall = told(0.9, nav=1.0), told(0.9, start=1, nav=0.92)
    gone = told(*[nan] * 20, start=2, nav=1.0)
    states = walk(light, [*start, *fall, *gone])
    assert {state.scale for state in states[1:]} == {0.5}
    waits = explain(light, states[-2], states[-1], gone[-1])
    assert [reason.kind for reason in waits] == ["overlay.wait_stale"]
    worse = walk(light, told(nan, start=22, nav=0.88), start=states[-1])[-1]
    assert worse.scale == 0.0
    back = walk(light, told(0.9, start=22, nav=1.0), start=states[-1])[-1]
    assert back.scale == 0.75


def test_a_curve_that_has_not_begun_holds_nothing_up(light: Any) -> None:
    fall = [*told(-inf, nav=1.0), *told(-inf, start=1, nav=0.92)]
    states = walk(light, [*fall, *told(*[-inf] * 12, start=2, nav=1.0)])
    assert not latches_on(light, states[-1])["curve"]
    assert (states[1].scale, states[-1].scale) == (0.5, 1.0)
