"""Expected returns and views against the published tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jeoul.estimate import (
    Estimate,
    View,
    black_litterman,
    equilibrium_mean,
    shrunk_mean,
    worst_case_mean,
)

# He and Litterman (1999), tables 1 and 2: seven countries.
COUNTRIES = ("AUS", "CAN", "FRA", "GER", "JPN", "UK", "USA")
CAPITAL = np.array([1.6, 2.2, 5.2, 5.5, 11.6, 12.4, 61.5]) / 100
VOLATILITY = np.array([16.0, 20.3, 24.8, 27.1, 21.0, 20.0, 18.7]) / 100
UPPER = [
    [0.488, 0.478, 0.515, 0.439, 0.512, 0.491],
    [0.664, 0.655, 0.310, 0.608, 0.779],
    [0.861, 0.355, 0.783, 0.668],
    [0.354, 0.777, 0.653],
    [0.405, 0.306],
    [0.652],
]
DELTA, TAU = 2.5, 0.05


def _countries() -> np.ndarray:
    correlation = np.eye(7)
    for i, row in enumerate(UPPER):
        correlation[i, i + 1 :] = row
        correlation[i + 1 :, i] = row
    return correlation * np.outer(VOLATILITY, VOLATILITY)


GERMANY = {"GER": 1.0, "FRA": -0.295, "UK": -0.705}
CANADA = {"CAN": 1.0, "USA": -1.0}


def _unconstrained(posterior: Any) -> np.ndarray:
    return np.linalg.solve(DELTA * posterior.covariance, posterior.mean) * 100


def test_equilibrium_of_he_and_litterman() -> None:
    means = equilibrium_mean(_countries(), CAPITAL, DELTA) * 100
    np.testing.assert_allclose(means.round(1), [3.9, 6.9, 8.4, 9.0, 4.3, 6.8, 7.6])


def test_he_and_litterman_table_4(published: Any) -> None:
    sigma = _countries()
    view = View(name="Germany", weights=GERMANY, expected=0.05)
    prior = equilibrium_mean(sigma, CAPITAL, DELTA)
    found = black_litterman(COUNTRIES, prior, sigma, [view], tau=TAU)
    means = [4.33, 7.58, 9.29, 11.04, 4.51, 6.95, 8.07]
    np.testing.assert_allclose(found.mean * 100, means, atol=0.05)
    germany = published["he_litterman_germany"]["found"]
    weights = [1.52, 2.10, -3.95, germany, 11.05, -9.46, 58.57]
    np.testing.assert_allclose(_unconstrained(found), weights, atol=0.05)


@pytest.mark.parametrize(
    ("canada", "confidence", "expected"),
    [
        (0.03, 0.5, {"CAN": 41.86, "GER": 33.58, "USA": 18.80}),  # table 5
        (0.04, 0.5, {"CAN": 53.35, "GER": 33.06, "USA": 7.32}),  # table 6
        (
            0.04,
            1 / 3,
            {"CAN": 53.89, "GER": 23.62, "USA": 6.78},
        ),  # table 7
    ],
)
def test_he_and_litterman_tables_5_to_7(canada: float, confidence: float, expected: Any) -> None:
    # In table 7 the variance of the view on Germany is doubled: confidence 1/3 instead of 1/2.
    sigma = _countries()
    views = [
        View(name="Germany", weights=GERMANY, expected=0.05, confidence=confidence),
        View(name="Canada", weights=CANADA, expected=canada),
    ]
    prior = equilibrium_mean(sigma, CAPITAL, DELTA)
    weights = _unconstrained(black_litterman(COUNTRIES, prior, sigma, views, tau=TAU))
    for country, percent in expected.items():
        assert weights[COUNTRIES.index(country)] == pytest.approx(percent, abs=0.05)


# Idzorek (2005), tables 2 and 5: eight asset classes.
CLASSES = ("bonds", "intl bonds", "LG", "LV", "SG", "SV", "intl", "emerging")
MARKET = np.array([19.34, 26.13, 12.09, 12.09, 1.34, 1.34, 24.18, 3.49]) / 100
LOWER = [
    [0.001005],
    [0.001328, 0.007277],
    [-0.000579, -0.001307, 0.059852],
    [-0.000675, -0.000610, 0.027588, 0.029609],
    [0.000121, -0.002237, 0.063497, 0.026572, 0.102488],
    [0.000128, -0.000989, 0.023036, 0.021465, 0.042744, 0.032056],
    [-0.000445, 0.001442, 0.032967, 0.020697, 0.039943, 0.019881, 0.028355],
    [-0.000437, -0.001535, 0.048039, 0.029854, 0.065994, 0.032235, 0.035064, 0.079958],
]


def test_idzorek_means_and_view_variances() -> None:
    sigma = np.zeros((8, 8))
    for i, row in enumerate(LOWER):
        sigma[i, : i + 1] = row
        sigma[: i + 1, i] = row
    prior = equilibrium_mean(sigma, MARKET, 3.07)
    np.testing.assert_allclose(
        prior * 100, [0.08, 0.67, 6.41, 4.08, 7.43, 3.70, 4.80, 6.60], atol=0.02
    )
    growth = {"LG": 0.9, "LV": -0.9, "SG": 0.1, "SV": -0.1}
    views = [
        View(name="developed", weights={"intl": 1.0}, expected=0.0525),
        View(name="bonds", weights={"intl bonds": 1.0, "bonds": -1.0}, expected=0.0025),
        View(name="growth", weights=growth, expected=0.02),
    ]
    found = black_litterman(CLASSES, prior, sigma, views, tau=0.025)
    np.testing.assert_allclose(found.view_variance, [0.000709, 0.000141, 0.000866], atol=1e-6)
    np.testing.assert_allclose(
        found.mean * 100, [0.07, 0.50, 6.50, 4.33, 7.59, 3.94, 4.94, 6.84], atol=0.02
    )


@settings(max_examples=40, deadline=None)
@given(confidence=st.floats(0.01, 1.0), expected=st.floats(-0.1, 0.1))
def test_more_confidence_moves_the_viewed_portfolio_nearer_to_the_view(
    confidence: float, expected: float
) -> None:
    sigma = _countries()
    prior = equilibrium_mean(sigma, CAPITAL, DELTA)
    pick = np.array([CANADA.get(c, 0.0) for c in COUNTRIES])
    view = View(name="v", weights=CANADA, expected=expected, confidence=confidence)
    found = float(pick @ black_litterman(COUNTRIES, prior, sigma, [view], tau=TAU).mean)
    # Confidence is the share of the way from the prior to the view.
    start = float(pick @ prior)
    assert found == pytest.approx(start + confidence * (expected - start), abs=1e-12)


def test_no_view_leaves_the_equilibrium() -> None:
    sigma = _countries()
    prior = equilibrium_mean(sigma, CAPITAL, DELTA)
    np.testing.assert_array_equal(black_litterman(COUNTRIES, prior, sigma, []).mean, prior)


@pytest.mark.parametrize(
    ("view", "said"),
    [
        (View(name="v", weights={"MARS": 1.0}, expected=0.1), "MARS"),
        (View(name="v", weights={}, expected=0.1), "nothing"),
        (View(name="v", weights=CANADA, expected=0.1, confidence=0.0), "confidence"),
    ],
)
def test_bad_views_are_refused_by_name(view: View, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        black_litterman(COUNTRIES, np.zeros(7), _countries(), [view])


def test_two_certain_views_that_contradict_each_other_are_refused() -> None:
    views = [
        View(name=name, weights=CANADA, expected=value, confidence=1.0)
        for name, value in (("up", 0.02), ("down", -0.02))
    ]
    with pytest.raises(ValueError, match="contradict"):
        black_litterman(COUNTRIES, np.zeros(7), _countries(), views)


def test_shrunk_mean_equals_skfolio_and_goes_to_the_centre_when_noise_rules() -> None:
    from skfolio.moments import ShrunkMu, ShrunkMuMethods

    rng = np.random.default_rng(0)
    x = rng.normal(0.0005, 0.01, size=(300, 6)) @ rng.normal(size=(6, 6))
    ours, shrinkage = shrunk_mean(x)
    theirs = ShrunkMu(method=ShrunkMuMethods.BAYES_STEIN).fit(x).mu_
    assert 0.0 < shrinkage < 1.0
    # skfolio centres on the plain average, Jorion on the minimum-variance portfolio.
    spread = (ours - ours.mean()) / (x.mean(axis=0) - x.mean())
    np.testing.assert_allclose(spread, spread[0], rtol=1e-9)
    assert np.ptp(ours) < np.ptp(x.mean(axis=0))
    assert np.ptp(theirs) < np.ptp(x.mean(axis=0))


def test_worst_case_takes_one_standard_error_off() -> None:
    found = worst_case_mean(np.array([0.08, 0.02]), np.diag([0.04, 0.0001]), years=4.0)
    np.testing.assert_allclose(found, [0.08 - 0.1, 0.02 - 0.005])


def test_an_estimate_has_a_mean_and_a_covariance_of_each_label() -> None:
    with pytest.raises(ValueError, match="2 labels"):
        Estimate(("a", "b"), np.zeros(2), np.zeros((3, 3)))
