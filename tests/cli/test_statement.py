"""`jeoul statement` of a household whose accounts have a ledger, dated files, or neither."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jeoul import api
from jeoul.account.price_events import PriceEvents
from jeoul.operations.ledger import open_ledger
from jeoul.reporting.columns import width

HOUSEHOLD = """
schema = 1
name   = "ours"
state  = "state"
lang   = "en"
[people.minsu]
born     = 1992-05-11
wages    = 62_000_000
spending = 3_000_000
profile  = "balanced"
[accounts.general]
kind     = "general"
broker   = { kind = "paper", cash = 30_000_000 }
[accounts.isa]
kind     = "isa"
opened   = 2024-03-02
holdings = "isa.csv"
broker   = { kind = "ticket" }
[accounts.abroad]
kind     = "overseas"
holdings = "abroad.csv"
broker   = { kind = "ticket" }
[accounts.pension]
kind     = "pension_savings"
broker   = { kind = "paper", cash = 1_000_000 }
"""
FILES = {
    "isa.csv": "ticker,shares\n148070,90\nCASH,1180000\n",
    "isa-2025-06-30.csv": "ticker,shares\n148070,60\nCASH,2000000\n",
    "isa_20251230.csv": "ticker,shares\n148070,80\nCASH,400000\n",
    "isa-2025-06-30.bak": "nothing",
    "abroad-2025-06-30.csv": "ticker,shares\nSPY,12\nCASH,2000\n",
    "abroad.csv": "ticker,shares\nSPY,12\nCASH,2000\n",
}
ONLY = """
schema = 1
name = "ours-general"
strategy = "static"
profile = "balanced"
state = "only-state"
[broker]
kind = "paper"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "locks"))
    (tmp_path / "home.toml").write_text(HOUSEHOLD, "utf-8")
    (tmp_path / "only.toml").write_text(ONLY, "utf-8")
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def stated(jeoul: Any, *words: str) -> dict[str, Any]:
    outcome = jeoul("statement", *words, "--json")
    assert outcome.code == 0, outcome.err
    found: dict[str, Any] = json.loads(outcome.out)
    return found


def test_files_beside_the_one_that_is_named_are_the_course_of_an_account(
    folder: Path, jeoul: Any
) -> None:
    found = stated(jeoul, "home.toml:isa", "--to", "2026-06-30")
    tables = tuple(t for t in api.open_market().prices if t.exchange == "XKRX")
    price = PriceEvents(tables).prices(["148070"], api.open_market().last)["148070"]
    assert found["from"] == "2025-06-30"
    assert found["value"] == 90 * price + 1_180_000
    (account,) = found["accounts"]
    assert (account["id"], account["source"], account["decided"]) == ("isa", "files", None)
    assert found["undated"] == ["isa"]
    assert found["years"][0]["assessed"] is None


def test_a_household_is_the_sum_of_its_accounts(folder: Path, jeoul: Any) -> None:
    assert jeoul("run", "only.toml", "--as-of", "2026-04-01", "--execute").code == 0
    state = folder / "state" / "general"
    state.parent.mkdir()
    (folder / "only-state").rename(state)
    found = stated(jeoul, "home.toml")
    assert [each["id"] for each in found["accounts"]] == ["abroad", "general", "isa"]
    assert found["left_out"] == ["pension"]
    assert found["exchange_rates"] == "usdkrw"
    for key in ("opening", "value", "paid_in", "taken_out", "gain", "costs", "distributions"):
        assert sum(each[key] for each in found["accounts"]) == found[key], key
    assert found["gain"] == (
        found["value"] - found["opening"] - found["paid_in"] + found["taken_out"]
    )
    sources = {each["id"]: each["source"] for each in found["accounts"]}
    assert sources == {"abroad": "files", "general": "ledger", "isa": "files"}
    assert {each["person"] for each in found["years"]} == {"minsu"}
    assert all(each["assessed"] is not None for each in found["years"])
    general = next(each for each in found["accounts"] if each["id"] == "general")
    assert general["measured"]["runs"] == 1, "a household's runs have its name in front"


def test_a_file_from_elsewhere_is_given_with_its_account(folder: Path, jeoul: Any) -> None:
    elsewhere = folder / "exports"
    elsewhere.mkdir()
    (elsewhere / "2025-01-31.csv").write_text("ticker,shares\nCASH,500000\n", "utf-8")
    given = f"isa={elsewhere / '2025-01-31.csv'}"
    assert stated(jeoul, "home.toml:isa", "--holdings", given)["from"] == "2025-01-31"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("home.toml:house",), "has no account 'house'"),
        (("home.toml", "--holdings", "isa"), "write ACCOUNT=FILE"),
        (("home.toml", "--holdings", "irp=x.csv"), "has no account 'irp'"),
        (("only.toml",), "nothing is booked"),
        (("only.toml", "--holdings", "isa=isa.csv"), "is for accounts of a household"),
        (("home.toml:pension",), "no account of"),
        (("home.toml", "--from", "2026-06-30", "--to", "2026-06-01"), "lies after --to"),
        (("home.toml", "--to", "2030-01-02"), "prices end on 2026-06-30"),
        (("home.toml", "--inflation", "2%"), "is not a rate"),
        (("home.toml", "--inflation", "nan"), "is not a rate"),
    ],
)
def test_what_cannot_be_stated_is_refused(
    folder: Path, jeoul: Any, words: tuple[str, ...], said: str
) -> None:
    outcome = jeoul("statement", *words, "--lang", "en")
    assert outcome.code != 0
    assert said in outcome.err


def test_an_account_without_a_booking_is_left_out(folder: Path, jeoul: Any) -> None:
    for name in ("general", "isa"):
        state = folder / "state" / name
        state.mkdir(parents=True)
        open_ledger(state / "ledger.sqlite3").close()
    found = stated(jeoul, "home.toml")
    assert found["left_out"] == ["general", "pension"]
    assert [each["id"] for each in found["accounts"]] == ["abroad", "isa"]


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_terminal_and_page_say_the_same_money(folder: Path, jeoul: Any, lang: str) -> None:
    page = folder / "page.html"
    outcome = jeoul("statement", "home.toml", "--lang", lang, "--html", str(page))
    assert outcome.code == 0, outcome.err
    value = f"{stated(jeoul, 'home.toml')['value']:,}"
    html = page.read_text("utf-8")
    assert value in outcome.out
    assert value in html
    assert {"ko": "모의 가격입니다", "en": "The prices are simulated"}[lang] in outcome.out
    assert {"ko": "모의 데이터", "en": "Simulated data"}[lang] in html
    assert max(map(width, outcome.out.splitlines())) <= 80
