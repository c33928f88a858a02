"""A path that the system refuses, an output that nobody takes: a message, never a traceback."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jeoul import assets
from jeoul.cli.options import file_for, folder_for

FILES = 74
PROC = pytest.mark.skipif(not Path("/proc/self").exists(), reason="/proc takes no new file")
GRID = ("--profile", "growth", "--grid", "rebalance.band=0.1")
FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")


def refused(outcome: Any, code: int, *says: str) -> None:
    assert outcome.code == code, outcome.err
    assert outcome.err.startswith("jeoul: ")
    assert "Traceback" not in outcome.err
    for phrase in says:
        assert phrase in outcome.err, outcome.err


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "plan.toml"
    path.write_text(
        "schema = 1\nname = 'demo'\nwhat = 'a series'\nstart = 2024-01-02\n"
        f"store = '{tmp_path / 'store'}'\nfolder = '{tmp_path / 'market'}'\n"
        "[[series]]\npath = 's.csv'\nwhat = 's'\nindex = 'date'\n[series.columns]\n"
        "vix = { source = 'sample', symbol = 'vix', unit = 'p', known = { at = 'XNYS close' } }\n"
    )
    return path


@pytest.mark.usefixtures("opened_once")
def test_a_picture_into_a_folder_that_is_not_there(jeoul: Any, tmp_path: Path) -> None:
    place = tmp_path / "nowhere" / "x.html"
    outcome = jeoul("data", "--out", place)
    refused(outcome, FILES, f"{place}: No such file or directory; make the folder first")


@FULL
@pytest.mark.usefixtures("opened_once")
def test_a_picture_onto_a_full_disk(jeoul: Any) -> None:
    refused(jeoul("data", "--out", "/dev/full"), FILES, "No space left", "make room")


def test_a_market_folder_in_the_place_of_a_file(jeoul: Any, plan: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a letter")
    outcome = jeoul("fetch", plan, "--out", tmp_path / "file")
    refused(outcome, 3, "is not a folder that was written by a fetch; name another folder")
    assert (tmp_path / "file").read_text() == "a letter"


def test_a_store_that_cannot_be_made(jeoul: Any, plan: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "st" / "raw.sqlite3").mkdir(parents=True)
    stores = {
        tmp_path / "file": (FILES, "correct the path: it names a file where a folder is needed"),
        tmp_path / "file" / "store": (
            FILES,
            "correct the path: it names a file where a folder is needed",
        ),
        tmp_path / "st": (3, "raw.sqlite3: cannot be read or written: unable to open"),
    }
    for place, (code, says) in stores.items():
        refused(jeoul("fetch", plan, "--store", place), code, str(place), says)


@PROC
def test_files_where_none_can_be_made(jeoul: Any, plan: Path) -> None:
    no_file = "No such file or directory; make the folder first, or correct the path"
    refused(jeoul("fetch", plan, "--store", "/proc/x"), FILES, f"/proc/x: {no_file}")
    refused(jeoul("compare-accounts", "--out", "/proc/x.html"), FILES, f"/proc/x.html: {no_file}")


@pytest.fixture
def nothing_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse to open a market: the place is to be checked before."""

    def opened(*_: Any, **__: Any) -> None:
        raise AssertionError("the market was opened before the place was checked")

    monkeypatch.setattr("jeoul.api.open_market", opened)
    monkeypatch.setattr("jeoul.market.open_market", opened)


@pytest.mark.usefixtures("nothing_computed")
def test_a_place_that_takes_no_page_is_refused_before_the_work(jeoul: Any, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere" / "x.html"
    grid = ("managed", "--profile", "growth", "--grid", "rebalance.band=0.05", "--map", nowhere)
    for words in (
        ("compare-accounts", "--out", nowhere),
        ("data", "--out", nowhere),
        ("sweep", *grid, "--out", tmp_path / "found.sqlite"),
    ):
        refused(jeoul(*words), FILES, str(nowhere), "make the folder")
    (tmp_path / "file").write_text("")
    refused(jeoul("report", "--out", tmp_path / "file" / "x"), FILES, "correct the path")
    refused(jeoul("report", "--out", tmp_path / "file"), 2, "is a file; name a folder")


@PROC
@pytest.mark.usefixtures("nothing_computed")
def test_a_folder_that_takes_no_file_is_refused_before_the_work(jeoul: Any) -> None:
    refused(jeoul("report", "--out", "/proc/x"), FILES, "/proc/x: No such file or directory")


def test_a_place_that_is_only_looked_at_is_left_as_it_was(tmp_path: Path) -> None:
    old = tmp_path / "old.html"
    old.write_text("kept")
    for place in (old, tmp_path / "new.html", None):
        file_for(place)
    for place in (tmp_path / "a" / "b", tmp_path, None):
        folder_for(place)
    assert [path.name for path in tmp_path.iterdir()] == ["old.html"]
    assert old.read_text() == "kept"


@pytest.mark.parametrize(
    ("command", "option"),
    [
        (("import", "FILE"), "--out"),
        (("household", "FILE"), "--html"),
        (("goals", "FILE"), "--html"),
        (("history", "FILE"), "--html"),
        (("promises", "FILE"), "--html"),
        (("statement", "FILE"), "--html"),
        (("statement", "OTHER", "--holdings", "isa=FILE"), "--html"),
        (("letter", "FILE", "--quarter", "2024Q2"), "--out"),
        (("metrics", "OTHER", "FILE"), "--out"),
        (("feedback", "FILE"), "--html"),
        (("feedback", "--trials", "FILE"), "--html"),
        (("compare-accounts", "--strategy", "FILE"), "--out"),
        (("compare-accounts", "--trials", "FILE"), "--out"),
        (("sweep", "FILE", *GRID), "--map"),
        (("sweep", "--out", "FILE", *GRID), "--map"),
        (("sweep", "--trials", "FILE", *GRID), "--map"),
        (("broker", "probe", "FILE"), "--out"),
        (("evidence", "FILE"), "--write-receipt"),
        (("evidence", "--trials", "FILE"), "--write-receipt"),
        (("evidence", "--receipt", "FILE"), "--write-receipt"),
    ],
)
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_an_output_never_overwrites_what_the_command_reads(
    jeoul: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: Any,
    option: str,
    lang: str,
) -> None:
    monkeypatch.setenv("JEOUL_LANG", lang)
    file, link = tmp_path / "f.toml", tmp_path / "link.toml"
    file.write_text("ticker,shares\n069500,1\n")
    link.hardlink_to(file)
    words = [word.replace("FILE", str(file)).replace("OTHER", "other.toml") for word in command]
    says = {
        "en": f"{link} would overwrite {file}, which this command reads; choose another file",
        "ko": f"{link}에 쓰면 이 명령이 읽는 {file}을(를) 덮어씁니다. 다른 파일 이름을",
    }
    refused(jeoul(*words, option, link), 2, says[lang])
    assert file.read_text() == "ticker,shares\n069500,1\n"


def test_no_page_replaces_a_file_of_a_market_folder(jeoul: Any, tmp_path: Path) -> None:
    folder = tmp_path / "market"
    shutil.copytree(assets.data("sample"), folder)
    prices = folder / "prices-kr.csv"
    before = prices.read_bytes()
    refused(jeoul("data", folder, "--out", prices), 2, "which this command reads")
    fund = tmp_path / "mine.csv"
    fund.write_text("date,close\n")
    words = ("compare-accounts", "--fund", f"{fund}:general", "--out", fund)
    refused(jeoul(*words), 2, "which this command reads")
    assert (prices.read_bytes(), fund.read_text()) == (before, "date,close\n")


def test_nobody_is_asked_where_the_answers_could_not_be_kept(
    jeoul: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", None)  # a question would fail otherwise
    place = tmp_path / "nowhere" / "x.toml"
    outcome = jeoul("profile", "--ask", "--out", place)
    refused(outcome, FILES, f"{place}: No such file or directory; make the folder first")


SCRIPT = "import sys; from jeoul.cli.main import main; sys.argv[0] = 'jeoul'; main()"


def started(stdout: Any, *arguments: str) -> Any:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments],
        env=environment,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )


@FULL
@pytest.mark.parametrize("arguments", [("--help",), ("check", "managed"), ("data",)])
def test_an_output_that_is_full(arguments: Any) -> None:
    with Path("/dev/full").open("w") as full:
        done = started(full, *arguments)
    assert done.returncode == FILES
    said = "jeoul: the output: No space left on device; make room, or choose another disk"
    assert done.stderr == f"{said} [OSError]\n"


def test_an_output_that_nobody_reads_any_more_is_left_quietly() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as closed:
        done = started(closed, "check", "managed")
    assert done.stderr == ""
    assert done.returncode
