"""Functions that numba compiles are kept on disk, and what an older version kept stops nobody."""

from __future__ import annotations

import pickle
import sys
import types
from pathlib import Path
from typing import Any

import numba
import pytest

SOURCE = """
from jeoul.compiling import kept_njit

@kept_njit()
def twice(number):
    return 2 * number
"""


def run(place: Path) -> Any:
    """Run the module as a new process would."""
    module = types.ModuleType("kept_example")
    module.__file__ = str(place)
    exec(compile(place.read_text("utf-8"), str(place), "exec"), vars(module))
    return module.twice


def test_a_function_is_compiled_once(tmp_path: Path) -> None:
    place = tmp_path / "kept_example.py"
    place.write_text(SOURCE, "utf-8")
    first, second = run(place), run(place)
    assert first(21) == second(21) == 42
    assert not first.stats.cache_hits
    assert second.stats.cache_hits


def test_an_index_that_names_a_class_of_an_older_version_counts_as_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "kept_example.py"
    place.write_text(SOURCE, "utf-8")
    run(place)(21)
    (index,) = tmp_path.rglob("*.nbi")
    older = types.ModuleType("kept_older")
    old = type("Inputs", (), {"__module__": "kept_older", "__qualname__": "Inputs"})
    vars(older)["Inputs"] = old
    monkeypatch.setitem(sys.modules, "kept_older", older)
    index.write_bytes(pickle.dumps(numba.__version__) + pickle.dumps((("stamp",), {old: "x"})))
    del vars(older)["Inputs"]
    fresh = run(place)
    assert fresh(21) == 42
    again = run(place)
    assert again(21) == 42
    assert again.stats.cache_hits
