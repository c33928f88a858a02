"""A household whose strategy has a glide path: it leads to the first goal."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.household.homes import home

from jeoul.errors import ConfigError
from jeoul.household.gathering.inputs import read_inputs
from jeoul.household.written.file import read_household
from jeoul.workspace.accounts import accounts_asked
from jeoul.workspace.live import mandate_at

CAR = '[goals.car]\namount = 10_000_000\nby = 2029-05-31\nfrom = ["general"]\n'
HOUSE = '[goals.house]\namount = 90_000_000\nby = 2036-05-31\nfrom = ["general", "isa"]\n'
FIRST = "priority = 1\n"


def gliding(folder: Path, goals: str) -> Path:
    """Return the file of a household that follows target-date."""
    file = home(folder, "general", "isa", more=goals).path
    text = file.read_text("utf-8")
    file.write_text('strategy = "target-date"\n' + text, "utf-8")
    return file


def led_to(file: Path) -> date:
    glide = read_inputs(read_household(file)).strategies["minsu"].glide
    assert glide is not None
    return glide.by


@pytest.mark.parametrize(
    ("goals", "day"),
    [
        (HOUSE + CAR, date(2029, 5, 31)),
        (HOUSE + FIRST + CAR, date(2036, 5, 31)),
    ],
)
def test_a_path_leads_to_the_first_goal(tmp_path: Path, goals: str, day: date) -> None:
    assert led_to(gliding(tmp_path, goals)) == day


def test_a_path_without_a_goal_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="goals: strategy target-date needs a goal's date"):
        led_to(gliding(tmp_path, ""))


def test_an_account_by_itself_leads_to_the_goal_of_its_household(tmp_path: Path) -> None:
    file = gliding(tmp_path, HOUSE)
    alone = mandate_at(f"{file}:isa")
    assert alone.strategy.glide is not None
    assert alone.strategy.glide.by == date(2036, 5, 31)
    asked = accounts_asked(str(file))
    assert asked is not None
    assert [each.mandate.strategy.glide for each in asked] == [alone.strategy.glide] * 2


def test_an_account_abroad_by_itself_has_the_calendar_of_its_exchange(tmp_path: Path) -> None:
    file = home(tmp_path, "general", "us").path
    assert mandate_at(f"{file}:us").strategy.calendar == "XNYS"
    assert mandate_at(f"{file}:general").strategy.calendar == "XKRX"
