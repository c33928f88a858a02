"""Allocations of many rows at once: each is what its row alone gives."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.allocate import Conflict
from jeoul.errors import Infeasible
from jeoul.pipeline.allocation import RowAllocation, allocate, holdable
from jeoul.pipeline.replay import allocations, start
from jeoul.research.grid import changed

DAY = date(2015, 6, 30)


def one_by_one(mandate: Any, history: Any, rows: Any) -> tuple[dict[int, RowAllocation], list[int]]:
    found: dict[int, RowAllocation] = {}
    failed: list[int] = []
    before = None
    for row in rows:
        able = holdable(mandate, history, row, proxies=True)
        previous = None if before is None else before.weights
        try:
            before = found[row] = allocate(mandate, history, row, able, previous=previous)
        except Infeasible:
            failed.append(row)
    return found, failed


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"allocate.pull": 0.0},
        {"allocate.turnover": 0.002, "allocate.pull": 0.0},
        {"allocate.turnover_max": 0.05},
        {"allocate.max_weight": 0.25},
        {"estimate.mean": {"kind": "equilibrium"}},
        {"estimate.mean": {"kind": "shrunk"}},
    ],
    ids=str,
)
def test_weights_are_those_of_each_row_alone(market: Any, desk: Any, values: Any) -> None:
    history = desk.model(market, DAY, "managed", "balanced").history
    mandate = api.mandate(changed(api.load_strategy("managed"), values), "balanced")
    found, held_back = allocations(mandate, history, start(mandate))
    alone, failed = one_by_one(mandate, history, sorted([*found, *held_back]))
    assert (list(found), list(held_back)) == (list(alone), failed)
    for row, one in alone.items():
        np.testing.assert_array_equal(found[row].weights, one.weights)
        np.testing.assert_array_equal(found[row].means, one.means)
        assert found[row].volatility == one.volatility
        assert (found[row].relaxed, found[row].short) == (one.relaxed, one.short)
        mine, theirs = found[row].solved, one.solved
        assert mine is not None
        assert theirs is not None
        for field in fields(theirs.solution):
            its, own = (getattr(each.solution, field.name) for each in (mine, theirs))
            same = np.array_equal(its, own) if isinstance(own, np.ndarray) else its == own
            assert same, field.name


def test_rows_without_weights_are_held_back_without_a_diagnosis(
    sample: Any, monkeypatch: Any
) -> None:
    strategy = changed(
        api.load_strategy("managed"), {"allocate.max_weight": 0.1, "allocate.class_band": 0.0}
    )
    mandate, history = api.mandate(strategy, "growth"), api.history(strategy, sample.as_of(DAY))
    monkeypatch.setattr(Conflict, "diagnosis", property(lambda _: pytest.fail("diagnosed")))
    found, held_back = allocations(mandate, history, start(mandate))
    assert not found
    assert held_back
