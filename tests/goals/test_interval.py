"""The interval of a goal: it carries what a history says too little about."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest
from tests.goals.laws import try_law

from jeoul.errors import ShortHistory
from jeoul.goals.belief import ObservedMix, believe, likely_laws
from jeoul.goals.chance import Chance, chance_of, simulate
from jeoul.goals.law import Law, Steps, drift_of, shocks
from jeoul.goals.saving import Pot, saving_of

RNG = 20_261_129
LAWS = 100


def _history(*, mean: float, years: int = 20, volatility: float = 0.08) -> ObservedMix:
    """Months above cash whose drift and volatility are exact."""
    noise = np.random.default_rng(3).standard_normal(12 * years)
    noise = (noise - noise.mean()) / noise.std(ddof=1)
    drift = drift_of(mean, volatility) - math.log1p(0.02)
    return ObservedMix(
        excess=drift / 12 + volatility / math.sqrt(12) * noise, riskless=0.02, anchor=0.04
    )


def _chance(seen: ObservedMix, *, amount: float = 1.25e8) -> Chance:
    steps = Steps(on=date(2026, 11, 30), by=date(2033, 11, 30))
    saving = saving_of(steps, [Pot(id="a", kind="general", value=1e8)], ())
    rng = np.random.default_rng(1)
    drawn = simulate(believe(seen), "history", rng, paths=10_000, steps=steps.count)
    return chance_of(saving, amount, drawn, rng)


def test_of_laws_with_a_known_truth_it_holds_about_eight_in_ten() -> None:
    rng = np.random.default_rng(RNG)
    covered = [try_law(rng, "normal", paths=600).covered for _ in range(LAWS)]
    error = math.sqrt(0.8 * 0.2 / LAWS)
    assert 0.75 - 2 * error <= np.mean(covered) <= 0.85 + 2 * error


def test_likely_means_lie_apart_by_the_standard_error_of_forty_years() -> None:
    found = likely_laws(believe(_history(mean=0.05)), 20_000, np.random.default_rng(1))
    assert found.drifts.std() == pytest.approx(0.08 / math.sqrt(40.0), rel=0.03)
    assert (found.open_drifts - found.drifts).min() > 0.0


def test_more_years_of_history_make_it_narrower() -> None:
    short, long = (_chance(_history(mean=0.04, years=years)) for years in (5, 60))
    assert long.high - long.low < 0.8 * (short.high - short.low)


def test_it_contains_the_probability_also_where_history_was_far_better() -> None:
    found = _chance(_history(mean=0.09))
    assert found.low < found.probability < found.high


@pytest.mark.parametrize("mean", [0.05, 0.09, 0.20])
def test_a_history_better_than_the_equilibrium_never_raises_the_mean(mean: float) -> None:
    assert believe(_history(mean=mean)).mean == pytest.approx(0.04)


def test_a_worse_history_lowers_the_mean_half_way_after_twenty_years() -> None:
    drift = believe(_history(mean=0.00)).law.drift
    assert drift == pytest.approx((drift_of(0.0, 0.08) + drift_of(0.04, 0.08)) / 2)


def test_large_months_make_the_volatility_less_sure() -> None:
    rng = np.random.default_rng(1)
    calm, wild = rng.standard_normal(240) * 0.02, rng.standard_t(3, 240) * 0.02
    free = [
        believe(ObservedMix(excess=each, riskless=0.02, anchor=0.04)).freedom
        for each in (calm, wild)
    ]
    assert free[1] < 0.6 * free[0]


def test_a_history_of_a_year_is_refused() -> None:
    with pytest.raises(ShortHistory, match="12 months"):
        ObservedMix(excess=np.zeros(12), riskless=0.02, anchor=0.04)


def test_drawn_paths_keep_large_months_together() -> None:
    months = np.array([0.0] * 100 + [3.0, -3.0, 3.0] + [0.0] * 100)
    law = Law(drift=0.0, volatility=0.1, months=months)
    drawn = shocks(law, "history", np.random.default_rng(1), paths=500, steps=60)
    after = drawn[:, 1:][drawn[:, :-1] == -3.0]
    assert np.mean(after == 3.0) > 0.7
