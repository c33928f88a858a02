"""``jeoul metrics`` of several files, some of which cannot be read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

CONFIG = """
schema = 1
name = "{name}"
strategy = "static"
profile = "balanced"
state = "state-{name}"
lang = "en"
{more}
[broker]
kind = "paper"
"""
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
[accounts.pension]
kind     = "pension_savings"
broker   = { kind = "paper", cash = 1_000_000 }
"""

pytestmark = pytest.mark.usefixtures("opened_once")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two", "three"):
        (tmp_path / f"{name}.toml").write_text(CONFIG.format(name=name, more=""), "utf-8")
    (tmp_path / "home.toml").write_text(HOUSEHOLD, "utf-8")
    return tmp_path


def damage(state: Path) -> None:
    state.mkdir(parents=True)
    (state / "ledger.sqlite3").write_bytes(b"not a database" * 300)


def samples(text: str, name: str) -> Mapping[tuple[str, ...], float]:
    """The samples of one metric, by the values of their labels."""
    found: dict[tuple[str, ...], float] = {}
    metric = next(each for each in json.loads(text)["metrics"] if each["name"] == name)
    for sample in metric["samples"]:
        labels = tuple(sample["labels"].values())
        assert labels not in found, "a collector refuses two samples with the same labels"
        found[labels] = sample["value"]
    return found


def test_an_account_that_cannot_be_read_keeps_no_other_from_being_written(
    folder: Path, jeoul: Any
) -> None:
    damage(folder / "state-two")
    names = ("one.toml", "two.toml", "three.toml")
    seen = jeoul("metrics", *names, "--json")
    assert seen.code == 5
    assert "two.toml:two: " in seen.err
    assert "is not a ledger or is damaged" in seen.err
    assert samples(seen.out, "jeoul_readable") == {
        ("one", "one.toml"): 1,
        ("two", "two.toml"): 0,
        ("three", "three.toml"): 1,
    }
    codes = samples(seen.out, "jeoul_account_exit_code")
    assert codes["two", "two.toml"] == 5
    rows = samples(seen.out, "jeoul_account_ledger_rows")
    assert rows["one", "one.toml"] == rows["three", "three.toml"] == 0
    assert jeoul("metrics", *names, "--out", "all.prom").code == 5
    text = (folder / "all.prom").read_text("utf-8")
    assert 'jeoul_readable{account="two",file="two.toml"} 0\n' in text
    assert 'jeoul_account_ledger_rows{account="three",file="three.toml"} 0\n' in text
    assert 'jeoul_account_ledger_rows{account="two"' not in text


def test_every_account_of_a_household_is_read_by_itself(folder: Path, jeoul: Any) -> None:
    damage(folder / "state" / "general")
    seen = jeoul("metrics", "home.toml", "--json")
    assert seen.code == 5
    assert samples(seen.out, "jeoul_readable") == {
        ("ours-general", "home.toml"): 0,
        ("ours-pension", "home.toml"): 1,
    }


@pytest.mark.parametrize(
    ("file", "text", "code"),
    [
        ("gone.toml", None, 2),
        ("bad.toml", "name = ", 2),
        ("wrong.toml", CONFIG.format(name="wrong", more="bnad = 1"), 2),
        ("server.toml", CONFIG.format(name="server", more='ledger = "$JEOUL_NOWHERE"'), 2),
        (
            "away.toml",
            CONFIG.format(name="away", more='ledger = "postgresql://me@127.0.0.1:1/none"'),
            5,
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_a_metric_of_its_own(
    folder: Path, jeoul: Any, file: str, text: str | None, code: int
) -> None:
    if code == 5:
        pytest.importorskip("psycopg")
    if text is not None:
        (folder / file).write_text(text, "utf-8")
    seen = jeoul("metrics", file, "one.toml", "--json")
    assert seen.code == code
    assert f"jeoul: {file}" in seen.err
    (unread,) = (key for key, is_read in samples(seen.out, "jeoul_readable").items() if not is_read)
    assert unread[-1] == file
    rows = samples(seen.out, "jeoul_account_ledger_rows")
    assert [key for key, count in rows.items() if count is not None] == [("one", "one.toml")]


def test_files_of_the_same_name_are_told_apart_and_one_given_twice_counts_once(
    folder: Path, jeoul: Any
) -> None:
    for name in ("a", "b"):
        (folder / name).mkdir()
        (folder / name / "config.toml").write_text(CONFIG.format(name="main", more=""), "utf-8")
    names = ("a/config.toml", "b/config.toml", "one.toml", "one.toml", "home.toml:general")
    seen = jeoul("metrics", *names, "home.toml", "--json")
    assert seen.code == 0
    assert {file for _, file in samples(seen.out, "jeoul_readable")} == {
        "a/config.toml",
        "b/config.toml",
        "one.toml",
        "home.toml",
    }
