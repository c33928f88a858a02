"""Every command that gives orders for many says when its prices are old, as `jeoul decide` does."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from jeoul import assets

SAID = "The newest price in the data is of 2026-"
CLOSED = "The session of these orders, 2025-03-05, has closed. Fetch the newest prices"
PRESIDENTS = "2025-02-14"  # the session after it is a holiday in New York
FIRM = """schema = 1
name = "small"
strategy = "static"
register = "register.csv"
holdings = "holdings.csv"
state = "state"
lang = "en"
"""
REGISTER = "account,profile,type,answers_id,answered\na,balanced,neutral,Q1,2025-01-02\n"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Prices of one's own: those of the sample, no longer called simulated."""
    folder = tmp_path / "market"
    shutil.copytree(assets.data("sample"), folder)
    manifest = folder / "manifest.toml"
    text = manifest.read_text("utf-8").replace("simulated = true", "simulated = false")
    manifest.write_text(text, "utf-8")
    return folder


def said_by(jeoul: Any, words: list[str], newest: str) -> dict[str, Any]:
    """Return the JSON of a command that says the age of its prices on stderr."""
    assert newest in jeoul(*words).err
    found: dict[str, Any] = json.loads(jeoul(*words, "--json").out)
    return found


def test_a_batch_and_a_household_say_how_old_their_prices_are(
    jeoul: Any, own: Path, tmp_path: Path
) -> None:
    accounts = tmp_path / "many.csv"
    accounts.write_text("account,kind,profile,ticker,shares\na,isa,growth,CASH,5000000\n", "utf-8")
    example = str(assets.root() / "configs" / "household-example.toml")
    for words in (
        ["batch", str(accounts), "static", "--out", str(tmp_path / "orders.csv")],
        ["household", example, "--fast"],
    ):
        found = said_by(jeoul, [*words, "--data", str(own), "--lang", "en"], SAID)
        assert found["newest_price"]["session"].startswith("2026-")
        assert found["newest_price"]["sessions_old"] > 60


def test_a_firm_is_told_that_the_session_of_its_orders_has_closed(
    jeoul: Any, own: Path, tmp_path: Path
) -> None:
    (tmp_path / "firm.toml").write_text(FIRM, "utf-8")
    (tmp_path / "register.csv").write_text(REGISTER, "utf-8")
    (tmp_path / "holdings.csv").write_text("account,ticker,shares\na,CASH,30000000\n", "utf-8")
    firm = str(tmp_path / "firm.toml")
    plan = ["firm", "plan", firm, "--data", str(own), "--as-of", "2025-03-04"]
    made = said_by(jeoul, plan, CLOSED)
    assert made["session_closed"]
    assert said_by(jeoul, ["firm", "show", firm], CLOSED)["session_closed"]
    approve = ["firm", "approve", firm, made["plan"][:12], "--by", "kim", "--all"]
    assert said_by(jeoul, approve, CLOSED)["session_closed"]


@pytest.mark.parametrize("lack", ["gone", "abroad"])
def test_a_plan_of_a_firm_is_shown_and_answered_without_the_strategy_that_made_it(
    jeoul: Any, own: Path, tmp_path: Path, lack: str
) -> None:
    """What was approved was recorded, and the command failed all the same."""
    strategy = tmp_path / "mine.toml"
    text = (assets.root() / "strategies" / "static.toml").read_text("utf-8")
    strategy.write_text(text, "utf-8")
    (tmp_path / "firm.toml").write_text(FIRM.replace('"static"', '"mine.toml"'), "utf-8")
    (tmp_path / "register.csv").write_text(REGISTER, "utf-8")
    (tmp_path / "holdings.csv").write_text("account,ticker,shares\na,CASH,30000000\n", "utf-8")
    firm = str(tmp_path / "firm.toml")
    planned = jeoul("firm", "plan", firm, "--data", str(own), "--as-of", PRESIDENTS, "--json")
    made = json.loads(planned.out)
    if lack == "gone":
        strategy.unlink()
    else:
        strategy.write_text(text.replace('calendar = "XKRX"', 'calendar = "XNYS"'), "utf-8")
    shown = jeoul("firm", "show", firm, "--json")
    assert (shown.code, json.loads(shown.out)["session_closed"]) == (0, True)
    given = jeoul("firm", "approve", firm, made["plan"][:12], "--by", "kim", "--all")
    assert (given.code, "has closed. Fetch the newest prices" in given.err) == (0, True)


def test_nothing_is_said_of_the_sample_whose_prices_belong_to_no_day(
    jeoul: Any, tmp_path: Path
) -> None:
    accounts = tmp_path / "many.csv"
    accounts.write_text("account,kind,profile,ticker,shares\na,isa,growth,CASH,5000000\n", "utf-8")
    out = str(tmp_path / "orders.csv")
    assert SAID not in jeoul("batch", str(accounts), "static", "--out", out, "--lang", "en").err
