"""One rule of the Korean rulebook computed on the command line."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

import jeoul.korea
from jeoul import assets
from jeoul.cli.ask_facts import read_facts, value_of
from jeoul.cli.ask_forms import forms_of
from jeoul.errors import InputError, RuleError
from jeoul.korea.cases import read_cases
from jeoul.korea.rule_words import words_of
from jeoul.korea.rules import RULES, arguments
from jeoul.korea.tables import load_rules
from jeoul.messages import catalogue
from jeoul.translation import in_language

YEAR = ("--year", "2026", "--lang", "en")
ANSWERS = ("age=45", "horizon=2y", "experience=mixed", "knowledge=low", "share=20")


def asked(jeoul: Any, *words: str) -> dict[str, Any]:
    outcome = jeoul("ask", *words, *YEAR, "--json")
    assert outcome.code == 0, outcome.err
    document: dict[str, Any] = json.loads(outcome.out)
    return document


def test_a_rule_is_computed_with_its_steps_and_the_law_behind_it(jeoul: Any) -> None:
    told = jeoul("ask", "income.wages", "wages=3천만", *YEAR)
    assert told.code == 0
    assert "  due: 371,848\n" in told.out
    assert "· tax base 15,834,780 won, tax computed 1,115,217 won" in told.out
    assert "    wages.deduction: 소득세법 §47①, 법률 21901, 2026-09-08 (H)" in told.out
    assert "not tax advice" in told.out
    found = asked(jeoul, "income.wages", "wages=30_000_000")
    assert found["results"]["due"] == 371_848
    assert found["given"] == {"wages": 30_000_000, "other_income": 0, "dependants": 0}
    assert {fact["key"] for fact in found["facts"]} >= {"income.brackets", "insurance.pension"}


@pytest.mark.parametrize(
    ("words", "result", "expected"),
    [
        (("irp.buy", "account=1억", "risk=7천만", "order={amount=1, risk_asset=true}"),
         "allowed", False),
        (("isa.settle", "kind=general", "years_held=3", "results=[{asset=fund, gain=500만}]"),
         "tax", 297_000),
        (("isa.transfer", "years_held=3", "closed=2026-01-10", "moved=2026-03-11",
          "balance=2천만", "amount=1e7"), "deadline", "2026-03-11"),
        (("suitability.score", *ANSWERS, "income=falling", "loss=10"), "type", "neutral"),
        (("isa.room", "opened=2024", "year=2026", "paid={2024=500만}"), "room", 55_000_000),
        (("order.settlement", "traded=2026-12-28"), "settles", "2026-12-30"),
        (("us.settle", "gains=[5_000_000, -1_000_000]"), "tax", 330_000),
        (("etf.sale", "kind=krx_other_etf", "units=100", "buy=10_000", "sell=12_000.5",
          "base_buy=10_000", "base_sell=11_000"), "taxable", 100_000),
    ],
)  # fmt: skip
def test_facts_are_read_as_people_write_them(
    jeoul: Any, words: tuple[str, ...], result: str, expected: object
) -> None:
    assert asked(jeoul, *words)["results"][result] == expected


def test_a_case_of_a_file_can_be_asked_for_word_by_word(jeoul: Any) -> None:
    """Every fact of every worked case about wages, written as TOML writes it."""
    text = (assets.root() / "tests" / "korea" / "cases" / "wages.toml").read_text("utf-8")
    for case in read_cases(text, "wages.toml").cases:
        if "error" not in case.expect:
            words = [f"{name}={json.dumps(value)}" for name, value in case.given.items()]
            found = asked(jeoul, case.rule, *words)["results"]
            assert all(found[name] == float(str(want)) if name == "rate" else found[name] == want
                       for name, want in case.expect.items()), case.id  # fmt: skip


def test_without_a_rule_all_of_them_are_listed_with_their_arguments(jeoul: Any) -> None:
    told = jeoul("ask", *YEAR).out
    assert "income.wages  wages, other_income?, dependants?\n    the national income tax" in told
    listed = asked(jeoul)["rules"]
    assert [entry["rule"] for entry in listed] == list(RULES)
    wages = next(entry for entry in listed if entry["rule"] == "income.wages")
    assert wages["required"] == ["wages"]
    assert "due" in wages["results"]
    assert all(entry["summary"] for entry in listed)


def test_a_rule_alone_shows_how_its_arguments_are_written(jeoul: Any) -> None:
    told = jeoul("ask", "isa.settle", *YEAR)
    assert told.code == 0
    assert "  kind=general | low_income | farmer\n" in told.out
    assert "us_etf | us_stock, gain=whole number}, …]\n  excused?=true or false" in told.out
    assert "gives: early, net, tax," in told.out
    korean = jeoul("ask", "isa.settle", "--year", "2026", "--lang", "ko").out
    assert "us_etf | us_stock, gain=정수}, …]" in korean
    (described,) = asked(jeoul, "isa.settle")["rules"]
    assert described["required"] == ["kind", "years_held", "results"]
    assert described["forms"]["fees"] == "whole number"


@pytest.mark.parametrize("rule", RULES)
def test_every_argument_has_a_form(rule: str) -> None:
    forms = forms_of("en", rule, load_rules(2026))
    assert [each.name for each in forms] == list(arguments(rule).model_fields)
    assert all(each.form for each in forms)


@pytest.mark.parametrize("word", ["pension-savings", "Pension_Savings", "pension_savings"])
def test_a_word_is_read_in_every_form_of_it(jeoul: Any, word: str) -> None:
    found = asked(jeoul, "account.may_hold", f"account={word}", "kind=etf")
    assert found["results"]["allowed"] is True
    market = asked(jeoul, "transaction.tax", "market=kospi", "kind=stock", "amount=1000000")
    assert market["results"]["tax"] == 2000


ANY_TEXT = {"firm=text", "name=text", "group=text", "month=text", "sold=text"}
"""What people name themselves, and months, whose refusal shows how one is written."""


@pytest.mark.parametrize("rule", RULES)
def test_a_text_shows_the_words_that_it_takes(rule: str) -> None:
    for name, form, _ in forms_of("en", rule, load_rules(2026)):
        assert set(re.findall(r"\w+\??=text", f"{name}={form}")) <= ANY_TEXT, (rule, name)


def test_the_words_that_are_shown_are_those_that_a_rule_takes() -> None:
    """Every word of every worked case is one of them, and a refusal lists the same ones."""
    book, checked = load_rules(2026), 0
    for file in sorted((assets.root() / "tests" / "korea" / "cases").glob("*.toml")):
        for case in read_cases(file.read_text("utf-8"), file.name).cases:
            for name, value in case.given.items() if "error" not in case.expect else ():
                words = words_of(book, f"{case.rule}.{name}")
                if words and value is not None:
                    assert value in words, (case.id, name)
                    with pytest.raises(RuleError) as refusal:
                        RULES[case.rule](book, **{**case.given, name: "unheard_of"})
                    assert [word for word in words if word not in str(refusal.value)] == []
                    checked += 1
    assert checked > 100


def test_everything_wrong_with_the_facts_is_said_at_once(jeoul: Any) -> None:
    words = ("wages=many", "wages=3", "what", "irp=$1,000", "pension_saving=1", "resident=maybe")
    outcome = jeoul("ask", "pension.credit", *words, *YEAR)
    assert outcome.code == 2
    for said in (
        "pension.credit: wages: is given twice; give it once",
        "pension.credit: 'what' is not a fact; write a fact as name=value",
        "pension.credit: wages: 'many' is not an amount",
        "pension.credit: irp: the amount is written in USD",
        "unknown key 'pension_saving' at the top level; did you mean 'pension_savings'?",
        "pension.credit: resident: 'maybe' is neither true nor false",
    ):
        assert said in outcome.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("isa.settle", "kind=general"), "isa.settle: results: 빠졌습니다; 추가하십시오"),
        (("isa.sette",), "'isa.sette' 규칙은 없습니다; 'isa.settle'을(를) 쓰시겠습니까?"),
        (("income.wages", "wages"), "'wages'은(는) 이름=값 형식이 아닙니다; wages=30000000처럼"),
        (("income.wages", "wages=1", "wages=2"), "wages: 두 번 적었습니다; 한 번만 적으십시오"),
        (("income.wages", "wages=x"), "'x'은(는) 금액이 아닙니다"),
        (
            ("income.wages", "wages=-1"),
            "income.wages: 0보다 작은 금액이 있습니다. 0 이상으로 쓰십시오 [소득세법 §47",
        ),
        (("pension.receive", "age=54", "amount=1"), "age 54: 연금은 55세부터 받을 수 있습니다"),
        (("income.wages", "wages=1", "--year", "2031"), "2031년 세법 기준표가 없습니다"),
    ],
)
def test_what_is_wrong_is_said_in_korean(jeoul: Any, words: tuple[str, ...], said: str) -> None:
    outcome = jeoul("ask", "--year", "2026", *words, "--lang", "ko")
    assert outcome.code == 2
    assert said in outcome.err


def test_a_year_without_a_table_takes_the_rules_that_are_named(jeoul: Any) -> None:
    words = ("ask", "income.wages", "wages=3천만", "--year", "2031", "--lang", "en")
    told = jeoul(*words, "--rules-of", "2027")
    assert "these are the rules of 2027" in told.out
    found = json.loads(jeoul(*words, "--rules-of", "2027", "--json").out)
    assert (found["year"], found["rules_of"]) == (2031, 2027)
    carried = {fact["key"]: fact["carried"] for fact in found["facts"]}
    assert (carried["insurance.pension"], carried["wages.credit"]) == (2027, 2026)


def test_a_reform_that_is_asked_for_is_named(jeoul: Any) -> None:
    words = ("isa.room", "opened=2026", "year=2026", "--reform", "isa-2024-proposal")
    found = asked(jeoul, *words)
    assert (found["reforms"], found["results"]["room"]) == (["isa-2024-proposal"], 40_000_000)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True), ("3_000", 3_000), ("general", "general"), ('"a b"', "a b"),
        ("1,000,000", "1,000,000"), ("[fund, etf]", ["fund", "etf"]),
        ("{a=1만, b=2}", {"a": "1만", "b": 2}),
        ("{a = [x, 1], b = false}", {"a": ["x", 1], "b": False}), ("", ""), ("{a=", "{a="),
        ("1\nother = 2", "1\nother = 2"),
    ],
)  # fmt: skip
def test_a_value_is_toml_or_a_text(text: str, value: object) -> None:
    assert value_of(text) == value


def test_a_list_where_a_number_is_wanted_is_refused() -> None:
    with pytest.raises(InputError, match="is not a whole number"):
        read_facts("income.wages", ["wages=[1]"])


def test_every_refusal_of_a_rule_that_is_one_sentence_has_its_korean() -> None:
    told = []
    for path in Path(jeoul.korea.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".refuse"):
                last = node.args[-1]
                told += [str(last.value)] if isinstance(last, ast.Constant) else []
    assert len(told) > 15
    assert [t for t in told if not re.search("[가-힣]", in_language(t, "ko"))] == []


def test_both_languages_have_a_line_for_every_rule_they_have_one_for() -> None:
    lines = {key for key in catalogue("ko") if key.startswith("ask_rule.")}
    assert lines <= {f"ask_rule.{rule}" for rule in RULES}


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_rule_says_what_it_gives(language: str) -> None:
    assert {f"ask_rule.{rule}" for rule in RULES} <= catalogue(language).keys()


@pytest.mark.parametrize(
    "words",
    [
        ("deposit.protection", "deposits=[{firm=a, amount=1}]"),
        ("isa.matures", "opened=-1", "on=2026-01-01"),
        ("isa.matures", "opened=99999999999999999999", "on=2026-01-01"),
        ("isa.reopen", "opened=2026", "years=1000000", "yearly=1", "growth=0.05"),
        ("pension.withdraw", "account={credited=1}", "amount=1", "age=60"),
    ],
)
def test_a_fact_that_cannot_be_is_one_korean_sentence(jeoul: Any, words: tuple[str, ...]) -> None:
    told = jeoul("ask", *words, "--year", "2026", "--lang", "ko")
    assert told.code == 2
    assert re.search("니다|십시오", told.err)
    assert "Traceback" not in told.err
