"""Each way to choose weights that a strategy file can name decides differently, and by its rule."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from jeoul import Portfolio, api, assets
from jeoul.errors import Infeasible, StrategyError
from jeoul.pipeline import place, run_model
from jeoul.strategy.load import load_strategy

DAY = "2003-06-30"  # early in the sample: a few allocations lead to it


@pytest.fixture(scope="module")
def decide(sample: Any) -> Any:
    snapshot = sample.as_of(DAY)

    @cache
    def made(kind: str, **keys: Any) -> Any:
        table = {"kind": kind, **{key: dict(v) if v is not None and isinstance(v, tuple) else v
                                  for key, v in keys.items()}}  # fmt: skip
        strategy = api.load_strategy("managed").replace("allocate", table)
        proposal = api.propose(strategy, "balanced", "general", snapshot)
        mandate = api.mandate(strategy, "balanced")
        model = run_model(mandate, api.history(strategy, snapshot))
        return SimpleNamespace(
            strategy=strategy,
            proposal=proposal,
            allocation=model.state.allocation,
            orders=place(proposal, Portfolio({}, cash=100_000_000)).orders,
            proof=lambda: api.prove(strategy, proposal, snapshot),
        )

    return made


def ratio(made: Any, weights: Any) -> float:
    mine = weights[made.members]
    return float(float(made.means @ mine) / float(mine @ made.covariance @ mine) ** 0.5)


def worst(made: Any, weights: Any, level: float) -> float:
    """Return the mean loss of weights in the worst sessions, the last of them in part."""
    losses = np.sort(-made.tail.returns @ weights[made.members])[::-1]
    count = len(losses) * (1.0 - level)
    shares = np.clip(count - np.arange(len(losses)), 0.0, 1.0)
    return float(losses @ shares) / count


def test_max_sharpe_earns_the_most_per_unit_of_volatility(decide: Any) -> None:
    best, usual = decide("max-sharpe"), decide("mean-variance", pull=0.0)
    found = ratio(best.allocation, best.allocation.weights)
    assert found > ratio(best.allocation, usual.allocation.weights) + 1e-6
    assert best.orders != usual.orders
    assert best.proof().holds
    assert best.proposal.why.certificate.risk_aversion == pytest.approx(
        best.proposal.why.certificate.acting
    )


def test_min_cvar_loses_least_in_the_worst_sessions(decide: Any) -> None:
    calm, usual = decide("min-cvar"), decide("mean-variance")
    found = worst(calm.allocation, calm.allocation.weights, 0.95)
    assert found == pytest.approx(calm.allocation.tail.found.cvar, rel=1e-9)
    assert found < 0.99 * worst(calm.allocation, usual.allocation.weights, 0.95)
    assert calm.orders != usual.orders
    proof = calm.proof()
    assert (proof.solver, proof.holds) == ("highs", True)
    assert 0.0 <= calm.proposal.why.certificate.gap < 1e-7
    assert {fund.reasons[0].kind for fund in calm.proposal.why.funds.values()} == {
        "allocate.min_cvar"
    }


def test_the_level_of_the_tail_decides(decide: Any) -> None:
    wide, narrow = decide("min-cvar", level=0.75), decide("min-cvar")
    assert wide.orders != narrow.orders
    assert worst(wide.allocation, wide.allocation.weights, 0.75) < worst(
        wide.allocation, narrow.allocation.weights, 0.75
    )


@pytest.mark.parametrize("kind", ["max-sharpe", "min-cvar"])
def test_bands_and_the_most_of_one_fund_hold(decide: Any, kind: str) -> None:
    narrow = decide(kind, max_weight=0.15, class_band=0.02)
    wide = decide(kind)
    assert narrow.orders != wide.orders
    assert narrow.allocation.weights[:-1].max() <= 0.15 + 1e-9
    strategic = narrow.strategy.profiles["balanced"].classes
    classes = narrow.proposal.classes
    for name, share in strategic.items():
        held = sum(w for c, w in narrow.proposal.allocation.items() if classes.get(c) == name)
        assert abs(held - 0.98 * share) <= 0.98 * 0.02 + 1e-9


def share_of(made: Any, name: str) -> float:
    classes = made.proposal.classes
    return float(sum(s for c, s in made.proposal.contributions.items() if classes[c] == name))


def test_a_cap_on_a_share_of_risk_moves_the_orders(decide: Any) -> None:
    free = decide("mean-variance")
    cap = round(0.95 * share_of(free, "equity_us"), 3)
    held = decide("mean-variance", risk_shares=(("equity_us", cap),))
    assert share_of(free, "equity_us") > cap
    assert share_of(held, "equity_us") == pytest.approx(cap, abs=1e-6)
    assert held.orders != free.orders
    assert [reason.kind for reason in held.proposal.why.limits] == ["allocate.risk_share_full"]
    assert held.proposal.why.certificate.gap is None


def test_a_cap_that_no_weights_keep_is_refused_by_its_name(decide: Any) -> None:
    with pytest.raises(Infeasible, match=r"allocate\.risk_shares\.equity_us"):
        decide("mean-variance", risk_shares=(("equity_us", 0.05),), class_band=0.0)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("risk_shares = { equity_mars = 0.3 }", "equity_mars"),
        ("max_positions = 5\nrisk_shares = { equity_us = 0.3 }", "do not go with"),
        ("level = 0.95", "level"),
    ],
)
def test_keys_that_cannot_be_meant_are_refused(tmp_path: Any, table: str, said: str) -> None:
    text = (assets.root() / "strategies" / "managed.toml").read_text("utf-8")
    path = tmp_path / "mine.toml"
    path.write_text(text.replace("[allocate]\n", f"[allocate]\n{table}\n"), "utf-8")
    with pytest.raises(StrategyError, match=said):
        load_strategy(str(path))


def test_a_least_weight_brings_in_the_funds_below_it(decide: Any) -> None:
    free, held = decide("mean-variance"), decide("mean-variance", min_weight=0.03)
    small = {code for code, weight in free.proposal.allocation.items() if weight < 0.03 - 1e-6}
    raised = small - {"CASH"}
    assert raised
    assert all(held.proposal.allocation[code] >= 0.03 - 1e-9 for code in raised)
    assert held.orders != free.orders
    said = {code: held.proposal.why.funds[code].reasons[0].kind for code in raised}
    assert "allocate.at_floor" in said.values()


def test_a_tracking_band_keeps_every_fund_near_its_strategic_weight(decide: Any) -> None:
    free = decide("mean-variance", pull=0.0)
    held = decide("mean-variance", pull=0.0, tracking_band=0.002)
    away = [
        max(abs(fund.weight - fund.strategic) for fund in made.proposal.why.funds.values())
        for made in (free, held)
    ]
    assert away[0] > 0.003
    assert away[1] <= 0.002 + 1e-9
    assert held.orders != free.orders
