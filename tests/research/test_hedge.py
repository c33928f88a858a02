"""Exponential weights: published figures, the bound on regret, and the rails around them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jeoul.errors import UsageError
from jeoul.research.hedge import best_rate, hedge_weights, regret, regret_bound
from jeoul.research.hedge_rails import RAILS, railed, t_statistic, within

SEEDS = st.integers(0, 10_000)


def drawn(seed: int, rounds: int, experts: int) -> np.ndarray:
    """Return losses that are anything between 0 and 1, often one of the two."""
    rng = np.random.default_rng(seed)
    return np.clip(rng.normal(0.5, 0.6, size=(rounds, experts)), 0.0, 1.0)


def test_the_published_example() -> None:
    weights = hedge_weights(np.array([[0.0, 0.5, 1.0]]), rate=1.0)
    assert weights[0] == pytest.approx([1 / 3] * 3, abs=1e-15)
    assert weights[1] == pytest.approx([0.506480, 0.307196, 0.186324], abs=1e-6)


def test_two_experts_who_take_turns() -> None:
    """The published figures of a hundred rounds at the best fixed rate."""
    losses = np.tile([[1.0, 0.0], [0.0, 1.0]], (50, 1))
    rate = best_rate(2, 100)
    weights = hedge_weights(losses, rate=rate)
    assert rate == pytest.approx(0.235482, abs=1e-6)
    assert float((weights[:-1] * losses).sum()) == pytest.approx(52.92999808682816, abs=1e-9)
    assert regret(weights, losses) == pytest.approx(2.93, abs=0.001)
    assert regret_bound(2, 100, anytime=False) == pytest.approx(5.887, abs=0.001)


@given(SEEDS, st.integers(1, 300), st.integers(2, 6))
def test_regret_never_exceeds_its_bound(seed: int, rounds: int, experts: int) -> None:
    losses = drawn(seed, rounds, experts)
    fixed = hedge_weights(losses, rate=best_rate(experts, rounds))
    assert regret(hedge_weights(losses), losses) <= regret_bound(experts, rounds)
    assert regret(fixed, losses) <= regret_bound(experts, rounds, anytime=False)


@given(SEEDS, st.integers(1, 40))
def test_weights_of_a_round_do_not_know_it(seed: int, now: int) -> None:
    losses = drawn(seed, 60, 4)
    other = losses.copy()
    other[now:] = 1.0 - other[now:]
    same = slice(0, now + 1)
    assert (hedge_weights(losses)[same] == hedge_weights(other)[same]).all()


@pytest.mark.parametrize(
    ("losses", "said"),
    [
        ([[0.5]], "at least two"),
        ([[0.5, 1.5]], "outside 0 to 1"),
        ([[0.5, np.nan]], "outside 0 to 1"),
    ],
)
def test_what_cannot_be_weighed_is_refused(losses: list[list[float]], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        hedge_weights(np.array(losses))


@given(SEEDS, st.integers(2, 6))
def test_limits_keep_the_proportions_of_what_they_do_not_touch(seed: int, experts: int) -> None:
    raw = np.random.default_rng(seed).dirichlet(np.full(experts, 0.4))
    found = within(raw)
    low, high = RAILS.least / experts, RAILS.most / experts
    assert found.sum() == pytest.approx(1.0, abs=1e-12)
    assert (found >= low - 1e-9).all()
    assert (found <= high + 1e-9).all()
    free = np.flatnonzero((found > low + 1e-6) & (found < high - 1e-6))
    if len(free) > 1:
        assert np.ptp(found[free] / raw[free]) / np.mean(found[free] / raw[free]) < 1e-6


def best_of_three(rounds: int, seed: int = 3) -> np.ndarray:
    """Return monthly returns of which the first column is the best by far."""
    rng = np.random.default_rng(seed)
    return rng.normal([0.03, 0.0, -0.03], 0.01, size=(rounds, 3))


def test_nothing_is_learned_before_three_years() -> None:
    returns = best_of_three(100)
    raw = np.tile([1.0, 0.0, 0.0], (101, 1))
    found = railed(raw, returns)
    assert found.weights[:36] == pytest.approx(1 / 3, abs=1e-15)
    assert found.weights[36][0] == pytest.approx(1 / 3 + 0.10)
    assert found.weights[-1] == pytest.approx([2 / 3, 1 / 6, 1 / 6])


@settings(max_examples=25)
@given(SEEDS)
def test_no_weight_moves_by_more_than_ten_points_but_back_to_equal(seed: int) -> None:
    rng = np.random.default_rng(seed)
    raw = rng.dirichlet(np.full(4, 0.3), size=201)
    found = railed(raw, rng.normal(0.0, 0.03, size=(200, 4)))
    moved = np.abs(np.diff(found.weights, axis=0)).max(axis=1)
    assert (moved[~found.stopped[1:]] <= RAILS.step + 1e-12).all()
    assert found.weights[found.stopped] == pytest.approx(0.25, abs=1e-15)


def test_learning_that_is_clearly_behind_is_stopped_and_may_begin_again() -> None:
    """For five years the weights are on the worst; afterwards they are on the best."""
    returns = best_of_three(300)
    raw = np.tile([0.0, 0.0, 1.0], (301, 1))
    raw[110:] = [1.0, 0.0, 0.0]
    found = railed(raw, returns)
    assert not found.stopped[:60].any()
    assert found.stopped[60:110].all()
    assert found.stopped.sum() < 200
    assert found.weights[-1][0] == pytest.approx(2 / 3)


def test_rails_of_a_round_do_not_know_it() -> None:
    rng = np.random.default_rng(5)
    raw, returns = rng.dirichlet(np.ones(3), size=121), rng.normal(0.0, 0.02, size=(120, 3))
    other = returns.copy()
    other[80:] = -other[80:]
    assert (railed(raw, returns).weights[:81] == railed(raw, other).weights[:81]).all()


def test_a_t_statistic_is_the_textbooks() -> None:
    values = np.array([0.02, -0.01, 0.03, 0.0])
    assert t_statistic(values) == pytest.approx(values.mean() / (values.std(ddof=1) / 2.0))
    assert t_statistic(np.full(5, 0.1)) == 0.0
