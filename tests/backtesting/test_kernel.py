"""The compiled simulation against the replay that defines it."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jeoul import api
from jeoul.backtesting import backtest, kernel, of_model, prepare, simulated
from jeoul.backtesting.prepared import Prepared, _inputs, _level, _moving, _only
from jeoul.errors import UsageError
from jeoul.model.history import History
from jeoul.overlay import LatchRule, params_from
from jeoul.pipeline import RowAllocation, run_model
from jeoul.pipeline.clock import readings
from jeoul.pipeline.replay import replay, start

DAY = date(2024, 6, 28)
MANAGED = api.load_strategy("managed")


def assert_same(run: Any, model: Any) -> None:
    twin = of_model(model)
    assert (run.start, run.end) == (twin.start, twin.end)
    np.testing.assert_allclose(run.nav, twin.nav, rtol=1e-9)
    for name in ("turnover", "cost", "proxy"):
        np.testing.assert_allclose(getattr(run, name), getattr(twin, name), atol=1e-9)


@pytest.mark.parametrize("profile", ["conservative", "balanced", "growth"])
@pytest.mark.parametrize("strategy", ["managed", "static"])
def test_equal_to_the_replay_on_both_markets(
    desk: Any, market: Any, strategy: str, profile: str
) -> None:
    model = desk.model(market, DAY, strategy, profile)
    assert_same(backtest(model.mandate, model.history), model)


def test_the_overlay_stands_where_the_replay_left_it(desk: Any, market: Any) -> None:
    model = desk.model(market, DAY, "managed", "balanced")
    path = prepare(model.mandate, model.history).path
    states = model.trace.overlay
    np.testing.assert_array_equal(path.scale[: len(states)], [s.scale for s in states])
    np.testing.assert_array_equal(path.wanted[: len(states)], [s.target for s in states])
    assert [t.row + 1 for t in model.trace.trades][: len(path.filled)] == path.filled.tolist()
    assert path.trades == len(model.trace.trades)


def test_a_variant_shares_what_it_does_not_change(desk: Any, sample: Any) -> None:
    model = desk.model(sample, DAY, "managed", "growth")
    first = prepare(model.mandate, model.history)
    scale = api.mandate(MANAGED.replace("overlay.vix.scale", 0.5), "growth")
    shared = prepare(scale, model.history, like=first)
    assert shared.made is first.made
    assert shared.inputs.level is first.inputs.level
    assert_same(simulated(shared), run_model(scale, model.history))
    bound = api.mandate(MANAGED.replace("allocate.max_weight", 0.25), "growth")
    again = prepare(bound, model.history, like=first)
    assert again.made is not first.made
    assert_same(simulated(again), run_model(bound, model.history))
    refuge = MANAGED.replace("overlay.refuge", {"cash_like": 1.0})
    moved = api.mandate(refuge, "growth")
    assert_same(
        simulated(prepare(moved, model.history, like=first)), run_model(moved, model.history)
    )


def random_history(seed: Any, sessions: Any) -> Any:
    """A market of independent returns, some missing, with jumps of its fear index."""
    rng = np.random.default_rng(seed)
    members = api.mandate(MANAGED, "balanced").places[:-1]
    shape = (sessions, len(members))
    returns = rng.normal(0.0003, 0.02, shape)
    returns[rng.random(shape) < 0.02] = np.nan
    days = np.datetime64("2001-01-01") + np.arange(sessions).astype("timedelta64[D]")
    opened = days.astype("datetime64[s]").astype(np.int64)
    clock = days[rng.random(sessions) < 0.95]
    vix = np.exp(rng.normal(3.2, 0.35, len(clock)))
    vix[rng.random(len(clock)) < 0.05] = np.nan
    return History(
        calendar="XKRX",
        currency="KRW",
        sessions=days,
        executed=days + np.timedelta64(1, "D"),
        decided=opened + 86_400,
        members=members,
        level=np.cumprod(1.0 + np.nan_to_num(returns), axis=0, dtype=np.float64),
        returns=returns,
        origin=np.ones(shape, dtype=np.int8),
        codes=(),
        prices=np.zeros((sessions, 0)),
        cash_rate=np.full(sessions, 0.0001),
        clock=clock,
        clock_known=clock.astype("datetime64[s]").astype(np.int64) + 50_000,
        clock_row=np.zeros(len(clock), dtype=np.int64),
        signals={"vix": vix},
        sessions_per_year=365.0,
    )


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    enter=st.sampled_from([24.0, 30.0]),
    scale=st.sampled_from([0.0, 0.5, 0.9]),
    band=st.sampled_from([0.01, 0.05, 1.0]),
    cost=st.sampled_from([0.0, 0.001, 0.02]),
    limit=st.sampled_from([0.05, 0.2]),
)
def test_equal_to_the_replay_on_random_markets(
    seed: Any, enter: Any, scale: Any, band: Any, cost: Any, limit: Any
) -> None:
    strategy = MANAGED.replace("overlay.vix.enter", {"at": enter, "closes": 1})
    for key, value in (
        ("overlay.vix.scale", scale),
        ("overlay.trend.sessions", 20),
        ("rebalance.band", band),
        ("rebalance.cost", cost),
        ("profiles.balanced.loss_limit", limit),
    ):
        strategy = strategy.replace(key, value)
    mandate, history = api.mandate(strategy, "balanced"), random_history(seed, 300)
    rng = np.random.default_rng(seed + 1)
    members = np.arange(len(history.members))
    made = {
        int(row): RowAllocation(
            int(row),
            np.append(rng.dirichlet(np.ones(len(members))) * 0.98, 0.02),
            0.1,
            members,
            np.zeros((0, 0)),
            np.zeros(0),
        )
        for row in [7, *range(40, 300, 30)]
    }
    end, trace = replay(mandate, history, start(mandate), made)
    inputs = _inputs(mandate, history, made, _level(history))
    prepared = Prepared(mandate, history, made, (), inputs, readings(mandate, history))
    np.testing.assert_allclose(prepared.path.nav, trace.nav, rtol=1e-9)
    assert prepared.path.trades == len(trace.trades)
    np.testing.assert_allclose(prepared.weights[-1], end.held, atol=1e-9)  # type: ignore[arg-type]


def test_fees_out_of_cash_are_an_account_that_sizes_before_fees() -> None:
    # One fund doubles, half in cash: 1 buys .5, then is 1.5, sells to .75 and pays 1 % of .25.
    level = np.array([[1.0, 1.0], [1.0, 1.0], [2.0, 1.0]])
    inputs = kernel.KernelInputs(
        level=level,
        made=np.array([0, 0, -1]),
        allocation=np.array([[0.5, 0.5]]),
        cut=np.zeros((1, 2)),
        seen=np.zeros(3, dtype=np.int64),
        clock=np.zeros(0, dtype=np.int64),
        cost=0.01,
        band=1.0,
        fee_from_cash=True,
    )
    path = kernel.simulate(inputs, None, np.zeros((0, 0)))
    bought = 1.0 - 0.01 * 0.5  # .5 in the fund, .495 in cash
    worth = 1.0 + 0.495
    sold = 1.0 - worth / 2
    assert path.nav.tolist() == pytest.approx([1.0, bought, worth - 0.01 * sold], rel=1e-12)
    held = kernel.weights(inputs, path)[-1]
    assert held[0] == pytest.approx(worth / 2 / path.nav[-1], rel=1e-12)


def test_without_room_for_drift_the_twin_trades_on_the_calendar_alone() -> None:
    params = params_from({"vix": LatchRule(25.0, 20.0, exit_closes=5, scale=0.5)})
    rng = np.random.default_rng(3)
    rows = 200
    inputs = kernel.KernelInputs(
        level=np.cumprod(1.0 + rng.normal(0, 0.03, (rows, 3)), axis=0, dtype=np.float64),
        made=np.where(np.arange(rows) % 50 == 0, 0, -1),
        allocation=np.array([[0.6, 0.3, 0.1]]),
        cut=np.array([[0.6, 0.0, -0.6]]),
        seen=np.arange(1, rows + 1),
        clock=np.arange(rows),
        cost=0.001,
        band=1.0,
    )
    calm = kernel.simulate(inputs, params, np.full((rows, 1), 12.0))
    assert calm.filled.tolist() == [1, 51, 101, 151]
    alarm = np.full((rows, 1), 12.0)
    alarm[70] = 26.0
    cut = kernel.simulate(inputs, params, alarm)
    # Two cuts' worth of trades: down the session after the alarm, back in steps.
    assert cut.filled.tolist()[:3] == [1, 51, 71]
    assert kernel.targets(inputs, cut)[2, 0] == pytest.approx(0.3)


def test_a_watched_latch_that_acts_is_replayed(desk: Any, sample: Any) -> None:
    model = desk.model(sample, DAY, "managed", "balanced")
    acting = MANAGED.replace("overlay.watch.rates_fall.active", True)
    mandate = api.mandate(acting, "balanced")
    prepared = prepare(mandate, model.history, like=prepare(model.mandate, model.history))
    run = simulated(prepared)
    assert_same(run, run_model(mandate, model.history))
    assert not np.allclose(run.nav, of_model(model).nav, rtol=1e-6)
    with pytest.raises(UsageError, match="rates_fall changes weights"):
        _ = prepared.path


def test_latches_that_only_watch_cost_the_simulation_nothing(desk: Any, sample: Any) -> None:
    model = desk.model(sample, DAY, "managed", "balanced")
    params = model.mandate.overlay
    assert len(params.names) > 2
    moving = _only(params, _moving(params))
    assert moving.names.tolist() == ["vix", "trend"]
    assert (moving.vix, moving.trend) == (0, 1)
