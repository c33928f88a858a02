"""The overlay along a clock is the overlay stepped session by session."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jeoul.overlay import (
    LatchRule,
    OverlayCourse,
    OverlayParams,
    OverlayState,
    Reading,
    initial_state,
    params_from,
    step,
)
from jeoul.overlay import course as module

LEVELS = (float("nan"), float("-inf"), 10.0, 20.0, 25.0, 30.0, 40.0, 50.0)
LEVEL = st.sampled_from(LEVELS)


def rules(enter_closes: int = 1, loss_limit: float = float("nan")) -> OverlayParams:
    latches = {
        "vix": LatchRule(30.0, 22.0, enter_closes, 3, panic=40.0, panic_closes=2, scale=0.5),
        "trend": LatchRule(20.0, 25.0, 2, enter_closes, above=False, scale=0.75),
    }
    return params_from(latches, both=0.25, loss_limit=loss_limit, window=5, cooldown=2)


def one_by_one(
    params: list[OverlayParams], state: OverlayState, read: list[Reading]
) -> list[OverlayState]:
    found = []
    for rule, reading in zip(params, read, strict=True):
        state = step(rule, state, reading)
        found.append(state)
    return found


def same(one: OverlayState, other: OverlayState) -> bool:
    return all(
        np.array_equal(np.asarray(a), np.asarray(b), equal_nan=True) and type(a) is type(b)
        for a, b in zip(one, other, strict=True)
    )


@settings(max_examples=120)
@given(data=st.data())
def test_every_state_is_that_of_the_steps_one_by_one(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 60))
    signals = np.array(
        data.draw(
            st.lists(st.tuples(*[st.sampled_from(LEVELS)] * 2), min_size=count, max_size=count)
        )
    )
    navs = data.draw(
        st.lists(
            st.sampled_from([float("nan"), 0.8, 0.9, 1.0, 1.1]), min_size=count, max_size=count
        )
    )
    sessions = np.cumsum(data.draw(st.lists(st.integers(0, 3), min_size=count, max_size=count)))
    sessions = sessions.astype(np.int64)
    first = rules(data.draw(st.integers(1, 3)), data.draw(st.sampled_from([float("nan"), 0.15])))
    other = data.draw(st.sampled_from([first, first._replace(loss_limit=0.1), rules(4)]))
    change = data.draw(st.integers(0, count))
    params = [first] * change + [other] * (count - change)
    begin = data.draw(st.integers(0, count - 1))
    read = [Reading(int(s), signals[k], navs[k]) for k, s in enumerate(sessions)]
    known = one_by_one(params, initial_state(first), read)
    state = known[begin - 1] if begin else initial_state(first)
    stretch = module._STRETCH
    module._STRETCH = data.draw(st.sampled_from([1, 7, stretch]))
    try:
        course = OverlayCourse(params[begin], state, sessions[begin:], signals[begin:])
    finally:
        module._STRETCH = stretch
    for k in range(begin, count):
        found, reading = course.step(params[k], k - begin, navs[k])
        assert same(found, known[k])
        assert reading.session == sessions[k]


def test_an_earlier_state_is_not_changed_by_later_sessions() -> None:
    params, signals = rules(loss_limit=0.2), np.full((4, 2), 35.0)
    course = OverlayCourse(params, initial_state(params), np.arange(4), signals)
    first, _ = course.step(params, 0, 1.0)
    latches, navs = first.latches.copy(), first.navs.copy()
    for place, nav in ((1, 0.9), (2, 0.7), (3, 0.5)):
        course.step(params, place, nav)
    assert np.array_equal(first.latches, latches)
    assert np.array_equal(first.navs, navs)


def test_a_value_of_nothing_is_refused_as_it_is_one_by_one() -> None:
    params = rules(loss_limit=0.2)
    course = OverlayCourse(params, initial_state(params), np.arange(1), np.full((1, 2), 35.0))
    with pytest.raises(ValueError, match="above zero"):
        course.step(params, 0, 0.0)
