"""The pages run: their commands and Python blocks, in a folder like a fresh checkout.

What a fenced block means is said by its first line:

- ``console``: lines after ``$`` are commands, the others what they print. Text must be equal,
  decimal figures to 2 % or 0.01; ``…`` stands for any text in a line, alone for any lines. Exit
  code 0, unless an error message is among the expected lines.
- ``sh``: one command a line, exit code 0.
- ``python``: run; blocks of a page share their names. ``text output`` after it: what it prints.
- ``csv``, ``toml`` with ``file=NAME``: written to that file. ``diff`` with ``file=NAME``: applied.
- ``not-run`` on the first line: needs a network, a broker or a person. Other blocks are only read.
"""

from __future__ import annotations

import contextlib
import io
import math
import re
import shlex
import shutil
import sys
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from jeoul.cli.main import main

BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"(\d[\d,]*\.\d+)")
ELSEWHERE = (["python", "-m", "pip"], ["python", "-m", "pytest"])  # .ci/run runs these
ERROR = re.compile(r"^(jeoul: |Error: )", re.MULTILINE)


def run(command: Any) -> Any:
    """Return exit code and output of a command line, as the installed script gives them."""
    words = shlex.split(command, comments=True)
    if words[:3] == ["python", "-m", "jeoul"]:
        words = words[2:]
    if words[0] == "cp":
        shutil.copyfile(words[1], words[2])
        return 0, ""
    assert words[0] == "jeoul", f"{command!r} is no command of this project: mark it not-run"
    said = io.StringIO()
    argv, sys.argv = sys.argv, words
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            main()
    except SystemExit as left:
        return int(left.code or 0), said.getvalue()
    finally:
        sys.argv = argv
    raise AssertionError("main returned instead of leaving with a code")


def same_line(expected: Any, got: Any) -> Any:
    """Compare two lines: text alike, decimal figures nearly, … for any text."""
    if "…" in expected:
        pattern = ".*".join(re.escape(part) for part in expected.split("…"))
        return re.fullmatch(pattern, got) is not None
    pairs = list(zip_longest(NUMBER.split(expected), NUMBER.split(got), fillvalue=""))
    return all(
        math.isclose(
            float(a.replace(",", "")), float(b.replace(",", "")), rel_tol=0.02, abs_tol=0.011
        )
        if place % 2 and a and b
        else a == b
        for place, (a, b) in enumerate(pairs)
    )


def same(expected: Any, got: Any) -> Any:
    """Compare lines; a line … in what is expected stands for any number of lines."""
    if not expected:
        return not got
    if expected[0] == "…":
        return any(same(expected[1:], got[skip:]) for skip in range(len(got) + 1))
    return bool(got) and same_line(expected[0], got[0]) and same(expected[1:], got[1:])


def lines_of(text: Any) -> Any:
    return [line.rstrip() for line in text.strip("\n").split("\n")] if text.strip() else []


def steps(body: Any) -> Any:
    """Return the commands of a console block, each with the lines that should follow it."""
    parts = re.split(r"^\$ ", body, flags=re.MULTILINE)
    assert not parts[0].strip(), "a console block begins with $"
    return [(part.partition("\n")[0], lines_of(part.partition("\n")[2])) for part in parts[1:]]


def console(body: Any) -> None:
    for command, expected in steps(body):
        code, said = run(command)
        assert same(expected, lines_of(said)), f"$ {command}\n{said}"
        assert (code != 0) == bool(ERROR.search("\n".join(expected))), f"$ {command}: exit {code}"


def shell(body: Any) -> None:
    for line in body.splitlines():
        for part in line.split(" && "):
            if part.split()[:3] in ELSEWHERE:
                continue
            code, said = run(part)
            assert code == 0, f"$ {part}\n{said}"


def patch(path: Any, body: Any) -> None:
    """Replace each run of - lines by the + lines after it; it must stand in the file once."""
    text = path.read_text("utf-8")
    for old, new in re.findall(r"((?:^-.*\n)+)((?:^\+.*\n)+)", body, flags=re.MULTILINE):
        before, after = (re.sub(r"^[-+]", "", part, flags=re.MULTILINE) for part in (old, new))
        assert text.count(before) == 1, f"{before!r} stands {text.count(before)} times in {path}"
        text = text.replace(before, after)
    path.write_text(text, "utf-8")


def play(text: Any, folder: Any) -> Any:
    """Run the blocks of a page in order; return how many ran."""
    names, printed, count = {"__name__": "page"}, "", 0
    for info, body in BLOCK.findall(text):
        kind, _, rest = info.strip().partition(" ")
        named = re.search(r"file=(\S+)", rest)
        if "not-run" in rest:
            continue
        if named and kind == "diff":
            patch(folder / named[1], body)
        elif named:
            (folder / named[1]).write_text(body, "utf-8")
        elif kind == "console":
            console(body)
        elif kind == "sh":
            shell(body)
        elif kind == "python":
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                exec(compile(body, "page", "exec"), names)
            printed = said.getvalue()
        elif info.strip() == "text output":
            assert same(lines_of(body), lines_of(printed)), printed
        else:
            continue
        count += 1
    return count


@pytest.fixture
def folder(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder like a checkout, for reading and writing."""
    for part in ("strategies", "configs"):
        shutil.copytree(root / part, tmp_path / part)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))  # backtests are counted there
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def read_once(monkeypatch: pytest.MonkeyPatch, sample: Any) -> None:
    """Spare every command from reading the sample again."""
    from jeoul import api

    read = api.open_market
    monkeypatch.setattr(
        api, "open_market", lambda place=None, **_: read(place) if place else sample
    )


READMES = ("README.md", "README.ko.md")
LEAST = {"README.md": 4, "docs/tutorial.md": 20, "docs/tutorial.ko.md": 20}


@pytest.mark.usefixtures("read_once")
def test_every_block_of_a_page_does_what_the_page_says(
    page: Path, folder: Path, root: Path
) -> None:
    name = page.relative_to(root).as_posix()
    if name == "README.ko.md":
        pytest.skip("its blocks are those of README.md, as a test below holds")
    assert play(page.read_text("utf-8"), folder) >= LEAST.get(name, 0)


def blocks(path: Any, *kinds: Any) -> Any:
    """Return the blocks of these kinds, with the language left out of their commands."""
    return [
        (info, re.sub(r" --lang (?:en|ko)\b", "", body))
        for info, body in BLOCK.findall(path.read_text("utf-8"))
        if info.split()[:1] and info.split()[0] in kinds
    ]


def commands(path: Any) -> Any:
    """Return the commands of a page in their order, those that are not run too."""
    return [
        line.partition("  #")[0].rstrip()
        for info, body in blocks(path, "console", "sh")
        for line in (
            [command for command, _ in steps(body)]
            if info.split()[0] == "console"
            else body.splitlines()
        )
    ]


def test_both_readmes_run_the_same_blocks(root: Path) -> None:
    english, korean = (blocks(root / name, "sh", "console", "python") for name in READMES)
    assert len(english) >= 3
    assert english == korean


def test_both_readmes_name_the_same_commands(root: Path) -> None:
    english, korean = (
        set(re.findall(r"`(?:python -m )?jeoul ([a-z-]+)", (root / name).read_text("utf-8")))
        for name in READMES
    )
    assert english == korean


@pytest.mark.parametrize("name", ["tutorial", "household", "data"])
def test_a_korean_page_has_the_commands_and_csv_files_of_its_english_twin(
    root: Path, name: str
) -> None:
    english, korean = (root / "docs" / f"{name}{ending}" for ending in (".md", ".ko.md"))
    assert commands(korean) == commands(english) != []
    assert blocks(korean, "csv") == blocks(english, "csv")


def test_a_wrong_page_is_caught(folder: Path) -> None:
    right = "```console\n$ jeoul check managed --lang en\nmanaged: strategy, no problems\n```\n"
    assert play(right, folder) == 1
    for wrong in (
        right.replace("no problems", "two problems"),
        right.replace("check managed", "check mangaed"),
        right.replace("managed: strategy, no problems", "…").replace("managed", "nothing"),
        "```python\nassert False\n```\n",
        "```console\n$ rm everything\n```\n",
    ):
        with pytest.raises(AssertionError):
            play(wrong, folder)


@pytest.mark.parametrize(
    ("expected", "got", "alike"),
    [
        ("return: 5.7%", "return: 5.73%", True),
        ("return: 5.7%", "return: 6.2%", False),
        ("16 x 37,125", "17 x 37,125", False),
        ("2020-01-02  NORMAL", "2020-01-03  NORMAL", False),
        ("down … of it", "down 3 % of it", True),
        ("down … of it", "down 3 %", False),
        ("1.5 more", "1.5", False),
    ],
)
def test_figures_may_move_a_little_and_words_may_not(expected: str, got: str, alike: bool) -> None:
    assert same_line(expected, got) is alike


def test_any_lines() -> None:
    assert same(["a", "…", "d"], ["a", "b", "c", "d"])
    assert same(["…"], [])
    assert not same(["a", "…", "d"], ["a", "b"])
