"""The terms of an ELS in a file."""

from __future__ import annotations

from decimal import Decimal

import pytest

from jeoul.advice.els_terms import read_els
from jeoul.errors import ConfigError

TEXT = "coupon = 0.06\nbarriers = [0.95, 0.85]\nmonths = 6\nknock_in = 0.5\n"


def test_a_file_becomes_terms() -> None:
    name, terms = read_els('name = "A"\nmonthly_barrier = 0.6\n' + TEXT, "els.toml")
    assert (name, terms.term, terms.monthly_barrier) == ("A", 12, Decimal("0.6"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TEXT.replace("0.06", "6"), "els.toml:1: coupon: 6 a year is not a coupon"),
        (TEXT.replace("0.95", "95"), "els.toml:2: barriers: 95 is not a share"),
        (TEXT.replace("[0.95, 0.85]", "[]"), "there is no observation; give a barrier for each"),
        (TEXT.replace("months = 6", "months = 0"), "give a term of 1 to 120 months"),
        (TEXT.replace("months = 6", "months = 61"), "give a term of 1 to 120 months"),
        (TEXT.replace("0.5\n", "0.86\n"), "0.86 lies above the last barrier, 0.85; lower it"),
        (TEXT.replace("0.5\n", "0\n"), "knock_in: 0 is not a share of the first level"),
        (TEXT + "knockin = 0.5\n", "did you mean 'knock_in'?"),
        (TEXT + "schema = 2\n", "write schema = 1"),
        ("age = 45\n", "els.toml: has no coupon, barriers or months: not the terms of an ELS"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read_els(text, "els.toml")
    assert said in str(refused.value)


def test_a_knock_in_at_the_last_barrier_is_taken() -> None:
    assert read_els(TEXT.replace("0.5\n", "0.85\n"), "els.toml")[1].knock_in == Decimal("0.85")
