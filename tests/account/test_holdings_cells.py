"""What single cells of a holdings file say: numbers, money, headings, labels and days."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from jeoul.account.holdings.amounts import (
    amount_of,
    is_blank,
    money_number,
    number,
    own_money,
    plain,
    shown_number,
)
from jeoul.account.holdings.headers import heading, names_of, role_of
from jeoul.account.holdings.labels import (
    Money,
    dated,
    is_comment,
    is_prose,
    is_total,
    money_label,
    of_currency,
    written_date,
)
from jeoul.account.holdings.units import (
    MarkedAmount,
    StatedUnit,
    currency_beside,
    currency_named,
    stated_unit,
    units_said,
)
from jeoul.model.amount import Amount


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("15", 15),
        ("1,500", 1500),
        ("30주", 30),
        ("30 shares", 30),
        ("0", 0),
        ("-15", -15),
        ("△15", -15),
        ("(15)", -15),
        ("15-", -15),
        ('="15"', 15),
        ("'15", 15),
        (f"{'0' * 39}1", 1),
        (f"{'0' * 40}1", None),
        ("(15", None),
        ("15)", None),
        ("1,50", None),
        ("", None),
        ("-", None),
    ],
)
def test_a_number_has_one_sign_and_forty_characters_at_most(text: str, says: int | None) -> None:
    assert number(text) == says


@pytest.mark.parametrize("text", ["--15", "(-15)", "-15-", "△-15", "(15-)", "(△15)", "-(15)"])
def test_a_number_with_two_signs_can_be_read_in_two_ways_and_is_not_read(text: str) -> None:
    assert number(text) is None
    assert money_number(text) is None
    assert money_number(text.replace("15", "1")) is None
    assert money_number(text.replace("15", "15만")) is None
    assert money_number(text.replace("15", "$15")) is None


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("93", 93, None),
        ("$93", 93, "USD"),
        ("93달러", 93, "USD"),
        ("-$93", -93, "USD"),
        ("$-93", -93, "USD"),
        ("($93)", -93, "USD"),
        ("$93-", -93, "USD"),
        ("100만", 1_000_000, None),
        ("100만원", 1_000_000, "KRW"),
        ("(100만)", -1_000_000, None),
        ("-100만", -1_000_000, None),
        ("$-100만", -1_000_000, "USD"),
        ("(0만)", 0, None),
        ("1e6", 1_000_000, None),
    ],
)
def test_money_has_one_sign_and_one_currency(text: str, value: int, currency: str | None) -> None:
    assert money_number(text) == Amount(Decimal(value), currency)
    assert amount_of(text) == value


@pytest.mark.parametrize("text", ["만", "1e+6", "$93원", "KRW KRW 100만", "abc", "", "9x"])
def test_what_is_not_one_amount_is_none(text: str) -> None:
    assert money_number(text) is None
    assert amount_of(text) is None
    assert own_money(text, "KRW") is None


def test_only_money_in_the_currency_of_the_account_is_its_own() -> None:
    assert own_money("31,250", "KRW") == 31_250
    assert own_money("31,250원", "KRW") == 31_250
    assert own_money("$31", "KRW") is None


def test_a_blank_cell_is_empty_or_has_a_dash() -> None:
    assert [is_blank(text) for text in ("", "-", " -- ", "N/A", "NaN", "'")] == [True] * 6
    assert [is_blank(text) for text in ("0", "- 1", "x")] == [False] * 3


def test_a_number_is_shown_without_zeros_behind_its_point_alone() -> None:
    shown = [shown_number(Decimal(text)) for text in ("1500.250", "1500", "10.0", "3E+3")]
    assert shown == ["1500.25", "1500", "10", "3000"]
    assert plain('="069500"') == "069500"


def test_a_heading_is_known_by_its_synonyms_up_to_sixty_characters() -> None:
    assert heading("보유 수량(주)") == "보유수량"
    assert role_of("보유수량" + " " * 56) == "shares"
    assert role_of("보유수량" + " " * 57) is None
    assert role_of("보유수량(%)") is None
    assert role_of("비고") is None
    assert {role_of(name) for name in names_of("ticker", "isin")} == {"ticker", "isin"}


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("예수금(USD)", StatedUnit("예수금", "USD")),
        ("예수금(통화:USD)잔고", StatedUnit("예수금잔고", "USD")),
        ("평가금액(천원)", StatedUnit("평가금액", scaled=True)),
        ("원화 예수금", StatedUnit("예수금", "KRW")),
        ("예수금 달러", StatedUnit("예수금", "USD")),
        ("예수금(D+2)", StatedUnit("예수금(d+2)")),
        ("연구원", StatedUnit("연구원")),  # a word of one letter is no unit behind a name
    ],
)
def test_the_unit_that_a_heading_states(text: str, unit: StatedUnit) -> None:
    assert stated_unit(text) == unit


def test_the_units_that_a_line_says_of_all_amounts() -> None:
    assert units_said("(단위: 천원)") == [StatedUnit("", scaled=True)]
    assert units_said("단위: 주, 원, USD") == [StatedUnit("", "KRW"), StatedUnit("", "USD")]
    assert units_said("통화USD") == [StatedUnit("", "USD")]
    assert units_said("USD 12") == []


def test_a_currency_stands_before_or_behind_an_amount() -> None:
    beside = [currency_beside(text) for text in ("US$93", "93원", "₩93원", "$93원", "93")]
    assert beside == [
        MarkedAmount("93", "USD"),
        MarkedAmount("93", "KRW"),
        MarkedAmount("93", "KRW"),
        None,
        MarkedAmount("93"),
    ]
    assert [currency_named(text) for text in ("미국 달러", "기타")] == ["USD", None]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("합 계", True),
        ("[합계]", True),
        ("수익률(%)", True),  # a unit of its own
        ("USD 출금가능금액", True),  # a currency before it
        ("출금가능금액(원화환산)", True),
        ("KODEX 200", False),
    ],
)
def test_the_label_of_a_sum(text: str, is_one: bool) -> None:
    assert is_total(text) is is_one


@pytest.mark.parametrize(
    ("text", "money"),
    [
        ("예수금", Money("cash")),
        ("주문가능금액", Money("orderable")),
        ("예수금(D+2)", Money("cash", day=2)),
        ("D+1", Money("cash", day=1)),
        ("익일예수금", Money("cash", day=1)),
        ("익익일 예수금", Money("cash", day=2)),
        ("예수금(익일)", Money("cash", day=1)),
        ("예수금[익익일]", Money("cash", day=2)),
        ("익일(KRW)", None),
        ("익일출금예수금", None),
        ("출금예수금(익일)", None),
        ("추정(D+2)예수금", Money("cash", day=2)),
        ("CASH@2026-12-01", Money("later", on=date(2026, 12, 1))),
        ("예수금(KRW)", Money("cash")),
        ("원화 잔고", Money("cash")),
        ("KRW", Money("cash")),
        ("예수금(천원)", Money("cash", scaled=True)),
        ("예수금(USD)", Money("foreign", currency="USD")),
        ("USD", Money("foreign", currency="USD")),
        ("USD 주문가능금액", Money("foreign_orderable", currency="USD")),
        ("외화예수금", Money("foreign")),
        ("예수금(원화환산)", Money("foreign")),
        ("예수금" + " " * 57, Money("cash")),
        ("예수금" + " " * 58, None),
        ("", None),
        ("잔고(원화환산)", None),  # that of the holdings
        ("매입금액(USD)", None),
        ("매입금액(천원)", None),
        ("D+2 출금", None),
        ("출금 D+2", None),
        ("D.2", None),  # the number of a part
        ("D-2", None),  # a day that is past
        ("예수금(D-2)", None),
        ("d - 1 예수금", None),
        ("CASH@2026-02-30", None),
        ("CASH@2026-12-01(USD)", None),
        ("KODEX 200", None),
    ],
)
def test_what_money_a_label_speaks_of_in_an_account_in_won(text: str, money: Money | None) -> None:
    assert money_label(text, "KRW") == money


def test_the_currency_of_the_account_decides_what_is_foreign() -> None:
    assert money_label("예수금(USD)", "USD") == Money("cash")
    assert money_label("원화예수금", "USD") == Money("foreign", currency="KRW")
    assert of_currency(Money("later", on=date(2026, 3, 2)), "USD") is None
    assert of_currency(Money("cash", day=1), "USD") == Money("foreign", day=1, currency="USD")


@pytest.mark.parametrize(
    ("cells", "day"),
    [
        (("조회일시: 2026-11-27 15:40",), date(2026, 11, 27)),
        (("조회일자", "2026.11.27"), date(2026, 11, 27)),
        (("이름", "기준일", "2026-11-27"), date(2026, 11, 27)),
        (("개설", "2011-01-02", "기준일", "2026-11-27", "2026-12-31"), date(2026, 11, 27)),
        (("2011-01-02", "기준일", "2026-11-27"), date(2026, 11, 27)),
        (("조회일자", "", "2011-01-02"), None),  # the day of something else
        (("기준일",), None),
        (("개설일", "2011-01-02"), None),
    ],
)
def test_the_day_of_a_file_is_right_behind_its_label(
    cells: tuple[str, ...], day: date | None
) -> None:
    assert dated(cells) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026년 3월 7일", date(2026, 3, 7)),
        ("20260307", date(2026, 3, 7)),
        ("from 2026-03-07 on", date(2026, 3, 7)),
        ("2026-02-30", None),
        ("26-03-07", None),
    ],
)
def test_a_written_day_exists(text: str, day: date | None) -> None:
    assert written_date(text) == day


def test_a_remark_is_marked_or_has_more_than_three_words() -> None:
    assert [is_comment(text) for text in ("# x", "// x", "※ x", "x # y")] == [True] * 3 + [False]
    prose = {"* 참고": True, "- 참고": True, "하나 둘 셋 넷": True, "하나 둘 셋": False}
    prose |= {"-1,500": False, "1억 2천만 3백 원": False}
    assert {text: is_prose(text) for text in prose} == prose
