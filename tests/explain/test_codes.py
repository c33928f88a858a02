"""Every code is explained in both languages, its example meets it, and none is ever renamed."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any

import explain_examples
import make_explain
import pytest

import jeoul
from jeoul import assets
from jeoul.cli.refusals import refusal_of
from jeoul.codes import Code, codes, groups, look_up, sentences
from jeoul.messages import LANGUAGES, catalogue
from jeoul.operations.setup.outcome import OUTCOMES

PACKAGE = Path(jeoul.__file__).parent
FROZEN = assets.data("codes", "frozen.txt")
TABLES = ("finding", "gate", "trade", "place", "rebalance")
OTHERS = {"Stopped", "OSError"}  # raised by click and by the system
SLOW = {"AllRefused", "LookAhead", *OUTCOMES}


@pytest.fixture(scope="module")
def met() -> Any:
    """What each quick example meets, run once."""
    quick = (code for code in codes().values() if code.name not in SLOW)
    return {code.name: explain_examples.run(code.example) for code in quick}


@pytest.mark.parametrize("name", [name for name in codes() if name not in SLOW])
def test_an_example_meets_its_code(met: Any, name: str) -> None:
    assert name in {each.code for each in met[name]}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(SLOW))
def test_a_long_example_meets_its_code(name: str) -> None:
    assert name in {each.code for each in explain_examples.run(codes()[name].example)}


def test_what_the_examples_say_is_what_is_kept(met: Any) -> None:
    for name in (name for name in codes() if "." in name):
        found = next(each for each in met[name] if each.code == name)
        said = {language: explain_examples.sentence(found, language) for language in LANGUAGES}
        assert codes()[name].what == said, "run python docs/make_explain.py"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_are_up_to_date(language: str) -> None:
    page = make_explain.PAGES[language].read_text("utf-8")
    assert page == make_explain.page(language), "run python docs/make_explain.py"


@pytest.mark.parametrize("code", codes().values(), ids=codes())
def test_a_code_is_explained_in_both_languages(code: Code) -> None:
    for texts in (code.what, code.why, code.remedy):
        assert texts.keys() == set(LANGUAGES)
        assert all(text.strip() and "{" not in text for text in texts.values())
        assert re.search("[가-힣]", texts["ko"])
        assert not re.search("[가-힣]", texts["en"])


# -- nothing is left out ---------------------------------------------------------------------------


CLASS = re.compile(r"^class (\w+)\(([^)]*)\)", re.MULTILINE)


@cache
def source() -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py")))


def raised() -> set[str]:
    """Return the classes of errors that the source makes."""
    bases: dict[str, set[str]] = {}
    for name, its in CLASS.findall(source()):
        bases.setdefault(name, set()).update(re.findall(r"\w+", its))
    known = {"JeoulError"}
    while more := {name for name, its in bases.items() if its & known} - known:
        known |= more
    made = set(re.findall(r"(?<!class )\b([A-Z]\w+)\(", source()))
    made |= set(re.findall(r"raise ([A-Z]\w+)$", source(), re.MULTILINE))
    return known & made


def of_group(*names: str) -> set[str]:
    return {name for name, code in codes().items() if code.group in names}


def test_every_error_that_is_raised_has_a_code_and_no_other() -> None:
    found = raised()
    assert len(found) > 35
    assert of_group("refusals") == found | OTHERS


def test_every_finding_and_reason_has_a_code_and_no_other() -> None:
    said = {
        key
        for key in catalogue("en")
        if key.partition(".")[0] in TABLES and not key.endswith("_remedy")
    }
    assert of_group("findings", "orders") == said


def test_everything_that_the_risk_control_says_has_a_code_and_no_other() -> None:
    assert of_group("latches") == {key for key in catalogue("en") if key.startswith("overlay.")}


def test_every_outcome_has_a_code_and_no_other() -> None:
    assert of_group("outcomes") == set(OUTCOMES)


def test_every_kind_in_the_source_has_a_code() -> None:
    """A kind that is written out in the source, whatever the catalogues have."""
    found = set(re.findall(r'"((?:finding|gate|trade|place)\.[a-z_]+[a-z])"', source()))
    assert len(found) > 40
    assert found - codes().keys() == set()


# -- none is renamed -------------------------------------------------------------------------------


def frozen() -> list[list[str]]:
    lines = FROZEN.read_text("utf-8").splitlines()
    return [line.split() for line in lines if line and not line.startswith("#")]


def test_the_list_of_codes_is_that_of_the_source() -> None:
    kept = {words[0]: words[1] for words in frozen() if "retired" not in words}
    assert kept == {name: code.group for name, code in codes().items()}
    assert len(frozen()) == len({words[0] for words in frozen()}), "a code is used twice"


RELEASED = {"0.2.0": "5f526aaec3da3923"}
"""Digest of the names and groups that each version brought; one that is out never changes."""


@pytest.mark.parametrize("version", RELEASED)
def test_what_a_version_brought_stays(version: str) -> None:
    brought = sorted(" ".join(words[:3]) for words in frozen() if words[2] == version)
    digest = hashlib.sha256("\n".join(brought).encode()).hexdigest()
    assert digest[:16] == RELEASED[version]


# -- where a person meets them ---------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(of_group("refusals") - SLOW))
def test_an_error_says_its_code_at_the_end_of_its_line(met: Any, name: str) -> None:
    (found,) = met[name]
    for language in LANGUAGES:
        refusal = refusal_of(found.said, language)
        assert refusal is not None
        assert refusal.code == name
        assert refusal.told.endswith(f" [{name}]")
        assert [code.name for code in look_up(refusal.told)] == [name]


def test_a_message_as_it_was_said_finds_its_code() -> None:
    for code in codes().values():
        if "." in code.name:
            for text in code.what.values():
                assert code in look_up(text), text


def test_a_part_of_a_message_finds_what_it_is_a_part_of() -> None:
    assert [code.name for code in look_up("no split explains it")] == ["finding.jump"]
    assert "finding.jump" in {code.name for code in look_up("가격제한폭")}
    assert look_up("VIX") == tuple(codes()[f"overlay.vix_{side}"] for side in ("on", "off"))
    assert sentences("is not a session of")[0].keys() == set(LANGUAGES)
    assert look_up("no such words anywhere") == ()


def test_the_groups_are_titled_in_both_languages() -> None:
    assert all(group.title.keys() == group.about.keys() == set(LANGUAGES) for group in groups())
