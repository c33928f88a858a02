"""Of many funds a replay keeps the program of its last allocation alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.market import Market
from jeoul.model.factored import Factored
from jeoul.model.history import History
from jeoul.pipeline import run_model
from jeoul.pipeline.allocation import RowAllocation
from jeoul.pipeline.estimation import HistoryWindows
from jeoul.pipeline.replay import allocations, start


@pytest.fixture(scope="module")
def panel(sample: Market) -> History:
    return api.history(api.load_strategy("static"), sample.as_of("2010-06-28", "XKRX"))


def test_all_but_the_last_are_kept_without_covariance_and_program(
    panel: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    mandate = api.mandate(api.load_strategy("static"), "balanced")
    few = run_model(mandate, panel)
    monkeypatch.setattr(  # as if they were many
        RowAllocation,
        "outlived",
        lambda self: replace(self, covariance=np.zeros((0, 0)), means=np.zeros(0), solved=None),
    )
    many = run_model(mandate, panel)
    assert list(many.allocations) == list(few.allocations)
    *earlier, last = many.allocations.values()
    assert all(each.solved is None and not each.covariance.size for each in earlier)
    assert last.solved is not None
    assert all(
        np.array_equal(many.allocations[row].weights, made.weights)
        for row, made in few.allocations.items()
    )
    assert many.state.nav == few.state.nav
    whole, _ = allocations(mandate, panel, start(mandate))
    assert all(each.solved is not None for each in whole.values())


def test_of_few_funds_nothing_is_left_out(panel: History) -> None:
    model = run_model(api.mandate(api.load_strategy("static"), "balanced"), panel)
    assert not any(isinstance(each.covariance, Factored) for each in model.allocations.values())
    assert all(each.solved is not None for each in model.allocations.values())


def test_estimates_of_many_funds_are_not_kept_along_a_history(
    panel: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    mandate = api.mandate(api.load_strategy("static"), "balanced")
    few = run_model(mandate, panel)
    kept: list[HistoryWindows] = []

    class Noted(HistoryWindows):
        def along(self, *asked: Any) -> Any:
            kept.append(self)
            return super().along(*asked)

    monkeypatch.setattr("jeoul.pipeline.along.HistoryWindows", Noted)
    run_model(mandate, panel)
    assert kept
    kept.clear()
    monkeypatch.setattr("jeoul.pipeline.along.MANY", 1)  # as if they were many
    many = run_model(mandate, panel)
    assert not any(any(each._seen.values()) for each in kept)
    assert many.state.nav == few.state.nav
