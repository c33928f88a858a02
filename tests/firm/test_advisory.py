"""Advisory fees: what accrues is charged, no more, and to the won."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from jeoul.firm.advisory import ValuedDays, month_fee

RATE, CENT = Decimal("0.005"), Decimal("0.01")
MONTHS = [date(2023, month, 1) for month in range(1, 13)]
WEEKDAYS = [
    day
    for n in range(365)
    if (day := date(2023, 1, 1) + timedelta(days=n)).isoweekday() < 6 or day == date(2023, 1, 1)
]


def test_a_constant_value_costs_the_yearly_rate() -> None:
    valued = ValuedDays([date(2022, 12, 30)], [73_000_000], [RATE])
    fees = [month_fee("a", valued, "daily", month) for month in MONTHS]
    assert sum(fee.days for fee in fees if fee) == 365
    assert sum(fee.accrued for fee in fees if fee) == 365_000
    before = month_fee("a", valued, "daily", date(2022, 12, 1))
    assert before is not None
    assert (before.days, before.charge) == (2, 2_000)


@given(
    st.lists(st.integers(-1_000_000, 10**9), min_size=len(WEEKDAYS), max_size=len(WEEKDAYS)),
    st.lists(st.sampled_from(["0.0001", "0.0035", "0.0123", "0.09"]), min_size=1, max_size=3),
    st.sampled_from(["daily", "month_end"]),
)
@settings(max_examples=15)
def test_charges_never_exceed_what_accrued_and_stay_within_a_won_of_it(
    values: list[int], drawn: list[str], accrual: str
) -> None:
    """Also where the rate changes in the middle of months."""
    rates = [Decimal(drawn[n * len(drawn) // len(WEEKDAYS)]) for n in range(len(WEEKDAYS))]
    valued = ValuedDays(WEEKDAYS, values, rates)
    accrued, charged = Fraction(0), 0
    for month in MONTHS:
        fee = month_fee("a", valued, accrual, month)  # type: ignore[arg-type]
        assert fee is not None
        accrued, charged = accrued + fee.accrued, charged + fee.charge
        assert fee.charge >= 0
        assert charged + fee.carried == accrued
        assert 0 <= fee.carried < 1


def test_a_weekend_counts_with_fridays_value_and_a_month_before_the_account_has_no_fee() -> None:
    valued = ValuedDays([date(2023, 3, 3), date(2023, 3, 6)], [365_000, 730_000], [CENT] * 2)
    assert month_fee("a", valued, "daily", date(2023, 2, 1)) is None
    fee = month_fee("a", valued, "daily", date(2023, 3, 1))
    assert fee is not None
    assert fee.days == 29
    assert fee.accrued == 3 * 10 + 26 * 20


def test_a_leap_year_divides_by_its_days() -> None:
    valued = ValuedDays([date(2023, 12, 29)], [366 * 365], [CENT])
    fee = month_fee("a", valued, "daily", date(2024, 1, 1))
    assert fee is not None
    assert fee.accrued == Fraction(31 * 365, 100)


def test_month_end_takes_the_last_value_of_the_month() -> None:
    valued = ValuedDays([date(2023, 3, 3), date(2023, 3, 31)], [1_200_000, 2_400_000], [CENT] * 2)
    fee = month_fee("a", valued, "month_end", date(2023, 3, 15))
    assert fee is not None
    assert (fee.charge, fee.days) == (2_000, 1)


def test_a_new_rate_counts_from_its_session_on_and_changes_no_month_before() -> None:
    days, worth = [date(2023, 3, 3), date(2023, 4, 17)], [3_650_000] * 2
    old = ValuedDays(days[:1], worth[:1], [CENT])
    new = ValuedDays(days, worth, [CENT, 2 * CENT])
    for month in (date(2023, 3, 1), date(2023, 4, 1)):
        before, after = (month_fee("a", each, "daily", month) for each in (old, new))
        assert before is not None
        assert after is not None
        assert (before == after) == (month.month == 3)
    assert (after.accrued, after.rate) == (16 * 100 + 14 * 200, 2 * CENT)
