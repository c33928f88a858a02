"""A goal of a household that is lived on: what its keys mean, and what is said of it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.household.homes import home

from jeoul.cli.goals import goals
from jeoul.errors import ConfigError
from jeoul.household.written.file import read_household

OLD = '[goals.old]\namount = 300_000_000\nby = 2052-06-30\nfrom = ["general", "pension"]\n'


@pytest.mark.parametrize(
    ("more", "lived_on"),
    [
        ("", False),
        ('purpose = "house"\n', False),
        ('purpose = "retirement"\n', True),
        ("spending = 2_000_000\n", True),
        ('purpose = "sabbatical"\nspending = 1_000_000\nuntil = 61\n', True),
    ],
)
def test_what_is_lived_on(tmp_path: Path, more: str, lived_on: bool) -> None:
    assert home(tmp_path, "general", "pension", more=OLD + more).goals["old"].lived_on is lived_on


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("until = 90\n", "goals.old.until: is set without spending"),
        ("spending = 1_000_000\nuntil = 60\n", "60 is not above the age on the goal's date, 60"),
        ("spending = -1\n", "goals.old.spending"),
        ("spending = 1_000_000\nuntil = 200\n", "goals.old.until"),
    ],
)
def test_what_cannot_be_lived_on_is_refused(tmp_path: Path, more: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        home(tmp_path, "general", "pension", more=OLD + more)


def test_an_account_that_is_not_there_is_said_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        home(tmp_path, "general", more=OLD + "spending = 1_000_000\n")
    assert [problem.key for problem in refused.value.problems] == ["goals.old.from.1"]


def test_an_only_person_need_not_be_named(tmp_path: Path) -> None:
    file = home(tmp_path, "general", "pension", more=OLD + "spending = 1_000_000\n").path
    file.write_text(file.read_text("utf-8").replace('owner = "minsu"\n', ""), "utf-8")
    assert read_household(file).goals["old"].lived_on


def test_a_retirement_needs_somebody_who_spends(tmp_path: Path) -> None:
    file = home(tmp_path, "general", "pension", more=OLD + 'purpose = "retirement"\n').path
    file.write_text(file.read_text("utf-8").replace("spending = 500_000\n", ""), "utf-8")
    with pytest.raises(ConfigError, match="its people have no spending"):
        read_household(file)


def test_the_command_says_how_long_the_money_lasts(tmp_path: Path) -> None:
    file = home(tmp_path, "general", "pension", more=OLD + "spending = 400_000\nuntil = 90\n")
    words = [str(file.path), "--paths", "200", "--lang", "en", "--json"]
    shown = CliRunner().invoke(goals, words, catch_exceptions=False)
    goal = json.loads(shown.stdout)["goals"][0]
    found = goal["retirement"]
    assert (found["from_age"], found["until_age"], found["spending"]) == (60, 90, 4_800_000)
    assert found["interval"][0] <= found["probability"] <= found["interval"][1]
    names = [order["name"] for order in found["orders"]]
    assert names == ["pension_last", "pension_first", "pension_within"]
    best = next(order for order in found["orders"] if order["name"] == found["best"])
    assert best["probability"] == max(order["probability"] for order in found["orders"])
    assert any("the money lasts with probability" in line for line in goal["sentences"])
    assert date.fromisoformat(goal["by"]) == date(2052, 6, 30)
