"""`jeoul check` as a GitHub Action and as a pre-commit hook: what they run, on files."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
GOOD = 'schema = 1\nname = "mine"\nstrategy = "static"\nprofile = "growth"\nstate = "state"\n'
GOOD += '[broker]\nkind = "paper"\n'
BAD = GOOD.replace("profile", "profle")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Give a folder with two good files and a bad one, and a `jeoul` to run there."""
    for name, text in {"one.toml": GOOD, "two.toml": GOOD, "bad-1.toml": BAD}.items():
        (tmp_path / name).write_text(text, "utf-8")
    place = tmp_path / "tools" / "jeoul" / "bin"
    place.mkdir(parents=True)
    jeoul = place / "jeoul"
    jeoul.write_text(f'#!/bin/sh\nexec {sys.executable} -m jeoul "$@"\n', "utf-8")
    jeoul.chmod(0o755)
    return tmp_path


def ran(command: list[str], files: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "engine"), "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        command, cwd=files, capture_output=True, text=True, timeout=120, check=False,
        env={**environment, **variables},
    )  # fmt: skip


@pytest.mark.posix
@pytest.mark.parametrize(
    ("named", "code"), [("one.toml two.toml", 0), ("t*.toml", 0), ("one.toml bad-*.toml", 2)]
)
def test_the_action_checks_the_files_of_its_input(files: Path, named: str, code: int) -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    install, check = action["runs"]["steps"]
    assert re.search(r'pip install .*"\$GITHUB_ACTION_PATH"', install["run"])
    assert check["env"] == {"FILES": "${{ inputs.files }}"}
    assert "${{" not in check["run"]  # an input is never a part of the script
    tools = {"RUNNER_TEMP": str(files / "tools"), "FILES": named}
    done = ran(["bash", "-e", "-o", "pipefail", "-c", check["run"]], files, **tools)
    assert done.returncode == code, done.stderr
    assert ("bad-1.toml:4" in done.stderr) == (code == 2)


@pytest.mark.posix
@pytest.mark.parametrize(("name", "code"), [("one.toml", 0), ("bad-1.toml", 2)])
def test_the_hook_checks_the_files_of_a_commit(files: Path, name: str, code: int) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert not re.search(hook["exclude"], name)
    assert re.search(hook["exclude"], "a/pyproject.toml")
    path = f"{files / 'tools' / 'jeoul' / 'bin'}:{os.environ['PATH']}"
    done = ran([*shlex.split(hook["entry"]), name], files, PATH=path)
    assert done.returncode == code, done.stderr
