"""Lives of an account in a simulated world: no rule is broken and every state has a way out."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from simulator.cells import all_cells
from simulator.life import SESSIONS, Life
from simulator.simulate import APART, ROOT, lives, summed

LEAST, MOST = 30, 150
"""Lives of a sweep: so many at least, and until everything has occurred."""


def test_a_life_of_each_kind_of_broker(tmp_path: Path) -> None:
    found = summed(vars(Life(7, number, tmp_path, 20).lived()) for number in range(3))
    assert (found["faults"], found["stuck"]) == ([], {})
    assert found["sessions"] == 60


def test_a_seed_replays_exactly(tmp_path: Path) -> None:
    results, journals = [], []
    for _ in range(2):
        life = Life(11, 2, tmp_path, 12)
        results.append(replace(life.lived(), seconds=0.0))
        journals.append(life.world.journal)
    assert results[0] == results[1]
    assert journals[0] == journals[1]


def test_no_life_imports_what_a_result_does_not_cover() -> None:
    program = (
        "import sys; from simulator.simulate import live; live(7, 0); "
        "print(*(name for name in sys.modules if name.startswith('jeoul')))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "tests"), *sys.path])},
        capture_output=True,
        text=True,
        check=True,
    )
    apart = tuple(each.removeprefix("engine/").replace("/", ".") for each in APART)
    assert not [name for name in ran.stdout.split() if f"{name}.".startswith(apart)]
    assert "jeoul.operations.run" in ran.stdout.split()


@pytest.mark.slow
def test_lives_in_which_everything_occurs_have_no_fault() -> None:
    wanted, found = {str(cell) for cell in all_cells()}, []
    for one in lives(2026, 0, MOST * SESSIONS, jobs=1):
        found.append(one)
        wanted -= set(one["cells"])
        if len(found) >= LEAST and not wanted:
            break
    result = summed(found)
    assert (result["faults"], result["stuck"], wanted) == ([], {}, set())


@pytest.mark.server
def test_a_life_of_each_kind_of_broker_with_the_ledger_on_a_server(tmp_path: Path) -> None:
    from simulator.server_disk import ServerDisk

    found = summed(
        vars(Life(7, number, tmp_path / str(number), 20, ServerDisk).lived()) for number in range(3)
    )
    assert (found["faults"], found["stuck"]) == ([], {})
    assert found["sessions"] == 60
