"""Figures beside growth and risk, against hand values, and by year, crisis and state."""

from __future__ import annotations

from datetime import date
from typing import Any

import arch.data.sp500
import numpy as np
import pytest

from jeoul import metrics
from jeoul.backtesting import max_drawdown, prepare, simulated
from jeoul.backtesting.figures import breakdown, figures, plain, rows_of
from jeoul.backtesting.periods import by_crisis, by_year, crises, time_in_states
from jeoul.overlay import STATES

DAY = date(2024, 6, 28)
NAV = np.cumprod([1.0, 1.02, 0.97, 1.04, 0.99], dtype=np.float64)
NONE = np.zeros(4)


@pytest.fixture(scope="module")
def sp500() -> Any:
    frame = arch.data.sp500.load()
    return frame.index.to_numpy().astype("datetime64[D]"), frame["Close"].to_numpy()


def test_deepest_fall_of_the_sp500_is_the_known_one(sp500: Any) -> None:
    days, closes = sp500
    assert max_drawdown(closes) == pytest.approx(-0.567754, abs=5e-7)
    deepest = metrics.drawdowns(days, closes, 1)[0]
    assert (deepest.start, deepest.trough) == (date(2007, 10, 9), date(2009, 3, 9))
    assert deepest.recovery == date(2013, 3, 28)


def test_crises_run_from_a_closing_high_to_the_low_that_followed(sp500: Any) -> None:
    days, closes = sp500
    checked = 0
    for crisis in crises():
        first, last = np.searchsorted(days, np.array([crisis.start, crisis.end], "datetime64[D]"))
        if crisis.start.year < 1999 or last >= len(days):
            continue
        span = closes[first : last + 1]
        assert days[first].astype(object) == crisis.start
        assert days[last].astype(object) == crisis.end
        assert span.max() == span[0]
        assert span.min() == span[-1]
        checked += 1
    assert checked == 5


def test_sortino_counts_only_what_fell_below_cash() -> None:
    # returns .02 -.03 .04 -.01: mean .005, downside sqrt((.0009 + .0001) / 4)
    expected = 0.005 / np.sqrt(0.001 / 4) * np.sqrt(100.0)
    assert metrics.sortino(NAV, NONE, 100.0) == pytest.approx(expected, rel=1e-9)
    assert np.isnan(metrics.sortino(np.array([1.0, 1.1, 1.2]), np.zeros(2), 100.0))


def test_calmar_is_growth_over_the_deepest_fall() -> None:
    span = np.array(["2020-01-01", "2021-01-01", "2022-01-01"], dtype="datetime64[D]")
    nav = np.array([1.0, 0.8, 1.21])
    assert metrics.calmar(span, nav) == pytest.approx(metrics.growth_rate(span, nav) / 0.2)
    assert np.isnan(metrics.calmar(span, np.array([1.0, 1.1, 1.2])))


def test_cvar_is_the_mean_of_the_worst() -> None:
    returns = np.arange(-50, 50) / 1000.0
    nav = np.cumprod(np.concatenate(([1.0], 1.0 + returns)), dtype=np.float64)
    assert metrics.cvar(nav) == pytest.approx(returns[:5].mean())
    assert metrics.cvar(nav, 0.90) == pytest.approx(returns[:10].mean())
    assert metrics.cvar(np.array([1.0, 0.9])) == pytest.approx(-0.1)
    assert np.isnan(metrics.cvar(np.array([1.0])))


def test_twice_the_market_has_beta_two_and_the_market_none_of_tracking_error() -> None:
    rng = np.random.default_rng(0)
    moves = rng.normal(0.0, 0.01, 300)
    market, twice = (np.cumprod(np.append(1.0, 1.0 + k * moves)) for k in (1.0, 2.0))
    assert metrics.beta(twice, market, np.zeros(300)) == pytest.approx(2.0)
    assert metrics.tracking_error(market, market, 250.0) == 0.0
    assert np.isnan(metrics.information_ratio(market, market, 250.0))
    apart = metrics.tracking_error(twice, market, 250.0)
    assert apart == pytest.approx(moves.std(ddof=1) * np.sqrt(250.0))
    expected = moves.mean() / moves.std(ddof=1) * np.sqrt(250.0)
    assert metrics.information_ratio(twice, market, 250.0) == pytest.approx(expected)


def test_hits_are_counted_among_sessions_that_moved() -> None:
    assert metrics.hit_rate(np.array([1.0, 1.1, 1.1, 1.0, 1.2])) == pytest.approx(2 / 3)
    assert metrics.hit_rate(NAV, np.ones(5)) == 0.5
    assert np.isnan(metrics.hit_rate(np.ones(4)))


def test_years_chain_to_the_whole(desk: Any, market: Any) -> None:
    model = desk.model(market, DAY, "managed", "balanced")
    run = simulated(prepare(model.mandate, model.history))
    years = by_year(run.sessions, run.nav)
    assert [int(p.name) for p in years] == list(range(run.start.year, run.end.year + 1))
    whole = np.prod([1.0 + p.growth for p in years])
    assert whole == pytest.approx(run.nav[-1] / run.nav[0], rel=1e-12)
    assert min(p.max_drawdown for p in years) >= max_drawdown(run.nav)


def test_crises_inside_the_span_and_no_others(desk: Any, sample: Any) -> None:
    model = desk.model(sample, DAY, "static", "growth")
    run = simulated(prepare(model.mandate, model.history), start=date(2008, 1, 2))
    names = [p.name for p in by_crisis(run.sessions, run.nav)]
    assert names == ["downgrade", "yuan", "tightening", "covid", "inflation"]


def test_time_in_states_is_that_of_the_replay(desk: Any, market: Any) -> None:
    model = desk.model(market, DAY, "managed", "balanced")
    prepared = prepare(model.mandate, model.history)
    run = simulated(prepared)
    rows = rows_of(prepared, run)
    seen = model.history.clock_seen
    modes = [s.mode for s in model.trace.overlay][seen[rows.start] - 1 : seen[rows.stop - 1]]
    expected = {name: modes.count(i) / len(modes) for i, name in enumerate(STATES)}
    assert time_in_states(prepared, rows) == pytest.approx(expected)
    assert sum(expected.values()) == pytest.approx(1.0)


def test_every_figure_of_a_backtest(desk: Any, sample: Any) -> None:
    model = desk.model(sample, DAY, "managed", "balanced")
    prepared = prepare(model.mandate, model.history)
    run = simulated(prepared)
    alone, beside = figures(run), figures(run, run)
    assert set(beside) - set(alone) == {"beta", "tracking_error", "information_ratio", "won"}
    assert beside["beta"] == pytest.approx(1.0)
    assert plain(beside)["information_ratio"] is None  # undefined, and JSON has no NaN
    parts = breakdown(prepared, run, crises=False)
    assert parts["by_crisis"] == []
    assert parts["drawdowns"][0]["depth"] == pytest.approx(max_drawdown(run.nav))
