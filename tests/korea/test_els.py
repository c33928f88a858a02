"""The H-share ELS of 2021, and the payoff of a step-down ELS in every corner."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jeoul.errors import UsageError
from jeoul.korea.els import ElsTerms, Level, simulate_els
from jeoul.korea.tables import load_els_example, load_rules

TERMS = ElsTerms(
    coupon=Decimal("0.06"),
    barriers=(Decimal("0.90"), Decimal("0.80")),
    months=6,
    knock_in=Decimal("0.50"),
)


def path(*values: int) -> list[Level]:
    """Month ends from January 2020 on."""
    return [
        Level(date(2020 + n // 12, n % 12 + 1, 28), Decimal(value))
        for n, value in enumerate(values)
    ]


def at(first: int, second: int, between: int = 100) -> list[Level]:
    """A year with the two observations given and every other month at one level."""
    values = [100] + [between] * 12
    values[6], values[12] = first, second
    return path(*values)


def test_the_h_share_index_halved_the_principal(book: Any) -> None:
    """Published: ELS of January 2021 that matured on 8 January 2024 lost 50.5 %, and others
    51.7 % and 56.1 % later that month. One of February 2021 is in the same class."""
    terms, levels, _ = load_els_example()
    found = simulate_els(book, terms=terms, levels=levels, principal=100_000_000)
    assert found.how == "loss"
    assert found.knocked_in == date(2022, 10, 31)
    assert found.paid == 50_482_564  # 100 M x 5,677.88 / 11,247.21
    assert found.tax == 0


def test_the_example_starts_and_ends_on_published_closes() -> None:
    levels = dict(load_els_example()[1])
    assert levels[date(2021, 2, 26)] == Decimal("11247.21")
    assert levels[date(2023, 2, 28)] == Decimal("6581.47")
    assert levels[date(2023, 12, 29)] == Decimal("5768.50")


def test_at_the_first_barrier_it_is_redeemed_with_half_a_year(book: Any) -> None:
    found = simulate_els(book, terms=TERMS, levels=at(90, 100), principal=10_000_000)
    assert (found.how, found.months) == ("early", 6)
    assert found.profit == 300_000  # 10 M x 6 % / 2
    assert found.tax == 46_200


def test_one_point_below_the_first_barrier_it_goes_on(book: Any) -> None:
    found = simulate_els(book, terms=TERMS, levels=at(89, 80), principal=10_000_000)
    assert (found.how, found.profit) == ("maturity", 600_000)


def test_below_the_last_barrier_without_a_knock_in_the_coupon_is_paid(book: Any) -> None:
    found = simulate_els(book, terms=TERMS, levels=at(89, 79, 60), principal=10_000_000)
    assert (found.how, found.profit) == ("untouched", 600_000)


def test_touching_the_knock_in_exactly_is_not_below_it(book: Any) -> None:
    found = simulate_els(book, terms=TERMS, levels=at(89, 79, 50), principal=10_000_000)
    assert found.knocked_in is None


def test_after_a_knock_in_the_fall_is_the_loss(book: Any) -> None:
    found = simulate_els(book, terms=TERMS, levels=at(89, 79, 49), principal=10_000_000)
    assert (found.how, found.paid, found.profit) == ("loss", 7_900_000, -2_100_000)


def test_after_a_knock_in_a_recovery_still_pays(book: Any) -> None:
    found = simulate_els(book, terms=TERMS, levels=at(89, 80, 49), principal=10_000_000)
    assert (found.how, found.profit) == ("maturity", 600_000)
    assert found.knocked_in is not None


def test_without_a_knock_in_barrier_the_last_one_alone_decides(book: Any) -> None:
    terms = replace(TERMS, knock_in=None)
    found = simulate_els(book, terms=terms, levels=at(89, 79), principal=10_000_000)
    assert (found.how, found.paid) == ("loss", 7_900_000)


def test_a_path_that_ends_too_soon_is_refused(book: Any) -> None:
    with pytest.raises(UsageError, match="13 positive month-end levels"):
        simulate_els(book, terms=TERMS, levels=at(90, 90)[:-1], principal=1)


@given(st.lists(st.integers(1, 300), min_size=13, max_size=13))
def test_the_gain_stops_at_the_coupon_and_the_loss_at_the_index(values: Any) -> None:
    levels = path(*values)
    found = simulate_els(load_rules(2026), terms=TERMS, levels=levels, principal=1_000_000)
    assert found.profit <= 60_000
    final = Decimal(values[12]) / values[0]
    assert found.paid >= min(1_000_000, int(1_000_000 * final))
    assert found.tax >= 0
