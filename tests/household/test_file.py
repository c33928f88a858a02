"""What a household's file says, and how it is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from jeoul.errors import ConfigError
from jeoul.household.file import HouseholdFile, read_household

HOME = """\
schema = 1
name = "home"
state = "state"
[people.minsu]
born = 1992-05-11
wages = 62_000_000
spending = 3_000_000
profile = "balanced"
[accounts.general]
owner = "minsu"
kind = "general"
holdings = "holdings/general.csv"
broker = { kind = "ticket", fee_rate = "0.001", collar = 0.02 }
[accounts.isa]
owner = "minsu"
kind = "isa"
opened = 2024-03-02
paid = { 2024 = 20_000_000, "2025" = 20_000_000 }
holdings = "holdings/isa.csv"
"""


def read(folder: Path, text: str) -> HouseholdFile:
    place = folder / "household.toml"
    place.write_text(text, "utf-8")
    return read_household(place)


def refused(folder: Path, text: str) -> list[str]:
    """What is wrong with a file, each as line, key, fault and remedy."""
    with pytest.raises(ConfigError) as caught:
        read(folder, text)
    return [
        str(problem).removeprefix(f"{folder}/household.toml") for problem in caught.value.problems
    ]


def test_people_and_accounts_are_read_with_paths_from_the_file(tmp_path: Path) -> None:
    home = read(tmp_path, HOME)
    assert home.people["minsu"].income.wages == 62_000_000
    assert home.accounts["isa"].holdings == tmp_path / "holdings" / "isa.csv"
    assert home.state == tmp_path / "state"
    assert home.title == "home"


def test_the_years_of_payments_may_be_quoted_or_not(tmp_path: Path) -> None:
    paid = read(tmp_path, HOME).accounts["isa"].paid
    assert paid.opened == date(2024, 3, 2)
    assert paid.paid == {2024: 20_000_000, 2025: 20_000_000}


def test_the_tables_of_a_broker_keep_what_only_that_broker_knows(tmp_path: Path) -> None:
    account = read(tmp_path, HOME).accounts["general"]
    assert account.broker == {"kind": "ticket", "fee_rate": "0.001", "collar": 0.02}
    assert account.fees.tariff(1).costs(100_000).fee == 100


def test_a_person_is_a_year_older_on_the_birthday(tmp_path: Path) -> None:
    minsu = read(tmp_path, HOME).people["minsu"]
    assert minsu.age_on(date(2026, 5, 10)) == 33
    assert minsu.age_on(date(2026, 5, 11)) == 34
