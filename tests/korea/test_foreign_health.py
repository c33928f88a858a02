"""Properties of the foreign tax credit and of health insurance on income."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jeoul.korea.etf import etf_distribution
from jeoul.korea.foreign_tax import ACCOUNTS, CarriedExcess, ForeignTax, fund_foreign_tax
from jeoul.korea.health import STATUSES, health_crossing, health_premium

WON = st.integers(0, 10**9)
RATE = st.decimals(Decimal("0.01"), Decimal("0.40"), places=2)
DAY = st.dates(date(2024, 6, 1), date(2045, 12, 31))


@given(st.sampled_from(ACCOUNTS), DAY, WON, WON, WON, WON)
def test_a_credit_is_never_above_the_tax_and_no_won_of_it_is_lost_unsaid(
    book: Any, account: str, on: date, amount: int, foreign: int, national: int, carried: int
) -> None:
    found = fund_foreign_tax(
        book,
        account=account,
        on=on,
        amount=amount,
        foreign=ForeignTax(foreign),
        national=national,
        carried=CarriedExcess(carried),
    )
    assert 0 <= found.credited <= national
    assert 0 <= found.tax <= national + national // 10
    assert found.net == amount - found.tax
    if account != "isa":
        assert found.credited + found.carried == found.credit + carried


@given(st.integers(1_000, 10**9), RATE)
def test_both_rules_of_a_distribution_agree(book: Any, gross: int, rate: Decimal) -> None:
    """One starts from the dividend before the foreign tax, the other from what is left of it."""
    foreign = int(gross * rate)
    before = etf_distribution(book, kind="krx_other_etf", amount=gross, foreign_tax=foreign)
    after = fund_foreign_tax(
        book,
        account="general",
        on=date(2026, 3, 2),
        amount=gross - foreign,
        foreign=ForeignTax(foreign, rate),
    )
    uncollected = min(before.tax, after.tax) == 0 and max(before.tax, after.tax) <= 1_122
    assert uncollected or abs(before.tax - after.tax) <= 22  # each cut below 10 won, in two parts


@given(st.sampled_from(STATUSES), WON, WON, WON, WON)
def test_more_income_never_lowers_a_premium(
    book: Any, status: str, financial: int, more: int, other: int, pension: int
) -> None:
    found = health_crossing(
        book,
        status=status,
        financial=financial,
        more=more,
        other_income=other,
        public_pension=pension,
    )
    assert found.cost == found.after - found.before >= 0


@given(st.sampled_from(STATUSES), st.integers(0, 10_000_000))
def test_up_to_10_million_of_financial_income_costs_nothing(
    book: Any, status: str, financial: int
) -> None:
    assert health_crossing(book, status=status, more=financial).cost == 0


@given(st.integers(20_000_001, 10**10), WON)
def test_who_loses_the_status_pays_what_the_self_insured_pay(
    book: Any, financial: int, other: int
) -> None:
    lost = health_premium(book, status="dependant", financial=financial, other_income=other)
    assert lost.lost
    own = health_premium(book, status="self_employed", financial=financial, other_income=other)
    assert lost.total == own.total
