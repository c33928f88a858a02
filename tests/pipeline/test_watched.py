"""Watched latches: what each effect does to the weights, and that nothing else does."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jeoul import api, assets
from jeoul.errors import StrategyError
from jeoul.model.decision import Memory, Proposal
from jeoul.overlay import latches_on
from jeoul.pipeline.allocation import RowAllocation
from jeoul.pipeline.mandate import Mandate
from jeoul.pipeline.scaling import Posture, target_of
from jeoul.pipeline.watch import event_log, watch
from jeoul.strategy.load import load_strategy

from .conftest import rule, watching

DAY = "2003-06-30"
SCALE = {"kind": "scale", "classes": ["equity_kr"], "scale": 0.4}
FLOOR = {"kind": "floor", "asset_class": "usd_short", "weight": 0.40}
HOLD = {"kind": "hold", "classes": ["usd_short"]}
NOTIFY = {"kind": "notify"}


def classes_of(mandate: Mandate, weights: Any) -> Any:
    """Return the weight of each class, CASH as itself."""
    found: dict[str, float] = {}
    for name, weight in zip((*mandate.classes, "CASH"), weights, strict=True):
        found[name] = found.get(name, 0.0) + float(weight)
    return found


@pytest.fixture(scope="module")
def made(bench: Any) -> Any:
    """The last allocation of plain managed."""
    found = bench.plain(DAY).state.allocation
    assert isinstance(found, RowAllocation)
    return found


def target(made: Any, effects: Any, scale: Any = 1.0, held: Any = None) -> Any:
    tables = {f"w{i}": rule(effect) for i, effect in enumerate(effects)}
    mandate = api.mandate(watching(tables), "balanced")
    found = target_of(mandate, made, Posture(scale, tuple(tables)), held)
    assert found.sum() == pytest.approx(1.0, abs=1e-12)
    assert found.min() >= -1e-12
    return mandate, found


def test_a_scale_cuts_its_class_and_feeds_the_refuge(made: Any) -> None:
    mandate, found = target(made, [SCALE])
    before, after = classes_of(mandate, made.weights), classes_of(mandate, found)
    freed = 0.6 * before["equity_kr"]
    assert freed > 0.03
    assert after["equity_kr"] == pytest.approx(0.4 * before["equity_kr"])
    for refuge in ("cash_like", "usd_short"):
        assert after[refuge] == pytest.approx(before[refuge] + freed / 2)
    for other in ("equity_us", "equity_world", "krw_bond", "gold", "CASH"):
        assert after[other] == pytest.approx(before[other])


def test_a_scale_comes_on_top_of_that_of_the_machine(made: Any) -> None:
    mandate, found = target(made, [SCALE], scale=0.5)
    before, after = classes_of(mandate, made.weights), classes_of(mandate, found)
    assert after["equity_kr"] == pytest.approx(0.2 * before["equity_kr"])
    assert after["equity_us"] == pytest.approx(0.5 * before["equity_us"])


def test_scaling_a_refuge_gives_all_to_the_other(made: Any) -> None:
    mandate, found = target(made, [{"kind": "scale", "classes": ["usd_short"], "scale": 0.0}])
    before, after = classes_of(mandate, made.weights), classes_of(mandate, found)
    assert after["usd_short"] == 0.0
    assert after["cash_like"] == pytest.approx(before["cash_like"] + before["usd_short"])


def test_a_floor_is_paid_by_all_others_in_proportion(made: Any) -> None:
    mandate, found = target(made, [FLOOR])
    before, after = classes_of(mandate, made.weights), classes_of(mandate, found)
    assert after["usd_short"] == pytest.approx(0.40)
    left = 0.60 / (1.0 - before["usd_short"])
    for name in set(before) - {"usd_short"}:
        assert after[name] == pytest.approx(before[name] * left)


def test_a_floor_below_what_is_there_does_nothing(made: Any) -> None:
    _, found = target(made, [{**FLOOR, "weight": 0.05}])
    np.testing.assert_array_equal(found, made.weights)


def test_nothing_of_a_held_class_is_sold(made: Any) -> None:
    mandate = api.mandate(watching({}), "balanced")
    dollars = np.array([*(name == "usd_short" for name in mandate.classes), False])
    held = np.where(dollars, 2.0 * made.weights, made.weights)
    held /= held.sum()
    _, found = target(made, [HOLD], held=held)
    np.testing.assert_allclose(found[dollars], held[dollars])
    owed = held[dollars].sum() - made.weights[dollars].sum()
    rest = made.weights[~dollars]
    np.testing.assert_allclose(found[~dollars], rest * (1.0 - owed / rest.sum()))


def test_a_held_class_may_still_be_bought(made: Any) -> None:
    mandate = api.mandate(watching({}), "balanced")
    cash = np.eye(len(mandate.places))[-1]
    _, found = target(made, [HOLD], held=cash)
    np.testing.assert_array_equal(found, made.weights)


def test_a_hold_outlasts_a_floor_written_after_it(made: Any) -> None:
    dollars = np.array([c == "usd_short" for c in (*watched_classes(), "CASH")])
    held = np.where(dollars, 0.0, made.weights)
    gold = np.array([c == "gold" for c in (*watched_classes(), "CASH")])
    held = np.where(gold, held + 0.20, held) / (held.sum() + 0.20)
    _, found = target(made, [{"kind": "hold", "classes": ["gold"]}, FLOOR], held=held)
    np.testing.assert_array_less(held[gold] - 1e-12, found[gold])


def watched_classes() -> Any:
    return api.mandate(watching({}), "balanced").classes


@pytest.mark.parametrize("effect", [SCALE, FLOOR, HOLD, NOTIFY])
def test_an_inactive_latch_moves_no_weight(bench: Any, effect: Any) -> None:
    plain = bench.plain(DAY)
    model = bench.model({"vix_high": rule(effect, active=False)}, DAY)
    np.testing.assert_array_equal(model.trace.nav, plain.trace.nav)
    assert model.trace.trades == plain.trace.trades
    assert not model.mandate.effects
    # it is read and logged all the same
    assert any(seen.latches["vix_high"] for seen in watch(model))
    others = tuple(event for event in event_log(model) if event.latch != "vix_high")
    assert others == event_log(plain)


def test_a_notice_moves_no_weight_and_is_logged(bench: Any) -> None:
    plain = bench.plain(DAY)
    model = bench.model({"vix_high": rule(NOTIFY)}, DAY)
    np.testing.assert_array_equal(model.trace.nav, plain.trace.nav)
    told = [event for event in event_log(model) if event.latch == "vix_high"]
    kinds = [event.cause.kind for event in told]
    assert set(kinds[::2]) == {"overlay.watch_on"}
    assert set(kinds[1::2]) == {"overlay.watch_off"}
    assert all(event.reading >= 20.0 for event in told[::2])
    assert dict(told[0].cause.detail)["title_en"] == "Trial"


@pytest.mark.parametrize("effect", [SCALE, FLOOR])
def test_an_active_latch_trades_when_it_turns(bench: Any, effect: Any) -> None:
    model = bench.model({"vix_high": rule(effect)}, DAY)
    trades = {trade.row: trade.cause for trade in model.trace.trades}
    clock = model.history.clock_seen
    states = model.trace.overlay
    first = model.trace.trades[0].row
    on = [latches_on(model.mandate.overlay, state)["vix_high"] for state in states]
    for row in range(first + 1, len(model.history)):
        if on[clock[row] - 1] != on[clock[row - 1] - 1]:
            assert trades[row] in ("overlay", "calendar")
    assert "overlay" in trades.values()


def test_an_effect_is_for_the_profiles_it_names(bench: Any) -> None:
    tables = {"vix_high": rule(SCALE, profiles=["growth"])}
    for profile, effects in (("balanced", set()), ("growth", {"vix_high"})):
        mandate = api.mandate(watching(tables), profile)
        assert set(mandate.effects) == effects
        assert ("vix_high" in mandate.overlay.names.tolist()) == bool(effects)


def test_every_transition_was_known_before_it_was_traded(bench: Any) -> None:
    model = bench.model({"vix_high": rule(SCALE)}, DAY)
    log = event_log(model)
    assert len(log) > 50
    for event in log:
        if event.executed is not None:
            assert event.session < event.executed
            assert event.known_at < np.datetime64(event.executed, "s").astype(int)


SPAN = (date(2002, 6, 14), date(2002, 8, 20))


@pytest.mark.parametrize("effect", [SCALE, FLOOR, HOLD])
def test_a_memory_leads_to_the_same(sample: Any, effect: Any) -> None:
    strategy = watching({"vix_high": rule(effect)})
    earlier, later = SPAN
    memory = api.propose(strategy, "balanced", "general", sample.as_of(earlier)).memory
    plain = json.loads(json.dumps(asdict(memory), default=str))
    days = {
        name: date.fromisoformat(plain[name]) for name in ("as_of", "clock", "allocated", "first")
    }
    effects = {"effects": tuple(plain["effects"])}
    stored = Memory(**plain | days | effects)
    assert stored == memory
    whole = api.propose(strategy, "balanced", "general", sample.as_of(later))
    short = api.propose(strategy, "balanced", "general", sample.as_of(later), stored)
    for field in fields(Proposal):
        assert getattr(short, field.name) == getattr(whole, field.name), field.name


@pytest.mark.parametrize("effect", [SCALE, FLOOR, HOLD])
def test_a_longer_history_changes_no_past_value(bench: Any, effect: Any) -> None:
    tables = {"vix_high": rule(effect)}
    short, long = bench.model(tables, "2002-06-28"), bench.model(tables, DAY)
    np.testing.assert_array_equal(short.trace.nav, long.trace.nav[: len(short.trace.nav)])


def test_an_effect_that_is_on_says_so(sample: Any, bench: Any) -> None:
    model = bench.model({"vix_high": rule(SCALE)}, DAY)
    rows = np.flatnonzero([state.latches[-1, 0] for state in model.trace.overlay])
    day = model.history.clock[rows[-1]].astype(object)
    row = int(np.searchsorted(model.history.clock_seen, rows[-1], side="right"))
    day = model.history.day(row)
    found = api.propose(model.mandate.strategy, "balanced", "general", sample.as_of(day))
    assert found.effects == ("vix_high",)
    reasons = {reason.kind: dict(reason.detail) for reason in found.reasons}
    assert reasons["overlay.effect_scale"]["classes_en"] == "Korean shares"
    assert reasons["overlay.effect_scale"]["scale"] == "40%"


def written(tmp_path: Path, block: Any) -> Any:
    text = assets.root().joinpath("strategies", "managed.toml").read_text("utf-8")
    path = tmp_path / "mine.toml"
    path.write_text(text.replace("[rebalance]", f"{block}\n[rebalance]"), "utf-8")
    return str(path)


BLOCK = """
[overlay.watch.mine]
title  = {{ ko = "가", en = "a" }}
topic  = "fx"
signal = {{ kind = "change", series = "usdkrw", observations = 20 }}
enter  = {{ at = {enter} }}
exit   = {{ at = {back} }}
effect = {effect}
"""


@pytest.mark.parametrize(
    ("enter", "back", "effect", "says"),
    [
        (0.05, 0.05, '{ kind = "notify" }', "needs room between them"),
        (0.05, 0.06, '{ kind = "notify" }', "needs room between them"),
        (0.05, 0.02, '{ kind = "hold", classes = ["dollars"] }', "class 'dollars' is not in"),
        (0.05, 0.02, '{ kind = "hold", classes = [] }', "write at least one"),
        (
            0.05,
            0.02,
            '{ kind = "floor", asset_class = "us_bond", weight = 0.1 }',
            "of which profile",
        ),
    ],
)
def test_a_block_that_cannot_work_is_refused(
    tmp_path: Path, enter: float, back: float, effect: str, says: str
) -> None:
    with pytest.raises(StrategyError, match=says):
        load_strategy(written(tmp_path, BLOCK.format(enter=enter, back=back, effect=effect)))


def test_a_block_that_works_is_read(tmp_path: Path) -> None:
    block = BLOCK.format(enter=0.05, back=0.02, effect='{ kind = "hold", classes = ["usd_short"] }')
    found = load_strategy(written(tmp_path, block)).overlay.watch["mine"]
    assert found.active
    assert found.effect.classes == ["usd_short"]
