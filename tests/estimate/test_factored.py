"""Covariances in factor form: the same matrices, without their n x n numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from jeoul import estimate as made
from jeoul.errors import BadValue
from jeoul.model.factored import Factored, dense_of, part_of

KINDS: dict[str, tuple[Any, Any]] = {
    "ledoit-wolf": (lambda x: made.ledoit_wolf(x)[0], lambda x: made.ledoit_wolf_factored(x)[0]),
    "constant-correlation": (
        lambda x: made.constant_correlation(x)[0],
        lambda x: made.constant_correlation_factored(x)[0],
    ),
    "ewma": (
        lambda x: made.ewma(x, half_life=40.0),
        lambda x: made.ewma_factored(x, half_life=40.0),
    ),
    "factor": (lambda x: made.factor(x, factors=4), lambda x: made.factor_factored(x, factors=4)),
    "sample": (made.sample, made.sample_factored),
}


def returns(sessions: int = 90, funds: int = 140) -> Any:
    rng = np.random.default_rng(5)
    shared = rng.normal(size=(sessions, 2)) @ rng.uniform(0.0, 0.01, (2, funds))
    return shared + rng.normal(size=(sessions, funds)) * rng.uniform(0.002, 0.02, funds)


@pytest.mark.parametrize("kind", KINDS)
def test_the_factor_form_is_the_same_matrix(kind: str) -> None:
    dense, factored = KINDS[kind]
    x = returns()
    expected, found = dense(x), factored(x)
    size = float(np.abs(expected).max())
    np.testing.assert_allclose(found.dense(), expected, atol=1e-13 * size, rtol=0.0)
    assert found.loadings.size < expected.size


def test_products_are_those_of_the_whole_matrix() -> None:
    found = made.ledoit_wolf_factored(returns())[0]
    whole, rng = found.dense(), np.random.default_rng(1)
    w, several = rng.normal(size=140), rng.normal(size=(3, 140))
    np.testing.assert_allclose(found @ w, whole @ w, atol=1e-14)
    np.testing.assert_allclose(w @ found, w @ whole, atol=1e-14)
    np.testing.assert_allclose(several @ found @ several.T, several @ whole @ several.T, atol=1e-13)
    np.testing.assert_allclose((2.0 * found).dense(), 2.0 * whole, atol=1e-17)
    np.testing.assert_allclose(found.diagonal(), whole.diagonal(), atol=1e-17)
    kept = np.array([3, 77])
    np.testing.assert_allclose(
        dense_of(part_of(found, kept)), dense_of(part_of(whole, kept)), atol=1e-17
    )


def test_means_after_views_are_those_of_black_litterman() -> None:
    covariance = made.ledoit_wolf_factored(returns())[0]
    labels = tuple(f"f{i}" for i in range(140))
    view = made.View(name="one", weights={"f1": 1.0, "f2": -1.0}, expected=0.02)
    prior = covariance @ np.full(140, 1 / 140)
    whole = made.black_litterman(labels, prior, covariance.dense(), [view]).mean
    np.testing.assert_allclose(
        made.means_after_views(labels, prior, covariance, [view]), whole, atol=1e-14
    )


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(BadValue, match="2 labels need loadings"):
        made.FactorEstimate(("a", "b"), np.zeros(2), Factored(np.zeros((3, 1)), np.zeros(3)))
