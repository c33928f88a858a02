"""Every key that a person may write in a file stands on a page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGES = {
    "account": "backtests",
    "answers": "korea",
    "cases": "korea",
    "config": "operations",
    "els": "korea",
    "fetch-plan": "data",
    "firm": "firm",
    "household": "household",
    "person": "korea",
    "preferences": "korea",
    "rates": "korea",
    "statement": "korea",
    "strategy": "strategy",
    "universe": "strategy",
}
"""The page of each kind of file."""


def keys(schema: Any) -> Iterator[str]:
    """Yield every key that a schema names, at any depth."""
    if isinstance(schema, dict):
        named = schema.get("properties", {})
        yield from named
        for value in schema.values():
            yield from keys(value)
    if isinstance(schema, list):
        for value in schema:
            yield from keys(value)


def written(page: str) -> set[str]:
    """Return every word of a page that is written as code."""
    text = (ROOT / "docs" / f"{page}.md").read_text("utf-8")
    code = re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL)
    return {word for piece in code for word in re.findall(r"\w+", piece)}


def test_every_kind_of_file_has_a_page() -> None:
    found = {path.name.removesuffix(".schema.json") for path in ROOT.glob("data/*.schema.json")}
    assert found == PAGES.keys()


@pytest.mark.parametrize(("kind", "page"), PAGES.items())
def test_a_page_names_every_key_of_the_file(kind: str, page: str) -> None:
    schema = json.loads((ROOT / "data" / f"{kind}.schema.json").read_text("utf-8"))
    assert set(keys(schema)) - written(page) == set()
