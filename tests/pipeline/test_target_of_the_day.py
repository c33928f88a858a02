"""A target belongs to its day: where the data begin does not matter after one lookback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.model.history import History
from jeoul.pipeline import Mandate, run_model
from jeoul.pipeline.allocation import allocate, holdable
from jeoul.strategy.load import shipped
from jeoul.strategy.schema import Strategy
from jeoul.strategy.tables.allocate import MeanVariance

YEARS = (2003, 2007, 2012, 2014)
DATES = 30
NEAR = 0.01  # of the money


@pytest.fixture(scope="module")
def histories(
    market_since: Callable[[int], Path],
) -> dict[tuple[int, str], History]:
    """The panel of each universe, by the year in which the folder begins."""
    found = {}
    for year in YEARS:
        market = api.open_market(market_since(year))
        for name in ("managed", "managed-us"):
            strategy = api.load_strategy(name)
            day = market.last_session(strategy.calendar)
            snapshot = market.as_of(day, strategy.calendar)
            found[year, strategy.universe] = api.history(strategy, snapshot)
    return found


def mandates() -> list[Any]:
    return list(_mandates())


def _mandates() -> Iterator[Any]:
    for name in shipped():
        strategy = api.load_strategy(name)
        for profile in strategy.profiles:
            yield pytest.param(strategy, str(profile), id=f"{name}-{profile}")


def full_lookback(mandate: Mandate, history: History, row: int) -> bool:
    """Return whether every member that can be held has returns throughout the lookback."""
    lookback = mandate.strategy.estimate.lookback
    members = holdable(mandate, history, row, proxies=True)
    first = np.isfinite(history.returns[:, members]).argmax(axis=0)
    return bool((first <= row - lookback).all())


@pytest.mark.parametrize(("strategy", "profile"), mandates())
def test_histories_that_begin_years_apart_give_one_target(
    histories: dict[tuple[int, str], History], strategy: Strategy, profile: str
) -> None:
    mandate = api.mandate(strategy, profile)
    models = {year: run_model(mandate, histories[year, strategy.universe]) for year in YEARS}
    longest = models[YEARS[0]]
    for year in YEARS[1:]:
        model = models[year]
        rows = [row for row in model.allocations if full_lookback(mandate, model.history, row)]
        # A long history of few funds: those that begin later have no lookback to fill.
        rows = rows or [row for row in model.allocations if row in longest.allocations]
        assert len(rows) >= 5
        for row in rows[:: max(1, len(rows) // DATES)]:
            day = model.history.day(row)
            other = longest.allocations[
                int(np.searchsorted(longest.history.sessions, np.datetime64(day)))
            ]
            apart = 0.5 * np.abs(model.allocations[row].weights - other.weights).sum()
            assert apart <= NEAR, (year, day)


def wilder(history: History, row: int, place: int, lookback: int) -> History:
    """Return a history in which one member's returns of the lookback spread half as wide again."""
    returns = history.returns.copy()
    window = slice(max(0, row - lookback + 1), row + 1)
    own = returns[window, place]
    returns[window, place] = np.nanmean(own) + 1.5 * (own - np.nanmean(own))
    return replace(history, returns=returns)


@pytest.mark.parametrize("name", ["managed", "managed-us"])
@pytest.mark.parametrize("profile", ["conservative", "balanced", "growth"])
def test_a_fund_whose_volatility_rises_by_half_loses_weight_within_its_class(
    histories: dict[tuple[int, str], History], name: str, profile: str
) -> None:
    strategy = api.load_strategy(name)
    mandate, history = api.mandate(strategy, profile), histories[YEARS[0], strategy.universe]
    for row in sorted(run_model(mandate, history).allocations)[-150::50]:
        members = holdable(mandate, history, row, proxies=True)
        before = allocate(mandate, history, row, members)
        for place in before.members:
            alike = [at for at in before.members if mandate.classes[at] == mandate.classes[place]]
            if len(alike) < 2:
                continue
            wild = wilder(history, row, int(place), strategy.estimate.lookback)
            after = allocate(mandate, wild, row, members)
            shares = [made.weights[place] / made.weights[alike].sum() for made in (before, after)]
            # Treasury bills hardly move: half as much again of nothing is nothing.
            assert shares[1] < shares[0] + 1e-4, (history.day(row), mandate.places[place])
            if before.weights[place] > 0.01 and mandate.places[place] != "bills":
                assert shares[1] < shares[0] - 1e-4, (history.day(row), mandate.places[place])


def test_a_cost_of_turnover_still_remembers_where_the_data_begin(
    histories: dict[tuple[int, str], History],
) -> None:
    """The key that does so stays for those who want it; it is why nothing shipped has it."""
    strategy = api.load_strategy("static").replace("allocate.turnover", 0.002)
    strategy = strategy.replace("allocate.pull", 0.0)
    strategy = strategy.replace("estimate.mean", {"kind": "equilibrium", "risk_aversion": 2.5})
    mandate = api.mandate(strategy, "balanced")
    late, early = (
        run_model(mandate, histories[year, strategy.universe]).state.allocation
        for year in (2012, 2003)
    )
    assert late is not None
    assert early is not None
    assert 0.5 * np.abs(late.weights - early.weights).sum() > 0.1


def test_no_shipped_strategy_has_a_cost_of_turnover() -> None:
    for name in shipped():
        rules = api.load_strategy(name).allocate
        assert not isinstance(rules, MeanVariance) or rules.turnover == 0.0
