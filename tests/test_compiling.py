"""Functions that numba compiles are kept on disk, and what an older version kept stops nobody."""

from __future__ import annotations

import ast
import inspect
import linecache
import pickle
import sys
import textwrap
import types
from pathlib import Path
from typing import Any

import numba
import pytest

from jeoul.batch import cells, gathering, kernel, lines
from jeoul.compiling import kept_njit
from jeoul.rebalance import local_search

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


@pytest.mark.parametrize("ending", ["*.nbi", "*.nbc"])
@pytest.mark.parametrize("content", [b"", b"nonsense"])
def test_a_damaged_file_counts_as_none_and_is_written_anew(
    tmp_path: Path, ending: str, content: bytes
) -> None:
    place = tmp_path / "kept_example.py"
    place.write_text(SOURCE, "utf-8")
    run(place)(21)
    (file,) = tmp_path.rglob(ending)
    file.write_bytes(content)
    assert run(place)(21) == 42
    again = run(place)
    assert again(21) == 42
    assert again.stats.cache_hits


def test_a_function_is_kept_for_the_sources_that_it_reads(tmp_path: Path) -> None:
    read = types.ModuleType("kept_read")
    place = tmp_path / "kept_read.py"
    read.__file__ = str(place)
    names = set()
    for factor in ("2", "30"):
        place.write_text(f"FACTOR = {factor}\n", "utf-8")
        linecache.checkcache(str(place))
        names.add(kept_njit([read])(lambda number: 2 * number).py_func.__qualname__)
    assert len(names) == 2


COMPILED = (
    *(*kernel.PARTS, kernel.decide_all, *cells.PARTS, *gathering.PARTS, *lines.PARTS),
    cells.count_lines,
    local_search.search,
)


@pytest.mark.parametrize("function", COMPILED, ids=lambda each: each.__name__)
def test_no_call_of_many_names_has_a_choice_in_it(function: Any) -> None:
    """numba cannot compile one, and what is meant to be compiled would run as plain Python."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        given = [part for word in call.keywords for part in ast.walk(word.value)]
        if len(call.keywords) > 15:
            assert not any(isinstance(part, ast.IfExp | ast.BoolOp) for part in given)


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
