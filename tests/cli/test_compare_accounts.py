"""What `jeoul compare-accounts` takes for granted about a person, beside what the plan says."""

from __future__ import annotations

import json
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("wages", "credits"),
    [
        (15_000_000, 0),  # no tax is due on 15 M, so nothing comes back
        (60_000_000, 24 * 13_200),
    ],
)
def test_a_credit_comes_from_the_tax_on_the_wages_alone(
    jeoul: Any, wages: int, credits: int
) -> None:
    """100,000 won a month for two years; an income that nobody gave pays no tax."""
    asked = ("--fund", "133690:pension_savings", "--years", "2", "--wages", wages, "--json")
    done = jeoul("compare-accounts", *asked)
    assert json.loads(done.out)["routes"][0]["credits"] == credits


@pytest.mark.parametrize(("wages", "free"), [(50_000_000, "4,000,000"), (50_000_001, "2,000,000")])
def test_the_isa_is_of_the_kind_that_the_wages_give(jeoul: Any, wages: int, free: str) -> None:
    asked = ("--fund", "133690:isa", "--years", "3", "--wages", wages, "--lang", "en")
    assert free in jeoul("compare-accounts", *asked).out
