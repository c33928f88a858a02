"""The tax that wages bring about: what must hold for any wages, and the sums that §47 prints."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jeoul.korea.pension_credit import pension_credit
from jeoul.korea.tables import load_rules
from jeoul.korea.wages import Incomes, income_wages, incomes, public_pension, wage_income

BOOK = load_rules(2026)
wages_of = st.integers(1, 3_000_000_000)
few = st.integers(0, 6)


@pytest.mark.parametrize(
    ("wages", "deduction"),
    [
        (5_000_000, 3_500_000),
        (15_000_000, 7_500_000),
        (45_000_000, 12_000_000),
        (100_000_000, 14_750_000),
        (362_500_000, 20_000_000),
        (362_500_100, 20_000_000),
    ],
)
def test_the_deduction_is_the_sum_that_the_statute_prints_at_a_bound(
    wages: int, deduction: int
) -> None:
    assert wages - wage_income(BOOK, wages) == deduction


def test_the_last_step_of_a_capped_credit_multiplies_what_was_credited() -> None:
    found = pension_credit(BOOK, wages=30_000_000, pension_savings=6_000_000, dependants=0)
    values = found.steps[-1].values
    assert values["base"] == found.base - found.unused
    assert 0 <= values["base"] * values["rate"] - found.credit < 20  # type: ignore[operator]


def test_premiums_follow_the_bounds_of_each_half_of_the_year() -> None:
    between = 12 * 6_480_000  # above the bound until June, below it from July on
    assert public_pension(BOOK, between) == (6 * 6_370_000 + 6 * 6_480_000) * 475 // 10_000
    low = 12 * 405_000
    assert public_pension(BOOK, low) == (6 * 405_000 + 6 * 410_000) * 475 // 10_000
    assert public_pension(BOOK, 0) == 0


@given(wages_of, st.integers(1, 50_000_000), few)
def test_more_wages_never_mean_less_tax(wages: int, more: int, people: int) -> None:
    below = income_wages(BOOK, wages=wages, dependants=people)
    above = income_wages(BOOK, wages=wages + more, dependants=people)
    assert above.due >= below.due - 1  # each part is cut to whole won
    assert above.due_by_letter >= below.due_by_letter - 1


@given(wages_of, st.integers(0, 500_000_000), few)
def test_the_reading_that_counts_both_gives_the_smaller_tax(
    wages: int, other: int, people: int
) -> None:
    found = income_wages(BOOK, wages=wages, other_income=other, dependants=people)
    assert 0 <= found.due <= found.due_by_letter <= found.due + 130_000
    assert found.due <= found.computed


@given(wages_of, few)
def test_a_dependant_never_raises_the_tax(wages: int, people: int) -> None:
    alone = income_wages(BOOK, wages=wages, dependants=people)
    assert income_wages(BOOK, wages=wages, dependants=people + 1).due <= alone.due + 1


@pytest.mark.parametrize(("wages", "taxed"), [(14_000_000, False), (20_000_000, True)])
def test_there_is_a_wage_below_which_nothing_is_due(wages: int, taxed: bool) -> None:
    assert (income_wages(BOOK, wages=wages).due > 0) is taxed


def test_the_letter_of_the_statute_is_a_switch_of_the_table(book: Any) -> None:
    key = "wages.standard_with_insurance"
    letter = replace(book, facts={**book.facts, key: replace(book.facts[key], value=False)})
    assert income_wages(letter, wages=30_000_000).due == 482_125
    assert income_wages(book, wages=30_000_000).due == 371_848


@given(wages_of, st.integers(0, 500_000_000))
def test_what_exceeds_the_wage_income_is_other_income(wages: int, other: int) -> None:
    whole = wage_income(BOOK, wages) + other
    found = Incomes(total=whole, other=other)
    assert incomes(BOOK, wages, whole) == incomes(BOOK, wages, None, other) == found


@given(wages_of, st.integers(0, 500_000_000), st.integers(0, 100_000_000))
def test_interest_and_dividends_are_part_of_the_whole_above_20_million(
    wages: int, other: int, financial: int
) -> None:
    counted = financial if financial > 20_000_000 else 0
    whole = wage_income(BOOK, wages) + other + counted
    found = Incomes(total=whole, other=other, financial=counted)
    assert incomes(BOOK, wages, None, other, financial) == found
    assert incomes(BOOK, wages, whole, 0, financial) == found


def test_a_whole_below_the_wage_income_counts_as_the_wage_income() -> None:
    assert incomes(BOOK, 60_000_000, 30_000_000) == Incomes(total=47_250_000, other=0)
