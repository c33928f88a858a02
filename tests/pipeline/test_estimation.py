"""Means, covariances and objectives that a strategy file may ask for, on one date of the sample."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.allocate import risk_contributions
from jeoul.errors import BadEstimate
from jeoul.pipeline import present, run_model
from jeoul.pipeline.allocation import allocate, holdable
from jeoul.pipeline.estimation import covariance_of

DAY = date(2024, 5, 16)
SIMPLE = ("risk-parity", "inverse-volatility", "equal-weight")


@pytest.fixture(scope="module")
def history(sample: Any) -> Any:
    return api.history(api.load_strategy("managed"), sample.as_of(DAY))


def made(
    history: Any,
    changes: Any,
    profile: Any = "balanced",
    base: Any = "managed",
    account: Any = "general",
) -> Any:
    strategy = api.load_strategy(base)
    for key, value in changes.items():
        strategy = strategy.replace(key, value)
    mandate = api.mandate(strategy, profile, account)
    row = len(history) - 1
    found = allocate(mandate, history, row, holdable(mandate, history, row, proxies=True))
    return found, dict(zip(mandate.places, found.weights.tolist(), strict=True))


EQUILIBRIUM = {"estimate.mean": {"kind": "equilibrium", "risk_aversion": 2.5}}


def view(expected: Any, confidence: Any) -> Any:
    of = {"kr_large": 1.0, "us_large": -1.0}
    one = {"of": of, "expected": expected, "confidence": confidence}
    return {"estimate.mean": {"kind": "black-litterman", "views": {"korea": one}}}


def test_a_view_moves_weight_towards_what_it_favours(history: Any) -> None:
    _, neutral = made(history, EQUILIBRIUM)
    tilts = [made(history, view(0.04, c))[1]["kr_large"] for c in (0.1, 0.5, 0.9)]
    assert neutral["kr_large"] < tilts[0] <= tilts[1] + 1e-9 <= tilts[2] + 2e-9


def test_a_view_of_what_cannot_be_held_does_not_count(history: Any) -> None:
    _, neutral = made(history, EQUILIBRIUM)
    views = {"x": {"of": {"nothing_like_it": 1.0}, "expected": 0.3}}
    _, found = made(history, {"estimate.mean": {"kind": "black-litterman", "views": views}})
    assert found == pytest.approx(neutral, abs=1e-9)


def test_certain_views_that_contradict_each_other_together_are_a_bad_estimate(history: Any) -> None:
    pairs = {"a": ("kr_large", "us_large"), "b": ("us_large", "gold"), "c": ("gold", "kr_large")}
    views = {
        name: {"of": {long: 1.0, short: -1.0}, "expected": 0.02, "confidence": 1.0}
        for name, (long, short) in pairs.items()
    }
    with pytest.raises(BadEstimate, match=r"estimate\.mean: views .*; drop one"):
        made(history, {"estimate.mean": {"kind": "black-litterman", "views": views}})


def test_a_column_without_variance_is_a_bad_estimate() -> None:
    strategy = api.load_strategy("managed")
    mandate = api.mandate(
        strategy.replace("estimate.covariance", {"kind": "constant-correlation"}), "balanced"
    )
    with pytest.raises(BadEstimate, match=r"estimate\.covariance: a column without variance"):
        covariance_of(mandate, np.zeros((100, 3)))


@pytest.mark.parametrize("kind", ["black-litterman", "shrunk"])
def test_the_expected_return_is_that_of_the_means_the_strategy_asks_for(
    sample: Any, kind: str
) -> None:
    views = {"korea": {"of": {"kr_large": 1.0}, "expected": 0.3, "confidence": 1.0}}
    mean = {"kind": kind, "views": views} if kind == "black-litterman" else {"kind": kind}
    plain = api.load_strategy("static")
    model, neutral = (
        run_model(api.mandate(one, "balanced"), api.history(one, sample.as_of(DAY)))
        for one in (plain.replace("estimate.mean", mean), plain)
    )
    made = model.state.allocation
    proposal = present(model, sample.as_of(DAY), api.calendars()["XKRX"])
    expected = float(made.weights[made.members] @ made.means)
    assert proposal.expected_excess == pytest.approx(expected, abs=1e-12)
    assert np.abs(made.means - neutral.state.allocation.means).max() > 0.01
    if kind == "black-litterman":
        place = model.mandate.places.index("kr_large")
        assert made.means[list(made.members).index(place)] == pytest.approx(0.3)


def test_minimum_variance_has_the_least_and_risk_parity_equal_shares(history: Any) -> None:
    least, _ = made(history, {"allocate.kind": "min-variance"})
    for kind in ("mean-variance", "tracking"):
        assert least.volatility < made(history, {"allocate.kind": kind})[0].volatility
    parity, _ = made(history, {"allocate": {"kind": "risk-parity"}})
    shares = risk_contributions(parity.covariance, parity.weights[parity.members])
    assert shares == pytest.approx(np.full(len(shares), 1.0 / len(shares)), abs=1e-9)


@pytest.mark.parametrize("kind", SIMPLE)
def test_a_simple_rule_holds_the_classes_of_the_profile_alone(history: Any, kind: str) -> None:
    _, found = made(history, {"allocate": {"kind": kind}}, base="sixty-forty")
    classes = api.load_strategy("sixty-forty").profiles["balanced"].classes
    universe = api.universe_of("krx-core")
    held = {m.asset_class for m in universe.members if found[m.name] > 0.0}
    assert held == set(classes)  # cash_like only stands in for krw_bond


@pytest.mark.parametrize("kind", [*SIMPLE, "strategic"])
def test_an_irp_holds_risk_assets_up_to_its_cap_whatever_the_kind(history: Any, kind: str) -> None:
    bold = {"equity_kr": 0.3, "equity_us": 0.3, "equity_world": 0.3, "krw_bond": 0.1}
    changes = {"allocate": {"kind": kind}, "profiles.balanced.classes": bold}
    own, capped = (made(history, changes, account=name)[1] for name in ("general", "irp"))
    members = api.universe_of("krx-core").members
    safe = [m.name for m in members if m.asset_class == "krw_bond" and capped[m.name] > 0.0]
    risky = [m.name for m in members if m.asset_class != "krw_bond" and capped[m.name] > 0.0]
    at_risk = sum(capped[name] for name in risky)
    assert at_risk <= 0.7 + 1e-12
    assert capped["CASH"] == pytest.approx(0.02, abs=1e-9)
    if sum(own[name] for name in risky) > 0.7:
        assert at_risk == pytest.approx(0.7)
        for names in (safe, risky):  # in proportion to the weights without the cap
            ratios = [capped[name] / own[name] for name in names]
            assert ratios == pytest.approx(np.full(len(ratios), ratios[0]))


def test_a_ceiling_that_no_program_keeps_is_told(sample: Any) -> None:
    strategy = api.load_strategy("managed").replace("allocate", {"kind": "strategic"})
    strategy = strategy.replace("profiles.balanced.volatility", {"min": 0.0, "max": 0.03})
    proposal = api.propose(strategy, "balanced", "general", sample.as_of(DAY))
    (finding,) = [one for one in proposal.findings if one.kind == "finding.restless"]
    assert finding.subject == "profiles.balanced"
    assert dict(finding.detail)["most"] == "3.0%"


def test_tracking_without_a_band_is_the_strategic_weights(history: Any) -> None:
    loose = {"allocate.kind": "tracking", "allocate.turnover": 0.0}
    _, tracked = made(history, loose)
    _, plain = made(history, {"allocate": {"kind": "strategic"}})
    assert tracked == pytest.approx(plain, abs=1e-6)


def test_positions_are_few_or_large_enough(history: Any) -> None:
    _, few = made(history, {"allocate.max_positions": 9})
    assert sum(weight > 0.0 for name, weight in few.items() if name != "CASH") <= 9
    _, large = made(history, {"allocate.min_position": 0.05})
    held = [weight for name, weight in large.items() if name != "CASH" and weight > 0.0]
    assert min(held) >= 0.05 - 1e-9


@pytest.mark.parametrize("kind", ["constant-correlation", "factor", "sample", "ledoit-wolf"])
def test_every_covariance_gives_a_portfolio(history: Any, kind: str) -> None:
    found, weights = made(history, {"estimate.covariance": {"kind": kind}})
    assert sum(weights.values()) == pytest.approx(1.0, abs=1e-9)
    assert 0.03 < found.volatility < 0.12
