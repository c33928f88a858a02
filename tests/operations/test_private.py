"""What a run leaves behind is for its owner alone."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from harness import make_config, make_runner, paper_rules, proposal, sessions, weights_of

from jeoul.operations.broker.port import Ids
from jeoul.operations.run import RunRequest
from jeoul.operations.setup.private import close_to_others, create_private, write_private


def modes(folder: Path) -> dict[str, str]:
    found = {str(path.relative_to(folder)): path.stat().st_mode for path in folder.rglob("*")}
    return {name: oct(mode & 0o777) for name, mode in found.items()}


@pytest.mark.posix
def test_every_file_of_a_run_is_closed_to_others(tmp_path: Path) -> None:
    draw = random.Random(5)
    before = os.umask(0)
    try:
        config = make_config(tmp_path)
        day = sessions()[0]
        runner = make_runner(
            config, paper_rules(Ids.UNIQUE, draw), {day: proposal(day, weights_of(draw))}
        )
        assert runner.run(RunRequest(as_of=day, execute=True)).outcome == "executed"
        seen = modes(config.state)
        runner.broker.close()
    finally:
        os.umask(before)
    assert oct(config.state.stat().st_mode & 0o777) == "0o700"
    assert {name for name, mode in seen.items() if mode not in ("0o600", "0o700")} == set()
    assert "ledger.sqlite3" in seen


@pytest.mark.posix
def test_a_folder_left_open_by_an_older_version_is_closed(tmp_path: Path) -> None:
    state = tmp_path / "state"
    (state / "tickets").mkdir(parents=True)
    (state / "other").mkdir()
    for name in ("ledger.sqlite3", "tickets/2026-01-05.csv", "other/mine.txt"):
        (state / name).write_text("x")
        (state / name).chmod(0o644)
    (state / "run.sh").write_text("#!/bin/sh\n")
    (state / "run.sh").chmod(0o755)
    (state / "link").symlink_to(tmp_path)
    tmp_path.chmod(0o755)
    close_to_others(state, "tickets", "inputs")
    assert modes(state)["ledger.sqlite3"] == modes(state)["tickets/2026-01-05.csv"] == "0o600"
    assert modes(state)["tickets"] == "0o700"
    assert modes(state)["run.sh"] == "0o700"  # what may be run stays so for its owner
    assert modes(state)["other/mine.txt"] == "0o644"  # not a folder of ours
    assert oct(tmp_path.stat().st_mode & 0o777) == "0o755"  # not what a link points to


@pytest.mark.posix
def test_a_file_appears_whole_and_never_open(tmp_path: Path) -> None:
    place = tmp_path / "token.json"
    write_private(place, "한 줄")
    write_private(place, b"second")
    create_private(place)
    assert place.read_bytes() == b"second"
    assert modes(tmp_path) == {"token.json": "0o600"}
