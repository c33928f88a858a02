"""Figures of a series of unit values, against hand values and published ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from jeoul import metrics
from jeoul.backtesting import drawdown_path, drawdowns, max_drawdown


def days(count: int, start: str = "2020-01-01") -> Any:
    return np.datetime64(start) + np.arange(count).astype("timedelta64[D]")


def test_growth_is_per_calendar_year() -> None:
    span = np.array(["2020-01-01", "2024-01-01"], dtype="datetime64[D]")  # 1461 days
    found = metrics.growth_rate(span, np.array([2.0, 4.0]))
    assert found == pytest.approx(2 ** (365.2425 / 1461) - 1.0, rel=1e-12)
    assert np.isnan(metrics.growth_rate(span[:1], np.array([1.0])))


def test_volatility_is_the_sample_deviation_of_session_returns() -> None:
    nav = np.cumprod([1.0, 1.01, 0.98, 1.03], dtype=np.float64)
    # returns .01 -.02 .03: mean .02/3, squared deviations sum to .0014 - .0004/3
    expected = np.sqrt((0.0014 - 0.0004 / 3) / 2 * 245.5)
    assert metrics.volatility(nav, 245.5) == pytest.approx(expected, rel=1e-12)
    assert np.isnan(metrics.volatility(nav[:2], 245.5))


def test_sharpe_is_of_what_lies_above_cash() -> None:
    nav = np.cumprod([1.0, 1.02, 1.00, 1.04], dtype=np.float64)
    cash = np.array([0.01, 0.01, 0.01])
    # excess .01 -.01 .03: mean .01, deviation .02
    assert metrics.sharpe(nav, cash, 100.0) == pytest.approx(0.5 * 10.0, rel=1e-12)


def test_sharpe_without_variation_is_undefined() -> None:
    assert np.isnan(
        metrics.sharpe(np.cumprod([1.0, 1.01, 1.01], dtype=np.float64), np.zeros(2), 250.0)
    )
    assert np.isnan(metrics.sharpe(np.array([1.0, 1.1]), np.zeros(1), 250.0))


def test_falls_are_told_with_their_dates() -> None:
    nav = np.array([1.0, 1.2, 0.9, 1.0, 1.3, 1.3, 1.17, 1.3, 1.25])
    deepest, second, last = drawdowns(days(9), nav)
    assert (str(deepest.start), str(deepest.trough), str(deepest.recovery)) == (
        "2020-01-02",
        "2020-01-03",
        "2020-01-05",
    )
    assert deepest.depth == pytest.approx(-0.25)
    assert (str(second.start), second.depth) == ("2020-01-06", pytest.approx(-0.10))  # type: ignore[comparison-overlap]
    assert last.recovery is None
    assert len(drawdowns(days(9), nav, 1)) == 1
    assert drawdowns(days(3), np.array([1.0, 1.1, 1.2])) == ()


def test_falls_are_those_of_the_path() -> None:
    rng = np.random.default_rng(4)
    nav = np.exp(np.cumsum(rng.normal(0.0003, 0.01, 2000)))
    falls = drawdowns(days(2000), nav, 10**6)
    assert falls[0].depth == max_drawdown(nav) == drawdown_path(nav).min()
    for fall in falls:
        first = int((np.datetime64(fall.start) - days(1)[0]).astype(int))
        low = int((np.datetime64(fall.trough) - days(1)[0]).astype(int))
        assert nav[low] / nav[first] - 1.0 == pytest.approx(fall.depth, rel=1e-12)
        if fall.recovery is not None:
            back = int((np.datetime64(fall.recovery) - days(1)[0]).astype(int))
            assert nav[back] >= nav[first] > nav[first + 1 : back].max()


def test_the_fall_of_the_american_index_from_1999_to_2018() -> None:
    # arch's bundled S&P 500 closes; its deepest fall ended on 2009-03-09 at -56.7754 %
    from arch.data import sp500

    closes = sp500.load()["Adj Close"]
    sessions = closes.index.to_numpy().astype("datetime64[D]")
    nav = closes.to_numpy()
    assert max_drawdown(nav) == pytest.approx(-0.567754, abs=5e-7)
    deepest = drawdowns(sessions, nav, 1)[0]
    assert str(deepest.start) == "2007-10-09"
    assert str(deepest.trough) == "2009-03-09"
    assert str(deepest.recovery) == "2013-03-28"


def test_the_worst_and_best_year() -> None:
    nav = np.concatenate([np.linspace(1.0, 2.0, 366), np.linspace(2.0, 1.0, 366)[1:]])
    worst, best = metrics.worst_and_best_year(days(731), nav)
    assert best == pytest.approx(1.0)
    assert worst == pytest.approx(-0.5)
    assert all(np.isnan(metrics.worst_and_best_year(days(100), nav[:100])))


def test_the_money_weighted_return_is_the_published_example_of_spreadsheets() -> None:
    # Microsoft's documentation of XIRR: these five payments return 37.3362535 %.
    days = np.array(
        ["2008-01-01", "2008-03-01", "2008-10-30", "2009-02-15", "2009-04-01"],
        dtype="datetime64[D]",
    )
    paid = np.array([10_000.0, -2_750.0, -4_250.0, -3_250.0, 0.0])
    found = metrics.money_weighted(days, paid, days[-1], 2_750.0)
    assert found == pytest.approx(0.373362535, abs=1e-8)


def test_money_that_was_never_there_has_no_rate() -> None:
    days = np.array(["2020-01-01", "2021-01-01"], dtype="datetime64[D]")
    assert np.isnan(metrics.money_weighted(days, np.zeros(2), days[-1], 0.0))
    assert np.isnan(metrics.money_weighted(days, np.array([1.0, 0.0]), days[-1], -1.0))


def test_unit_values_ignore_what_was_paid_in_and_out() -> None:
    grown = np.cumprod([1.1, 0.9, 1.2, 1.05], dtype=np.float64)
    flows = np.array([100.0, 50.0, -80.0, 0.0])
    values, held = [], 0.0
    for factor, flow in zip([1.1, 0.9, 1.2, 1.05], flows, strict=True):
        held = (held + flow) * factor
        values.append(held)
    assert metrics.unit_values(np.array(values), flows) == pytest.approx(grown)


@pytest.mark.parametrize("taken", [99.0, 100.0, 101.0])
def test_an_account_that_is_emptied_and_filled_again_keeps_the_return_that_it_had(
    taken: float,
) -> None:
    values = np.array([100.0, 0.0, 0.0, 50.0, 55.0])
    flows = np.array([100.0, -taken, 0.0, 50.0, 0.0])
    assert metrics.unit_values(values, flows)[-1] == pytest.approx(taken / 100.0 * 1.1)


def test_an_account_that_lost_everything_lost_everything() -> None:
    assert metrics.unit_values(np.array([100.0, 0.0]), np.array([100.0, 0.0]))[-1] == 0.0
