"""Comparisons, walking forward and placebos on the sample."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.backtesting import prepare, simulated
from jeoul.errors import UsageError
from jeoul.research.compare import _paired, compare
from jeoul.research.grid import changed
from jeoul.research.ledger import TrialCount
from jeoul.research.placebo import (
    LookAhead,
    Placebo,
    placebos,
    refuse_look_ahead,
    sharpe_of,
    shifted,
)
from jeoul.research.walk_choice import judge_choice
from jeoul.research.walk_forward import walk_forward


def variant(study: Any, **values: Any) -> Any:
    keys = {key.replace("__", "."): value for key, value in values.items()}
    prepared = prepare(
        study.mandate(changed(study.strategy, keys)), study.history, like=study.prepared
    )
    return prepared, simulated(prepared)


def test_a_strategy_is_the_same_as_itself(study: Any) -> None:
    own = (study.prepared, study.run)
    found = compare(own, own, seed=1)
    assert found.verdict == "same"
    assert found.apart == 0.0
    assert (found.sharpe.low, found.sharpe.high) == (0.0, 0.0)
    assert all(one == other for one, other in found.crises)


def test_a_cost_of_five_percent_is_worse(study: Any) -> None:
    found = compare((study.prepared, study.run), variant(study, rebalance__cost=0.05), seed=1)
    assert found.verdict == "worse"
    assert found.sharpe.high < 0.0
    assert found.cagr.high < 0.0
    assert found.second.cost > 10 * found.first.cost


def test_the_mirror_of_a_comparison_is_its_negative(study: Any) -> None:
    other = variant(study, overlay__vix__scale=0.4)
    one = compare((study.prepared, study.run), other, seed=3)
    back = compare(other, (study.prepared, study.run), seed=3)
    assert back.sharpe.low == pytest.approx(-one.sharpe.high, abs=1e-12)
    assert back.apart == pytest.approx(one.apart, abs=1e-12)
    assert one.verdict in {"unclear", "better", "worse"}


def test_weights_tell_where_the_difference_lies(study: Any) -> None:
    found = compare((study.prepared, study.run), variant(study, rebalance__cash=0.3), seed=1)
    before, after = found.weights["CASH"]
    assert after - before == pytest.approx(0.28, abs=0.03)
    assert found.apart >= 0.27
    for side in (0, 1):
        assert sum(pair[side] for pair in found.weights.values()) == pytest.approx(1.0, abs=1e-9)


def luck(sessions: Any = 1000, variants: Any = 20, seed: Any = 0) -> Any:
    return np.random.default_rng(seed).normal(0.0, 0.01, (sessions, variants))


DAYS = np.datetime64("2001-01-01") + np.arange(1000).astype("timedelta64[D]")


def test_no_choice_sees_the_span_it_is_measured_on() -> None:
    excess = luck()
    whole = walk_forward(DAYS, excess, train=300, test=100)
    spoilt = excess.copy()
    spoilt[600:] = luck(400, seed=9)
    again = walk_forward(DAYS, spoilt, train=300, test=100)
    assert [f.chosen for f in again.folds][:4] == [f.chosen for f in whole.folds][:4]
    assert len(whole.folds) == 7
    assert len(whole.excess) == 700
    assert whole.folds[0].start == date(2001, 10, 28)


def test_following_choices_is_the_returns_of_the_chosen() -> None:
    excess = luck()
    excess[:, 4] += 0.005
    found = walk_forward(DAYS, excess, train=300, test=150, expanding=False)
    assert {fold.chosen for fold in found.folds} == {4}
    np.testing.assert_array_equal(found.excess, excess[300:, 4])
    assert all(fold.after > fold.median for fold in found.folds)


def test_walking_needs_room() -> None:
    with pytest.raises(UsageError, match="do not fit"):
        walk_forward(DAYS[:10], luck(10), train=10, test=5)


def test_choosing_among_noise_is_worth_little() -> None:
    values = [{"n": i} for i in range(20)]
    found = judge_choice(values, luck(), TrialCount(20, 1e-3), 250.0, 1.0)
    assert found["sharpe"] > 0.0
    assert found["deflated_sharpe"] < 0.9
    assert found["overfitting"] > 0.2
    assert found["best"] in values
    assert len(found["walk_forward"]["folds"]) == 2


@pytest.mark.parametrize(
    ("excess", "why"),
    [
        (luck(variants=1), "single"),
        (luck(19), "short"),
        (np.repeat(luck(variants=1), 4, axis=1), "same"),
        (luck(), None),
    ],
)
def test_a_missing_probability_of_overfitting_has_a_reason(excess: Any, why: str | None) -> None:
    values = [{"n": i} for i in range(excess.shape[1])]
    found = judge_choice(values, excess, TrialCount(4, 1e-3), 250.0)
    assert found["overfitting_unknown"] == why
    assert np.isnan(found["overfitting"]) == (why is not None)


def test_placebos_of_the_managed_strategy(study: Any) -> None:
    found = placebos(study.prepared, study.run, seed=5, draws=10)
    kinds = {one.kind for one in found}
    assert kinds == {"shuffled", "early", "late", "doubled_cost", "left_out", "random_weights"}
    own = sharpe_of(study.run)
    by_kind = {one.kind: one for one in found}
    assert by_kind["doubled_cost"].sharpe < own
    assert by_kind["shuffled"].better < 0.5  # order is what a latch lives on
    held = {one.subject for one in found if one.kind == "left_out"}
    names = study.prepared.mandate.places
    ever = study.prepared.inputs.allocation[:, :-1].any(axis=0)
    assert held == {name for name, was in zip(names, ever, strict=False) if was}
    refuse_look_ahead(study.run, found)


def test_placebo_weights_are_portfolios(study: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    from jeoul.research import placebo

    keep = placebo._weighted

    def noted(*args: Any) -> Any:
        changed_one = keep(*args)
        seen.append(changed_one.inputs)
        return changed_one

    monkeypatch.setattr(placebo, "_weighted", noted)
    placebos(study.prepared, study.run, seed=5, draws=3)
    assert len(seen) >= 10
    for inputs in seen:
        np.testing.assert_allclose(inputs.allocation.sum(axis=1), 1.0, atol=1e-12)
        np.testing.assert_allclose(inputs.cut.sum(axis=1), 0.0, atol=1e-12)
        assert (inputs.allocation >= -1e-12).all()
        assert (inputs.allocation - inputs.cut >= -1e-12).all()  # cut to nothing is a portfolio too


def test_a_strategy_that_knows_tomorrow_is_refused(study: Any) -> None:
    """Give the overlay a VIX that is high exactly before the worst sessions of the model."""
    knowing = changed(
        study.strategy,
        {
            "overlay.vix": {
                "enter": {"at": 30.0, "closes": 1},
                "exit": {"at": 22.0, "closes": 1},
                "scale": 0.0,
            },
            "overlay.reentry": {"step": 1.0, "every": 1, "cooldown": 0},
            "overlay.trend": None,
            "overlay.both": None,
            "overlay.loss": None,
            "rebalance.cost": 0.0,
            "profiles.growth.loss_limit": None,
            "profiles.balanced.loss_limit": None,
            "profiles.conservative.loss_limit": None,
        },
    )
    plain = prepare(study.mandate(knowing), study.history, like=study.prepared)
    calm = simulated(plain)
    moves = np.zeros(len(study.history))
    first = len(study.history) - len(calm.nav)
    moves[first + 1 :] = calm.nav[1:] / calm.nav[:-1] - 1.0
    # The decision after a row is filled at the next close and earns the session after that.
    seen = plain.inputs.seen - 1
    future = np.full((len(plain.signals), 1), 15.0)
    future[seen[:-2][moves[2:] < 0.0], 0] = 35.0
    from dataclasses import replace

    prophet = replace(plain, signals=future)
    run = simulated(prophet)
    assert sharpe_of(run) > sharpe_of(calm) + 1.0
    late = sharpe_of(simulated(shifted(prophet, 1)))
    found = (Placebo("late", "", late),)
    with pytest.raises(LookAhead, match="a session late"):
        refuse_look_ahead(run, found)


def test_the_seed_decides_the_placebos(study: Any) -> None:
    runs = [placebos(study.prepared, study.run, seed=s, draws=2) for s in (1, 1, 2)]
    shuffled = [next(one.sharpe for one in r if one.kind == "shuffled") for r in runs]
    assert shuffled[0] == shuffled[1] != shuffled[2]


def test_what_lies_between_two_paired_sessions_is_added_up(sample: Any) -> None:
    run = api.backtest(
        api.load_strategy("static"), "balanced", sample, start="2003-01-02", end="2004-06-30"
    )
    few = _paired(run, run.sessions[::3])
    last = len(few.sessions) * 3 - 3
    np.testing.assert_array_equal(few.nav, run.nav[::3])
    for name in ("cash", "turnover", "cost"):
        summed = getattr(few, name)[1:].sum()
        assert summed == pytest.approx(getattr(run, name)[1 : last + 1].sum(), abs=1e-12)
    assert few.sessions_per_year == pytest.approx(run.sessions_per_year / 3, rel=0.01)
    assert _paired(run, run.sessions) is run
