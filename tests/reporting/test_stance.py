"""The market stance and the log of the risk control, from models of the sample."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.overlay import Reading, initial_state, step
from jeoul.pipeline import present, run_model
from jeoul.pipeline.watch import event_log
from jeoul.reporting.facts import TOPICS
from jeoul.reporting.overlay_facts import overlay_facts
from jeoul.reporting.reasons import reason_text
from jeoul.reporting.stance import event_document, stance, stance_document

DAY = date(2003, 6, 30)


@pytest.fixture(scope="module")
def model(sample: Any) -> Any:
    strategy = api.load_strategy("managed")
    history = api.history(strategy, sample.as_of(DAY))
    return run_model(api.mandate(strategy, "growth"), history)


def test_every_topic_of_the_brief_is_looked_at(model: Any) -> None:
    rows = stance([model])
    assert {row.topic for row in rows} == set(TOPICS)
    assert [row.topic for row in rows] == sorted((r.topic for r in rows), key=TOPICS.index)
    assert {row.key for row in rows} == {
        "vix", "trend", *model.mandate.strategy.overlay.watch
    }  # fmt: skip


def test_the_shipped_watches_follow_from_evidence_and_move_nothing(model: Any) -> None:
    watched = [row for row in stance([model]) if row.key not in ("vix", "trend")]
    assert all(row.evidence is not None for row in watched)
    assert not any(row.acts for row in watched)
    assert {row.key for row in watched if not row.active} == {"rates_fall", "fx_surge"}
    assert all(row.today.en == "none" for row in watched)


def test_a_row_tells_what_is_read_and_what_follows(model: Any) -> None:
    rows = {row["latch"]: row for row in stance_document(stance([model]), "en")}
    vix = model.history.signals["vix"]
    seen = vix[: model.state.ticks]
    assert rows["vix"]["reading"] == seen[np.isfinite(seen)][-1]
    assert rows["vix"]["enter"] == 30.0
    state = dict(zip(model.mandate.overlay.names, model.state.overlay.latches, strict=True))
    for name, row in rows.items():
        assert row["on"] == bool(state[name][0])
        if not row["on"] or name not in ("vix", "trend"):
            assert row["today"] == "none"
    assert rows["fx_surge"]["effect"] == "disabled: no sales of Short dollar bonds"


def test_the_loss_limit_switches_where_the_report_says(model: Any, sample: Any) -> None:
    proposal = present(model, sample.as_of(DAY), api.calendars()["XKRX"])
    latch = overlay_facts(model, proposal).latches[-1]
    params = model.mandate.overlay

    def caps(*falls: Any) -> Any:
        """Return the cap after a fall from a peak, one session each."""
        state, found = initial_state(params), []
        for session, fall in enumerate((0.0, *falls)):
            nothing = np.full(len(params.names), np.nan)
            state = step(params, state, Reading(session, nothing, 1.0 - fall))
            found.append(state.cap)
        return found[1:]

    assert latch.exit < latch.enter < model.mandate.rules.loss_limit  # type: ignore[operator]
    assert caps(latch.enter - 1e-6) == [1.0]  # type: ignore[operator]
    assert caps(latch.enter + 1e-6)[0] == pytest.approx(0.9, abs=1e-4)  # type: ignore[operator]
    assert latch.beyond
    assert caps(0.15, latch.exit - 1e-6)[1] == 1.0  # type: ignore[operator]
    assert caps(0.15, latch.exit + 1e-6)[1] < 1.0  # type: ignore[operator]


def test_the_loss_limit_leads_to_its_levels_in_one_line(model: Any, sample: Any) -> None:
    proposal = present(model, sample.as_of(DAY), api.calendars()["XKRX"])
    latch = overlay_facts(model, proposal).latches[-1]
    limit = model.mandate.rules.loss_limit
    for said in (latch.note.ko, latch.note.en):
        for level in (f"{latch.exit:.1%}", f"{latch.enter:.1%}", f"{limit:.0%}"):
            assert level in said
    assert latch.exit == pytest.approx(limit * (1 - 1 / 1.5))
    params, nothing = model.mandate.overlay, np.full(len(model.mandate.overlay.names), np.nan)
    state = step(params, initial_state(params), Reading(0, nothing, 1.0))
    assert step(params, state, Reading(1, nothing, 1.0 - limit)).cap == pytest.approx(0.0)


def test_the_log_of_a_report_is_what_changed_the_decision(model: Any, sample: Any) -> None:
    snapshot = sample.as_of(DAY)

    proposal = present(model, snapshot, api.calendars()["XKRX"])
    log = overlay_facts(model, proposal).transitions
    kinds = {entry.cause.kind for entry in log}
    assert {"overlay.cut", "overlay.rise", "overlay.trend_on"} <= kinds
    assert not any(kind.startswith("overlay.watch") for kind in kinds)
    for entry in log:
        assert entry.executed is None or entry.known.date() < entry.executed
    assert entry_days(log) == sorted(entry_days(log))


def entry_days(log: Any) -> Any:
    return [entry.session for entry in log]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_transition_has_a_sentence(model: Any, language: str) -> None:
    for event in event_log(model):
        text = reason_text(event.cause, language)
        document = event_document(event, text)
        assert "{" not in text
        assert document["known_at"] < (document["executed"] or "9999")
