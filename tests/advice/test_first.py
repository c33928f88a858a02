"""The reserve and the dear loan come before anything is bought."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jeoul.advice.explain import explain
from jeoul.advice.first import Loan, first_things
from jeoul.advice.means import read_means
from jeoul.errors import ConfigError
from jeoul.messages import LANGUAGES

TODAY = date(2026, 11, 28)
RETURN = Decimal("0.04")


def first(*loans: Loan, cash: int = 30_000_000, spending: int = 2_000_000, **more: Any) -> Any:
    return first_things(
        spending=spending,
        loans=loans,
        cash=cash,
        expected_return_after_tax=RETURN,
        on=TODAY,
        **more,
    )


def loan(balance: int, rate: str, **more: Any) -> Loan:
    return Loan(balance=balance, rate=Decimal(rate), **more)


def test_six_months_of_spending_stay_within_reach() -> None:
    found = first()
    assert (found.reserve, found.short, found.left) == (12_000_000, 0, 18_000_000)


def test_less_than_the_reserve_buys_and_repays_nothing() -> None:
    found = first(loan(5_000_000, "0.19"), cash=7_000_000)
    assert (found.reserve, found.short, found.left) == (7_000_000, 5_000_000, 0)
    assert found.repaid == ()


def test_the_dearest_loan_is_repaid_first() -> None:
    """18 M after the reserve: all 10 M at 15 %, then 8 M of the loan at 6 %; 3 % stays."""
    found = first(loan(20_000_000, "0.06"), loan(50_000_000, "0.03"), loan(10_000_000, "0.15"))
    assert [(r.loan, r.amount, r.interest) for r in found.repaid] == [
        (2, 10_000_000, 1_500_000),
        (0, 8_000_000, 480_000),
    ]
    assert found.left == 0


def test_a_loan_as_dear_as_the_expected_return_is_kept_and_a_little_dearer_is_not() -> None:
    assert first(loan(1_000_000, "0.04")).repaid == ()
    assert first(loan(1_000_000, "0.0401")).repaid[0].amount == 1_000_000


def test_a_charge_counts_over_the_time_that_is_left() -> None:
    """1.2 % is 0.6 points a year over two years (5 % saves 4.4 %), and 1.2 over one (3.8 %)."""
    two_years, one_year = date(2028, 11, 28), date(2027, 11, 28)
    fee = Decimal("0.012")
    assert first(loan(1_000_000, "0.05", fee=fee, until=two_years)).repaid
    assert not first(loan(1_000_000, "0.05", fee=fee, until=one_year)).repaid
    assert first(loan(1_000_000, "0.05", until=one_year)).repaid


LOANS = st.lists(
    st.builds(loan, st.integers(0, 10**9), st.decimals(0, "0.3", places=4).map(str)),
    max_size=5,
)


@given(LOANS, st.integers(0, 10**9), st.integers(0, 10**7), st.integers(0, 24))
def test_money_is_neither_made_nor_lost_and_only_dear_loans_are_repaid(
    loans: Any, cash: int, spending: int, months: int
) -> None:
    found = first(*loans, cash=cash, spending=spending, reserve_months=months)
    assert found.reserve + sum(r.amount for r in found.repaid) + found.left == cash
    assert found.reserve + found.short == spending * months
    assert all(loans[r.loan].rate > RETURN for r in found.repaid)
    if found.left:  # nothing is invested while a dear loan remains
        paid = {r.loan: r.amount for r in found.repaid}
        for number, entry in enumerate(loans):
            if entry.rate > RETURN:
                assert paid.get(number, 0) == entry.balance


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_can_be_said(language: str) -> None:
    steps = first(loan(30_000_000, "0.06"), loan(9, "0.05"), loan(1, "0.01")).steps
    assert [entry.message for entry in steps] == [
        "rule.first_reserve",
        "rule.first_loan_repaid",
        "rule.first_loan_waits",
        "rule.first_loan_kept",
    ]
    for entry in steps:
        assert "{" not in explain(language, entry)


def test_a_file_of_another_kind_is_refused_in_one_sentence() -> None:
    with pytest.raises(ConfigError) as refused:
        read_means('age = 45\nhorizon = "2y"\nshare = "30"\nloss = "10"', "a.toml", TODAY)
    assert str(refused.value) == (
        "a.toml: holds a file of answers, not a person's file; see configs/person-example.toml"
    )


def test_a_person_file_is_read_for_what_comes_first() -> None:
    found = read_means(
        "age = 38\nspending = '200만'\ntaxable_income = 45_000_000\n"
        "[[loans]]\nbalance = 10_000_000\nrate = 0.06\nuntil = 2028-01-31\n",
        "me.toml",
        TODAY,
    )
    assert (found.spending, found.taxable_income) == (2_000_000, 45_000_000)
    assert found.loans == (loan(10_000_000, "0.06", until=date(2028, 1, 31)),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("spendng = 1", "unknown key 'spendng' at the top level; did you mean 'spending'"),
        ("spending = -1", "spending"),
        ("[[loans]]\nbalance = 1", "me.toml:1: loans.0.rate: is missing; add it"),
        ("[[loans]]\nbalance = 1\nrate = 6", "me.toml:3: loans.0.rate: 6 a year is not a rate"),
        (
            "[[loans]]\nbalance = 1\nrate = 0.06\nuntil = 2026-11-28",
            "me.toml:4: loans.0.until: the loan ended on 2026-11-28; remove the loan",
        ),
        ("[[loans]]\nbalance = 1\nrate = 0.06\nfee = 0.01", "loans.0.until: is missing beside fee"),
        ("[[loans]]\nbalance = 1\nrate = 0.06\nfee = 1", "is not a charge for early repayment"),
        ("loans = 3", "loans"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read_means(text, "me.toml", TODAY)
    assert said in str(refused.value)
