"""What holds on every path of readings."""

from __future__ import annotations

from math import isnan
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.overlay.conftest import TREND, VIX, random_readings, walk

from jeoul.messages import LANGUAGES, say
from jeoul.overlay import (
    LatchRule,
    Reading,
    events,
    explain,
    from_json,
    initial_state,
    latches_on,
    params_from,
    step,
    to_json,
)

seeds = st.integers(0, 2**32 - 1)


def pairs(rules: Any, readings: Any) -> Any:
    states = [initial_state(rules), *walk(rules, readings)]
    return list(zip(states[:-1], states[1:], readings, strict=True))


@given(seeds)
@settings(max_examples=60, deadline=None)
def test_the_scale_stays_on_the_grid_between_0_and_1(rules: Any, seed: Any) -> None:
    for _, after, _ in pairs(rules, random_readings(seed)):
        assert 0.0 <= after.scale <= 1.0
        assert (after.scale * 20) == pytest.approx(round(after.scale * 20), abs=1e-12)


@given(seeds)
@settings(max_examples=60, deadline=None)
def test_it_never_rises_while_stale_while_resting_or_by_more_than_a_step(
    rules: Any, seed: Any
) -> None:
    missing, last_cut, last_rise = 0, -99, -99
    for i, (before, after, reading) in enumerate(pairs(rules, random_readings(seed))):
        missing = missing + 1 if isnan(reading.signals[0]) else 0
        if after.scale > before.scale:
            assert after.scale - before.scale <= 0.25 + 1e-12
            assert missing <= 3
            assert i - last_cut >= 5
            assert i - last_rise >= 5
            last_rise = i
        elif after.scale < before.scale:
            last_cut = i


def latched(values: Any, rule: Any) -> Any:
    """Return whether a latch is on after some valid readings, from its definition."""
    on, since = False, 0
    for i in range(1, len(values) + 1):
        run = values[since:i]
        if on:
            turn = len(run) >= rule.exit_closes and all(
                v <= rule.exit if rule.above else v >= rule.exit for v in run[-rule.exit_closes :]
            )
        else:
            beyond = [v >= rule.enter if rule.above else v <= rule.enter for v in run]
            turn = len(run) >= rule.enter_closes and all(beyond[-rule.enter_closes :])
            turn = turn or run[-1] >= rule.panic
        if turn:
            on, since = not on, i
    return on


@given(seeds)
@settings(max_examples=40, deadline=None)
def test_it_falls_in_the_session_that_asks_for_it(rules: Any, seed: Any) -> None:
    readings = random_readings(seed)
    valid = {"vix": [], "trend": []}  # type: ignore[var-annotated]
    navs, cap = [], 1.0
    for before, after, reading in pairs(rules, readings):
        for name, value in zip(valid, reading.signals, strict=True):
            if not isnan(value):
                valid[name].append(float(value))
        on = {"vix": latched(valid["vix"], VIX), "trend": latched(valid["trend"], TREND)}
        assert latches_on(rules, after) == on
        if not isnan(reading.nav):
            navs.append(reading.nav)
            drawdown = 1.0 - reading.nav / max(navs[-252:])
            raw = float(np.clip(1.5 * (1.0 - drawdown / 0.12), 0.0, 1.0))
            cap = raw if raw in (0.0, 1.0) or abs(raw - cap) > 0.10 else cap
        wanted = {(True, True): 0.25, (False, True): 0.5, (True, False): 0.9, (False, False): 1.0}
        target = np.floor(min(wanted[on["vix"], on["trend"]], cap) * 20 + 0.5) / 20
        assert after.scale <= target + 1e-12
        if target < before.scale:
            assert after.scale == pytest.approx(target)
        else:
            assert after.scale >= before.scale


@given(st.lists(st.floats(0.5, 1.5), min_size=1, max_size=60))
@settings(max_examples=100, deadline=None)
def test_the_rolling_peak_is_the_largest_nav_of_the_window(navs: Any) -> None:
    rules = params_from({}, loss_limit=0.5, window=7)
    readings = [Reading(i, np.empty(0), nav) for i, nav in enumerate(navs)]
    for i, state in enumerate(walk(rules, readings)):
        assert state.peak == max(navs[max(0, i - 6) : i + 1])


@given(seeds)
@settings(max_examples=40, deadline=None)
def test_memory_survives_json_to_the_last_bit(rules: Any, seed: Any) -> None:
    state = walk(rules, random_readings(seed))[-1]
    again = from_json(to_json(state))
    for kept, read in zip(state, again, strict=True):
        assert type(kept) is type(read)
        np.testing.assert_array_equal(kept, read)


@given(seeds)
@settings(max_examples=30, deadline=None)
def test_every_change_has_a_reason_that_both_languages_can_say(rules: Any, seed: Any) -> None:
    for before, after, reading in pairs(rules, random_readings(seed)):
        reasons = explain(rules, before, after, reading)
        log = events(rules, before, after, reading)
        assert reasons[: len(log)] == tuple(event.cause for event in log)
        assert bool(reasons) >= (after.scale < 1.0)
        changed = before.scale != after.scale
        assert changed == any(e.cause.kind in ("overlay.cut", "overlay.rise") for e in log)
        for reason in reasons:
            for language in LANGUAGES:
                assert "{" not in say(language, reason.kind, dict(reason.detail))
        assert events(rules, after, step(rules, after, reading), reading) == ()


def same_path(rules: Any, readings: Any, compiled: Any) -> None:
    slow, fast = walk(rules, readings), walk(rules, readings, move=compiled)
    for plain, quick in zip(slow, fast, strict=True):
        assert all(np.array_equal(left, right) for left, right in zip(plain, quick, strict=True))


def rules_of(seed: Any) -> Any:
    """Return one of several rule tables of two latches, so that no branch is left out."""
    rng = np.random.default_rng(seed)
    return params_from(
        {
            "vix": VIX._replace(
                panic=float(rng.choice([np.nan, 40.0])), scale=float(rng.choice([0.5, 0.9]))
            ),
            "trend": TREND,
        },
        both=0.25,
        loss_limit=float(rng.choice([np.nan, 0.07, 0.12, 0.2])),
        window=int(rng.choice([5, 40, 252])),
        cooldown=int(rng.choice([0, 5])),
    )


def test_the_compiled_step_agrees_exactly_on_200_paths(compiled: Any) -> None:
    for seed in range(200):
        same_path(rules_of(seed), random_readings(seed, count=50), compiled)


@pytest.mark.slow
def test_the_compiled_step_agrees_exactly_on_10_000_paths(compiled: Any) -> None:
    for seed in range(10_000):
        same_path(rules_of(seed), random_readings(seed, count=50), compiled)


@pytest.mark.parametrize("latches", [0, 1, 3])
def test_one_compiled_step_serves_any_number_of_latches(compiled: Any, latches: int) -> None:
    table = {"vix": VIX, "trend": TREND, "fx": LatchRule(0.05, 0.0, scale=0.7)}
    rules = params_from(dict(list(table.items())[:latches]), loss_limit=0.1)
    same_path(rules, random_readings(latches, latches=latches), compiled)
    assert len(compiled.signatures) == 1
