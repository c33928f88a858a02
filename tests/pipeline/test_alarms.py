"""What a person hears of the overlay: every turn once, and a loss near its limit once a peak."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.pipeline import Model, run_model
from jeoul.pipeline.alarms import NEAR, overlay_alarms
from jeoul.pipeline.memory import remember
from jeoul.pipeline.watch import event_log
from jeoul.reporting.reasons import reason_text

START, END = date(2024, 6, 28), date(2025, 6, 30)


def model_of(sample: Any, day: date, memory: Any = None, **keys: float) -> Model:
    strategy = api.load_strategy("managed")
    for key, value in keys.items():
        strategy = strategy.replace(key.replace("__", "."), value)
    history = api.history(strategy, sample.as_of(day))
    return run_model(api.mandate(strategy, "balanced"), history, memory)


@pytest.fixture(scope="module")
def model(sample: Any) -> Model:
    return model_of(sample, END)


def test_every_latch_cut_and_step_up_is_an_alarm_of_its_own(model: Model) -> None:
    alarms = overlay_alarms(model, START)
    keys = [alarm.key for alarm in alarms]
    assert len(keys) == len(set(keys))
    log = [e for e in event_log(model) if START < e.session <= END]
    turned = {f"latch.{event.latch}.{event.session}" for event in log if event.latch}
    assert turned == {key for key in keys if key.startswith("latch.")}
    scaled = {str(e.session) for e in log if e.cause.kind in ("overlay.cut", "overlay.rise")}
    assert scaled == {key.partition(".")[2] for key in keys if key.startswith(("cut.", "rise."))}
    assert {"cut.2024-07-11", "rise.2025-03-31", "latch.fx_plunge.2024-12-18"} <= set(keys)


def test_a_watch_that_moves_no_weight_says_so_in_both_languages(model: Model) -> None:
    alarms = {alarm.key: alarm for alarm in overlay_alarms(model, START)}
    oil = alarms["latch.oil_surge.2024-11-21"].reason
    assert "no weight changes" in reason_text(oil, "en")
    assert "비중은 변경하지 않습니다" in reason_text(oil, "ko")
    assert "no weight" not in reason_text(alarms["latch.vix.2024-07-25"].reason, "en")


def test_from_a_memory_come_the_same_alarms_as_from_the_beginning(
    sample: Any, model: Model
) -> None:
    before = model_of(sample, START)
    memory = remember(before.mandate, before.history, before.state)
    short = model_of(sample, END, memory)
    assert overlay_alarms(short, START) == overlay_alarms(model, START)
    with pytest.raises(ValueError, match="later than 2024-06-27"):
        overlay_alarms(short, date(2024, 6, 27))


def test_the_alarms_of_a_gap_are_those_of_its_sessions_one_by_one(model: Model) -> None:
    history = model.history
    span = (date(2025, 4, 10), date(2025, 4, 24))
    days = [day for day in history.sessions.astype(object) if span[0] <= day <= span[1]]
    one_by_one = [
        alarm
        for before, day in pairwise(days)
        for alarm in overlay_alarms(upto(model, day), before)
    ]
    assert len(one_by_one) > 3
    assert one_by_one == list(overlay_alarms(upto(model, days[-1]), days[0]))
    newest = overlay_alarms(upto(model, days[-1]), None)
    assert newest == overlay_alarms(upto(model, days[-1]), days[-2])


def upto(model: Model, day: date) -> Model:
    """What a model was on an earlier session."""
    row = int(np.searchsorted(model.history.sessions, np.datetime64(day)))
    return run_model(model.mandate, model.history.until(row))


def test_a_loss_near_its_limit_is_told_once_for_each_peak(sample: Any) -> None:
    model = model_of(sample, END, profiles__balanced__loss_limit=0.04)
    alarms = [a for a in overlay_alarms(model, date(1996, 1, 2)) if a.key.startswith("loss.")]
    assert len(alarms) > 10
    sessions = model.history.clock[model.trace.tick :].astype(object).tolist()
    navs = np.array([reading.nav for reading in model.trace.readings])
    window = model.mandate.overlay.window
    peaks = set()
    for alarm in alarms:
        now = sessions.index(alarm.session)
        seen = navs[max(0, now + 1 - window) : now + 1]
        peak = np.nanmax(seen)
        assert 1 - navs[now] / peak >= NEAR * 0.04
        day = dict(alarm.reason.detail)["peak"]
        assert navs[sessions.index(date.fromisoformat(day))] == peak
        peaks.add(day)
    assert len(peaks) == len(alarms)
    assert "80% of the loss limit (4.0%) is reached" in reason_text(alarms[0].reason, "en")


def test_a_strategy_without_an_overlay_has_no_alarms(sample: Any) -> None:
    strategy = api.load_strategy("static")
    history = api.history(strategy, sample.as_of(END))
    assert overlay_alarms(run_model(api.mandate(strategy, "balanced"), history), START) == ()
