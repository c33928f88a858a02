"""The notebooks of the documentation print what is committed with them."""

from __future__ import annotations

import importlib.util
import re
from itertools import zip_longest
from math import isclose
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import pytest

NAMES = ("first-portfolio", "backtest", "household")
_NUMBER = re.compile(r"(?<![\w.#-])-?\d[\d,]*(?:\.\d+)?(?![\w-])")
_TEXTS = ("text/plain", "text/html")


@pytest.fixture(scope="module")
def generator(root: Path) -> ModuleType:
    place = root / "docs" / "make_notebooks.py"
    spec = importlib.util.spec_from_file_location("make_notebooks", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def printed(cell: Any) -> list[str]:
    """Return what a cell prints as text; pictures count by their kind alone."""
    found = []
    for output in cell.get("outputs", ()):
        if output.output_type == "stream":
            found.append(output.text)
        else:
            data = output.get("data", {})
            found += [kind if kind not in _TEXTS else data[kind] for kind in sorted(data)]
    return found


def alike(expected: str, got: str) -> bool:
    """Compare texts: words alike, figures nearly, as another processor may round them."""
    if _NUMBER.sub("0", expected) != _NUMBER.sub("0", got):
        return False
    pairs = zip_longest(_NUMBER.findall(expected), _NUMBER.findall(got), fillvalue="0")
    return all(
        isclose(float(a.replace(",", "")), float(b.replace(",", "")), rel_tol=0.02, abs_tol=0.011)
        for a, b in pairs
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_has_results_a_picture_and_no_complaint(
    generator: ModuleType, name: str
) -> None:
    found = nbformat.read(generator.FOLDER / f"{name}.ipynb", as_version=4)
    outputs = [output for cell in found.cells for output in cell.get("outputs", ())]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert not [o for o in outputs if o.output_type == "error" or o.get("name") == "stderr"]
    assert [file.stem for file in generator.notebooks()] == list(NAMES)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_prints_what_it_says(generator: ModuleType, name: str, tmp_path: Path) -> None:
    file = generator.FOLDER / f"{name}.ipynb"
    committed = nbformat.read(file, as_version=4)
    again = generator.executed(file, tmp_path)
    for before, after in zip(committed.cells, again.cells, strict=True):
        texts = zip_longest(printed(before), printed(after), fillvalue="")
        assert all(alike(old, new) for old, new in texts), before.source


@pytest.mark.parametrize(
    ("expected", "got", "same"),
    [
        ("weight 5.7%", "weight 5.71%", True),
        ("weight 5.7%", "weight 6.9%", False),
        ("<td>069500</td>", "<td>069501</td>", True),
        ("BUY 12", "SELL 12", False),
        ("₩1,000", "₩1,001", True),
    ],
)
def test_figures_may_move_a_little_and_words_may_not(expected: str, got: str, same: bool) -> None:
    assert alike(expected, got) is same
