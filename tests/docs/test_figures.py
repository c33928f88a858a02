"""No figure of a page is written by hand: it is counted in the sources, or was measured."""

from __future__ import annotations

import copy
import sys
from pathlib import Path
from typing import Any

import pytest

from jeoul import assets

sys.path.insert(0, str(assets.root() / "docs"))

import figures  # isort: skip


@pytest.fixture(scope="module")
def kept() -> Any:
    return figures.measured()


PAGES = [path for path in figures.PAGES if path.name not in ("api.md", "cli.md")]


@pytest.mark.parametrize("path", PAGES, ids=[path.stem for path in PAGES])
def test_a_page_shows_what_is_counted_and_what_was_measured(kept: Any, path: Path) -> None:
    text = path.read_text("utf-8")
    assert figures.written(text, kept) == text, "run python docs/make.py"
    name = path.relative_to(assets.root()).as_posix()
    assert figures.blocks(text) == kept["blocks"].get(name, {}), "a script writes this block"
    if "explain" not in path.stem:  # its examples quote messages
        assert list(figures.unmarked(text)) == []
        assert list(figures.uncounted(text)) == []


def test_every_recorded_figure_is_in_a_page_and_says_what_measured_it(kept: Any) -> None:
    text = "".join(path.read_text("utf-8") for path in PAGES)
    for name, each in kept["figures"].items():
        assert f"<!--= {name} -->" in text
        assert each["by"]
    for name, each in kept["tables"].items():
        assert f"<!-- measured: {name} -->" in text
        assert each["by"]
    used = {match["name"] for match in figures.MARK.finditer(text)}
    assert used <= kept["figures"].keys() | figures.counts().keys()


def test_what_moves_is_written_anew(kept: Any) -> None:
    old = "<!--= funds -->497<!-- =--> funds, <!--= run/plain -->9 s<!-- =-->"
    new = figures.written(old, kept)
    assert new != old
    assert f"<!--= funds -->{figures.counts()['funds']():,}<!-- =-->" in new
    assert kept["figures"]["run/plain"]["text"] in new


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("A plan takes 24 ms.", 1),
        ("A plan takes <!--= household/fast-median -->24 ms<!-- =-->.", 0),
        ("| a plan | 24.9–40.8 ms |", 1),
        ("A plan takes at most 50 ms.", 0),
        ("| one step | ≤ 1 µs |", 0),
        ("```\n24 ms\n```", 0),
        ("`24 ms`", 0),
        ("<!-- measured: overlay -->\n| 24 ms |\n<!-- end -->", 0),
        ("한 번에 3초 걸립니다", 1),
        ("In 24 months", 0),
    ],
)
def test_what_a_measured_number_is(line: str, found: int) -> None:
    assert len(list(figures.unmarked(line))) == found


def test_what_a_counted_number_is() -> None:
    funds = figures.counts()["funds"]()
    assert list(figures.uncounted(f"{funds - 3} listed funds")) == [f"{funds - 3} listed funds"]
    assert list(figures.uncounted("a portfolio of 15 funds")) == []
    assert list(figures.uncounted(f"<!--= funds -->{funds}<!-- =--> funds")) == []


def test_a_block_that_was_changed_by_hand_shows(kept: Any) -> None:
    text = (assets.root() / "docs" / "promises.md").read_text("utf-8")
    changed = text.replace("| managed |", "| Managed |", 1)
    assert figures.blocks(changed) != kept["blocks"]["docs/promises.md"]


def test_a_benchmark_writes_its_rows_into_its_table(kept: Any) -> None:
    entry = copy.deepcopy(kept["tables"]["overlay"])
    rows = [
        {"row": "step, compiled", "ours_ms": 0.0021, "met": False},
        {"row": "another", "ours_ms": 1.0, "met": None},
    ]
    assert figures.taken(entry, rows) == ["another"]
    assert entry["rows"][0][1] == "2.1 µs"
    assert entry["rows"][0][3] == "missed"
    assert "| one step, compiled | 2.1 µs |" in figures.table(entry)
