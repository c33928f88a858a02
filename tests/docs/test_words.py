"""Words that people read: kinds of sentences that an editor took out stay out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from jeoul import assets

ENGINE = Path(__file__).resolve().parents[2] / "engine" / "jeoul"
IS_NO = re.compile(r"(?<!here )\b(?:is|are) no (?!longer\b|more\b)\w+", re.IGNORECASE)
QUOTED = {"which is no month", "is no session of"}
"""Refusals of rules that worked cases of users may quote word for word."""


def messages(file: Path) -> Iterator[str]:
    """Yield the texts of a module that are not docstrings, those of an f-string joined."""
    tree = ast.parse(file.read_text("utf-8"))
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = (p.value if isinstance(p, ast.Constant) else "{}" for p in node.values)
            yield "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and id(node) not in bare:
            yield str(node.value)


def test_no_message_says_that_something_is_no_thing() -> None:
    """ "'x' is not a date", and not "is no date"."""
    texts = [text for file in sorted(ENGINE.rglob("*.py")) for text in messages(file)]
    catalogue = sorted((assets.root() / "data" / "messages" / "en").glob("*.toml"))
    texts += [line for file in catalogue for line in file.read_text("utf-8").splitlines()]
    assert len(texts) > 5000
    found = {text for text in texts if IS_NO.search(text)}
    assert not {text for text in found if not any(quoted in text for quoted in QUOTED)}


@pytest.mark.parametrize(
    ("text", "wrong"), [("x is no date", True), ("there is no date", False), ("is no more", False)]
)
def test_what_is_looked_for(text: str, wrong: bool) -> None:
    assert bool(IS_NO.search(text)) is wrong
