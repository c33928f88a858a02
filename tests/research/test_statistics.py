"""Published and worked values of the statistics that deflate a Sharpe ratio."""

from __future__ import annotations

from math import inf, sqrt
from typing import Any

import numpy as np
import pytest
from scipy import stats

from jeoul.errors import UsageError
from jeoul.estimate.resampling import resampled
from jeoul.research.bootstrap import interval
from jeoul.research.cscv import overfitting
from jeoul.research.statistics import (
    Moments,
    deflated_sharpe,
    expected_maximum,
    minimum_backtest,
    minimum_track_record,
    moments,
    probabilistic_sharpe,
)

EXAMPLE = Moments(2.5 / sqrt(250), 1250, skewness=-3.0, kurtosis=10.0)  # Bailey and Lopez de Prado


@pytest.mark.parametrize(("trials", "expected"), [(100, 0.9004), (46, 0.9505)])
def test_deflated_sharpe_of_the_published_example(trials: int, expected: float) -> None:
    assert round(deflated_sharpe(EXAMPLE, trials, 0.5 / 250), 4) == expected


def test_the_hurdle_of_a_hundred_trials() -> None:
    assert round(sqrt(0.5 / 250) * expected_maximum(100), 4) == 0.1132


@pytest.mark.parametrize(("shape", "expected"), [((0.0, 3.0), 0.982), ((-2.448, 10.164), 0.913)])
def test_probabilistic_sharpe_of_two_years_of_a_hedge_fund(shape: Any, expected: float) -> None:
    assert round(probabilistic_sharpe(Moments(0.458, 24, *shape)), 3) == expected


@pytest.mark.parametrize(
    ("periods", "shape", "years"),
    [
        (250, (0.0, 3.0), 2.73),
        (52, (0.0, 3.0), 2.83),
        (12, (0.0, 3.0), 3.24),
        (12, (-0.72, 5.78), 4.99),
    ],
)
def test_track_record_that_tells_two_from_one(periods: int, shape: Any, years: float) -> None:
    found = Moments(2.0 / sqrt(periods), 0, *shape)
    assert round(minimum_track_record(found, 1.0 / sqrt(periods)) / periods, 2) == years


def test_no_track_record_is_long_enough_for_less_than_the_benchmark() -> None:
    assert minimum_track_record(Moments(0.05, 100), 0.05) == inf


def test_backtest_length_for_45_trials() -> None:
    assert round(expected_maximum(45), 4) == 2.2356
    assert round(minimum_backtest(45), 1) == 5.0


def test_expected_maximum_is_that_of_simulated_normals() -> None:
    rng = np.random.default_rng(0)
    for trials in (10, 45, 200):
        seen = rng.normal(size=(20_000, trials)).max(axis=1).mean()
        assert expected_maximum(trials) == pytest.approx(
            seen, abs=0.05
        )  # the formula is asymptotic
    assert expected_maximum(1) == 0.0


def test_more_trials_only_lower_the_deflated_ratio() -> None:
    found = [deflated_sharpe(EXAMPLE, n, 0.5 / 250) for n in (1, 2, 10, 100, 1000)]
    assert found == sorted(found, reverse=True)
    assert found[0] == probabilistic_sharpe(EXAMPLE)


def test_moments_are_those_of_scipy() -> None:
    returns = np.random.default_rng(2).standard_t(5, 500) * 0.01
    found = moments(returns)
    assert found.skewness == pytest.approx(stats.skew(returns), rel=1e-12)
    assert found.kurtosis == pytest.approx(stats.kurtosis(returns, fisher=False), rel=1e-12)
    assert np.isnan(probabilistic_sharpe(moments(np.full(10, 0.01))))


def noise(seed: Any, drift: Any = 0.0) -> Any:
    found = np.random.default_rng(seed).normal(0.0, 1.0, (1000, 50))
    found[:, 17] += drift
    return found


def test_choosing_among_noise_is_overfitting_half_the_time() -> None:
    mean = np.mean([overfitting(noise(seed)).probability for seed in range(20)])
    assert 0.35 < mean < 0.6


def test_choosing_one_that_is_truly_better_is_not() -> None:
    found = overfitting(noise(0, drift=0.3))
    assert found.probability == 0.0
    assert set(found.chosen.tolist()) == {17}
    assert len(found.logits) == 252  # ways to halve ten blocks


def test_equal_variants_are_no_evidence() -> None:
    twin = np.repeat(np.random.default_rng(0).normal(size=(100, 1)), 3, axis=1)
    found = overfitting(twin, blocks=4)
    assert found.logits.tolist() == [0.0] * 6
    assert np.isnan(found.probability)


def test_a_choice_in_the_middle_counts_half() -> None:
    """Two variants take turns at being best; each is the middle one of three on the other half."""
    noise = np.tile([1.0, -1.0], 20)[:, np.newaxis]
    means = np.repeat([[0.2, 0.1, 0.0], [0.1, 0.2, 0.0]], 20, axis=0)
    found = overfitting(noise + means, blocks=2)
    assert found.logits.tolist() == [0.0, 0.0]
    assert found.probability == 0.5


def test_overfitting_refuses_what_cannot_be_halved() -> None:
    with pytest.raises(UsageError, match="even number"):
        overfitting(noise(0), blocks=7)
    with pytest.raises(UsageError, match="two variants"):
        overfitting(noise(0)[:, :1])


def test_resampling_keeps_neighbours_together_for_the_mean_block_length() -> None:
    rng = np.random.default_rng(5)
    rows = np.concatenate([resampled(2000, 50.0, rng) for _ in range(50)])
    breaks = ((np.diff(rows) % 2000) != 1).mean()
    assert breaks == pytest.approx(1 / 50, rel=0.15)
    assert np.bincount(rows, minlength=2000).min() > 0


def test_interval_covers_the_truth_as_often_as_it_says() -> None:
    covered = 0
    for seed in range(60):
        returns = np.random.default_rng(seed).normal(0.1, 1.0, 400)
        found = interval(returns, lambda r: float(r.mean()), seed=seed, block=5, draws=200)
        covered += found.low <= 0.1 <= found.high
    assert 45 <= covered <= 60  # 90 % of 60 is 54, three standard errors either way


def test_the_seed_decides_the_interval() -> None:
    returns = np.random.default_rng(0).normal(0.0, 1.0, 300)
    figures = [interval(returns, lambda r: float(r.std()), seed=s, draws=50) for s in (1, 1, 2)]
    assert figures[0] == figures[1] != figures[2]
