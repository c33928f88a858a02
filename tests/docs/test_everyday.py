"""Ten everyday tasks: the code on the page runs, and jeoul's takes no more lines than the best."""

from __future__ import annotations

import importlib.util
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


@pytest.fixture(scope="module")
def everyday(root: Path) -> ModuleType:
    place = root / "docs" / "make_everyday.py"
    spec = importlib.util.spec_from_file_location("make_everyday", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def blocks(everyday: ModuleType) -> list[Any]:
    found: list[Any] = everyday.blocks(everyday.PAGE.read_text("utf-8"))
    return found


def test_the_table_is_that_of_the_code(everyday: ModuleType) -> None:
    text = everyday.PAGE.read_text("utf-8")
    assert text == everyday.page(text), "run python docs/make_everyday.py"


def test_ten_tasks_take_no_more_lines_than_with_the_best_peer(blocks: list[Any]) -> None:
    tasks = list(dict.fromkeys(block.task for block in blocks))
    assert len(tasks) == 10
    for task in tasks:
        counts = {b.library: b.lines for b in blocks if b.task == task}
        assert counts.pop("jeoul") <= min(counts.values()), task


def test_lines_are_statements_wherever_they_are_broken(everyday: ModuleType) -> None:
    code = "import a\nfor b in (\n    1,\n    2,\n):\n    a.c(b); a.d()\n"
    assert everyday.Block("t", "jeoul", code).lines == 4


def test_the_code_of_jeoul_runs(everyday: ModuleType, blocks: list[Any]) -> None:
    for block in blocks:
        if block.library == "jeoul":
            everyday.run(block)


@pytest.mark.slow
def test_the_code_of_each_peer_that_is_installed_runs(
    everyday: ModuleType, blocks: list[Any]
) -> None:
    peers = [block for block in everyday.installed(blocks) if block.library != "jeoul"]
    assert {block.library for block in peers} >= {"skfolio", "pypfopt"}  # of the extra [test]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # theirs
        for block in peers:
            everyday.run(block)
