"""Every module and every offered name of 0.1.0 answers, or the page of the upgrade says what to do.

``names.json`` was written from the code of 58b2401: the path of each module, and ``__all__`` of
each module that had one.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import re
import warnings
from pathlib import Path
from types import ModuleType

import pytest

from jeoul import assets, moved

KEPT = json.loads((Path(__file__).parent / "fixtures" / "0.1.0" / "names.json").read_text("utf-8"))
PAGE = (assets.root() / "docs" / "upgrading.md").read_text("utf-8")


def gone(page: str) -> set[str]:
    """Return the first column of the page's table of what is gone; siblings lack their package."""
    (_, _, table) = page.partition("| gone | instead |")
    found = set()
    for row in table.partition("\n\n")[0].splitlines():
        package = ""
        for name in re.findall("`([a-zA-Z_.]+)`", row.split("|")[1] if "|" in row else ""):
            package = name.rpartition(".")[0] or package
            found.add(name if "." in name else f"{package}.{name}")
    return found


def missing_modules() -> set[str]:
    today = {old: moved.new_path(old) or old for old in KEPT["modules"]}
    return {old for old, new in today.items() if not exists(new)}


def exists(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # the package above it is gone too
        return False


def answer(module: str, name: str) -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return getattr(importlib.import_module(moved.new_path(module) or module), name, None)


def missing_names() -> set[str]:
    return {
        f"{module}.{name}"
        for module, names in KEPT["names"].items()
        for name in names
        if answer(module, name) is None or isinstance(answer(module, name), ModuleType)
    }


def test_what_0_1_0_had_answers_or_is_on_the_page_as_gone() -> None:
    assert missing_modules() | missing_names() == gone(PAGE)


def test_the_list_of_names_is_that_of_0_1_0() -> None:
    assert (len(KEPT["modules"]), sum(map(len, KEPT["names"].values()))) == (290, 188)
    assert {"jeoul.transactions", "jeoul.market.sources.pool"} <= set(KEPT["modules"])
    assert "Plan" in KEPT["names"]["jeoul.rebalance"]


@pytest.mark.parametrize(
    ("row", "names"),
    [
        ("| `jeoul.a.b`, `c` | `jeoul.x` |", {"jeoul.a.b", "jeoul.a.c"}),
        ("| `jeoul.a.b` | `jeoul.x` |\n\n| `jeoul.no` | no |", {"jeoul.a.b"}),
    ],
)
def test_a_row_of_the_page_names_siblings_once_by_their_package(row: str, names: set[str]) -> None:
    assert gone(f"| gone | instead |\n|---|---|\n{row}") == names
