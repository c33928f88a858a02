"""A grid is checked whole before anything runs, and refusals are counted by their reason."""

from __future__ import annotations

from typing import Any

import pytest

from jeoul import api
from jeoul.errors import UsageError
from jeoul.research.grid import changed, check_grid, counted, label


@pytest.fixture(scope="module")
def managed() -> Any:
    return api.load_strategy("managed")


@pytest.fixture(scope="module")
def universe(managed: Any) -> Any:
    return api.universe_of(managed.universe)


def refusal(managed: Any, universe: Any, grid: Any) -> Any:
    with pytest.raises(UsageError) as caught:
        check_grid(managed, grid, universe)
    return str(caught.value).splitlines()


def test_every_wrong_key_and_value_is_named_at_once(managed: Any, universe: Any) -> None:
    grid = {
        "overlay.vix.scalee": (0.3, 0.5),
        "overlay.vixx.scale": (0.3,),
        "profiles.balancd.loss_limit": (0.1,),
        "overlay.vix.scale": (0.3, 1.5),
        "rebalance.calendar": ("monthly", "montly"),
        "overlay.risk_classes": (["equity_krr"],),
    }
    found = refusal(managed, universe, grid)
    assert found[:3] == [
        "unknown key 'scalee' in [overlay.vix]; did you mean 'scale'?",
        "unknown key 'vixx' in [overlay]; did you mean 'vix'?",
        "unknown key 'balancd' in [profiles]; did you mean 'balanced'?",
    ]
    assert [line.partition(":")[0] for line in found[3:]] == [
        "overlay.vix.scale", "rebalance.calendar", "overlay.risk_classes",
    ]  # fmt: skip
    assert "1.5" in found[3]
    assert "did you mean 'monthly'?" in found[4]
    assert "did you mean 'equity_kr'?" in found[5]


def test_a_value_that_another_key_of_the_grid_makes_right_is_accepted(
    managed: Any, universe: Any
) -> None:
    enter = managed.overlay.vix.enter.at
    with pytest.raises(UsageError, match="is not below enter"):
        changed(managed, {"overlay.vix.exit.at": enter + 5.0})
    grid = {"overlay.vix.exit.at": (20.0, enter + 5.0), "overlay.vix.enter.at": (enter + 9.0,)}
    check_grid(managed, {**grid, "overlay.vix.panic": (None,)}, universe)
    (line,) = refusal(managed, universe, {"overlay.vix.exit.at": (20.0, enter + 5.0)})
    assert "is not below enter" in line


def test_a_value_that_no_combination_accepts_is_refused(managed: Any, universe: Any) -> None:
    grid = {"overlay.vix.exit.at": (90.0,), "overlay.vix.enter.at": (25.0, 30.0)}
    assert any("exit at 90.0" in line for line in refusal(managed, universe, grid))


@pytest.mark.parametrize("key", ["universe", "calendar", "schema"])
def test_what_needs_other_data_cannot_be_changed(managed: Any, universe: Any, key: Any) -> None:
    (line,) = refusal(managed, universe, {key: ("us-core",)})
    assert line.startswith(f"{key}: cannot be changed here")


def test_a_table_that_a_strategy_does_not_have_has_no_keys(universe: Any) -> None:
    static = api.load_strategy("static")
    (line,) = refusal(static, universe, {"overlay.vix.scale": (0.5,)})
    assert line == "overlay.vix.scale: the strategy has no table overlay.vix; add it first"


@pytest.mark.parametrize(
    "values",
    [
        {"overlay.vix.scale": 0.5, "rebalance.band": 0.1},
        {"allocate.turnover_max": 1, "rebalance.calendar": "yearly"},
        {"overlay.stale": 5},
    ],
)
def test_what_fits_is_changed_and_nothing_else(managed: Any, universe: Any, values: Any) -> None:
    found = changed(managed, values, universe)
    check_grid(managed, {key: (value,) for key, value in values.items()}, universe)
    for key, value in values.items():
        found = found.replace(key, dict_value(managed, key))
        assert value != dict_value(managed, key)
    assert found == managed


def dict_value(strategy: Any, key: Any) -> Any:
    place = strategy.model_dump(by_alias=True)
    for part in key.split("."):
        place = place[part]
    return place


def test_refusals_are_counted_without_what_names_the_variant() -> None:
    values = [{"a": n} for n in range(4)]
    said = ["too low; set b to 1", "too low; set b to 2", "unknown", ""]
    rows = [
        (one, f"{label(one)}: {text}" if text else "")
        for one, text in zip(values, said, strict=True)
    ]
    assert counted(rows) == {"too low": 2, "unknown": 1}
