"""``jeoul recommend`` in won: rates, the reserve and loans, and what funds cost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Jeoul

from jeoul import assets

ANSWERS = assets.root() / "configs" / "answers-example.toml"
BASE = ("recommend", ANSWERS, "--as-of", "2026-11-23")
RATES = """
[[rates]]
kind = "deposit"
name = "Bank A"
rate = 0.03
term = 12
as_of = 2026-11-20
source = "the app"

[[rates]]
kind = "cma"
name = "Broker B"
rate = 0.026
as_of = 2026-09-20
source = "the app"
"""
PERSON = """
age = 45
spending = 1_000_000

[[loans]]
balance = 5_000_000
rate = 0.06
until = 2028-06-30

[[loans]]
balance = 5_000_000
rate = 0.001
"""

pytestmark = pytest.mark.usefixtures("opened_once")


def test_without_rates_it_says_which_are_missing_and_invents_none(jeoul: Jeoul) -> None:
    found = jeoul(*BASE, "--lang", "en")
    assert found.code == 0
    assert "No rate for: time deposit, parking account, CMA" in found.out
    assert "jeoul new rates" in found.out
    data = json.loads(jeoul(*BASE, "--json").out)["in_won"]
    assert (data["outcomes"], data["portfolio"], len(data["missing"])) == ([], None, 7)


def test_rates_become_won_beside_a_range(jeoul: Jeoul, tmp_path: Path) -> None:
    (tmp_path / "rates.toml").write_text(RATES, "utf-8")
    words = (*BASE, "--rates", tmp_path / "rates.toml", "--months", "12")
    out = jeoul(*words, "--lang", "en").out
    assert "1. Bank A (time deposit, 3.00%, read 2026-11-20 in: the app): 10,253,800 won" in out
    assert "this rate is 64 days old (more than 30)" in out
    assert "deposit insurance covers all of it (10,300,000 won)" in out
    assert "90% range" in out
    assert "simulated sample market" in out
    data = json.loads(jeoul(*words, "--json").out)["in_won"]
    assert data["outcomes"][0]["paid"] == 10_253_800
    assert data["portfolio"]["low"] < 10_000_000 < data["portfolio"]["high"]


def test_the_reserve_and_the_dear_loan_come_first(jeoul: Jeoul, tmp_path: Path) -> None:
    """10 M: six months of 1 M stay, 4 M repay the loan at 6 %, nothing is left to invest."""
    (tmp_path / "me.toml").write_text(PERSON, "utf-8")
    words = (*BASE, "--person", tmp_path / "me.toml")
    data = json.loads(jeoul(*words, "--json").out)
    assert (data["first"]["reserve"], data["first"]["left"]) == (6_000_000, 0)
    assert data["first"]["repaid"] == [
        {"loan": 1, "amount": 4_000_000, "rate": 0.06, "interest": 240_000}
    ]
    more = json.loads(jeoul(*words, "--amount", "20000000", "--json").out)
    assert more["first"]["left"] == 9_000_000 == more["in_won"]["amount"]
    none = json.loads(jeoul(*words, "--reserve-months", "0", "--json").out)
    assert none["first"]["left"] == 5_000_000


def test_funds_are_ranked_by_what_they_cost(jeoul: Jeoul) -> None:
    data = json.loads(jeoul(*BASE, "--funds", "--json").out)["costs"]
    shares = [one for one in data if one["class"] == "equity_kr"]
    assert [one["code"] for one in shares][:2] == ["102110", "069500"]
    assert shares[0]["more"] == 0
    assert "가장 싼 펀드보다" in jeoul(*BASE, "--funds").out


def test_a_rate_in_percent_is_refused_in_korean(jeoul: Jeoul, tmp_path: Path) -> None:
    (tmp_path / "rates.toml").write_text(RATES.replace("0.03\n", "3.0\n"), "utf-8")
    found = jeoul(*BASE, "--rates", tmp_path / "rates.toml", "--lang", "ko")
    assert found.code == 2
    assert "3.3%는 0.033" in found.err


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_starter_of_rates_is_read_and_its_claims_are_old(
    jeoul: Jeoul, tmp_path: Path, lang: str
) -> None:
    place = tmp_path / "rates.toml"
    assert jeoul("new", "rates", place, "--lang", lang).code == 0
    data = json.loads(jeoul(*BASE, "--rates", place, "--json").out)["in_won"]
    assert {one["rate"] for one in data["outcomes"]} == {0.033, 0.05, 0.068}
    assert all("327" in one["notes"][0] for one in data["outcomes"])
