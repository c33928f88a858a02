"""What only a fresh process can show: what it imports, and that its output is always the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jeoul import assets
from jeoul.strategy.load import shipped

HEAVY = ("pandas", "cvxpy", "numba", "scipy", "clarabel", "highspy")


def python(code: str, *arguments: str | Path, seed: str = "0") -> Any:
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


IMPORTED = """\
import sys
from jeoul.cli.main import cli
cli(sys.argv[1:], standalone_mode=False)
print("IMPORTED", *sorted({name.partition(".")[0] for name in sys.modules}))
"""


def imported(*arguments: str | Path) -> Any:
    done = python(IMPORTED, *arguments)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("IMPORTED ")[2].split())


def test_help_imports_nothing_heavy() -> None:
    assert not imported("--help") & {*HEAVY, "numpy", "pydantic"}


def test_version_and_command_help_are_light() -> None:
    assert not imported("--version") & {*HEAVY, "numpy", "pydantic"}
    for command in ("report", "decide", "backtest", "guard", "check"):
        assert not imported(command, "--help") & set(HEAVY), command


def test_check_imports_neither_pandas_nor_a_solver() -> None:
    found = imported("check", *shipped())
    assert not found & set(HEAVY)


def test_check_of_any_other_file_imports_neither_either() -> None:
    configs = sorted((assets.root() / "configs").glob("*.toml"))
    assert configs
    assert not imported("check", *configs) & {"pandas", "cvxpy", "clarabel", "highspy", "httpx"}


DAY = ("--as-of", "2024-06-28")
EVERYDAY = {
    "report": ("report", "managed", *DAY, "--profile", "balanced", "--out", "page"),
    "decide": ("decide", "managed", *DAY, "--profile", "balanced", "--deposit", "100000000"),
    "backtest": ("backtest", "managed", "--profile", "balanced", "--from", "2020-01-02"),
}


@pytest.mark.parametrize("command", EVERYDAY)
def test_an_everyday_command_solves_without_cvxpy(
    command: Any, market_folder: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for place in ("XDG_CACHE_HOME", "XDG_STATE_HOME", "HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(place, str(tmp_path))
    found = imported(*EVERYDAY[command], "--data", market_folder)
    assert "daqp" in found
    assert not found & {"cvxpy", "clarabel"}


def test_a_decision_on_a_folder_that_was_read_before_parses_nothing(
    market_folder: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JEOUL_CACHE", str(tmp_path / "cache"))
    first, second = (imported(*EVERYDAY["decide"], "--data", market_folder) for _ in range(2))
    assert first & set(HEAVY) == {"pandas"}
    assert not second & set(HEAVY)


FROM_PYTHON = """\
import sys
import jeoul
strategy, market = jeoul.load_strategy("managed"), jeoul.open_market(sys.argv[1])
proposal = jeoul.propose(strategy, "balanced", "general", market.as_of("2024-06-28", "XKRX"))
assert jeoul.place(proposal, jeoul.Portfolio({}, 100_000_000, "KRW")).orders
assert "cvxpy" not in sys.modules
"""


def test_a_proposal_from_python_is_made_without_cvxpy(
    market_folder: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    done = python(FROM_PYTHON, market_folder)
    assert (done.returncode, done.stderr) == (0, "")


RUN = "import sys; from jeoul.cli.main import main; sys.argv[0] = 'jeoul'; main()"


def test_same_inputs_same_bytes(market_folder: Path) -> None:
    day = ("--data", market_folder, "--as-of", "2024-06-28")
    arguments = ("report", "managed", "--profile", "growth", "--account", "irp", *day, "--json")
    one = python(RUN, *arguments, seed="1")
    other = python(RUN, *arguments, seed="4242")
    assert (one.returncode, one.stderr) == (0, "")
    assert one.stdout == other.stdout
    assert len(json.loads(one.stdout)["profiles"]) == 1


def test_output_is_utf8_whatever_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("PYTHONUTF8", "0")
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    done = python(RUN, "--help")
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_strategy_passes_its_check(jeoul: Any, name: str) -> None:
    outcome = jeoul("check", name, "--lang", "en")
    assert outcome == (0, f"{name}: strategy, no problems\n", "")


@pytest.mark.posix
@pytest.mark.parametrize("size", [(0, 0), (24, 80)], ids=["no size", "80 columns"])
@pytest.mark.parametrize("words", [("profile", "--ask"), ("init",)], ids=" ".join)
def test_nothing_moves_on_the_terminal_while_a_person_is_asked(
    words: tuple[str, ...], size: tuple[int, int], tmp_path: Path
) -> None:
    import pty
    import select
    import termios
    import time

    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, size)
    asking = subprocess.Popen(
        [sys.executable, "-m", "jeoul", *words],
        stdin=theirs, stdout=theirs, stderr=theirs, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "JEOUL_LANG": "en"},
    )  # fmt: skip
    try:
        said, begun = "", time.monotonic()
        while not said.rstrip().endswith(":"):
            assert time.monotonic() - begun < 60, said
            if select.select([ours], [], [], 0.1)[0]:
                said += os.read(ours, 4096).decode()
        moved = select.select([ours], [], [], 1.6)[0]
    finally:
        asking.kill()
        asking.wait()
        os.close(theirs)
        os.close(ours)
    assert not moved
