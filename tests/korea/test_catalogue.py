"""The catalogue of funds: every fact has its page, old names lead to the fund, filters hold."""

from __future__ import annotations

import csv
import re
import tomllib
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jeoul import assets
from jeoul.korea.catalogue import FundQuery, search
from jeoul.korea.catalogue_files import load_catalogue
from jeoul.korea.fund import FIELDS, FundFact, ListRow, held_in, missing_for_order
from jeoul.korea.fund_facts import pension_class
from jeoul.korea.tables import load_rules
from jeoul.messages import LANGUAGES, catalogue

SHELF = load_catalogue()
BOOK = load_rules(2026)
KINDS = tuple(BOOK.table("account.holdings"))


def codes(words: str = "", **filters: Any) -> list[str]:
    return [fund.code for fund in search(BOOK, SHELF, FundQuery(words=words, **filters))]


# --- what the file holds -----------------------------------------------------------------------


def test_the_funds_of_every_larger_manager_are_there() -> None:
    brands = [fund.value("brand") for fund in SHELF.funds.values()]
    assert len(brands) >= 150
    for brand in ("KODEX", "TIGER", "RISE", "ACE", "PLUS", "SOL", "KIWOOM", "HANARO"):
        assert brands.count(brand) >= 10


def test_every_confirmed_field_has_its_page_and_the_words_it_rests_on() -> None:
    for code, fund in SHELF.funds.items():
        assert re.fullmatch(r"[0-9A-Z]{6}", code)
        assert set(fund.facts) == set(FIELDS), code
        for field, fact in fund.facts.items():
            known = (fact.value is not None, bool(fact.words))
            assert known == (fact.confirmed, fact.confirmed), (code, field)


@pytest.mark.parametrize("key", SHELF.pages)
def test_every_page_has_an_address_and_the_date_it_bears(key: str) -> None:
    page = SHELF.pages[key]
    assert page.url.startswith("http")
    assert page.retrieved <= SHELF.as_of
    if page.dated is not None:
        assert re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", page.dated)
        assert page.dated <= SHELF.as_of.isoformat()


def test_every_page_is_cited() -> None:
    cited = {fact.page for fund in SHELF.funds.values() for fact in fund.facts.values()}
    beside = {"brands", "kbstar", "arirang", "hero", "kodex_sp500", "tiger_renamed"}
    assert {key for key, page in SHELF.pages.items() if page not in cited} == beside


def test_figures_lie_within_what_the_exchange_lists() -> None:
    """The exchange's first fund was listed on 14 October 2002; multiples reach from -2 to 2."""
    for fund in SHELF.funds.values():
        assert Decimal(0) < Decimal(fund.text("fee")) < Decimal("0.02"), fund.code
        assert "2002-10-14" <= fund.text("listed") <= SHELF.as_of.isoformat(), fund.code
        assert fund.value("multiple") in (1, 2, -1, -2), fund.code
        geared = "leveraged" in fund.names("features")
        assert geared == (fund.value("multiple") in (2, -2)), fund.code
        assert fund.value("class") in (None, *SHELF.classes), fund.code


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_and_value_can_be_said(language: str) -> None:
    said = catalogue(language)
    assert all(f"products_field.{field}" in said for field in FIELDS)
    for fund in SHELF.funds.values():
        for field in ("style", "hedge", "tax", "irp", "distribution"):
            assert fund.value(field) is None or f"products_value.{fund.value(field)}" in said
        assert all(f"products_value.{name}" in said for name in fund.names("features"))


# --- what accounts may hold --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "counts_as"),
    [
        ("069500", "risk"),  # shares
        ("114260", "safe"),  # treasury bonds
        ("448540", "safe"),  # three tenths in one share, the rest in bonds
        ("434060", "safe"),  # a qualified target-date fund
        ("442570", "safe"),  # so its manager lists it
        ("435530", None),  # target-date, and no page at hand says whether it is qualified
        ("459580", "safe"),  # a swap on a rate, inside a fund of securities
        ("357870", "risk"),  # the same rate, in a fund of special assets
        ("411060", "risk"),  # gold itself
        ("132030", "barred"),  # gold futures
        ("305080", "barred"),  # treasury futures
        ("122630", "barred"),  # leveraged
        ("114800", "barred"),  # inverse
    ],
)
def test_the_class_in_a_retirement_account(code: str, counts_as: str | None) -> None:
    assert SHELF.funds[code].value("irp") == counts_as


def test_the_words_of_the_list_agree_with_the_tables_of_the_managers() -> None:
    """Where both decide, what follows from a fund's legal kind is what its manager publishes."""
    lines = assets.data("catalogue", "krx-funds.csv").read_text("utf-8").splitlines()
    raw = tomllib.loads(assets.data("catalogue", "krx-funds.toml").read_text("utf-8"))
    rules = {
        name: FundFact(rule["value"], SHELF.pages[rule["source"]], rule["words"])
        for name, rule in raw["rules"].items()
    }
    published = {
        code: value
        for table in reversed(raw["pension"])
        for value in table["words"]
        for code in table[value]
    }
    worked_out = {
        row["code"]: value
        for row in csv.DictReader(lines)
        if (value := pension_class(ListRow(**row), rules).value) is not None
    }
    both = published.keys() & worked_out.keys()
    assert len(both) > 200
    assert {code: worked_out[code] for code in both} == {code: published[code] for code in both}


def test_what_nobody_confirms_is_held_in_no_retirement_account() -> None:
    unknown = SHELF.funds["435530"]
    held = {kind: held_in(BOOK, unknown, kind) for kind in KINDS}
    assert held == {
        "general": True, "isa": True, "pension_savings": True, "irp": None, "dc": None,
    }  # fmt: skip
    assert missing_for_order(BOOK, unknown, "isa") == ()
    assert missing_for_order(BOOK, unknown, "dc") == ("irp",)


def test_a_fund_whose_class_is_unconfirmed_is_found_and_never_ordered() -> None:
    """The list does not say where a fund of one firm's suppliers invests."""
    assert codes("TSMC") == ["453950"]
    for kind in KINDS:
        assert missing_for_order(BOOK, SHELF.funds["453950"], kind) == ("class",)


def test_geared_funds_are_held_outside_pensions_only() -> None:
    for fund in SHELF.funds.values():
        geared = fund.value("multiple") != 1
        assert held_in(BOOK, fund, "general") is True
        assert held_in(BOOK, fund, "pension_savings") is not geared
        assert not geared or fund.value("irp") == "barred"
        assert held_in(BOOK, fund, "irp") == held_in(BOOK, fund, "dc")


def test_there_are_safe_funds_for_the_safe_part_of_an_irp() -> None:
    for name in ("tdf", "bond_mixed", "krw_bond", "us_bond", "cash_like"):
        assert len(codes(asset_class=name, irp="safe", account="irp")) >= 4


# --- search ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("069500", "069500"),
        ("KODEX 200", "069500"),
        ("kodex200", "069500"),
        ("KBSTAR 200", "148020"),
        ("ARIRANG 고배당주", "161510"),
        ("아리랑 고배당주", "161510"),
        ("KINDEX 미국S&P500", "360200"),
        ("KOSEF 국고채10년", "148070"),
        ("히어로즈 CD금리액티브", "458210"),
        ("KODEX 배당성장", "211900"),
        ("KODEX 미국S&P500TR", "379800"),
        ("TIGER 미국 나스닥 100", "133690"),
        ("TIGER 미국배당다우존스를", "458730"),
        ("TDF2050 KODEX", "434060"),
    ],
)
def test_a_fund_is_found_by_its_code_and_by_every_name_it_had(words: str, first: str) -> None:
    assert codes(words)[0] == first


@pytest.mark.parametrize(
    ("words", "field", "value"),
    [
        ("레버리지", "features", "leveraged"),
        ("인버스", "features", "inverse"),
        ("커버드콜을", "features", "covered_call"),
        ("covered call", "features", "covered_call"),
        ("target date fund", "features", "tdf"),
        ("액티브", "style", "active"),
        ("스마트 베타", "style", "smart_beta"),
        ("smart beta", "style", "smart_beta"),
        ("반도체 ETF", "themes", "semiconductor"),
        ("금", "themes", "gold"),
    ],
)
def test_a_word_for_a_field_finds_the_funds_that_have_it(
    words: str, field: str, value: str
) -> None:
    found = [SHELF.funds[code] for code in codes(words)]
    assert found
    having = [fund for fund in found if value in fund.names(field) or fund.value(field) == value]
    assert len(having) >= 0.9 * len(found)


def test_an_account_among_the_words_is_a_filter() -> None:
    assert codes("TDF IRP") == codes("TDF", account="irp")
    assert "435530" in codes("TDF")
    assert "435530" not in codes("TDF IRP")


def test_filters_hold_together() -> None:
    found = codes(
        "미국", account="pension_savings", irp="risk", style="passive",
        asset_class="equity_us", fee_max=Decimal("0.0001"),
    )  # fmt: skip
    assert "360750" in found
    for code in found:
        fund = SHELF.funds[code]
        assert fund.value("irp") == "risk"
        assert Decimal(str(fund.value("fee"))) <= Decimal("0.0001")


def test_of_equal_matches_the_cheaper_comes_first() -> None:
    fees = [SHELF.funds[code].value("fee") for code in codes(asset_class="gold")]
    assert fees == sorted(fees)  # type: ignore[type-var]


def test_unconfirmed_funds_can_be_asked_for() -> None:
    found = codes(irp="unknown")
    assert found
    assert all(not SHELF.funds[code].facts["irp"].confirmed for code in found)


def test_words_that_ask_for_nothing_leave_all_funds() -> None:
    assert set(codes("ETF 추천")) == set(SHELF.funds)


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=40))
def test_any_words_are_answered(words: str) -> None:
    assert set(codes(words)) <= set(SHELF.funds)


@pytest.mark.parametrize("word", ["active", "plus", "ace", "core", "esg"])
def test_a_latin_word_is_found_where_a_word_begins(word: str) -> None:
    """An index by SOLACTIVE is no active fund, and PLACE no ACE."""
    for fund in search(BOOK, SHELF, FundQuery(words=word)):
        texts = (fund.text("name"), fund.text("index"), fund.text("manager"), fund.text("style"))
        old = (*fund.names("former"), *fund.aliases, *fund.names("themes"))
        said = " ".join((*texts, *old)).casefold()
        assert re.search(rf"(?<![a-z]){word}", said) or fund.value("style") == word, fund.code


def test_words_that_are_one_word_are_found_apart() -> None:
    assert codes("covered call") == codes("coveredcall")
