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


@pytest.mark.parametrize(("financial", "compared"), [(20_000_000, True), (20_000_001, False)])
def test_nobody_above_20_million_of_interest_a_year_is_shown_an_isa(
    jeoul: Any, financial: int, compared: bool
) -> None:
    """129-2 (1): above 20 M in one of the three years before, no ISA is opened."""
    asked = ("--years", "3", "--financial-income", financial, "--json", "--lang", "en")
    done = jeoul("compare-accounts", *asked)
    shown = {route["kind"] for route in json.loads(done.out)["routes"]}
    assert shown == ({"general", "pension_savings"} | ({"isa"} if compared else set()))
    assert ("No ISA is compared" in done.err) is not compared


def test_money_of_a_person_without_an_isa_goes_past_it(jeoul: Any) -> None:
    asked = ("--fund", "133690:pension_savings+isa+general", "--years", "3", "--age", "12")
    done = jeoul("compare-accounts", *asked, "--wages", 0, "--lump", 50_000_000, "--json")
    accounts = json.loads(done.out)["routes"][-1]["accounts"]
    assert [part["kind"] for part in accounts] == ["pension_savings", "general"]


@pytest.mark.parametrize("chain", ["isa+general", "isa+pension-savings+general", "ISA+general"])
def test_the_account_behind_an_isa_takes_its_money_where_none_may_be_opened(
    jeoul: Any, chain: str
) -> None:
    asked = ("--fund", f"133690:{chain}", "--fund", "133690:general", "--years", "3")
    done = jeoul("compare-accounts", *asked, "--financial-income", 30_000_000, "--json")
    shown = [[part["kind"] for part in r["accounts"]] for r in json.loads(done.out)["routes"]]
    assert ["general"] in shown
    assert all("isa" not in kinds for kinds in shown)
    assert len(shown) == (2 if "pension" in chain else 1)  # two that are one are shown once


def test_a_comparison_of_isas_alone_is_refused_where_none_may_be_opened(jeoul: Any) -> None:
    asked = ("--fund", "133690:isa", "--financial-income", 30_000_000)
    done = jeoul("compare-accounts", *asked, "--lang", "ko")
    assert done.code == 2
    assert "ISA에 가입할 수 없는 고객인데, 모든 --fund에 ISA만 지정했습니다" in done.err
    assert "--fund TICKER:general" in done.err


def test_the_old_name_of_an_option_does_the_same_and_says_the_new_one(jeoul: Any) -> None:
    asked = ("compare-accounts", "--wages", 0, "--lang", "en", "--json")
    new = jeoul(*asked, "--to", "2020-12-30")
    old = jeoul(*asked, "--until", "2020-12-30")
    assert json.loads(old.out) == json.loads(new.out)
    assert json.loads(new.out) != json.loads(jeoul(*asked).out)
    assert "--until is now called --to" in old.err
    assert "--until" not in new.err
