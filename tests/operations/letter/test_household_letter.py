"""All accounts of a household in one letter and one pack: the parts add up to the whole."""

from __future__ import annotations

import csv
import io
import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from set_clock import SetClock

from jeoul import api, assets
from jeoul.cli.audit import audit
from jeoul.cli.letter import letter
from jeoul.household.written.file import read_household
from jeoul.market import Market
from jeoul.model.quarter import parse_quarter
from jeoul.operations.setup.request import RunRequest
from jeoul.workspace.letter import letter_at
from jeoul.workspace.live import run_household

QUARTER = "2026Q2"


@pytest.fixture
def household(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample: Market) -> Path:
    """The example household, its holdings taken into three ledgers by a run."""
    monkeypatch.setattr(api, "open_market", lambda *_, **__: sample)
    configs = assets.root() / "configs"
    shutil.copytree(configs / "household-example", tmp_path / "household-example")
    shutil.copy(configs / "answers-example.toml", tmp_path)
    text = (configs / "household-example.toml").read_text("utf-8")
    file = tmp_path / "household.toml"
    file.write_text(text.replace("~/.local/share/jeoul/home", "state"), "utf-8")
    run_household(read_household(file), RunRequest(execute=True), SetClock.after(date(2026, 6, 30)))
    return file


def test_the_letter_has_every_account_and_is_filed_with_the_household(household: Path) -> None:
    facts = letter_at(str(household), parse_quarter(QUARTER))
    accounts = facts.statement.accounts
    assert [each.id for each in accounts] == ["general", "isa", "pension"]
    assert [each.id for each in facts.managed] == ["general", "isa", "pension"]
    whole = facts.statement.figures.value
    assert sum(each.figures.value for each in accounts) == whole
    assert sum(each.value for each in facts.holdings) == pytest.approx(
        whole, abs=len(facts.holdings)
    )
    found = CliRunner().invoke(letter, [str(household), "--quarter", QUARTER, "--lang", "ko"])
    assert found.exit_code == 0, found.output
    assert (household.parent / "state" / "letters" / "2026Q2-ko.html").exists()


def test_the_pack_has_every_account_and_each_profile_together(
    household: Path, tmp_path: Path
) -> None:
    out = tmp_path / "pack"
    words = [str(household), "--quarter", QUARTER, "--out", str(out), "--json="]
    found = CliRunner().invoke(audit, words)
    assert found.exit_code == 0, found.output
    about = json.loads(found.stdout)
    names = ["home-general", "home-isa", "home-pension"]
    assert [each["account"] for each in about["accounts"]] == names
    daily = list(csv.DictReader(io.StringIO((out / "daily.csv").read_text("utf-8"))))
    assert {row["name"] for row in daily} == {*names, "balanced"}
    assert {row["session"] for row in daily} == {"2026-06-30"}
    kinds = [each["kind"] for each in about["accounts"]]
    assert kinds == ["general", "isa", "pension_savings"]
