"""Prices as traded come back out of a vendor's restated ones, whatever splits there were."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jeoul.market.raw.answer import AS_TRADED, SPLIT_ADJUSTED, Payment
from jeoul.market.raw.corrections import Correction, as_traded
from jeoul.market.raw.series import Raw, SeriesKey, Stamp
from jeoul.model.ratio import WHOLE

DAY = date(2024, 1, 1)


def raw(closes: Any, payments: Any, basis: Any = SPLIT_ADJUSTED) -> Any:
    days = np.array([DAY + timedelta(days=n) for n in range(len(closes))], dtype="datetime64[D]")
    empty = np.full(len(closes), np.nan)
    stamp = Stamp(1, 0, DAY, DAY, basis, "KRW", "", False)
    return Raw(
        SeriesKey("v", "A"),
        (stamp,),
        days,
        np.array(closes),
        np.zeros(len(closes), dtype=np.int64),
        empty,
        empty,
        empty,
        tuple(payments),
        {},
        (),
    )


def all_of(source: Any) -> Any:
    return np.ones(len(source.days), dtype=bool)


def test_apple_2020_four_for_one() -> None:
    """Closes of 2020-08-28 and 08-31 as traded: 499.23 and 129.04; restated 124.8075 and 129.04.

    The dividend of 2020-08-07 was 0.82 a share; restated 0.205.
    """
    source = raw(
        [124.8075, 129.04], [Payment(DAY, 0.205), Payment(DAY + timedelta(1), 0.0, Fraction(4))]
    )
    found = as_traded(source, all_of(source))
    assert found.close.tolist() == pytest.approx([499.23, 129.04])
    assert found.payments[0].dividend == pytest.approx(0.82)
    assert found.payments[1].split == 4.0


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(1.0, 1e6), min_size=2, max_size=40),
    st.dictionaries(
        st.integers(0, 39),
        st.sampled_from([Fraction(r) for r in ("1/10", "1/3", "2", "3", "10")]),
        max_size=4,
    ),
    st.dictionaries(st.integers(0, 39), st.floats(0.01, 100.0), max_size=4),
)
def test_restating_and_undoing_it_give_the_prices_back(
    closes: Any, splits: Any, dividends: Any
) -> None:
    count = len(closes)
    splits = {n: s for n, s in splits.items() if n < count}
    dividends = {n: d for n, d in dividends.items() if n < count}

    def after(place: Any) -> Any:
        return float(np.prod([float(s) for n, s in splits.items() if n > place]))

    shown = [close / after(place) for place, close in enumerate(closes)]
    payments = [
        Payment(DAY + timedelta(days=n), dividends.get(n, 0.0) / after(n), splits.get(n, WHOLE))
        for n in sorted({*splits, *dividends})
    ]
    source = raw(shown, payments)
    found = as_traded(source, all_of(source))
    assert found.close.tolist() == pytest.approx(closes)
    assert [p.dividend for p in found.payments] == pytest.approx(
        [dividends.get(n, 0.0) for n in sorted({*splits, *dividends})]
    )


def test_prices_as_traded_are_left_alone() -> None:
    source = raw([100.0, 50.0], [Payment(DAY + timedelta(1), 0.0, Fraction(2))], AS_TRADED)
    assert as_traded(source, all_of(source)).close.tolist() == [100.0, 50.0]


def test_corrections_replace_one_figure_each() -> None:
    source = raw([100.0, 7.0, 102.0], [Payment(DAY, 5_411_920.0)], AS_TRADED)
    fixes = [
        Correction("A", DAY, "the issuer's notice", dividend=4_000.0),
        Correction("A", DAY + timedelta(1), "a misprint", close=101.0),
        Correction("A", DAY + timedelta(2), "no trade that day", drop=True),
    ]
    found = as_traded(source, all_of(source), fixes)
    assert found.close.tolist() == [100.0, 101.0]
    assert found.payments == (Payment(DAY, 4_000.0),)
