"""Markets and strategies at the edge: members, signals or history missing, no calendar at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.errors import BadMarketData, ShortHistory
from jeoul.market import assemble
from jeoul.model.finding import Finding, Severity
from jeoul.model.portfolio import CASH
from jeoul.pipeline import place, present, run_model
from jeoul.pipeline.allocation import first_row, holdable
from jeoul.pipeline.placing import Portfolio  # type: ignore[attr-defined]

DAY = date(2003, 3, 31)
KINDS = ("general", "irp")


@pytest.fixture(scope="module")
def snapshot(sample: Any) -> Any:
    return sample.as_of(DAY)


def without(snapshot: Any, *names: Any) -> Any:
    """Return a snapshot in which some series and prices were never observed."""
    tables = []
    for table in snapshot.prices:
        close = table.close.copy()
        close[:, [name in names for name in table.tickers]] = np.nan
        tables.append(replace(table, close=close))
    series = {name: item for name, item in snapshot.series.items() if name not in names}
    return replace(snapshot, prices=tuple(tables), series=series)


def proposed(strategy: Any, snapshot: Any, profile: Any = "balanced") -> Any:
    return api.propose(strategy, profile, "general", snapshot)


def test_a_member_without_any_data_is_left_out_and_named(snapshot: Any) -> None:
    universe = api.universe_of("krx-core")
    world = next(m for m in universe.members if m.name == "world")
    bare = without(snapshot, *world.codes, *(proxy.column for proxy in world.proxies))
    strategy = api.load_strategy("managed")
    proposal = proposed(strategy, bare)

    def left_out(found: Any) -> Any:
        return {f.subject for f in found.findings if f.kind == "finding.left_out"}

    assert left_out(proposal) - left_out(proposed(strategy, snapshot)) == {world.codes[0]}
    assert not set(world.codes) & set(proposal.weights)
    assert sum(proposal.weights.values()) == pytest.approx(1.0, abs=1e-9)


def test_a_member_without_a_fund_is_held_by_proxy_in_the_model_alone(snapshot: Any) -> None:
    bare = without(snapshot, "069500", "102110")
    mandate = api.mandate(api.load_strategy("managed"), "balanced")
    history = assemble(bare, mandate.universe, api.calendars())
    place_ = mandate.places.index("kr_large")
    last = len(history) - 1
    assert place_ in holdable(mandate, history, last, proxies=True)
    assert place_ not in holdable(mandate, history, last, proxies=False)
    model = run_model(mandate, history)
    assert model.state.held[place_] > 0.0  # type: ignore[index]
    proposal = present(model, bare, api.calendars()["XKRX"])
    assert not {"069500", "102110"} & set(proposal.weights)
    decision = place(proposal, Portfolio({}, 10**8))
    assert not {"069500", "102110"} & {order.ticker for order in decision.orders}


def test_a_substitute_stands_in_with_a_finding(snapshot: Any) -> None:
    proposal = proposed(api.load_strategy("managed"), without(snapshot, "069500"))
    assert "102110" in proposal.weights
    found = next(f for f in proposal.findings if f.kind == "finding.substitute")
    assert (found.subject, dict(found.detail)["wanted"]) == ("102110", "069500")


def test_without_the_vix_the_other_latches_still_act(snapshot: Any) -> None:
    strategy = api.load_strategy("managed")
    proposal = proposed(strategy, without(snapshot, "vix"))
    assert not proposal.latches["vix"]
    assert ("vix", "finding.no_signal") in {(f.subject, f.kind) for f in proposal.findings}
    bare = without(snapshot, "vix")
    model = run_model(api.mandate(strategy, "balanced"), api.history(strategy, bare))
    assert any(state.scale < 1.0 for state in model.trace.overlay)


def test_without_the_policy_rate_cash_earns_nothing_and_nothing_breaks(snapshot: Any) -> None:
    bare = without(snapshot, "bok_base_rate")
    strategy = api.load_strategy("static")
    model = run_model(api.mandate(strategy, "balanced"), api.history(strategy, bare))
    assert np.isfinite(model.trace.nav).all()
    assert model.state.nav > 0.0


def test_without_any_price_there_is_no_history(snapshot: Any) -> None:
    names = [ticker for table in snapshot.prices for ticker in table.tickers]
    bare = without(snapshot, *names, *snapshot.series)
    with pytest.raises(ShortHistory, match="choose a later date or a longer folder"):
        proposed(api.load_strategy("managed"), bare)


def test_a_class_that_an_account_may_not_hold_keeps_nobody_waiting(snapshot: Any) -> None:
    strategy = api.load_strategy("k-all-weather")  # 15 % gold, of which an IRP may hold no fund
    history = api.history(strategy, snapshot)
    first = {kind: first_row(api.mandate(strategy, "balanced", kind), history) for kind in KINDS}
    assert first["irp"] is not None
    assert first["irp"] <= first["general"]  # type: ignore[operator]
    weights = api.propose(strategy, "balanced", "irp", snapshot).weights
    assert sum(weights.values()) - weights[CASH] == pytest.approx(1.0, abs=1e-9)


def test_what_nobody_can_hold_stays_in_cash(snapshot: Any) -> None:
    equity = [
        code
        for member in api.universe_of("krx-core").members
        if member.asset_class.startswith("equity")
        for code in member.codes
    ]
    found = proposed(api.load_strategy("k-all-weather"), without(snapshot, *equity))
    assert found.weights[CASH] == pytest.approx(0.35)  # 17.5 % Korean and 17.5 % US equity
    assert {f.subject for f in found.findings if f.kind == "finding.left_out"} >= {"069500"}


def test_never_is_once(snapshot: Any) -> None:
    strategy = api.load_strategy("static").replace("rebalance.calendar", "never")
    strategy = strategy.replace("rebalance.band", 1.0)
    model = run_model(api.mandate(strategy, "balanced"), api.history(strategy, snapshot))
    assert [trade.cause for trade in model.trace.trades] == ["first"]
    assert len(model.allocations) == 1
    proposal = present(model, snapshot, api.calendars()["XKRX"])
    assert not proposal.due
    assert sum(proposal.weights.values()) == pytest.approx(1.0, abs=1e-9)


def test_a_strategy_without_an_overlay_is_never_cut(snapshot: Any) -> None:
    strategy = api.load_strategy("static")
    document = strategy.model_dump(by_alias=True) | {"overlay": None}
    bare = type(strategy).model_validate(document)
    proposal = proposed(bare, snapshot)
    assert (proposal.state, proposal.scale, proposal.latches) == ("NORMAL", 1.0, {})
    assert proposal.weights == proposal.allocation


def test_an_overlay_that_never_acts_leaves_the_same_model(snapshot: Any) -> None:
    strategy = api.load_strategy("managed")
    history = api.history(strategy, snapshot)
    model = run_model(api.mandate(strategy, "growth"), history)
    held = api.mandate(strategy.without_overlay(), "growth")
    alone, shared = run_model(held, history), run_model(held, history, like=model)
    np.testing.assert_array_equal(alone.trace.nav, shared.trace.nav)
    assert (alone.trace.nav != model.trace.nav).any()


def test_a_serious_finding_stops_only_those_who_would_trade_the_fund(snapshot: Any) -> None:
    def with_finding(code: Any, day: Any) -> Any:
        serious = Finding(day, code, "finding.non_positive", Severity.SERIOUS, (("price", "-1"),))
        return replace(snapshot, findings=(*snapshot.findings, serious))

    strategy = api.load_strategy("managed")
    with pytest.raises(BadMarketData, match="069500"):
        proposed(strategy, with_finding("069500", date(2003, 3, 28)))
    proposed(strategy, with_finding("102110", date(2003, 3, 28)))  # a substitute, not needed
    proposed(strategy, with_finding("069500", date(1997, 3, 28)))  # before the estimate's window


def test_holding_back_is_told(snapshot: Any) -> None:
    """An infeasible date in the middle: the allocation before is kept, with a finding."""
    strategy = api.load_strategy("static")
    mandate = api.mandate(strategy, "balanced")
    history = api.history(strategy, snapshot)
    model = run_model(mandate, history)
    newest = max(model.allocations)
    from jeoul.pipeline.replay import replay, start

    kept = {row: made for row, made in model.allocations.items() if row != newest}
    state, trace = replay(mandate, history, start(mandate), kept, (newest,))
    held = type(model)(mandate, history, state, trace, kept)
    proposal = present(held, snapshot, api.calendars()["XKRX"])
    found = next(f for f in proposal.findings if f.kind == "finding.held_back")
    assert dict(found.detail)["newest"] == history.day(newest).isoformat()
