"""The catalogues say the same things in both languages, and everything the code can say."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

import jeoul
from jeoul.messages import LANGUAGES, catalogue

PACKAGE = Path(jeoul.__file__).parent
SPEAKERS = ("Reason.of", "say", "message", "Reason")
ID = re.compile(r"^[a-z_]+\.[a-z0-9_]+$")


def places(text: Any) -> Any:
    return sorted({name for _, name, _, _ in Formatter().parse(text) if name})


def test_both_languages_have_the_same_messages() -> None:
    korean, english = (catalogue(language) for language in ("ko", "en"))
    assert korean.keys() == english.keys()


def test_both_languages_fill_in_the_same_places() -> None:
    korean, english = (catalogue(language) for language in ("ko", "en"))
    different = [key for key in korean if places(korean[key]) != places(english[key])]
    assert not different


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_is_empty(language: str) -> None:
    assert not [key for key, text in catalogue(language).items() if not text.strip()]


def spoken() -> Iterator[Any]:
    """Yield the message ids that stand in the code: Reason.of("…"), say(…, "…"), "finding.…"."""
    tables = {key.partition(".")[0] for key in catalogue("en")}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                for place in node.args[:2]:
                    if isinstance(place, ast.Constant) and name in SPEAKERS:
                        yield path.name, place.value
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                head = node.value.partition(".")[0]
                if head in tables & {"finding", "trade", "place"}:
                    yield path.name, node.value


def test_every_message_of_the_code_exists() -> None:
    ids = {(file, key) for file, key in spoken() if isinstance(key, str) and ID.match(key)}
    assert len(ids) > 30
    missing = sorted((file, key) for file, key in ids if key not in catalogue("en"))
    assert not missing
