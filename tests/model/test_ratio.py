"""Ratios of shares: what a text or a float64 names, and what is refused."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jeoul.model.ratio import (
    LARGEST,
    parse_ratio,
    plain_ratio,
    ratio_of,
    ratio_text,
    vendor_ratio,
)

WHOLE_NUMBER = st.integers(1, LARGEST)


@given(new=WHOLE_NUMBER, old=WHOLE_NUMBER)
def test_a_ratio_comes_back_from_a_float_and_from_its_own_text(new: int, old: int) -> None:
    ratio = Fraction(new, old)
    assert ratio_of(new / old) == ratio
    assert parse_ratio(ratio_text(ratio)) == ratio
    assert plain_ratio(f"{new}:{old}") == plain_ratio(f"{new}/{old}") == ratio
    assert vendor_ratio(new / old) == ratio


@given(new=st.integers(1, 99), old=st.integers(1, 99))
def test_ten_decimals_of_a_small_ratio_are_that_ratio(new: int, old: int) -> None:
    assert parse_ratio(f"{new / old:.10f}") == Fraction(new, old)


@given(st.integers(1, 10**6 - 1), st.integers(0, 5))
def test_a_short_decimal_is_what_it_says(digits: int, places: int) -> None:
    number = Fraction(digits, 10**places)
    assert parse_ratio(f"{digits / 10**places:.{places}f}") == number


@pytest.mark.parametrize(
    "text", ["0", "-2", "1/0", "0/3", "1/3/4", "nan", "inf", "1e99", "one", "1_0", "1:20001", "1 3"]
)
def test_what_is_not_a_ratio_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write"):
        parse_ratio(text)


@pytest.mark.parametrize("text", ["0.33", "0.333", "0.3333", "0.667", "1.67", "0.14", "0.11"])
def test_a_third_in_a_few_decimals_is_asked_about(text: str) -> None:
    with pytest.raises(ValueError, match="may mean"):
        plain_ratio(text)


@pytest.mark.parametrize("text", ["0.1", "0.5", "1.05", "0.25", "1.281", "0.05", "2"])
def test_a_decimal_that_people_mean_is_not(text: str) -> None:
    assert plain_ratio(text) == Fraction(text)


@pytest.mark.parametrize("value", [0.33312345671, 1.7320508, 3.14159265358979])
def test_a_vendor_that_names_no_ratio_of_shares_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="not a ratio of small whole numbers"):
        vendor_ratio(value)
