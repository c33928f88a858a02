"""The VIX curve in the pipeline: before VIX3M, without it, compiled, and for rules without it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.backtesting.prepared import prepare
from jeoul.pipeline import present, propose, run_model
from jeoul.pipeline.alarms import overlay_alarms
from jeoul.pipeline.clock import CURVE_BEGINS, readings
from jeoul.pipeline.overdue import overdue
from jeoul.pipeline.watch import watch
from jeoul.reporting.overlay_facts import overlay_facts
from jeoul.reporting.reasons import reason_text
from jeoul.reporting.stance import stance

LIGHT = ("managed-light", "managed-light-us")
QUIET = date(2018, 5, 4)


def without(snapshot: Any, *names: str, since: str = "1900-01-01") -> Any:
    """Return the snapshot without the rows of some series from a day on."""
    day = np.datetime64(since)
    return replace(
        snapshot,
        series={
            name: series.until(int(series.known_at[series.dates < day][-1]))
            if name in names and (series.dates < day).any()
            else series.until(-(10**12))
            if name in names
            else series
            for name, series in snapshot.series.items()
        },
    )


def modelled(snapshot: Any, profile: str = "balanced", name: str = "managed-light") -> Any:
    strategy = api.load_strategy(name)
    return run_model(api.mandate(strategy, profile), api.history(strategy, snapshot))


@pytest.mark.parametrize("name", LIGHT)
@pytest.mark.parametrize("profile", ["conservative", "balanced", "growth"])
def test_the_compiled_path_is_the_replay(market: Any, name: str, profile: str) -> None:
    strategy = api.load_strategy(name)
    history = api.history(strategy, market.newest(strategy.calendar))
    prepared = prepare(api.mandate(strategy, profile), history)
    replayed, compiled = prepared.model.trace, prepared.path
    np.testing.assert_allclose(compiled.nav, replayed.nav, rtol=1e-9)
    assert compiled.scale.tolist() == [state.scale for state in replayed.overlay]
    assert min(compiled.scale) < 0.75 or name == "managed-light"


def test_guard_shows_the_cut_of_the_curve(real_market: Any) -> None:
    model = modelled(real_market.as_of(date(2020, 3, 2)))
    newest = list(watch(model))[-1]
    assert (newest.state, newest.scale, newest.latches["curve"]) == ("REDUCED", 0.75, True)
    (row,) = [row for row in stance([model]) if row.key == "curve"]
    assert (row.acts, row.topic, row.today.en) == (True, "volatility", "risk assets at most 75%")
    keys = [alarm.key for alarm in overlay_alarms(model, date(2020, 2, 21))]
    assert {"latch.curve.2020-02-25", "cut.2020-02-25"} <= set(keys)


def test_the_report_shows_the_latch_its_cut_and_what_it_does_not_do(real_market: Any) -> None:
    snapshot = real_market.as_of(date(2020, 3, 2))
    model = modelled(snapshot)
    facts = overlay_facts(model, present(model, snapshot, api.calendars()["XKRX"]))
    assert (facts.episodes[-1].start, facts.episodes[-1].end) == (date(2020, 2, 25), None)
    assert facts.episodes[-1].name.en == "VIX curve"
    curve = facts.latches[0]
    assert (curve.name.en, curve.on, curve.since) == ("VIX curve", True, date(2020, 2, 25))
    assert curve.note is not None
    assert "VIX of 30 alone does not cut" in curve.note.en
    assert [text.en.split(":")[0] for text in facts.insurance[1:4]] == [
        "Strong insurance",
        "Light insurance",
        "No insurance",
    ]


def test_before_vix3m_the_loss_limit_acts_alone(real_market: Any) -> None:
    snapshot = real_market.as_of(date(2009, 9, 17))
    light, model = api.load_strategy("managed-light"), modelled(snapshot, "growth")
    assert light.overlay is not None
    limit = light.model_copy(update={"overlay": light.overlay.model_copy(update={"curve": None})})
    alone = run_model(api.mandate(limit, "growth"), model.history)
    np.testing.assert_array_equal(model.trace.nav, alone.trace.nav)
    assert min(state.scale for state in alone.trace.overlay) < 1.0
    assert overdue(model) == ()


def test_a_curve_that_has_not_come_by_2009_is_missing(sample: Any) -> None:
    strategy = api.load_strategy("managed-light")
    snapshot = without(sample.as_of(QUIET), "vix3m")
    history = api.history(strategy, snapshot)
    (curve,) = (
        readings(api.mandate(strategy, "balanced"), history)[:, place]
        for place in (api.mandate(strategy, "balanced").overlay.names.tolist().index("curve"),)
    )
    begun = history.clock >= CURVE_BEGINS
    assert np.isnan(curve[begun]).all()
    assert (curve[~begun] == -np.inf).all()


@pytest.mark.parametrize(
    ("name", "series", "since", "kind"),
    [
        ("managed-light", "vix3m", "1900-01-01", "overlay.overdue_never"),
        ("managed-light", "vix3m", "2018-04-30", "overlay.overdue"),
        ("managed-light", "vix", "2018-04-30", "overlay.overdue"),
        ("managed", "vix", "2018-04-30", "overlay.overdue"),
    ],
)
def test_a_series_that_an_active_rule_lacks_is_named_in_the_decision(
    sample: Any, name: str, series: str, since: str, kind: str
) -> None:
    snapshot = without(sample.as_of(QUIET), series, since=since)
    proposal = propose(api.mandate(api.load_strategy(name), "balanced"), snapshot, api.calendars())
    (reason,) = [r for r in proposal.reasons if r.kind.startswith("overlay.overdue")]
    assert (reason.kind, dict(reason.detail)["series"]) == (kind, series)
    assert series in reason_text(reason, "en")
    assert series in reason_text(reason, "ko")


def test_three_sessions_without_it_are_not_yet_too_many(sample: Any) -> None:
    # 2018-05-04 in Seoul has seen New York up to 2018-05-07: Monday was a holiday
    assert overdue(modelled(without(sample.as_of(QUIET), "vix3m", since="2018-05-03"))) == ()
    (late,) = overdue(modelled(without(sample.as_of(QUIET), "vix3m", since="2018-05-02")))
    assert dict(late.detail)["sessions"] == "4"


@pytest.mark.parametrize("name", ["managed", "managed-us", "ima-literal", "static"])
def test_rules_without_the_key_are_the_rules_that_they_were(name: str) -> None:
    overlay = api.load_strategy(name).model_dump(mode="json", by_alias=True)["overlay"]
    assert overlay is None or "curve" not in overlay
    assert "curve" in api.load_strategy("managed-light").model_dump()["overlay"]
