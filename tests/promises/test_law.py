"""The law behind a promise, against published values, SciPy and simulated paths."""

from __future__ import annotations

from math import pi, sqrt

import numpy as np
import pytest
from scipy import stats

from jeoul.promises.binomial import clopper_pearson
from jeoul.promises.deepest_fall import fall_quantiles, seen_at_closes, stays_above
from jeoul.promises.law import PromiseLaw


def law(expected: float = 0.05, volatility: float = 0.10) -> PromiseLaw:
    return PromiseLaw(
        expected=np.array([expected]),
        volatility=np.array([volatility]),
        sessions_per_year=252.0,
    )


@pytest.mark.parametrize(("hits", "count"), [(0, 7), (7, 7), (1, 3), (18, 20), (230, 245)])
@pytest.mark.parametrize("level", [0.80, 0.90, 0.95])
def test_the_interval_is_that_of_scipy(hits: int, count: int, level: float) -> None:
    wanted = stats.binomtest(hits, count).proportion_ci(level, method="exact")
    assert clopper_pearson(hits, count, level) == pytest.approx((wanted.low, wanted.high), abs=1e-9)


def test_more_hits_than_draws_are_refused() -> None:
    with pytest.raises(ValueError, match="4 hits of 3"):
        clopper_pearson(4, 3)


def test_a_return_has_the_quantiles_of_the_lognormal() -> None:
    for sessions in (21, 252):
        years = sessions / 252.0
        wanted = stats.lognorm.ppf(0.05, 0.10 * sqrt(years), scale=np.exp(0.045 * years)) - 1.0
        assert law().quantile(0.05, sessions)[0] == pytest.approx(wanted, abs=1e-12)


def test_the_volatility_that_a_year_shows_has_chi_square_quantiles() -> None:
    wanted = 0.10 * np.sqrt(stats.chi2.ppf([0.05, 0.95], 251) / 251)
    assert law().volatility_range(252)[0] == pytest.approx(wanted, rel=1e-4)


def test_the_mean_deepest_fall_without_drift_is_the_published_one() -> None:
    """sqrt(pi / 2) volatility sqrt(T): Magdon-Ismail and others (2004)."""
    depths = np.arange(0.0005, 12.0, 0.001)  # the middles of steps
    mean = 0.001 * (1.0 - stays_above(np.zeros_like(depths), depths)).sum()
    assert mean == pytest.approx(sqrt(pi / 2.0), abs=1e-3)


@pytest.mark.parametrize("drift", [-1.0, 0.0, 0.5, 1.5])
def test_the_deepest_fall_at_closes_is_that_of_simulated_paths(drift: float) -> None:
    paths, sessions = 20_000, 252
    steps = np.random.default_rng(7).standard_normal((paths, sessions)) / sqrt(sessions)
    logs = np.cumsum(steps + drift / sessions, axis=1)
    logs = np.concatenate([np.zeros((paths, 1)), logs], axis=1)
    falls = (np.maximum.accumulate(logs, axis=1) - logs).max(axis=1)
    levels = np.array([0.05, 0.5, 0.95])
    found = seen_at_closes(fall_quantiles(np.array([drift]), levels), 1.0, sessions)[0]
    shares = [(falls <= depth).mean() for depth in found]
    assert shares == pytest.approx(levels, abs=0.006)


def test_a_value_that_is_sure_to_fall_falls_by_its_drift() -> None:
    drifts = np.array([-5.0, -8.0, -20.0])
    low, middle, high = fall_quantiles(drifts, np.array([0.05, 0.5, 0.95])).T
    assert middle == pytest.approx(-drifts, abs=0.25)
    assert (high - middle) == pytest.approx(1.645, abs=0.1)
    assert (middle - low) == pytest.approx(1.645, abs=0.2)


def test_a_quantile_is_where_its_level_is_reached() -> None:
    drifts, levels = np.linspace(-4.0, 8.0, 121), np.array([0.05, 0.5, 0.95])
    found = fall_quantiles(drifts, levels)
    reached = stays_above(np.round(drifts, 3)[:, None], found)
    assert reached == pytest.approx(np.broadcast_to(levels, found.shape), abs=1e-9)


def test_the_two_forms_of_the_first_term_meet() -> None:
    near = np.array([0.99, 0.9995, 1.0005, 1.01])
    found = stays_above(near, np.ones(4))
    slopes = np.diff(found) / np.diff(near)
    assert slopes == pytest.approx(slopes[0], rel=0.02)


def test_nothing_falls_where_nothing_moves() -> None:
    assert law(volatility=0.0).drawdown(252)[0].tolist() == [0.0, 0.0]


def test_a_fall_is_never_deeper_than_everything() -> None:
    low, high = law(expected=-0.5, volatility=0.9).drawdown(252)[0]
    assert -1.0 < low < high < 0.0
