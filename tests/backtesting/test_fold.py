"""The model's unit value against a slow, explicit account kept in pandas."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from jeoul import api
from jeoul.backtesting import backtest, of_model, summarise
from jeoul.errors import ShortHistory
from jeoul.model.history import Origin

DAY = date(2024, 6, 28)


def diary(model: Any) -> Any:
    """Keep one account of money, a sum per member: fills at the next close, costs, interest."""
    history, fee = model.history, model.mandate.strategy.rebalance.cost
    grown = pd.DataFrame(history.returns).fillna(0.0).add(1.0).to_numpy()
    interest = pd.Series(history.cash_rate).fillna(0.0).add(1.0).to_numpy()
    orders = decided_targets(model)
    funds, cash, pending, found = np.zeros(len(history.members)), 1.0, None, []
    for row in range(len(history)):
        if pending is not None or funds.sum() > 0.0:
            funds, cash = funds * grown[row], cash * interest[row]
        cost = turnover = 0.0
        if pending is not None:
            worth = funds.sum() + cash
            wanted = pending.to_numpy() * worth
            traded = np.abs(wanted[:-1] - funds).sum()
            turnover = (traded + abs(wanted[-1] - cash)) / 2.0 / worth
            cost = fee * traded / worth
            funds, cash = wanted[:-1] * (1.0 - cost), wanted[-1] * (1.0 - cost)
        pending = orders.get(row)
        found.append((funds.sum() + cash, cost, turnover))
    return np.array(found).T


def decided_targets(model: Any) -> Any:
    """Return the targets of every trade: allocations scaled by hand."""
    mandate = model.mandate
    overlay = mandate.strategy.overlay
    scales = scale_after_row(model)
    targets, allocation = {}, None
    for trade in model.trace.trades:
        made = max(row for row in model.allocations if row <= trade.row)
        allocation = model.allocations[made]
        weights = pd.Series(allocation.weights, mandate.places)
        classes = pd.Series([*mandate.classes, "cash"], mandate.places)
        members = [mandate.places[place] for place in allocation.members]
        risky = classes.isin(overlay.risk_classes)
        freed = weights[risky].sum() * (1.0 - scales[trade.row])
        target = weights.where(~risky, weights * scales[trade.row])
        able = {n: s for n, s in overlay.refuge.items() if (classes[members] == n).any()}
        for name, share in able.items():
            inside = [m for m in members if classes[m] == name]
            held = weights[inside].sum()
            split = weights[inside] / held if held > 0 else pd.Series(1 / len(inside), inside)
            target[inside] += freed * share / sum(able.values()) * split
        if not able:
            target["CASH"] += freed
        targets[trade.row] = target
    return targets


def scale_after_row(model: Any) -> Any:
    trace, history = model.trace, model.history
    if not trace.overlay:
        return np.ones(len(history))
    scales = np.array([1.0, *(state.scale for state in trace.overlay)])
    return scales[history.clock_seen - trace.tick]


@pytest.mark.parametrize("strategy", ["managed", "k-all-weather"])
def test_the_unit_value_is_that_of_an_explicit_account(
    sample: Any, desk: Any, strategy: str
) -> None:
    is_that_of_an_account(desk.model(sample, DAY, strategy, "balanced"))


@pytest.mark.parametrize("strategy", ["managed", "ima-literal"])
def test_the_unit_value_on_real_data(real_market: Any, desk: Any, strategy: str) -> None:
    is_that_of_an_account(desk.model(real_market, DAY, strategy, "balanced"))


def is_that_of_an_account(model: Any) -> None:
    nav, cost, turnover = diary(model)
    first = model.trace.trades[0].row + 1
    np.testing.assert_allclose(model.trace.nav[first:], nav[first:], rtol=1e-12)
    np.testing.assert_allclose(model.trace.cost, cost, atol=1e-12)
    np.testing.assert_allclose(model.trace.turnover, turnover, atol=1e-12)
    run = of_model(model)
    assert run.start == model.history.day(first)
    summary = summarise(run)
    assert summary.cost == pytest.approx(cost[first + 1 :].sum() / run.years)
    assert summary.turnover == pytest.approx(turnover[first + 1 :].sum() / run.years)
    assert 0.0 <= summary.cost <= 2.0 * 0.001 * summary.turnover + 1e-12


def test_an_allocation_is_traded_one_session_after_it_was_made(market: Any, desk: Any) -> None:
    model = desk.model(market, DAY, "static", "balanced")
    history, trace = model.history, model.trace
    rows = {trade.row for trade in trace.trades}
    fills = set(np.flatnonzero(trace.turnover).tolist())
    assert fills <= {row + 1 for row in rows}
    months = history.sessions.astype("datetime64[M]")
    for trade in trace.trades[1:]:
        if trade.cause == "calendar":
            # decided after the last session of a month, filled on the first of the next
            assert history.executed[trade.row].astype("datetime64[M]") != months[trade.row]


def test_the_share_of_proxies_is_the_weight_that_rested_on_them(
    real_market: Any, desk: Any
) -> None:
    model = desk.model(real_market, DAY, "sixty-forty", "balanced")
    run = of_model(model)
    early = of_model(model, end=date(2005, 12, 29))
    assert summarise(early).proxy_share > summarise(run).proxy_share > 0.0
    assert run.proxy.max() <= 1.0 + 1e-12
    rows = np.flatnonzero((model.history.origin == Origin.PROXY).sum(axis=1) == 0)
    inside = rows[rows >= len(model.history) - len(run.nav)] - (len(model.history) - len(run.nav))
    assert (run.proxy[inside] == 0.0).all()


def test_a_span_limits_what_is_told_and_changes_nothing(market: Any, desk: Any) -> None:
    model = desk.model(market, DAY, "managed", "growth")
    whole, part = of_model(model), of_model(model, start=date(2015, 1, 2), end=date(2019, 12, 30))
    inside = (whole.sessions >= part.sessions[0]) & (whole.sessions <= part.sessions[-1])
    np.testing.assert_array_equal(whole.nav[inside], part.nav)
    assert part.sessions[0] == np.datetime64("2015-01-02")
    assert part.sessions[-1] == np.datetime64("2019-12-30")


def test_nothing_to_tell_is_refused(sample: Any, desk: Any) -> None:
    mandate = api.mandate(api.load_strategy("managed"), "balanced")
    history = desk.history(sample, DAY, "managed")
    with pytest.raises(ShortHistory, match="could not be invested"):
        backtest(mandate, history, start=date(2024, 6, 28))
    with pytest.raises(ShortHistory, match="could not be invested"):
        backtest(mandate, history, end=date(1996, 12, 30))


def test_ten_years_and_more_for_every_profile(real_market: Any, desk: Any) -> None:
    for profile in ("conservative", "balanced", "growth"):
        run = of_model(desk.model(real_market, DAY, "managed", profile))
        assert run.years >= 10.0
        assert 0.0 < summarise(run).proxy_share < 1.0
