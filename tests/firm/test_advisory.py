"""Advisory fees: what accrues is charged, no more, and to the won."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from jeoul.firm.advisory import ValuedDays, month_fee

RATE = Decimal("0.005")
MONTHS = [date(2023, month, 1) for month in range(1, 13)]
WEEKDAYS = [
    day
    for n in range(365)
    if (day := date(2023, 1, 1) + timedelta(days=n)).isoweekday() < 6 or day == date(2023, 1, 1)
]


def test_a_constant_value_costs_the_yearly_rate() -> None:
    valued = ValuedDays([date(2022, 12, 30)], [73_000_000])
    fees = [month_fee("a", valued, RATE, "daily", month) for month in MONTHS]
    assert sum(fee.days for fee in fees if fee) == 365
    assert sum(fee.accrued for fee in fees if fee) == 365_000
    before = month_fee("a", valued, RATE, "daily", date(2022, 12, 1))
    assert before is not None
    assert (before.days, before.charge) == (2, 2_000)


@given(
    st.lists(st.integers(-1_000_000, 10**9), min_size=len(WEEKDAYS), max_size=len(WEEKDAYS)),
    st.sampled_from(["0.0001", "0.0035", "0.0123", "0.09"]),
    st.sampled_from(["daily", "month_end"]),
)
@settings(max_examples=15)
def test_charges_never_exceed_what_accrued_and_stay_within_a_won_of_it(
    values: list[int], rate: str, accrual: str
) -> None:
    valued = ValuedDays(WEEKDAYS, values)
    accrued, charged = Fraction(0), 0
    for month in MONTHS:
        fee = month_fee("a", valued, Decimal(rate), accrual, month)  # type: ignore[arg-type]
        assert fee is not None
        accrued, charged = accrued + fee.accrued, charged + fee.charge
        assert fee.charge >= 0
        assert charged + fee.carried == accrued
        assert 0 <= fee.carried < 1


def test_a_weekend_counts_with_fridays_value_and_a_month_before_the_account_has_no_fee() -> None:
    valued = ValuedDays([date(2023, 3, 3), date(2023, 3, 6)], [365_000, 730_000])
    assert month_fee("a", valued, Decimal("0.01"), "daily", date(2023, 2, 1)) is None
    fee = month_fee("a", valued, Decimal("0.01"), "daily", date(2023, 3, 1))
    assert fee is not None
    assert fee.days == 29
    assert fee.accrued == 3 * 10 + 26 * 20


def test_a_leap_year_divides_by_its_days() -> None:
    valued = ValuedDays([date(2023, 12, 29)], [366 * 365])
    fee = month_fee("a", valued, Decimal("0.01"), "daily", date(2024, 1, 1))
    assert fee is not None
    assert fee.accrued == Fraction(31 * 365, 100)


def test_month_end_takes_the_last_value_of_the_month() -> None:
    valued = ValuedDays([date(2023, 3, 3), date(2023, 3, 31)], [1_200_000, 2_400_000])
    fee = month_fee("a", valued, Decimal("0.01"), "month_end", date(2023, 3, 15))
    assert fee is not None
    assert (fee.charge, fee.days) == (2_000, 1)
