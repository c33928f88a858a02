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


PARTICLE = re.compile(
    r"\{(?P<place>\w+)[^{}]*\}(?P<close>[)\]'\"`’”]*)(?P<said>은|는|이|가|을|를|과|와|로|으로|나|이나|라고|이라고)"
    r"(?=[\s.,:;)]|$)"
)
AFTER_CONSONANT = {"은", "이", "을", "과", "으로", "이나", "이라고"}
WON = {"amount", "cautious", "cost", "credit", "forgone", "gain", "left", "limit", "moved", "paid",
       "planned", "price", "saves", "spending", "used", "value", "won"}  # fmt: skip
"""Places that hold an amount, which ends in 원: their particles are those behind a consonant."""
PERCENT = {"after", "band", "before", "below", "better", "declared", "dividend", "drift", "early",
           "error", "exchange", "expected", "exposed", "fee", "found", "limit", "most", "moved",
           "now", "rate", "reading", "scale", "share", "step", "taken", "tolerance", "used",
           "weight"}  # fmt: skip
"""Places that hold a share, which ends in 퍼센트 or 퍼센트포인트."""


def fits(found: re.Match[str], text: str) -> bool:
    """Return whether a particle fits whatever fills the place before it."""
    consonant = found["said"] in AFTER_CONSONANT
    if not found["close"]:
        return found["place"] in (WON if consonant else PERCENT)
    before = text[: found.start()].rpartition("(")[0][-1:]  # 범위({limits})를: the word decides
    if found["close"] != ")" or not "가" <= before <= "힣":
        return False
    last = (ord(before) - ord("가")) % 28
    return (last != 0 and not (found["said"] == "로" and last == 8)) == consonant


def test_a_korean_particle_fits_any_value_before_it() -> None:
    """Both forms behind a value whose last sound is not known: ``{code}(으)로``."""
    wrong = [
        (key, found[0])
        for key, text in catalogue("ko").items()
        for found in PARTICLE.finditer(text)
        if not fits(found, text)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("{code}로 고치십시오", False),
        ("{code}(으)로 고치십시오", True),
        ("`jeoul run {config}`를 실행", False),
        ("범위({limits})를 벗어남", True),
        ("범위({limits})을 벗어남", False),
        ("환율({rate})로", True),
        ("{amount}을 넣습니다", True),
        ("{share}가 같습니다", True),
        ("{share}이 같습니다", False),
    ],
)
def test_a_particle_that_does_not_fit_is_found(text: str, right: bool) -> None:
    assert all(fits(found, text) for found in PARTICLE.finditer(text)) == right
