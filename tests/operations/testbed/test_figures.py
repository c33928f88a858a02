"""The figures are those that a reader of the CSV files can compute again."""

from __future__ import annotations

from dataclasses import replace
from math import isnan, sqrt

import numpy as np
import pytest
from scipy.stats import linregress

from jeoul import api
from jeoul.backtesting import backtest
from jeoul.market import Market
from jeoul.model.calendar import Reals
from jeoul.model.instrument import AccountKind
from jeoul.operations.testbed.benchmark import benchmark_of, market_fund, measure
from jeoul.operations.testbed.figures import Yardsticks, composite, path_figures
from jeoul.pipeline.content import content_of
from jeoul.strategy.load import load_strategy

YEAR = 246.0
DRAWN = np.random.default_rng(20_240_628)


def path(returns: Reals) -> Reals:
    return np.concatenate([[1.0], np.cumprod(1.0 + returns)])


def drawn(count: int = 60) -> tuple[Reals, Yardsticks]:
    market = DRAWN.normal(0.0004, 0.01, count)
    benchmark = 0.4 * market + DRAWN.normal(0.0001, 0.002, count)
    own = 0.9 * benchmark + DRAWN.normal(0.0, 0.001, count)
    cash = np.concatenate([[0.0], np.full(count, 0.0001)])
    return path(own), Yardsticks(path(benchmark), path(market), cash)


def returns(unit: Reals) -> Reals:
    found: Reals = unit[1:] / unit[:-1] - 1.0
    return found


def test_beta_and_its_error_are_those_of_least_squares() -> None:
    unit, against = drawn()
    found = path_figures(unit, against, YEAR)
    assert against.market is not None
    for figure, other in ((found.market_beta, against.market), (found.beta, against.benchmark)):
        line = linregress(returns(other) - 0.0001, returns(unit) - 0.0001)
        assert figure.value == pytest.approx(line.slope, rel=1e-9)
        assert figure.error == pytest.approx(line.stderr, rel=1e-9)


def test_the_others_follow_their_definitions() -> None:
    unit, against = drawn()
    found = path_figures(unit, against, YEAR)
    apart = returns(unit) - returns(against.benchmark)
    assert found.sessions == 60
    assert found.total == pytest.approx(unit[-1] - 1.0)
    assert found.deviation.value == pytest.approx(np.std(returns(unit), ddof=1) * sqrt(YEAR))
    assert found.tracking_error.value == pytest.approx(np.std(apart, ddof=1) * sqrt(YEAR))
    assert found.information_ratio.value == pytest.approx(
        apart.mean() / np.std(apart, ddof=1) * sqrt(YEAR)
    )


def test_the_standard_errors_are_what_repeated_draws_scatter_by() -> None:
    found = [path_figures(*drawn(120), YEAR) for _ in range(400)]
    for name in ("deviation", "tracking_error", "information_ratio", "beta"):
        values = np.array([getattr(each, name).value for each in found])
        errors = np.array([getattr(each, name).error for each in found])
        assert values.std() == pytest.approx(errors.mean(), rel=0.15), name


def test_what_holds_its_benchmark_has_no_tracking_error() -> None:
    _, against = drawn()
    found = path_figures(against.benchmark, against, YEAR)
    assert found.tracking_error.value == 0.0
    assert found.beta.value == pytest.approx(1.0)
    assert isnan(found.information_ratio.value)


def test_one_return_leaves_everything_but_the_return_undefined() -> None:
    unit, against = drawn(1)
    found = path_figures(unit, against, YEAR)
    assert found.total == pytest.approx(unit[1] - 1.0)
    for name in ("deviation", "market_beta", "beta", "tracking_error", "information_ratio"):
        assert isnan(getattr(found, name).value), name


def test_accounts_together_count_with_their_money() -> None:
    values = np.array([[100.0, 300.0], [110.0, 300.0]])
    flows = np.array([[100.0, 300.0], [0.0, 0.0]])
    assert composite(values, flows)[-1] == pytest.approx(410.0 / 400.0)


def test_a_deposit_is_no_return_of_the_accounts_together() -> None:
    values = np.array([[100.0, 0.0], [110.0, 500.0], [121.0, 550.0]])
    flows = np.array([[100.0, 0.0], [0.0, 500.0], [0.0, 0.0]])
    unit = composite(values, flows)
    assert unit[1] == pytest.approx(610.0 / 600.0)
    assert unit[2] / unit[1] == pytest.approx(671.0 / 610.0)


# -- the benchmark --------------------------------------------------------------------------------


def test_the_benchmark_is_the_profile_and_not_the_account(sample: Market) -> None:
    strategy = load_strategy("managed")
    mandate = api.mandate(strategy, "balanced", "irp", limit=api.suitable("balanced"))
    found = benchmark_of(mandate)
    plain = benchmark_of(api.mandate(strategy, "balanced", "general"))
    assert content_of(found).digest == content_of(plain).digest
    assert (found.account, found.limit, found.risk_cap) == (AccountKind.GENERAL, None, None)
    assert found.strategy.rebalance.cost == 0.0


def test_the_benchmark_holds_the_strategic_weights(sample: Market) -> None:
    mandate = api.mandate(load_strategy("managed"), "balanced")
    snapshot = sample.as_of(sample.last_session())
    found = api.propose(benchmark_of(mandate).strategy, "balanced", "general", snapshot)
    held: dict[str, float] = {}
    classes = mandate.universe.instruments
    for code, weight in found.allocation.items():
        if code in classes:
            name = str(classes[code].asset_class)
            held[name] = held.get(name, 0.0) + weight
    for name, weight in mandate.rules.classes.items():
        assert held[name] == pytest.approx(weight, abs=0.021), name


def test_a_measure_is_the_backtest_of_the_benchmark_and_the_fund_of_the_market(
    sample: Market,
) -> None:
    mandate = api.mandate(load_strategy("static"), "growth")
    history = api.history(mandate.strategy, sample.as_of(sample.last_session()))
    found = measure(mandate, history)
    run = backtest(benchmark_of(mandate), history)
    assert found.benchmark == pytest.approx(run.nav / run.nav[0])
    assert market_fund(mandate) == "069500"
    member = history.members.index("kr_large")
    rows = np.searchsorted(history.sessions, found.sessions)
    assert found.market == pytest.approx(
        history.level[rows, member] / history.level[rows[0], member]
    )


def test_a_universe_without_the_fund_of_the_market_has_no_market_beta() -> None:
    mandate = api.mandate(load_strategy("static"), "growth")
    members = tuple(m for m in mandate.universe.members if "069500" not in m.codes)
    assert (
        market_fund(replace(mandate, universe=replace(mandate.universe, members=members))) is None
    )
