"""What a backtest says after every tax: with a kind of account, a person's file, a household."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.household.homes import home

SPAN = ("--from", "2021-01-04", "--to", "2024-12-30")
STATIC = ("backtest", "static", "--profile", "balanced", *SPAN)
PERSON = """year = 2026
age = 58
wages = 40_000_000
budget = 10_000_000
horizon_years = 10
growth = 0.05
health = "employee"
"""

pytestmark = pytest.mark.usefixtures("opened_once")


def read(jeoul: Any, tmp_path: Path, *words: str) -> dict[str, Any]:
    found = jeoul(*words, "--trials", tmp_path / "t.sqlite", "--json", "--lang", "en")
    assert found.code == 0, found.err
    document: dict[str, Any] = json.loads(found.out)
    return document


def test_without_a_kind_of_account_nothing_is_taxed(jeoul: Any, tmp_path: Path) -> None:
    assert "in_hand" not in read(jeoul, tmp_path, *STATIC)


def test_an_ordinary_account_keeps_less_than_an_isa_of_the_same_money(
    jeoul: Any, tmp_path: Path
) -> None:
    general = read(jeoul, tmp_path, *STATIC, "--account", "general")["in_hand"]
    isa = read(jeoul, tmp_path, *STATIC, "--account", "isa")["in_hand"]
    assert (general["paid_in"], isa["paid_in"]) == (100_000_000, 20_000_000)
    assert general["withheld"] > 0 == general["exit_tax"]
    assert isa["withheld"] == 0
    assert general["yearly_return"] < isa["yearly_return"]
    assert any("ISA" in line for line in isa["assumed"])


def test_a_person_of_low_wages_has_the_larger_free_amount_of_an_isa(
    jeoul: Any, tmp_path: Path
) -> None:
    file = tmp_path / "person.toml"
    file.write_text(PERSON, "utf-8")
    usual = read(jeoul, tmp_path, *STATIC, "--account", "isa")["in_hand"]
    own = read(jeoul, tmp_path, *STATIC, "--account", "isa", "--person", str(file))["in_hand"]
    assert usual["exit_tax"] > own["exit_tax"]
    assert not any("Health insurance is not counted" in line for line in own["assumed"])
    assert any("40,000,000" in line and "53" in line for line in own["assumed"])


def test_the_lines_are_in_both_languages(jeoul: Any, tmp_path: Path) -> None:
    words = (*STATIC, "--account", "pension_savings", "--trials", tmp_path / "t.sqlite")
    assert "After-tax proceeds: " in jeoul(*words, "--lang", "en").out
    korean = jeoul(*words, "--lang", "ko").out
    assert "세후 실수령액" in korean
    assert "연금계좌 세액공제: 792,000원" in korean


def test_dollars_that_nobody_exchanges_have_no_figure_after_tax(jeoul: Any, tmp_path: Path) -> None:
    file = tmp_path / "account.toml"
    file.write_text('schema = 1\nname = "us"\ncash = 10_000\n', "utf-8")
    words = ("backtest", "managed-us", "--profile", "balanced", "--from", "2023-01-03")
    found = read(jeoul, tmp_path, *words, "--account-file", str(file))
    assert found["account_run"]["in_hand"] is None


def test_a_household_has_its_own_form_and_refuses_what_its_file_says(
    jeoul: Any, tmp_path: Path
) -> None:
    home(tmp_path, "general", "isa")
    file = str(tmp_path / "household.toml")
    span = ("--from", "2024-01-02", "--to", "2024-04-30", "--lang", "en")
    found = json.loads(jeoul("backtest", "--household", file, *span, "--json").out)
    assert found["schema"] == "jeoul.backtest-household/1"
    assert [each["id"] for each in found["plan"]["accounts"]] == ["general", "isa"]
    assert found["plan"]["equity"][0][0] == "2024-01-02"
    words = ("--household", file, "--household", file)
    both = json.loads(jeoul("backtest", *words, *span, "--json").out)
    same = {key: value for key, value in found.items() if key != "schema"}
    assert both == {"schema": found["schema"], "households": [same, same]}
    refused = jeoul("backtest", "--household", file, "--profile", "growth", "--lang", "en")
    assert refused.code == 2
    assert "leave --profile out" in refused.err
