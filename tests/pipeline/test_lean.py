"""Of many funds a replay keeps the program of its last allocation alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.errors import Infeasible
from jeoul.market import Market
from jeoul.model.factored import Factored
from jeoul.model.history import History
from jeoul.pipeline import Mandate, along, run_model
from jeoul.pipeline.allocation import RowAllocation, allocate
from jeoul.pipeline.estimation import HistoryWindows
from jeoul.pipeline.replay import allocations, start

pytestmark = pytest.mark.unspared


def outlived(made: RowAllocation) -> RowAllocation:
    """What an allocation of many funds is once a later one is made."""
    return replace(made, covariance=np.zeros((0, 0)), means=np.zeros(0), solved=None)


@pytest.fixture(scope="module")
def panel(sample: Market) -> History:
    return api.history(api.load_strategy("static"), sample.as_of("2010-06-28", "XKRX"))


def test_all_but_the_last_are_kept_without_covariance_and_program(
    panel: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    mandate = api.mandate(api.load_strategy("static"), "balanced")
    few = run_model(mandate, panel)
    monkeypatch.setattr(RowAllocation, "outlived", outlived)  # as if they were many
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


def test_a_held_back_date_leaves_the_one_before_it_whole(
    panel: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest allocation keeps its covariance and program, whatever comes after it."""
    mandate = api.mandate(api.load_strategy("static"), "balanced")
    rows = [*run_model(mandate, panel).allocations]
    real = allocate

    def refused(mandate: Mandate, history: History, row: int, *rest: Any, **more: Any) -> Any:
        if row == rows[-1]:
            raise Infeasible("on the last date")
        return real(mandate, history, row, *rest, **more)

    monkeypatch.setattr(along, "MANY", 1)  # as if they were many
    monkeypatch.setattr(along, "allocate", refused)
    monkeypatch.setattr(RowAllocation, "outlived", outlived)
    model = run_model(mandate, panel)
    assert [*model.allocations] == rows[:-1]
    assert model.state.allocation is not None
    assert model.state.allocation.solved is not None
    *earlier, last = model.allocations.values()
    assert last.covariance.size
    assert not any(each.covariance.size for each in earlier)


def test_estimates_of_many_funds_are_not_kept_along_a_history(
    panel: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    mandate, windows = api.mandate(api.load_strategy("static"), "balanced"), HistoryWindows()
    few = run_model(mandate, panel, windows=windows)
    assert any(windows._seen.values())
    monkeypatch.setattr("jeoul.pipeline.along.MANY", 1)  # as if they were many
    monkeypatch.setattr("jeoul.pipeline.estimation.Factored", np.ndarray)
    fresh = HistoryWindows()
    many = run_model(mandate, panel, windows=fresh)
    assert not any(fresh._seen.values())
    assert many.state.nav == few.state.nav
