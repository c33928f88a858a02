"""What the machine does when readings are missing, repeated, or come all at once."""

from __future__ import annotations

from math import nan
from typing import Any

import numpy as np
import pytest
from tests.overlay.conftest import TREND, VIX, calm, of_vix, random_readings, walk

from jeoul.errors import DataError
from jeoul.overlay import (
    STATES,
    LatchRule,
    Reading,
    explain,
    from_json,
    initial_state,
    latches_on,
    params_from,
    step,
    to_json,
)


def scales(states: Any) -> Any:
    return [state.scale for state in states]


def test_a_missing_vix_neither_resets_nor_advances_its_counters(rules: Any) -> None:
    assert latches_on(rules, walk(rules, of_vix(31, nan, nan, 31))[-1])["vix"]
    assert not latches_on(rules, walk(rules, of_vix(31, nan, nan))[-1])["vix"]
    on = of_vix(31, 31, 21, 21, nan, 21, 21)
    assert latches_on(rules, walk(rules, on)[-1])["vix"]
    assert not latches_on(rules, walk(rules, [*on, of_vix(21)[0]._replace(session=7)])[-1])["vix"]


def test_one_close_between_breaks_a_run(rules: Any) -> None:
    assert not latches_on(rules, walk(rules, of_vix(31, 29.99, 31))[-1])["vix"]
    assert latches_on(rules, walk(rules, of_vix(31, 31, 22, 22, 22, 22, 22.01, 22))[-1])["vix"]


def test_thresholds_belong_to_the_alarm_side(rules: Any) -> None:
    assert latches_on(rules, walk(rules, of_vix(30, 30))[-1])["vix"]
    assert latches_on(rules, walk(rules, of_vix(40))[-1])["vix"]
    assert not latches_on(rules, walk(rules, of_vix(39.99))[-1])["vix"]
    assert not latches_on(rules, walk(rules, of_vix(30, 30, 22, 22, 22, 22, 22))[-1])["vix"]


def test_a_missing_sleeve_price_leaves_the_trend_latch_as_it_is(rules: Any) -> None:
    below, gone = Reading(0, np.array([15.0, -0.02]), nan), Reading(1, np.array([15.0, nan]), nan)
    states = walk(rules, [below, gone])
    assert (
        latches_on(rules, states[0])
        == latches_on(rules, states[1])
        == {"vix": False, "trend": True}
    )
    assert states[1].scale == 0.5


def test_stale_vix_holds_up_re_entry_but_not_cuts(rules: Any) -> None:
    down = Reading(0, np.array([15.0, -0.03]), nan)
    back = [Reading(i, np.array([nan, 0.03]), nan) for i in range(1, 30)]
    states = walk(rules, [down, *back])
    assert set(scales(states)) == {0.5}
    assert [reason.kind for reason in explain(rules, states[-2], states[-1], back[-1])] == [
        "overlay.wait_stale"
    ]
    crash = Reading(30, np.array([nan, -0.03]), 0.5)
    before = walk(rules, [Reading(29, np.array([nan, -0.03]), 1.0)], start=states[-2])
    assert step(rules, before[-1], crash).scale == 0.0
    fresh = Reading(30, np.array([15.0, 0.03]), nan)
    assert step(rules, states[-1], fresh).scale == 0.75


def test_three_stale_sessions_still_allow_a_step_up(rules: Any) -> None:
    readings = [
        Reading(0, np.array([15.0, -0.03]), nan),
        *(Reading(i, np.array([15.0, 0.03]), nan) for i in (1, 2)),
        *(Reading(i, np.array([nan, 0.03]), nan) for i in (3, 4, 5)),
    ]
    assert scales(walk(rules, readings)) == [0.5, 0.5, 0.5, 0.5, 0.5, 0.75]


def test_a_replayed_session_changes_nothing(rules: Any) -> None:
    state = walk(rules, random_readings(3))[-1]
    crash = Reading(state.session, np.array([80.0, -0.3]), 0.1)
    assert step(rules, state, crash) is state
    assert step(rules, state, crash._replace(session=state.session - 1)) is state


@pytest.mark.parametrize("cut", [1, 17, 40, 79])
def test_a_restart_from_stored_memory_continues_the_same_path(rules: Any, cut: int) -> None:
    readings = random_readings(11)
    whole = walk(rules, readings)
    resumed = walk(rules, readings[cut:], start=from_json(to_json(whole[cut - 1])))
    assert [to_json(state) for state in resumed] == [to_json(state) for state in whole[cut:]]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"session": 1}', "null"])
def test_damaged_memory_is_refused_with_its_remedy(text: str) -> None:
    with pytest.raises(DataError, match="a replay rebuilds it"):
        from_json(text)


def test_a_one_day_gap_through_the_floor_sells_everything(rules: Any) -> None:
    states = walk(rules, [*calm(5), *calm(1, start=5, nav=0.87)])
    assert scales(states)[-2:] == [1.0, 0.0]
    assert STATES[states[-1].mode] == "DEFENSE"


@pytest.mark.parametrize(
    ("drawdown", "cap"),
    [(0.0, 1.0), (0.04, 1.0), (0.06, 0.75), (0.08, 0.5), (0.10, 0.25), (0.12, 0.0)],
)
def test_the_loss_cap_table(rules: Any, drawdown: float, cap: float) -> None:
    after = walk(rules, [*calm(1), *calm(1, start=1, nav=1.0 - drawdown)])[-1]
    assert after.cap == pytest.approx(cap, abs=1e-9)
    assert after.scale == pytest.approx(cap)


def test_the_loss_cap_ignores_small_moves_but_not_its_ends(rules: Any) -> None:
    # D = 12 %: a drawdown of 4.5 % asks for 0.9375, 5 % for 0.875
    steps = [*calm(1), *calm(1, start=1, nav=0.955), *calm(1, start=2, nav=0.95)]
    assert [state.cap for state in walk(rules, steps)] == pytest.approx([1.0, 1.0, 0.875])
    back = walk(rules, [*steps, *calm(1, start=3, nav=0.961)])
    assert back[-1].cap == 1.0


def test_a_peak_leaves_after_252_sessions_so_that_no_fall_locks_in_cash(rules: Any) -> None:
    readings = [*calm(1), *calm(300, start=1, nav=0.85)]
    states = walk(rules, readings)
    rises = [i for i in range(1, len(states)) if states[i].scale > states[i - 1].scale]
    assert rises[:4] == [252, 257, 262, 267]
    assert states[-1].scale == 1.0


def test_both_alarms_together_cut_deepest_and_name_all_causes(rules: Any) -> None:
    start = walk(rules, calm(3))[-1]
    shock = Reading(3, np.array([45.0, -0.05]), 0.95)
    after = step(rules, start, shock)
    assert after.scale == 0.25
    assert [reason.kind for reason in explain(rules, start, after, shock)] == [
        "overlay.vix_on",
        "overlay.trend_on",
        "overlay.cap",
        "overlay.cut",
    ]


def test_re_entry_is_staged_and_rests_after_the_last_cut(rules: Any) -> None:
    down = Reading(0, np.array([15.0, -0.05]), 1.0)
    crash = Reading(1, np.array([15.0, -0.05]), 0.87)
    # the NAV comes back above its peak: only the rest period and the steps hold the scale down
    states = walk(rules, [down, crash, *calm(25, start=2, nav=1.1)])
    assert [i for i in range(1, 27) if states[i].scale > states[i - 1].scale] == [6, 11, 16, 21]
    assert [states[i].scale for i in (1, 6, 11, 16, 21)] == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert {STATES[state.mode] for state in states[2:21]} == {"REENTRY"}
    assert STATES[states[21].mode] == "NORMAL"


def test_a_new_cut_during_re_entry_starts_the_rest_period_again(rules: Any) -> None:
    down = Reading(0, np.array([15.0, -0.05]), nan)
    up = [Reading(i, np.array([15.0, 0.05]), nan) for i in range(1, 7)]
    again = Reading(7, np.array([15.0, -0.05]), nan)
    later = [Reading(i, np.array([15.0, 0.05]), nan) for i in range(8, 14)]
    states = walk(rules, [down, *up, again, *later])
    assert scales(states) == [0.5] * 5 + [0.75, 0.75] + [0.5] * 5 + [0.75, 0.75]


def test_the_states_of_the_table(rules: Any) -> None:
    def state_of(vix: Any, trend: Any, nav: Any = 1.0) -> Any:
        after = walk(rules, [*calm(1), Reading(1, np.array([vix, trend]), nav)])[-1]
        return STATES[after.mode], after.scale

    assert state_of(15.0, 0.05) == ("NORMAL", 1.0)
    assert state_of(45.0, 0.05) == ("REDUCED", 0.9)
    assert state_of(15.0, -0.05) == ("REDUCED", 0.5)
    assert state_of(45.0, -0.05) == ("DEFENSE", 0.25)
    assert state_of(15.0, 0.05, nav=0.9) == ("DEFENSE", 0.25)


def test_a_customer_nav_of_zero_is_a_mistake(rules: Any) -> None:
    with pytest.raises(ValueError, match="NAV"):
        walk(rules, calm(1, nav=0.0))


def test_the_literal_rule_halves_and_lets_back_at_once() -> None:
    rules = params_from(
        {"vix": LatchRule(30.0, 20.0, exit_closes=5, scale=0.5)},
        reentry_step=1.0,
        reentry_every=0,
        cooldown=0,
    )
    path = [15, 30, 25, 20, 20, 20, 20, 20, 15]
    states = walk(rules, [Reading(i, np.array([float(v)]), 1.0) for i, v in enumerate(path)])
    assert scales(states) == [1.0] + [0.5] * 6 + [1.0, 1.0]


def test_the_static_preset_never_moves() -> None:
    rules = params_from({})
    readings = [r._replace(signals=np.empty(0)) for r in random_readings(5)]
    assert set(scales(walk(rules, readings))) == {1.0}


def test_a_latch_that_only_notifies_goes_on_without_cutting() -> None:
    oil = LatchRule(0.30, 0.10)
    rules = params_from({"vix": VIX, "trend": TREND, "oil": oil}, both=0.25)
    shock = Reading(1, np.array([15.0, 0.05, 0.4]), nan)
    before = initial_state(rules)
    after = step(rules, before, shock)
    assert latches_on(rules, after)["oil"]
    assert after.scale == 1.0
    assert [reason.kind for reason in explain(rules, before, after, shock)] == ["overlay.latch_on"]


@pytest.mark.parametrize(
    ("enter", "panic", "path", "said"),
    [
        (2, 3, (41, 41), ("30.00", "2")),  # the second close enters, a third would have panicked
        (2, 3, (31, 41), ("30.00", "2")),
        (5, 2, (41, 41), ("40.00", "2")),
        (2, 1, (31, 41), ("40.00", "1")),
    ],
)
def test_the_reason_names_the_way_in_whose_closes_were_reached(
    enter: int, panic: int, path: Any, said: Any
) -> None:
    rule = LatchRule(30.0, 22.0, enter, panic=40.0, panic_closes=panic, scale=0.5)
    rules = params_from({"vix": rule})
    readings = [Reading(i, np.array([float(value)]), nan) for i, value in enumerate(path)]
    before, after = walk(rules, readings)
    (on, _) = explain(rules, before, after, readings[-1])
    detail = dict(on.detail)
    assert (on.kind, detail["threshold"], detail["closes"]) == ("overlay.vix_on", *said)


def test_only_a_gating_latch_holds_up_re_entry(rules: Any) -> None:
    readings = [
        Reading(0, np.array([41.0, 0.05]), nan),
        *(Reading(i, np.array([20.0, nan]), nan) for i in range(1, 7)),
    ]
    assert scales(walk(rules, readings))[-1] == 1.0
