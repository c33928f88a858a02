"""The recipes of CONTRIBUTING.md work as written, in a copy of the checkout, in so many files."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jeoul import assets

Run = Callable[..., str]
SHARES = {"069500", "161510", "360750", "133690", "458730", "251350"}
"""The funds of the classes that a cut concerns."""
DECIDE = """
import json, sys, jeoul
from jeoul.reporting.why import why_document
market = jeoul.open_market()
for file in sys.argv[1:]:
    found = jeoul.propose(file, "balanced", "general", market)
    why = {lang: why_document(found.why, found.weights, lang) for lang in ("en", "ko")}
    print(json.dumps({"weights": dict(found.weights), "why": why}))
"""


def block(recipe: str, kind: str) -> str:
    """Return the one block of a kind in a recipe of CONTRIBUTING.md."""
    page = (assets.root() / "CONTRIBUTING.md").read_text("utf-8")
    (_, part) = page.split(f"### {recipe}\n")
    (found,) = re.findall(rf"^```{kind}\n(.*?)^```", part.split("\n### ")[0], re.M | re.S)
    return str(found)


def sides(hunk: str) -> tuple[str, str]:
    """Return what a hunk wants to find and what it leaves instead."""
    lines = hunk.splitlines(keepends=True)
    before, after = (
        "".join(line[1:] for line in lines if line[0] in marks) for marks in (" -", " +")
    )
    return before, after


def apply(diff: str, root: Path) -> set[str]:
    """Edit the files of a diff; return their names. What it wants to find must be there once."""
    (nothing, *parts) = re.split(r"^\+\+\+ ", diff, flags=re.M)
    assert nothing == ""
    for part in parts:
        name, *hunks = re.split(r"\n@@\n|^@@\n", part, flags=re.M)
        for before, after in map(sides, hunks):
            path = root / name
            text = path.read_text("utf-8") if before else "|"
            assert text.count(before or "|") == 1
            assert before or not path.exists()
            path.write_text(text.replace(before or "|", after), "utf-8")
    return {part.partition("\n")[0] for part in parts}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what a decision needs of the checkout."""
    sources = shutil.ignore_patterns("__pycache__")
    for folder in ("engine", "data", "strategies", "configs"):
        shutil.copytree(assets.root() / folder, tmp_path / folder, ignore=sources)
    shutil.copyfile(assets.root() / "pyproject.toml", tmp_path / "pyproject.toml")
    return tmp_path


@pytest.fixture
def run(checkout: Path) -> Run:
    """Run Python with the engine of the copy; return what it prints."""

    def ran(*words: str) -> str:
        found = subprocess.run(
            [sys.executable, *words],
            cwd=checkout,
            env={**os.environ, "PYTHONPATH": str(checkout / "engine"), "COLUMNS": "80"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert found.returncode == 0, found.stderr
        return found.stdout

    return ran


def decisions(run: Run, *files: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run("-c", DECIDE, *files).splitlines()]


def test_a_kind_of_latch_is_three_files_and_halves_the_shares(checkout: Path, run: Run) -> None:
    assert apply(block("Add a latch", "diff"), checkout) == {
        "engine/jeoul/signals/series.py",
        "engine/jeoul/strategy/tables/watch.py",
        "engine/jeoul/pipeline/clock.py",
    }
    plain = (checkout / "strategies" / "static.toml").read_text("utf-8")
    (checkout / "cut.toml").write_text(plain + "\n" + block("Add a latch", "toml"), "utf-8")
    before, after = (each["weights"] for each in decisions(run, "static", "cut.toml"))
    assert set(before) >= SHARES
    for code in SHARES:
        assert after[code] == pytest.approx(before[code] / 2.0, abs=1e-12)


def test_a_kind_of_allocation_is_two_files_and_a_sentence_in_each_language(
    checkout: Path, run: Run
) -> None:
    assert apply(block("Add a kind of allocation", "diff"), checkout) == {
        "engine/jeoul/pipeline/weighing.py",
        "engine/jeoul/strategy/tables/allocate.py",
        "data/messages/en/allocate.toml",
        "data/messages/ko/allocate.toml",
    }
    plain = (checkout / "strategies" / "sixty-forty.toml").read_text("utf-8")
    for kind in ("inverse-volatility", "inverse-variance"):
        table = re.sub(r'^kind( *)= "strategic"', f'kind = "{kind}"', plain, flags=re.M)
        assert table != plain
        (checkout / f"{kind}.toml").write_text(table, "utf-8")
    known, new = decisions(run, "inverse-volatility.toml", "inverse-variance.toml")
    assert new["weights"].keys() == known["weights"].keys()
    squares = {code: weight**2 for code, weight in known["weights"].items()}
    whole = sum(squares.values())  # the strategy holds no cash
    for code, weight in new["weights"].items():
        assert weight == pytest.approx(squares[code] / whole, abs=1e-12)
    assert "Half the variance means twice the weight." in json.dumps(new["why"]["en"])
    assert "분산이 절반이면" in json.dumps(new["why"]["ko"], ensure_ascii=False)


def test_a_command_is_two_files_with_its_help_and_its_json(checkout: Path, run: Run) -> None:
    assert apply(block("Add a command", "diff"), checkout) == {
        "engine/jeoul/cli/sessions.py",
        "engine/jeoul/cli/main.py",
    }
    assert "Count the sessions of an exchange in a YEAR." in run(
        "-m", "jeoul", "sessions", "--help"
    )
    assert run("-m", "jeoul", "sessions", "2024", "--calendar", "XNYS") == "252\n"
    assert json.loads(run("-m", "jeoul", "sessions", "2024", "--json")) == {
        "schema": "jeoul.sessions/1",
        "calendar": "XKRX",
        "year": 2024,
        "sessions": 244,
    }


@pytest.mark.parametrize(
    ("diff", "fits"),
    [
        ("@@\n+c = 3\n a = 1\n", True),
        ("@@\n+c = 3\n b = 1\n", False),  # not there
        ("@@\n+c = 3\n a = \n", False),
        ("@@\n+c = 3\n", False),  # a new file that is there already
    ],
)
def test_an_edit_that_no_longer_fits_its_file_is_caught(
    tmp_path: Path, diff: str, fits: bool
) -> None:
    (tmp_path / "a.py").write_text("a = 1\n", "utf-8")
    if fits:
        assert apply(f"+++ a.py\n{diff}", tmp_path) == {"a.py"}
        assert (tmp_path / "a.py").read_text("utf-8") == "c = 3\na = 1\n"
    else:
        with pytest.raises(AssertionError):
            apply(f"+++ a.py\n{diff}", tmp_path)
