"""The evidence: ways that are what they say, figures by hand, and what real data must show."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.backtesting import of_model, summarise
from jeoul.market import assemble
from jeoul.pipeline import run_model
from jeoul.research import evidence, monthly_gap
from jeoul.research.evidence import Span, compare, gap, monthly, price
from jeoul.research.evidence_strategies import exposure, held_constant, models_of, ways_of, whipsaws
from jeoul.research.falls import saved_intervals
from jeoul.research.insurance import insurances
from jeoul.research.single_index import KOREA, alone

DAY = date(2003, 6, 30)
REAL_DAY = date(2024, 6, 28)


@pytest.fixture(scope="module")
def models(sample: Any) -> Any:
    strategy = api.load_strategy("managed")
    history = api.history(strategy, sample.as_of(DAY))
    mandate = api.mandate(strategy, "growth")
    return models_of(strategy, api.load_strategy("ima-literal"), mandate, history)


def test_each_way_has_the_parts_that_it_names() -> None:
    managed, literal = api.load_strategy("managed"), api.load_strategy("ima-literal")
    ways = ways_of(managed, literal)

    def parts(name: Any) -> Any:
        way = ways[name]
        limits = {rules.loss_limit for rules in way.profiles.values()}
        rules = way.overlay
        return rules.vix, rules.trend, rules.loss, rules.both, limits - {None}

    own = managed.overlay
    assert parts("static") == (None, None, None, None, set())
    assert parts("literal") == (literal.overlay.vix, None, None, None, set())
    assert parts("default") == (own.vix, own.trend, own.loss, own.both, {0.07, 0.12, 0.20})
    assert parts("vix only") == (own.vix, None, None, None, set())
    assert parts("trend only") == (None, own.trend, None, None, set())
    assert parts("loss limit only") == (None, None, own.loss, None, {0.07, 0.12, 0.20})
    assert ways["literal"].overlay.reentry == literal.overlay.reentry
    assert all(way.allocate == managed.allocate for way in ways.values())


def test_the_light_way_is_the_overlay_of_managed_light() -> None:
    managed, literal = api.load_strategy("managed"), api.load_strategy("ima-literal")
    shipped = api.load_strategy("managed-light")
    light = ways_of(managed, literal, shipped)["light"]
    assert shipped.overlay is not None
    assert light.overlay == shipped.overlay.model_copy(update={"watch": {}})
    assert light.profiles == shipped.profiles
    own = ways_of(shipped, literal, shipped)
    assert list(own) == ["static", "literal", "default", "curve only", "loss limit only"]
    assert own["curve only"].overlay.loss is None


def test_holding_all_of_it_constantly_is_static(models: Any) -> None:
    static = models["static"]
    same = held_constant(static, 1.0)
    np.testing.assert_array_equal(same.trace.nav, static.trace.nav)


def test_holding_half_of_it_halves_the_risk_classes_and_keeps_the_rest(models: Any) -> None:
    static = models["static"]
    half = held_constant(static, 0.5)
    mandate = static.mandate
    risky = np.array([c in mandate.strategy.overlay.risk_classes for c in mandate.classes])
    for row, made in static.allocations.items():
        scaled = half.allocations[row].weights
        np.testing.assert_allclose(scaled[:-1][risky], 0.5 * made.weights[:-1][risky])
        assert scaled.sum() == pytest.approx(1.0)
    assert summarise(of_model(half)).volatility < 0.75 * summarise(of_model(static)).volatility


def test_the_exposure_is_the_scale_that_was_filled(models: Any) -> None:
    assert (exposure(models["static"]) == 1.0).all()
    model = models["default"]
    share = exposure(model)
    mandate, history = model.mandate, model.history
    risky = np.array([c in mandate.strategy.overlay.risk_classes for c in mandate.classes])
    # on the session after a fill, before drift, the weight in risk classes is scale x allocation
    made = sorted(model.allocations)
    for trade in model.trace.trades[5:60]:
        newest = max(row for row in made if row <= trade.row)
        whole = model.allocations[newest].weights[:-1][risky].sum()
        if trade.row + 2 < len(history):
            seen = model.trace.overlay[int(history.clock_seen[trade.row]) - 1].scale
            assert share[trade.row + 2] == seen
            assert 0.0 <= seen * whole <= whole


def told(scales: Any, level: Any) -> Any:
    """Return the whipsaws of a model whose decision after each row saw these scales."""
    model = SimpleNamespace(
        mandate=SimpleNamespace(effects={}),
        trace=SimpleNamespace(scales=np.array(scales), tick=0),
        history=SimpleNamespace(clock_seen=np.arange(1, len(scales) + 1)),
    )
    return whipsaws(model, np.array(level, dtype=float), 0, len(scales) - 1)  # type: ignore[arg-type]


def test_a_whipsaw_is_bought_back_higher_than_sold() -> None:
    # cut after row 1, filled at row 2 (90); whole again after row 3, filled at row 4
    scales = [1.0, 0.5, 0.75, 1.0, 1.0, 1.0]
    assert told(scales, [100, 95, 90, 85, 91, 99]) == (1, 1)
    assert told(scales, [100, 95, 90, 85, 89, 99]) == (1, 0)
    assert told(scales, [100, 95, 90, 85, np.nan, 99]) == (1, 0)  # the price before stands


def test_a_cut_that_is_not_taken_back_is_not_counted() -> None:
    assert told([1.0, 0.5, 0.5, 0.5, 0.5], [5, 4, 3, 2, 1]) == (0, 0)


def backtest_of(model: Any, **changed: Any) -> Any:
    return replace(of_model(model), **changed)


def test_a_way_against_itself_is_no_evidence(models: Any) -> None:
    static = of_model(models["static"])
    found = gap(static, static, seed=1)
    assert (found.cagr, found.drawdown, found.t) == (0.0, 0.0, 0.0)
    assert found.smaller_fall == 0.0
    assert found.verdict == "no evidence"


def test_a_steady_gain_helped_and_a_steady_loss_hurt(models: Any) -> None:
    static = of_model(models["static"])
    day = np.arange(len(static.nav))
    noise = np.random.default_rng(3).normal(0.0, 1e-4, len(day)).cumsum()
    ahead = replace(static, nav=static.nav * np.exp(1e-4 * day + noise))
    better, worse = gap(ahead, static, seed=1), gap(static, ahead, seed=1)
    assert better.verdict == "helped"
    assert worse.verdict == "hurt"
    assert better.cagr_interval.low > 0.0
    assert better.cagr_interval.low < better.cagr < better.cagr_interval.high


def test_the_same_seed_gives_the_same_interval(models: Any) -> None:
    one, other = of_model(models["default"]), of_model(models["static"])
    assert gap(one, other, seed=4) == gap(one, other, seed=4)
    assert gap(one, other, seed=4).cagr_interval != gap(one, other, seed=5).cagr_interval


def test_a_figure_is_the_statistic_that_its_interval_resamples(
    models: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = of_model(models["default"]), of_model(models["static"])

    def as_they_came(months: int, block: float, seed: int, draws: int) -> Any:
        return np.tile(np.arange(months), (draws, 1))

    monkeypatch.setattr(monthly_gap, "resamplings", as_they_came)
    found = gap(one, other, seed=156)  # drawn by nobody else, as what is drawn is kept
    for name in ("cagr", "sharpe"):
        interval = getattr(found, f"{name}_interval")
        assert interval.low == pytest.approx(getattr(found, name), abs=1e-12)
        assert interval.high == pytest.approx(getattr(found, name), abs=1e-12)


@pytest.mark.parametrize(
    ("following", "returns"), [("2024-04-01", [0.1, 0.1]), ("2024-03-06", [0.1])]
)
def test_months_are_whole_and_between_their_last_sessions(following: str, returns: Any) -> None:
    days = np.array(["2024-01-30", "2024-01-31", "2024-02-29", "2024-03-05"], "datetime64[D]")
    level = np.array([9.0, 1.0, 1.1, 1.21])
    np.testing.assert_allclose(monthly(days, level, np.datetime64(following)), returns)


def test_a_month_that_a_span_cuts_short_is_not_compared(models: Any) -> None:
    model, other = models["default"], models["static"]
    found = [
        gap(*(of_model(m, end=date(2003, 5, day)) for m in (model, other)), seed=1)
        for day in (2, 29, 30)
    ]
    assert found[0].cagr == found[1].cagr != found[2].cagr


def test_a_fall_that_is_halved_is_saved_by_half_in_every_resample() -> None:
    moves = np.random.default_rng(5).normal(0.0, 0.01, 1000)
    steady: dict[str, Any] = {
        name: np.cumprod(np.concatenate(([1.0], 1.0 + share * moves)))
        for name, share in (("static", 1.0), ("half", 0.5), ("same", 1.0))
    }
    found = saved_intervals(steady, "static", seed=3)
    assert (found["same"].low, found["same"].high) == (0.0, 0.0)
    assert 0.0 < found["half"].low < found["half"].high < 0.5


def test_the_price_is_drawdown_saved_per_point_of_return(models: Any) -> None:
    base = summarise(of_model(models["static"]))
    base = replace(base, cagr=0.08, max_drawdown=-0.40)
    assert price(replace(base, cagr=0.07, max_drawdown=-0.20), base) == pytest.approx(20.0)
    assert price(replace(base, cagr=0.09, max_drawdown=-0.20), base) == float("inf")
    assert price(replace(base, cagr=0.07, max_drawdown=-0.45), base) is None


def test_an_index_held_alone_is_the_index(sample: Any) -> None:
    strategy, mandate = alone("kospi", api.load_strategy("managed"), "growth")
    history = assemble(sample.as_of(DAY), mandate.universe, api.calendars())
    held = run_model(replace(mandate, strategy=strategy.without_overlay()), history)
    run = of_model(held)
    level = history.level[np.searchsorted(history.sessions, run.sessions), 0]
    np.testing.assert_allclose(run.nav / run.nav[0], level / level[0], rtol=1e-9)


@pytest.mark.parametrize("profile", ["balanced", "growth"])
def test_the_default_in_dollars_takes_a_third_off_the_fall_at_a_bounded_price(
    real_market: Any, profile: str
) -> None:
    strategy = api.load_strategy("managed-us")
    history = api.history(strategy, real_market.as_of(REAL_DAY, "XNYS"))
    span = {"start": date(2008, 1, 1), "end": date(2023, 12, 31)}
    model = run_model(api.mandate(strategy, profile), history)
    held = run_model(api.mandate(strategy.without_overlay(), profile), history, like=model)
    own, static = (summarise(of_model(m, **span)) for m in (model, held))
    assert own.max_drawdown >= 0.7 * static.max_drawdown
    assert own.cagr >= static.cagr - 0.015


def test_korea_before_2007_as_a_check_that_no_rule_was_made_on(real_market: Any) -> None:
    strategy, mandate = alone("kospi", api.load_strategy("managed"), "growth")
    history = assemble(real_market.as_of(date(2006, 12, 28)), mandate.universe, api.calendars())
    made = models_of(strategy, api.load_strategy("ima-literal"), mandate, history)
    ways = {way.name: way for way in compare(made, seed=1, span=Span(*KOREA))}
    static, default = ways["static"].figures, ways["default"].figures
    assert static.max_drawdown == pytest.approx(-0.716, abs=0.005)
    assert default.max_drawdown > 0.6 * static.max_drawdown


@pytest.fixture(scope="module")
def table(real_market: Any) -> Any:
    """The insurances over managed and managed-us, as `jeoul evidence` computes them."""
    literal, light = api.load_strategy("ima-literal"), api.load_strategy("managed-light")
    tables = []
    for name in ("managed", "managed-us"):
        strategy = api.load_strategy(name)
        history = api.history(strategy, real_market.newest(strategy.calendar))
        mandates = [api.mandate(strategy, p) for p in ("conservative", "balanced", "growth")]
        tables.append(evidence.evidence(strategy, literal, mandates, history, seed=1, light=light))
    return {row.way: row for row in insurances(tables)}


@pytest.mark.slow
def test_the_light_rule_gives_up_less_than_a_third_and_keeps_most_of_the_saving(table: Any) -> None:
    light = table["light"]
    assert 0.0 < light.share <= 0.30
    assert light.kept["largest"] > 0.70
    assert light.recoveries > table["default"].recoveries
    assert table["default"].share == 1.0
    assert set(table["default"].kept.values()) == {1.0}
    # before VIX3M the loss limit acts alone
    assert light.kept["2008"] == table["loss limit only"].kept["2008"]


def test_without_profiles_there_is_no_table() -> None:
    assert insurances([]) == ()
