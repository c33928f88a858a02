"""The glide table of a strategy file: what a path may say, and what it names on the way."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from jeoul import api
from jeoul.errors import UsageError
from jeoul.pipeline.inputs import rules_id
from jeoul.strategy.tables.glide import GlideRules
from jeoul.strategy.tables.profile import PROFILES

SHIPPED = api.load_strategy("target-date")
PATH = SHIPPED.glide
assert PATH is not None


def point(years: float, **mix: float) -> dict[str, Any]:
    return {"years": years, "mix": mix}


def path(*points: Any) -> dict[str, Any]:
    return {"by": date(2050, 12, 31), "points": list(points)}


@given(st.floats(-30.0, 70.0), st.sampled_from(PROFILES))
def test_a_mix_is_whole_and_never_bolder_than_the_investor(years: float, profile: str) -> None:
    assert PATH is not None
    mix = PATH.mix_for(profile, years)
    assert sum(mix.values()) == pytest.approx(1.0, abs=1e-12)
    assert all(PROFILES.index(name) <= PROFILES.index(profile) for name in mix)


@given(st.integers(0, 12_000))
def test_one_day_moves_a_mix_by_less_than_a_twentieth_of_a_percent(days: int) -> None:
    assert PATH is not None
    day = date(2025, 1, 1) + timedelta(days=days)
    before, after = (PATH.mix(PATH.years_left(each)) for each in (day, day + timedelta(days=1)))
    moved = [abs(after.get(name, 0.0) - before.get(name, 0.0)) for name in PROFILES]
    assert max(moved) < 0.0005


def test_risk_never_rises_on_the_shipped_path() -> None:
    assert PATH is not None
    overlay = SHIPPED.overlay
    assert overlay is not None

    def at_risk(years: float) -> float:
        assert PATH is not None
        return sum(
            share * weight  # type: ignore[misc]
            for name, share in PATH.mix(years).items()
            for kind, weight in SHIPPED.profiles[name].classes.items()  # type: ignore[index]
            if kind in overlay.risk_classes
        )

    shares = [at_risk(years / 4.0) for years in range(120, -41, -1)]
    assert all(later <= earlier + 1e-12 for earlier, later in pairwise(shares))
    assert (shares[0], shares[-1]) == pytest.approx((0.70, 0.18))


@pytest.mark.parametrize(
    ("points", "fault"),
    [
        ((point(10.0, growth=0.9), point(0.0, conservative=1.0)), "add up to 0.9"),
        ((point(0.0, growth=1.0), point(10.0, conservative=1.0)), "list the farthest first"),
        ((point(5.0, growth=1.0), point(5.0, conservative=1.0)), "list the farthest first"),
        ((point(5.0, growth=1.0),), "at least 2 items"),
        ((point(5.0, bold=1.0), point(1.0, growth=1.0)), "Input should be"),
    ],
)
def test_a_path_that_says_nothing_certain_is_refused(points: Any, fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        GlideRules.model_validate(path(*points))


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("rebalance.calendar", "never", "moves on rebalancing dates"),
        ("profiles.growth.volatility", None, "in glide have volatility"),
        ("profiles.growth.loss_limit", None, "in glide have loss_limit"),
    ],
)
def test_a_strategy_whose_path_could_not_be_walked_is_refused(
    key: str, value: Any, fault: str
) -> None:
    with pytest.raises(ValidationError, match=fault):
        SHIPPED.replace(key, value)


def test_a_path_names_only_profiles_that_the_file_has() -> None:
    document = SHIPPED.model_dump(by_alias=True)
    del document["profiles"]["balanced"]
    with pytest.raises(ValidationError, match="glide uses profile balanced"):
        type(SHIPPED).model_validate(document)


def test_a_strategy_without_a_path_takes_no_date_and_keeps_its_identity() -> None:
    managed = api.load_strategy("managed")
    assert "glide" not in managed.model_dump()
    with pytest.raises(UsageError, match=r"managed has no \[glide\]"):
        managed.towards(date(2040, 1, 1))


def test_another_date_is_another_set_of_rules() -> None:
    one, other = (SHIPPED.towards(date(year, 1, 1)) for year in (2040, 2041))
    assert rules_id(api.mandate(one, "growth")) != rules_id(api.mandate(other, "growth"))
    assert one.towards(date(2041, 1, 1)) == other
