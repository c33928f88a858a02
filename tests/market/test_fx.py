"""A dollar asset in won: the rate known at the instant, and its leg apart from the asset's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jeoul.errors import DataError
from jeoul.market.fx import STALE_DAYS, known_rate, legs, won
from jeoul.model.series import Series


def at(text: Any) -> Any:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def series(name: Any, unit: Any, rows: Any) -> Any:
    days = np.array([day for day, _, _ in rows], dtype="datetime64[D]")
    values = np.array([value for _, _, value in rows], dtype=float)
    return Series(name, unit, days, values, np.array([at(known) for _, known, _ in rows]))


SPY = series(
    "SPY",
    "USD",
    [("2024-06-27", "2024-06-27T20:00", 500.0), ("2024-06-28", "2024-06-28T20:00", 510.0)],
)
USDKRW = series(
    "usdkrw",
    "KRW per USD",
    [("2024-06-27", "2024-06-27T16:00", 1390.0), ("2024-06-28", "2024-06-28T16:00", 1376.1)],
)
MORNINGS = np.array([at("2024-06-27T23:30"), at("2024-06-30T23:30")])  # 08:30 in Seoul


def test_a_rise_of_the_fund_and_a_fall_of_the_dollar_are_two_things() -> None:
    found = legs(SPY, USDKRW, MORNINGS)
    assert found.value.tolist() == pytest.approx([695_000.0, 701_811.0])
    assert found.asset[1] == pytest.approx(0.02)
    assert found.currency[1] == pytest.approx(-0.01)
    assert found.total[1] == pytest.approx(1.02 * 0.99 - 1)
    assert np.isnan([found.asset[0], found.currency[0], found.total[0]]).all()


def test_a_rate_of_the_same_label_that_is_not_known_yet_is_not_used() -> None:
    morning = np.array([at("2024-06-28T15:59")])  # before noon in New York
    assert known_rate(USDKRW, morning).tolist() == [1390.0]


def test_there_is_no_value_without_a_rate_or_with_one_that_is_too_old() -> None:
    early, late = at("2024-06-27T15:00"), at("2024-06-28T16:00") + STALE_DAYS * 86_400
    assert np.isnan(known_rate(USDKRW, np.array([early]))).all()
    assert known_rate(USDKRW, np.array([late])).tolist() == [1376.1]
    assert np.isnan(known_rate(USDKRW, np.array([late + 1]))).all()
    with pytest.raises(DataError, match="no rate of the 14 days before"):
        won(1.0, USDKRW, late + 1)


def test_won_are_whole() -> None:
    assert won(100.5, USDKRW, at("2024-07-01T00:00")) == 138_298  # 138,298.05
    assert won(0.5 / 1376.1, USDKRW, at("2024-07-01T00:00")) in (0, 1)


@given(st.lists(st.tuples(st.floats(1.0, 1e5), st.floats(100.0, 5_000.0)), min_size=2, max_size=30))
def test_the_legs_compound_to_the_whole(rows: Any) -> None:
    labels = [f"2024-03-{n + 1:02d}" for n in range(len(rows))]
    price = series(
        "X", "USD", [(d, f"{d}T20:00", p) for d, (p, _) in zip(labels, rows, strict=True)]
    )
    rate = series("r", "r", [(d, f"{d}T16:00", r) for d, (_, r) in zip(labels, rows, strict=True)])
    found = legs(price, rate, price.known_at)
    whole = (1 + found.asset[1:]) * (1 + found.currency[1:]) - 1
    assert found.total[1:].tolist() == pytest.approx(whole.tolist(), abs=1e-9)
