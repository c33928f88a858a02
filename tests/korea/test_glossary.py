"""The glossary: the brief's terms, in both languages, and what is said wrongly about them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from jeoul.cli.glossary import glossary
from jeoul.korea.catalogue_files import load_glossary
from jeoul.korea.glossary import look_up
from jeoul.messages import LANGUAGES

TERMS = load_glossary()


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.id)
def test_every_term_is_explained_in_both_languages(term: Any) -> None:
    assert set(term.name) == set(term.text) == set(LANGUAGES)
    assert term.corrects is None or set(term.corrects) == set(LANGUAGES)
    for language in LANGUAGES:
        assert term.text[language].endswith((".", "다."))


@pytest.mark.parametrize(
    ("asked", "term"),
    [
        ("ETF", "etf"), ("ETN", "etn"), ("리츠", "reit"), ("REITs", "reit"), ("펀드", "fund"),
        ("ELS", "els"), ("DLS", "dls"), ("ELB", "elb"), ("장외채권", "otc_bond"),
        ("코코본드", "coco"), ("CoCo", "coco"), ("전자단기사채", "short_term_bond"), ("RP", "rp"),
        ("CMA", "cma"), ("IMA", "ima"), ("ISA", "isa"), ("중개형 ISA", "isa_brokerage"),
        ("신탁형", "isa_trust"), ("일임형", "isa_discretionary"), ("TDF는", "tdf"),
        ("커버드콜", "covered_call"), ("covered call", "covered_call"), ("레버리지", "leverage"),
        ("인버스", "inverse"), ("녹인", "knock_in"), ("knock-in", "knock_in"),
        ("과표기준가", "taxable_base_price"), ("괴리율이", "premium"), ("DC형", "dc"),
    ],
)  # fmt: skip
def test_a_term_is_found_as_people_write_it(asked: str, term: str) -> None:
    assert [found.id for found in look_up(TERMS, asked)] == [term]


def test_no_form_stands_for_two_terms() -> None:
    for term in TERMS:
        for form in term.written:
            assert look_up(TERMS, form) == (term,), form


@pytest.mark.parametrize(
    ("term", "language", "words"),
    [
        ("ima", "en", "1,000,000 won, not 10,000,000"),
        ("ima", "ko", "100만원"),
        ("etn", "en", "securities firms"),
        ("short_term_bond", "en", "up to a year"),
        ("leverage", "en", "from −2 to +2"),
        ("isa_trust", "ko", "보장되는 계좌가 아닙니다"),
        ("taxable_base_price", "en", "dividend income, not interest"),
        ("pension_savings", "en", "9 M includes an IRP"),
    ],
)
def test_what_is_often_said_wrongly_is_put_right(term: str, language: str, words: str) -> None:
    (found,) = look_up(TERMS, term.replace("_", " "))
    assert found.corrects is not None
    assert words in found.corrects[language]


def test_the_command_explains_or_lists() -> None:
    one = CliRunner().invoke(glossary, ["--lang", "en", "knock-in"])
    assert "protection away" in one.stdout
    assert len(CliRunner().invoke(glossary, []).stdout.splitlines()) == len(TERMS)
    assert "찾는 용어가 없습니다" in CliRunner().invoke(glossary, ["zzz"]).stdout


def test_the_command_prints_json() -> None:
    result = CliRunner().invoke(glossary, ["--json", "--lang", "en", "IMA"])
    (term,) = json.loads(result.stdout)["terms"]
    assert term["id"] == "ima"
    assert term["sources"]
