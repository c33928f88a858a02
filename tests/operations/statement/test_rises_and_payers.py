"""What holdings paid in the last year on the shares of today, and how much prices rose."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from made_course import DAYS, course, rates, table

from jeoul.operations.statement.income import income_of
from jeoul.operations.statement.inflation import inflation_of, rise_by
from jeoul.reporting.statement.facts import Inflation

YEAR = (
    date(2025, 6, 5),
    date(2025, 6, 8),
    date(2025, 6, 9),
    date(2025, 12, 1),
    date(2026, 6, 8),
    date(2026, 6, 9),
)
END = date(2026, 6, 8)
STILL = (100.0,) * 6
NONE = (0.0,) * 6
KEPT = (1.0,) * 6


def paying(
    paid: Any, splits: Any = None, shares: int = 10, won: float = 1.0, **more: Any
) -> list[tuple[str, float, int]] | None:
    """What A brings in a year; every share of B is paid nothing."""
    columns: dict[str, Any] = {"dividends": {"A": paid, "B": NONE}}
    if splits is not None:
        columns["splits"] = {"A": splits, "B": KEPT}
    along = table({"A": STILL, "B": STILL}, days=YEAR, **columns, **more)
    own = course({"A": (0, 0, 0, 0, shares), "B": (7,) * 5})
    found = income_of(own, 4, [along], END, won, {})
    return None if found is None else [(each.code, each.per_share, each.amount) for each in found]


def test_the_last_year_is_the_one_after_the_same_day_of_the_year_before() -> None:
    assert paying((1, 2, 4, 8, 16, 32)) == [("A", 28.0, 280)]


@pytest.mark.parametrize(
    ("splits", "per_share"),
    [
        ((1, 1, 1, 1, 1, 1), 28.0),
        ((1, 1, 1, 2, 1, 1), 26.0),  # what was paid before the split was on half as many shares
        ((1, 1, 1, 2, 4, 1), 16 + 8 / 4 + 4 / 8),
        ((1, 1, 4, 1, 1, 1), 28.0),  # a split of the day is in the day's payment
        ((1, 1, 1, 1, 1, 9), 28.0),
        ((1, 1, 1, float("nan"), 1, 1), 28.0),
    ],
)
def test_payments_before_a_split_are_those_of_the_shares_of_today(
    splits: tuple[float, ...], per_share: float
) -> None:
    found = paying((1, 2, 4, 8, 16, 32), splits)
    assert found is not None
    assert [each for _, each, _ in found] == pytest.approx([per_share])


def test_amounts_are_whole_won() -> None:
    found = paying((0, 0, 0, 0.25, 0, 0), shares=3, won=1_399.9)
    assert found == [("A", 0.25, 1_049)]  # 1,049.925
    assert type((found or [])[0][2]) is int


def test_a_payment_that_is_not_known_is_none() -> None:
    nan = float("nan")
    assert paying((nan, nan, nan, 8, nan, nan)) == [("A", 8.0, 80)]


def test_what_is_not_held_or_pays_nothing_is_left_out() -> None:
    assert paying((0, 0, 0, 8, 0, 0), shares=0) == []
    assert paying(NONE) == []


def test_only_raw_prices_with_their_distributions_say_what_was_paid() -> None:
    assert paying((0, 0, 0, 8, 0, 0), adjusted="total-return") is None
    bare = table({"A": STILL}, days=YEAR)
    own = course({"A": (10,) * 5})
    assert income_of(own, 4, [bare], END, 1.0, {}) is None
    paid = table({"A": STILL}, days=YEAR, dividends={"A": (0, 0, 0, 8, 0, 0)})
    other = table({"C": STILL}, days=YEAR, dividends={"C": (0, 0, 0, 9, 0, 0)})
    (found,) = income_of(own, 4, [bare, other, paid], END, 1.0, {}) or ()
    assert (found.code, found.amount) == ("A", 80)


def test_what_pays_most_comes_first_and_equals_by_their_code() -> None:
    paid = {code: (0, 0, 0, each, 0, 0) for code, each in (("D", 1), ("C", 5), ("B", 9), ("A", 5))}
    along = table(dict.fromkeys(paid, STILL), days=YEAR, dividends=paid)
    own = course(dict.fromkeys(paid, (10,) * 5))
    found = income_of(own, 4, [along], END, 1.0, {}) or ()
    assert [each.code for each in found] == ["B", "A", "C", "D"]


# --- the rise of prices ---------------------------------------------------------------------------


def test_korean_prices_come_first_and_an_empty_series_says_nothing() -> None:
    some, empty = rates([1.0] * 5), rates([], days=())
    assert inflation_of({}, None) is None
    assert inflation_of({"cpi_us": some, "gdp": some}, None) == Inflation("cpi_us", "US", None)
    both = {"cpi_us": some, "cpi_kr_core": some, "cpi_kr_all": some}
    assert inflation_of(both, None) == Inflation("cpi_kr_all", "KR", None)
    assert inflation_of({**both, "cpi_kr_all": empty}, None) == Inflation("cpi_kr_core", "KR", None)
    assert inflation_of({"cpi_kr": empty, "gdp": some}, None) is None
    assert inflation_of(both, 0.0) == Inflation(None, None, 0.0)


def test_a_given_rate_is_that_of_a_year_of_365_2425_days() -> None:
    rise = rise_by(Inflation(None, None, 0.03), {})
    found = rise(date(2024, 1, 1), date(2026, 1, 1))  # 731 days
    assert found == pytest.approx(1.03 ** (731 / 365.2425) - 1.0)
    assert rise(date(2024, 1, 1), date(2024, 1, 1)) == 0.0
    assert rise_by(None, {})(date(2024, 1, 1), date(2026, 1, 1)) is None


@pytest.mark.parametrize(
    ("first", "last", "at", "rise"),
    [
        (100.0, 103.0, 0, 0.03),
        (100.0, 103.0, 86_400, 0.03),  # known by the end of both days
        (100.0, 103.0, 86_401, None),  # a second later: on the first day nothing is known
        (0.0, 103.0, 0, None),
        (0.5, 1.0, 0, 1.0),
        (-1.0, 1.0, 0, None),
    ],
)
def test_an_index_counts_as_it_was_known_on_the_evening_of_both_days(
    first: float, last: float, at: int, rise: float | None
) -> None:
    index = rates([first, last], days=(DAYS[0], DAYS[4]), at=at, name="cpi_kr")
    found = rise_by(Inflation("cpi_kr", "KR", None), {"cpi_kr": index})(DAYS[0], DAYS[4])
    assert found == (None if rise is None else pytest.approx(rise))
