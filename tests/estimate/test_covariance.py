"""Covariance estimators against worked examples, scikit-learn and skfolio."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jeoul.estimate import (
    constant_correlation,
    ewma,
    factor,
    ledoit_wolf,
    nearest_definite,
    sample,
)

WORKED = np.array([[1, 2, 3], [2, 1, 0], [0, 1, 2], [3, 3, 1], [1, 0, 1], [2, 2, 2]]) / 100


def _returns(seed: int, sessions: int, n: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(sessions, n)) @ rng.normal(size=(n, n)) / 100


def test_ledoit_wolf_worked_by_hand_in_fractions() -> None:
    covariance, shrinkage = ledoit_wolf(WORKED)
    assert shrinkage == pytest.approx(float(Fraction(188, 249)), abs=1e-14)
    np.testing.assert_allclose(np.diag(covariance) * 1e4, [0.916667] * 3, atol=1e-6)
    off = covariance[np.triu_indices(3, 1)] * 1e4
    np.testing.assert_allclose(off, [0.142905, -0.102075, 0.061245], atol=1e-6)


@pytest.mark.parametrize(("sessions", "n"), [(60, 5), (504, 20), (30, 40), (756, 14)])
def test_ledoit_wolf_equals_scikit_learn(sessions: int, n: int) -> None:
    from sklearn.covariance import ledoit_wolf as peer

    for seed in range(5):
        x = _returns(seed, sessions, n)
        theirs, their_shrinkage = peer(x)
        ours, shrinkage = ledoit_wolf(x)
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12 * np.abs(theirs).max())
        assert shrinkage == pytest.approx(their_shrinkage, abs=1e-12)


def test_constant_correlation_equals_pyportfolioopt() -> None:
    import pandas as pd
    from pypfopt.risk_models import CovarianceShrinkage

    for seed in range(4):
        x = _returns(seed, 250, 8)
        peer = CovarianceShrinkage(pd.DataFrame(x), returns_data=True, frequency=1)
        theirs = peer.ledoit_wolf("constant_correlation").to_numpy()
        ours, shrinkage = constant_correlation(x)
        # Theirs scales the sample by T - 1, ours by T as the paper does: a difference of 1 in T.
        np.testing.assert_allclose(ours, theirs, atol=0.01 * np.abs(theirs).max())
        assert shrinkage == pytest.approx(peer.delta, abs=0.02)


def test_constant_correlation_leaves_variances_and_meets_its_target_when_noisy() -> None:
    x = _returns(1, 12, 10)
    covariance, shrinkage = constant_correlation(x)
    np.testing.assert_allclose(np.diag(covariance), x.var(axis=0), rtol=1e-12)
    assert 0.0 < shrinkage <= 1.0


def test_ewma_equals_riskmetrics_recursion() -> None:
    x = _returns(3, 400, 4)
    decay = 0.5 ** (1 / 11.2)
    recursive = np.outer(x[0], x[0])
    for row in x[1:]:
        recursive = decay * recursive + (1 - decay) * np.outer(row, row)
    # The recursion's start still weighs decay^399, which is below 1e-10.
    np.testing.assert_allclose(ewma(x, half_life=11.2), recursive, rtol=1e-8)


def test_factor_model_keeps_variances_and_becomes_the_sample_with_all_factors() -> None:
    x = _returns(4, 200, 6)
    np.testing.assert_allclose(factor(x, factors=6), sample(x), atol=1e-18)
    two = factor(x, factors=2)
    np.testing.assert_allclose(np.diag(two), np.diag(sample(x)), rtol=1e-12)
    own = two - np.diag(np.diag(two - sample(x)))
    assert np.linalg.matrix_rank(own - np.diag(np.diag(own))) >= 2
    np.testing.assert_allclose(factor(x, factors=0), np.diag(np.diag(sample(x))), atol=1e-18)


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 10**6), sessions=st.integers(3, 80), n=st.integers(2, 12))
def test_every_shrunk_covariance_is_definite_even_with_few_sessions(
    seed: int, sessions: int, n: int
) -> None:
    x = _returns(seed, sessions, n)
    for covariance, shrinkage in (ledoit_wolf(x), constant_correlation(x)):
        assert 0.0 <= shrinkage <= 1.0
        assert np.linalg.eigvalsh(covariance)[0] >= -1e-18
        np.testing.assert_allclose(covariance, covariance.T, rtol=1e-12)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), scale=st.floats(0.01, 100.0))
def test_units_scale_out(seed: int, scale: float) -> None:
    x = _returns(seed, 50, 4)
    once, shrinkage = ledoit_wolf(x)
    again, same = ledoit_wolf(scale * x)
    assert same == pytest.approx(shrinkage, rel=1e-9)
    np.testing.assert_allclose(again, scale**2 * once, rtol=1e-9)


def test_repair_of_an_indefinite_matrix_keeps_variances_and_says_what_it_changed() -> None:
    broken = np.array([[0.04, 0.05, 0.0], [0.05, 0.04, 0.01], [0.0, 0.01, 0.09]])
    fixed, change = nearest_definite(broken)
    assert np.linalg.eigvalsh(fixed)[0] > 0
    np.testing.assert_allclose(np.diag(fixed), np.diag(broken), rtol=1e-12)
    assert change == pytest.approx(np.abs(fixed - broken).max())
    sound = np.diag([0.04, 0.01])
    np.testing.assert_allclose(nearest_definite(sound)[0], sound, rtol=1e-12)


@pytest.mark.parametrize("estimator", [sample, ledoit_wolf, constant_correlation])
def test_gaps_and_too_few_sessions_are_refused(estimator: Any) -> None:
    gap = WORKED.copy()
    gap[2, 1] = np.nan
    with pytest.raises(ValueError, match="complete window"):
        estimator(gap)
    with pytest.raises(ValueError, match="at least 2 sessions"):
        estimator(WORKED[:1])
