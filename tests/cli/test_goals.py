"""``jeoul goals`` as a person meets it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from jeoul import assets
from jeoul.reporting.columns import COLUMNS, width

EXAMPLE = assets.root() / "configs" / "household-example.toml"
FAST = ("--paths", "400")

HEAD = """\
schema = 1
name = "saver"
state = "state"

[people.minsu]
born = 1992-05-11
wages = 62_000_000
profile = "growth"

[accounts.general]
kind = "general"
holdings = "general.csv"
"""

FLOWS = """
[[flows]]
amount = 1_200_000
every = "month"
from = 2026-07-25
"""

pytestmark = pytest.mark.usefixtures("opened_once")


def goal(name: str, amount: int, by: str, more: str = "") -> str:
    return f'\n[goals.{name}]\namount = {amount}\nby = {by}\nfrom = ["general"]\n{more}\n'


def saver(folder: Path, *parts: str, cash: int = 0) -> Path:
    (folder / "general.csv").write_text(f"ticker,shares,cost\nCASH,{cash},\n", "utf-8")
    place = folder / "saver.toml"
    place.write_text("".join((HEAD, *parts)), "utf-8")
    return place


def asked(jeoul: Any, file: Path, *words: object) -> dict[str, Any]:
    outcome = jeoul("goals", file, *FAST, *words, "--json")
    assert outcome.code == 0, outcome.err
    return json.loads(outcome.out)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("goals") / "page.html"


def test_terminal_and_page_say_it_in_english_and_that_it_is_simulated(
    jeoul: Any, page: Path
) -> None:
    outcome = jeoul("goals", EXAMPLE, *FAST, "--lang", "en", "--html", page)
    assert outcome.code == 0, outcome.err
    assert max(map(width, outcome.out.splitlines())) <= COLUMNS.get()
    assert "simulated data" in outcome.out
    for text in (outcome.out, page.read_text("utf-8").split("<header>")[1]):
        assert "{" not in text.split("<svg")[0]
        assert not re.search(r"[가-힣]", text.replace("우리 집", ""))
        assert "The least risk that is enough" in text
    assert page.read_text("utf-8").count('class="fan"') == 2
    assert "Simulated" in page.read_text("utf-8")


def test_the_answer_fits_a_terminal_in_korean(jeoul: Any) -> None:
    outcome = jeoul("goals", EXAMPLE, *FAST, "--lang", "ko")
    assert outcome.code == 0, outcome.err
    assert max(map(width, outcome.out.splitlines())) <= COLUMNS.get()
    assert "{" not in outcome.out
    assert "달성 확률" in outcome.out


def test_the_contract_of_the_data_in_both_languages(jeoul: Any) -> None:
    korean, english = (
        asked(jeoul, EXAMPLE, "--seed", "7", "--lang", lang) for lang in ("ko", "en")
    )
    assert english["schema"] == "jeoul.goals/1"
    assert english["simulated"] is True
    (house,), (other,) = english["goals"], korean["goals"]
    assert (house["id"], house["amount"], house["by"]) == ("house", 100_000_000, "2033-11-30")
    assert (house["paths"], house["seed"]) == (400, 7)
    won = (house["saved"], *house["needed_monthly"].values())
    assert all(isinstance(each, int) for each in won)
    assert set(house["needed_monthly"]) == {"cautious", "middle", "good"}
    low, high = house["interval"]
    assert 0.0 <= low <= house["probability"] <= high <= 1.0
    fan = house["fan"]
    assert len(fan["days"]) == len(fan["p10"]) == len(fan["p90"]) == len(fan["paid"])
    assert {**house, "sentences": None} == {**other, "sentences": None}
    assert house["sentences"] != other["sentences"]


def test_84_payments_of_1_2_million_need_no_risk_towards_100_million(
    jeoul: Any, tmp_path: Path
) -> None:
    flows = FLOWS.replace("2026-07-25", "2026-12-25")
    file = saver(tmp_path, goal("home", 100_000_000, "2033-11-30"), flows)
    (home,) = asked(jeoul, file)["goals"]
    assert home["planned"] == 84 * 1_200_000
    assert home["least_risk"] == "cash"
    assert home["rungs"][0] == {
        "id": "cash",
        "cautious": 84 * 1_200_000,
        "enough": True,
        "allowed": True,
    }
    assert "No risk is needed" in jeoul("goals", file, *FAST, "--lang", "en").out


def test_a_near_day_lowers_the_profile_and_a_far_one_never_raises_it(
    jeoul: Any, tmp_path: Path
) -> None:
    file = saver(
        tmp_path,
        goal("near", 10_000_000, "2027-02-28"),
        goal("far", 900_000_000, "2045-06-30"),
        FLOWS,
    )
    near, far = asked(jeoul, file)["goals"]
    assert [part["profile"] for part in near["profiles"]] == ["conservative"]
    assert near["capped"] == [{"person": "minsu", "from": "growth", "to": "conservative"}]
    assert [part["profile"] for part in far["profiles"]] == ["growth"]
    assert far["capped"] == []
    allowed = {rung["id"] for rung in near["rungs"] if rung["allowed"]}
    assert allowed == {"cash", "deposit", "conservative"}


def test_two_goals_share_one_account_by_priority(jeoul: Any, tmp_path: Path) -> None:
    file = saver(
        tmp_path,
        goal("second", 20_000_000, "2027-06-30"),
        goal("first", 50_000_000, "2033-06-30", "priority = 1"),
        cash=60_000_000,
    )
    first, second = asked(jeoul, file)["goals"]
    assert (first["id"], second["id"]) == ("first", "second")
    assert first["saved"] + second["saved"] == 60_000_000
    assert first["saved"] > 45_000_000
    assert second["probability"] < 1.0


def test_what_cannot_be_simulated_is_said_in_a_sentence(jeoul: Any, tmp_path: Path) -> None:
    goals = (
        goal("past", 9_000_000, "2026-01-31"),
        goal("bare", 9_000_000, "2026-12-31"),
        goal("moon", 10**11, "2028-01-31"),
    )
    flows = FLOWS.replace("2026-07-25", "2027-07-25")
    outcome = jeoul("goals", saver(tmp_path, *goals, flows, cash=4_000_000), *FAST, "--lang", "en")
    assert outcome.code == 0, outcome.err
    said = " ".join(outcome.out.split())
    assert "This goal is due: its accounts hold ₩4,000,000 of ₩9,000,000." in said
    assert "The accounts of this goal are empty" in said
    assert "Out of reach as planned" in said


def test_a_plan_that_takes_out_more_than_there_is_ends_with_nothing(
    jeoul: Any, tmp_path: Path
) -> None:
    flows = FLOWS.replace("1_200_000", "-1_200_000")
    file = saver(tmp_path, goal("home", 100_000_000, "2033-11-30"), flows, cash=4_000_000)
    (found,) = asked(jeoul, file)["goals"]
    assert set(found["outcomes"].values()) == {0}
    said = jeoul("goals", file, *FAST, "--lang", "en").out
    assert "the money runs out before this day" in " ".join(said.split())


def test_a_household_without_goals_says_so(jeoul: Any, tmp_path: Path) -> None:
    outcome = jeoul("goals", saver(tmp_path, FLOWS), *FAST, "--lang", "en")
    assert outcome.code == 0, outcome.err
    assert "This file has no goals." in outcome.out


def test_a_goal_without_accounts_is_refused_in_a_sentence(jeoul: Any, tmp_path: Path) -> None:
    parts = goal("home", 9_000_000, "2033-01-31").replace('from = ["general"]\n', "")
    outcome = jeoul("goals", saver(tmp_path, parts), "--lang", "en")
    assert outcome.code == 2
    assert "goals.home.from: is missing; add it" in outcome.err


def test_a_page_never_replaces_the_household(jeoul: Any, tmp_path: Path) -> None:
    file = saver(tmp_path, FLOWS)
    outcome = jeoul("goals", file, "--html", file)
    assert outcome.code == 2
    assert file.read_text("utf-8").startswith("schema")
