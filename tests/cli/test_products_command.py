"""``jeoul products``: lines for people, data for programs, both languages."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from jeoul.cli.products import products


def run(*arguments: str) -> Any:
    return CliRunner().invoke(products, list(arguments))


def test_funds_are_listed_with_what_decides_a_choice() -> None:
    result = run("--lang", "en", "covered", "call", "--account", "irp", "--limit", "2")
    assert result.exit_code == 0
    assert "covered-call ETF" in result.stdout
    assert "0.19% a year" in result.stdout
    assert "more: add words" in result.stdout


def test_one_fund_is_shown_with_every_field_and_its_page() -> None:
    result = run("--lang", "en", "442560")
    assert (
        "class in an IRP or DC: safe, up to 100%  “DC형 퇴직연금 및 IRP 계좌에서도" in result.stdout
    )
    assert "distributions: once a year" in result.stdout
    assert "former brands: KSTAR, KBSTAR" in result.stdout
    assert "https://www.riseetf.co.kr/prod/finderDetail/44D4" in result.stdout


def test_what_nobody_confirms_is_called_unconfirmed() -> None:
    korean = run("435530").stdout
    assert "IRP·DC 분류: 미확인" in korean
    assert "담을 수 있는지 미확인: IRP, DC" in korean
    assert (
        "not confirmed whether it may be held in: IRP, DC" in run("--lang", "en", "435530").stdout
    )


def test_a_fund_that_is_not_ordered_says_why() -> None:
    assert "미확인이라 주문 대상이 아닙니다: 유형" in run("453950").stdout


def test_kinds_of_product_are_found_too() -> None:
    result = run("--lang", "en", "CoCo")
    assert "contingent convertible (CoCo)" in result.stdout
    assert "Kinds of product: 1" in result.stdout


def test_without_words_the_kinds_are_listed() -> None:
    assert "상품 종류 27개" in run().stdout


def test_nothing_found_is_said() -> None:
    assert "조건에 맞는 상품이 없습니다" in run("존재하지않는펀드").stdout


def test_an_unknown_class_is_refused_with_the_known_ones() -> None:
    result = run("--class", "moon")
    assert result.exit_code == 2
    assert "'moon' is not a class of the catalogue; use one of equity_kr" in result.output


@pytest.mark.parametrize("language", ["ko", "en"])
def test_json_has_every_field_with_its_source(language: str) -> None:
    result = run("--json", "--lang", language, "435530")
    (fund,) = json.loads(result.stdout)["funds"]
    assert fund["kinds"]["irp"] is None
    assert set(fund["facts"]["irp"].values()) == {None, False}
    assert fund["facts"]["fee"]["value"] == 0.003
    assert fund["facts"]["fee"]["words"] == "0.3"
    assert fund["facts"]["listed"]["dated"] == "2025-12-03"
    assert "498" in result.stderr
