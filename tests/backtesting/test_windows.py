"""Variants that ask for the same estimate share it, and it changes no weight."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import jeoul
from jeoul import api
from jeoul.backtesting import prepare
from jeoul.market import Market
from jeoul.model.factored import dense_of
from jeoul.model.history import History
from jeoul.pipeline import Mandate, estimation
from jeoul.research.grid import changed


@pytest.fixture(scope="module")
def panel(sample: Market) -> History:
    return api.history(jeoul.load_strategy("managed"), sample.as_of("1999-06-30", "XKRX"))


def variant(values: dict[str, Any]) -> Mandate:
    return api.mandate(changed(jeoul.load_strategy("managed"), values), "balanced")


@pytest.mark.parametrize(
    ("values", "shares"),
    [
        ({"allocate.pull": 0.08}, True),
        ({"allocate.class_band": 0.08}, True),
        ({"estimate.mean.share": 0.8}, True),
        ({"estimate.lookback": 400}, False),
        ({"estimate.min_history": 200}, False),
    ],
)
def test_what_is_shared_and_that_no_weight_moves(
    values: dict[str, Any], shares: bool, panel: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = prepare(variant({}), panel)
    alone = prepare(variant(values), panel)
    estimated: list[int] = []
    real = estimation.covariance_of

    def counted(mandate: Mandate, returns: np.ndarray) -> Any:
        estimated.append(len(returns))
        return real(mandate, returns)

    monkeypatch.setattr(estimation, "covariance_of", counted)
    beside = prepare(variant(values), panel, like=first)
    assert not estimated if shares else estimated
    assert list(beside.made) == list(alone.made)
    for row, made in alone.made.items():
        assert np.array_equal(beside.made[row].weights, made.weights)
        assert np.array_equal(dense_of(beside.made[row].covariance), dense_of(made.covariance))


def test_no_more_estimates_are_kept_than_a_bound(
    panel: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimation, "MOST_ESTIMATES", 2)
    windows = estimation.HistoryWindows()
    members = np.arange(3)
    for lookback in (300, 310, 320, 330):
        windows.at(variant({"estimate.lookback": lookback}), panel, len(panel) - 1, members)
    assert len(windows._seen) == 2


@pytest.mark.parametrize("values", [{}, {"estimate.mean": {"kind": "shrunk"}}], ids=str)
def test_a_bare_preparation_has_the_same_path_and_no_program(
    values: dict[str, Any], panel: History
) -> None:
    whole, bare = prepare(variant(values), panel), prepare(variant(values), panel, bare=True)
    assert list(whole.made) == list(bare.made)
    assert np.array_equal(whole.path.nav, bare.path.nav)
    assert np.array_equal(whole.weights, bare.weights)
    for row, made in whole.made.items():
        found = bare.made[row]
        assert made.solved is not None
        assert found.solved is None
        assert not found.covariance.size
        assert (found.relaxed, found.short) == (made.relaxed, made.short)
        assert found.volatility == made.volatility


def test_a_member_has_begun_with_its_last_return_that_is_asked_for(panel: History) -> None:
    for count in (1, 252, 10**6):
        depth = np.cumsum(np.isfinite(panel.returns), axis=0)
        expected = [
            next((row for row, n in enumerate(own) if n >= count), len(panel)) for own in depth.T
        ]
        assert panel.begun(count).tolist() == expected
