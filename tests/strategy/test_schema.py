"""The strategy as a record: changed by key, stripped of what cuts, and never half valid."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from jeoul.strategy.load import load_strategy, shipped
from jeoul.strategy.schema import Strategy


@pytest.fixture(scope="module")
def managed() -> Strategy:
    return load_strategy("managed")


def test_one_key_is_changed_and_nothing_else(managed: Any) -> None:
    other = managed.replace("overlay.vix.scale", 0.5)
    assert other.overlay.vix.scale == 0.5
    assert managed.overlay.vix.scale == 0.9
    assert other.replace("overlay.vix.scale", 0.9) == managed


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("overlay.vix.scale", 1.5),
        ("overlay.vix.scale", "half"),
        ("overlay.vix.enter.closes", 2.5),
        ("overlay.vix.shade", 0.5),
        ("rebalance.calendar", "daily"),
        ("estimate.lookback", 100),
    ],
)
def test_a_value_that_does_not_fit_is_refused(managed: Any, key: str, value: Any) -> None:
    with pytest.raises(ValidationError):
        managed.replace(key, value)


def with_views(strategy: Any, **views: Any) -> Any:
    """Return the strategy with Black-Litterman means; a view is its mix and its confidence."""
    tables = {
        name: {"of": of, "expected": 0.02, "confidence": confidence}
        for name, (of, confidence) in views.items()
    }
    return strategy.replace("estimate.mean", {"kind": "black-litterman", "views": tables})


@pytest.mark.parametrize(
    ("views", "said"),
    [
        ({"one": ({}, 0.5)}, "no member a weight"),
        ({"one": ({"gold": 0.0}, 0.5)}, "no member a weight"),
        ({"one": ({"gold": 0.5}, 0.5)}, "sums to 0.5; make it 1"),
        ({"one": ({"gold": 1.0, "kr_large": -0.5}, 0.5)}, "sums to 0.5; make it 1"),
        ({"one": ({"gold": 1.0}, 1.0), "two": ({"gold": 1.0}, 1.0)}, "views.one and views.two"),
        (
            {
                "up": ({"kr_large": 1.0, "us_large": -1.0}, 1.0),
                "down": ({"us_large": 2.0, "kr_large": -2.0}, 1.0),
            },
            "both certain of the same mix",
        ),
    ],
)
def test_a_view_that_no_estimate_can_use_is_refused(managed: Any, views: Any, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        with_views(managed, **views)


def test_doubt_in_one_of_two_views_of_the_same_mix_is_enough(managed: Any) -> None:
    strategy = with_views(managed, one=({"gold": 1.0}, 1.0), two=({"gold": 1.0}, 0.9))
    assert set(strategy.estimate.mean.views) == {"one", "two"}


@pytest.mark.parametrize("key", ["overlays.vix.scale", "name.ko", "profiles.none.loss_limit"])
def test_a_key_without_its_table_is_unknown(managed: Any, key: str) -> None:
    with pytest.raises(KeyError):
        managed.replace(key, 0.5)


@pytest.mark.parametrize("name", shipped())
def test_without_its_overlay_a_strategy_is_still_one(name: str) -> None:
    strategy = load_strategy(name)
    held = strategy.without_overlay()
    assert Strategy.model_validate(held.model_dump(by_alias=True)) == held
    assert held.without_overlay() == held
    assert held.allocate == strategy.allocate
    assert held.rebalance == strategy.rebalance


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_strategy_is_bold_only_as_its_profiles_say(name: str) -> None:
    strategy = load_strategy(name)
    risky = set(strategy.overlay.risk_classes)
    shares = [
        sum(share for kind, share in strategy.profiles[profile].classes.items() if kind in risky)
        for profile in ("conservative", "balanced", "growth")
    ]
    assert shares == sorted(shares)
