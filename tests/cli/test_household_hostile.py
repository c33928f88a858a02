"""What no household can be, said in one sentence, and never a traceback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jeoul.errors import SolverFailed

pytestmark = pytest.mark.usefixtures("opened_once")

TEXT = """schema = 1
name = "home"
title = "<script>alert(1)</script>"
state = "state"
lang = "en"

[people.me]
born = 1992-05-11
wages = 50_000_000
spending = 2_000_000
profile = "balanced"

[accounts.general]
kind = "general"
holdings = "general.csv"

[accounts.isa]
kind = "isa"
opened = 2024-03-02
paid = { 2024 = 20_000_000 }
holdings = "isa.csv"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "general.csv").write_text(
        "ticker,shares,cost,tax_base\n069500,100,30000,\nCASH,5000000,,\n", "utf-8"
    )
    (tmp_path / "isa.csv").write_text("ticker,shares,cost,tax_base\nCASH,8000000,,\n", "utf-8")
    path = tmp_path / "home.toml"
    path.write_text(TEXT, "utf-8")
    return path


def changed(home: Path, before: str, after: str) -> Path:
    text = home.read_text("utf-8")
    assert before in text
    home.write_text(text.replace(before, after, 1), "utf-8")
    return home


IMPOSSIBLE = [
    ("spending = 2_000_000", "spending = 1e30", "too large; give 1000000000000000 at most"),
    ("born = 1992-05-11", "born = 2040-01-01", "me is born on 2040-01-01, after 2026-06-30"),
    ("born = 1992-05-11", "born = 2015-01-01", "me is 11, too young for an ISA"),
    ("2024 = 20_000_000", "2031 = 5", "account isa was paid into in 2031, after 2026-06-30"),
    (
        "[people.me]",
        '[goals.a]\namount = 5\nby = 9999-12-31\nfrom = ["isa"]\n[people.me]',
        "9999-12-31 is too far away; give a day up to 2199",
    ),
]


@pytest.mark.parametrize(
    ("before", "after", "says"), IMPOSSIBLE, ids=[row[1] for row in IMPOSSIBLE]
)
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_an_impossible_household_is_refused(
    jeoul: Any, home: Path, before: str, after: str, says: str, lang: str
) -> None:
    outcome = jeoul("household", changed(home, before, after), "--fast", "--lang", lang)
    assert outcome.code == 2
    assert outcome.out == ""
    assert (says in outcome.err) == (lang == "en"), outcome.err


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("--deposit=-5", "the amount -5 of me is below zero"),
        ("--deposit==5", "--deposit: '=5' names nobody"),
        ("--withdrawal=1e16", "10000000000000000 is too large"),
        ("--deposit=ann=5", "'ann'"),
    ],
)
def test_money_that_cannot_move_is_refused(jeoul: Any, home: Path, word: str, says: str) -> None:
    outcome = jeoul("household", home, "--fast", word, "--lang", "en")
    assert outcome.code == 2
    assert says in outcome.err


@pytest.mark.parametrize("command", [("household", "--fast"), ("goals",), ("statement",)])
def test_the_page_replaces_no_file_of_the_household(
    jeoul: Any, home: Path, command: tuple[str, ...]
) -> None:
    (holdings,) = home.parent.rglob("isa.csv")
    for file in (home, holdings):
        before = file.read_bytes()
        outcome = jeoul(command[0], home, *command[1:], "--html", file, "--lang", "en")
        assert outcome.code == 2
        assert "which this command reads; choose another file" in outcome.err
        assert file.read_bytes() == before


def test_a_title_is_text_on_the_page_and_never_a_script(
    jeoul: Any, home: Path, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    assert jeoul("household", home, "--fast", "--html", page).code == 0
    text = page.read_text("utf-8")
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_a_household_without_money_has_an_answer_to_every_question(jeoul: Any, home: Path) -> None:
    for name in ("general.csv", "isa.csv"):
        (home.parent / name).write_text("ticker,shares\nCASH,0\n", "utf-8")
    words = ("--fast", "--cure", "--frontier", "--year-end", "--years", "2", "--goal", "--json")
    outcome = jeoul("household", home, *words)
    assert outcome.code == 0, outcome.err
    found = json.loads(outcome.out)
    assert found["value"] == 0
    assert found["cure"]["deposit"] == 0
    assert not [order for account in found["accounts"] for order in account["orders"]]


def test_the_same_file_twice_gives_the_same_bytes_and_figures_that_add_up(
    jeoul: Any, home: Path
) -> None:
    first, second = (
        jeoul("household", home, "--fast", "--deposit", "300만", "--json") for _ in range(2)
    )
    assert first.out == second.out
    found = json.loads(first.out)
    for cost in (found["objective"], found["do_nothing"]):
        assert sum(value for name, value in cost.items() if name != "total") == cost["total"]
    for when in ("target", "before", "after"):
        assert sum(each[when] for each in found["exposure"].values()) == pytest.approx(1.0)
    orders = [order for account in found["accounts"] for order in account["orders"]]
    assert sum(order["fee"] for order in orders) == found["fees"]
    assert sum(order["tax"] for order in orders) == found["tax"]
    for account in found["accounts"]:
        spent = sum(
            (order["value_won"] if order["side"] == "BUY" else -order["value_won"])
            + order["fee"]
            + order["tax"]
            for order in account["orders"]
        )
        moved = account["deposit"] - account["withdrawal"]
        assert account["cash_after"] == account["cash_before"] + moved - spent
        assert sum(each["after"] for each in account["holdings"]) == account["value_after"]


@pytest.mark.parametrize("option", ["--drift", "--seconds"])
def test_nan_is_not_a_number_of_anything(jeoul: Any, home: Path, option: str) -> None:
    outcome = jeoul("household", home, "--cure", option, "nan", "--lang", "en")
    assert outcome.code == 2
    assert "nan is not a number" in outcome.err


def test_a_cure_that_is_not_found_in_time_leaves_the_plan(
    jeoul: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*_: object, **__: object) -> None:
        raise SolverFailed("highs", "Time limit reached")

    monkeypatch.setattr("jeoul.household.explaining.answer.deposit_to_cure", late)
    outcome = jeoul("household", home, "--fast", "--cure", "--lang", "en")
    assert outcome.code == 0
    assert "did not end in time" in " ".join(outcome.out.split())
    found = json.loads(jeoul("household", home, "--fast", "--cure", "--json").out)
    assert found["cure"] == {"drift": 0.03, "deposit": None, "in_time": False}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--to", "1990-01-01"), "the data have fewer than two sessions of XKRX from"),
        (("--account-file", "x"), "leave --account-file out"),
        (("managed",), "leave STRATEGY out"),
    ],
)
def test_a_history_that_cannot_be_is_refused(
    jeoul: Any, home: Path, words: tuple[str, ...], says: str
) -> None:
    outcome = jeoul("backtest", "--household", home, *words, "--lang", "en")
    assert outcome.code == 2
    assert says in outcome.err
