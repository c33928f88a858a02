"""Whatever is read is read or refused in a sentence, in bounded time and memory."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from pathlib import Path
from random import Random

import pytest

from fuzz.fuzz import batch, one
from fuzz.readers import KINDS

SCRIPT = Path(__file__).with_name("fuzz.py")


@pytest.mark.parametrize("count", [1_000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_no_input_does_harm(tmp_path: Path, count: int) -> None:
    """In processes of their own: the memory of this one is that of every test before."""
    arguments = ("--count", str(count), "--seed", "20261128", "--jobs", "2", "--json")
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *arguments, "--file", str(tmp_path / "f")],
        capture_output=True,
        text=True,
        check=False,
    )
    result = json.loads(done.stdout[done.stdout.index("{") :])
    assert (done.returncode, result["faults"]) == (0, []), done.stderr[-2_000:]
    assert result["inputs"] == count
    assert all(result["outcomes"].get(f"{kind}|read", 0) > 0 for kind in KINDS)


@pytest.mark.posix
def test_a_seed_draws_the_same_inputs_again(tmp_path: Path) -> None:
    found = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        warnings.simplefilter("ignore")
        for number in range(2 * len(KINDS)):
            one(5, number, tmp_path / name)
        found.append({p.name: p.read_bytes() for p in (tmp_path / name).glob("*.*")})
    assert found[0] == found[1]
    assert "file.toml" in found[0]


@pytest.mark.posix
@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (KeyError("price"), "KeyError: 'price'"),
        (RecursionError("too deep"), "RecursionError: too deep"),
    ],
)
def test_what_is_no_refusal_is_a_fault(
    monkeypatch: pytest.MonkeyPatch, raised: Exception, said: str
) -> None:
    """The fuzz can fail: an error that nobody meant is named with its input."""

    def work(draw: Random, folder: Path) -> None:
        raise raised

    monkeypatch.setitem(KINDS, "strategy", work)
    (fault,) = batch(1, 0, 1)["faults"]
    assert fault.startswith(f"seed 1, input 0, strategy: {said}")


@pytest.mark.posix
def test_what_takes_too_long_is_stopped_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(draw: Random, folder: Path) -> None:
        while True:
            pass

    monkeypatch.setitem(KINDS, "strategy", work)
    monkeypatch.setattr("fuzz.fuzz.SECONDS", 0.1)
    (fault,) = batch(1, 0, 1)["faults"]
    assert "took more than 0.1 s" in fault
