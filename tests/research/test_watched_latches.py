"""A watched latch that changes weights counts wherever its strategy is measured."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.backtesting import of_model, prepare, simulated
from jeoul.research.compare import compare
from jeoul.research.evidence_strategies import exposure, models_of, scale_decided, ways_of
from jeoul.research.measure import figures_of

DAY = date(2003, 6, 30)
LATCH = {
    "title": {"ko": "시험", "en": "Trial"},
    "topic": "volatility",
    "signal": {"kind": "level", "series": "vix"},
    "enter": {"at": 20.0, "closes": 1},
    "exit": {"at": 18.0, "closes": 1},
    "active": True,
}
CUT = {"w": {**LATCH, "effect": {"kind": "scale", "classes": ["equity_kr"], "scale": 0.4}}}
IDLE = {"w": {**CUT["w"], "active": False}}
TELLS = {"w": {**LATCH, "effect": {"kind": "notify"}}}


def managed(watch: Any, base: str = "managed") -> Any:
    return api.load_strategy(base).replace("overlay.watch", watch)


@pytest.fixture(scope="module")
def history(sample: Any) -> Any:
    return api.history(managed({}), sample.as_of(DAY))


@pytest.fixture(scope="module")
def prepared(history: Any) -> Any:
    plain = prepare(api.mandate(managed({}), "growth"), history)
    return plain, prepare(api.mandate(managed(CUT), "growth"), history, like=plain)


@pytest.fixture(scope="module")
def ways(history: Any) -> Any:
    strategy = managed(CUT)
    mandate = api.mandate(strategy, "growth")
    return models_of(strategy, api.load_strategy("ima-literal"), mandate, history)


def test_backtest_and_evidence_measure_the_same_path(prepared: Any, ways: Any) -> None:
    plain, cut = (simulated(each) for each in prepared)
    np.testing.assert_array_equal(of_model(ways["default"]).nav, cut.nav)
    assert not np.allclose(cut.nav, plain.nav, rtol=1e-6)


def test_compare_says_what_the_latch_changes(prepared: Any) -> None:
    plain, cut = prepared
    found = compare((plain, simulated(plain)), (cut, simulated(cut)), seed=1)
    assert found.verdict != "same"
    assert found.second == figures_of(simulated(cut))
    korean = [
        name
        for name, kind in zip(cut.mandate.places, cut.mandate.classes, strict=False)
        if kind == "equity_kr"
    ]
    before, after = (sum(found.weights[name][i] for name in korean) for i in (0, 1))
    assert 0.0 < after < 0.9 * before


def test_the_weights_of_a_replay_earn_its_returns(prepared: Any) -> None:
    _, cut = prepared
    path, level = cut.model.trace.nav, cut.inputs.level
    first = cut.model.trace.trades[0].row + 1
    held = cut.weights
    assert (held[:first] == 0.0).all()
    earned = (held[first:-1] * (level[first + 1 :] / level[first:-1])).sum(axis=1)
    kept = 1.0 - cut.model.trace.cost[first + 1 :]
    np.testing.assert_allclose(path[first + 1 :] / path[first:-1], earned * kept, rtol=1e-12)


def test_the_latch_is_one_of_the_parts(ways: Any) -> None:
    assert "watched only" in ways
    alone = of_model(ways["watched only"])
    assert not np.allclose(alone.nav, of_model(ways["static"]).nav, rtol=1e-6)


def test_exposure_counts_what_the_latch_cuts(prepared: Any, ways: Any) -> None:
    plain, _ = prepared
    scale = scale_decided(plain.model)
    share = scale_decided(ways["default"])
    assert (share <= scale + 1e-9).all()
    assert exposure(ways["default"]).mean() < exposure(plain.model).mean() - 0.005


@pytest.mark.parametrize("watch", [{}, IDLE, TELLS])
def test_a_latch_that_changes_nothing_is_no_part(watch: Any) -> None:
    found = ways_of(managed(watch), api.load_strategy("ima-literal"))
    assert list(found) == [
        "static", "literal", "default", "vix only", "trend only", "loss limit only",
    ]  # fmt: skip
    assert not found["default"].overlay.watch


def test_a_strategy_that_acts_by_a_latch_alone_has_evidence() -> None:
    bare = managed(CUT)
    overlay = bare.overlay.model_copy(
        update={"vix": None, "trend": None, "loss": None, "both": None}
    )
    only = bare.model_copy(update={"overlay": overlay})
    found = ways_of(only, api.load_strategy("ima-literal"))
    assert list(found) == ["static", "literal", "default", "watched only"]
