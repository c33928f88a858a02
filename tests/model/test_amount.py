"""Amounts of money as people write them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jeoul.errors import UsageError
from jeoul.model.amount import parse_amount, refuse_foreign, smallest_units, whole_amount

MILLION = (
    "1000000", "1,000,000", "1_000_000", "100만", "1e6", "1E+6", "₩1,000,000", "1000000원",
    "100만 원", "￦１,０００,０００", "백만원", "KRW 1,000,000", " 1,000,000 ", "1000000.0",
)  # fmt: skip


@pytest.mark.parametrize("text", MILLION)
def test_a_million_in_many_ways(text: str) -> None:
    assert whole_amount(text) == 1_000_000


@pytest.mark.parametrize(
    ("text", "value"),
    [("1억 2천만", 120_000_000), ("1.5억", 150_000_000), ("2천5백만원", 25_000_000),
     ("1조 5억", 1_000_500_000_000), ("-3만", -30_000), ("만원", 10_000)],
)  # fmt: skip
def test_korean_units(text: str, value: int) -> None:
    assert whole_amount(text) == value


@pytest.mark.parametrize(
    "text",
    ["", "원", "1,00", "1000,000", "1 2", "1만 2억", "1만만", "많이", "1e99", "1.5", "NaN", "inf",
     "1" * 5000, "0x10", "１억１조", "--5", "1e", "$"],
)  # fmt: skip
def test_what_is_no_whole_amount_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        whole_amount(text)


@given(st.integers(0, 10**15))
def test_every_way_of_writing_a_number_means_the_number(number: int) -> None:
    large, rest = divmod(number, 10**8)
    middle, small = divmod(rest, 10**4)
    korean = "".join(
        f"{part}{unit} " for part, unit in ((large, "억"), (middle, "만"), (small, "")) if part
    )
    for text in (f"{number}", f"{number:,}", f"{number:_}", f"₩{number:,}원"[:-1], korean or "0"):
        assert whole_amount(text) == number


@given(st.text(max_size=60))
def test_any_text_is_an_amount_or_one_sentence(text: str) -> None:
    try:
        found = parse_amount(text)
    except UsageError:
        return
    assert isinstance(found.value, Decimal)


def test_dollars_are_not_taken_for_won() -> None:
    refuse_foreign("KRW", deposit=whole_amount("1만"))
    with pytest.raises(UsageError, match="the deposit is written in USD"):
        refuse_foreign("KRW", deposit=whole_amount("$2,500"))


def test_an_amount_finer_than_a_cent_is_refused_as_it_was_written() -> None:
    """The sentence once named the amount in cents: '123.4' for $1.234."""
    assert smallest_units(parse_amount("$1.23"), "USD") == 123
    with pytest.raises(UsageError, match=r"the cash 1\.234 is finer than the smallest unit of USD"):
        smallest_units(parse_amount("$1.234"), "USD")
