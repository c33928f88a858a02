"""A split or a merge turns shares by two whole numbers: whole ones stay whole, the rest is paid."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jeoul.account.price_events import CorporateAction, PriceEvents
from jeoul.market import open_market
from jeoul.model.ratio import LARGEST
from jeoul.model.series import PriceTable

BEFORE, DAY = date(2024, 6, 26), date(2024, 6, 27)
WHOLE_NUMBER = st.integers(1, LARGEST)


def events(split: float, price: float = 10_000.0) -> PriceEvents:
    days = np.array([BEFORE, DAY], dtype="datetime64[D]")
    close = np.array([[price], [price]])
    table = PriceTable(
        "XKRX", "KRW", "raw", ("069500",), days, np.zeros(2, dtype=np.int64), close,
        np.zeros_like(close), np.array([[1.0], [split]]),
    )  # fmt: skip
    return PriceEvents((table,))


def test_three_hundred_shares_merged_three_into_one_are_a_hundred_and_no_cash() -> None:
    found = events(float(Fraction(1, 3))).openings(DAY, {"069500": 300})
    assert found == [CorporateAction("split", "069500", -200, 0)]


def test_what_is_left_over_of_a_merge_is_paid_at_the_close_and_rounded_down() -> None:
    found = events(float(Fraction(1, 3)), 10_001.0).openings(DAY, {"069500": 301})
    assert found == [CorporateAction("split", "069500", 100 - 301, 3_333)]  # 10,001 / 3 = 3,333.67


@pytest.mark.parametrize("written", [0.3333333333, 0.333333, 0.33333333333333])
def test_a_third_that_an_older_version_wrote_as_a_decimal_is_a_third(written: float) -> None:
    assert events(written).openings(DAY, {"069500": 300})[0].shares == -200


def test_the_price_of_a_day_before_a_merge_is_that_of_a_share_today() -> None:
    tape = events(float(Fraction(1, 3)))
    tape.tables[0].close[1] = np.nan
    assert tape.last_close("069500", DAY) == 30_000


@given(new=WHOLE_NUMBER, old=WHOLE_NUMBER, held=st.integers(0, 10**9), price=st.integers(1, 10**6))
def test_shares_are_floored_and_the_rest_is_paid_to_the_won(
    new: int, old: int, held: int, price: int
) -> None:
    whole, rest = divmod(held * new, old)
    actions = events(new / old, float(price)).openings(DAY, {"069500": held})
    shares = held + sum(action.shares for action in actions)
    assert (shares, sum(action.cash for action in actions)) == (whole, rest * price // old)


FOLDER = """
schema = 1
last = 2024-06-27
[[file]]
path = "prices.csv"
index = "date"
exchange = "XKRX"
currency = "KRW"
adjusted = "raw"
known = { at = "XKRX close" }
[[file]]
path = "events.csv"
events_of = "prices.csv"
"""


@pytest.mark.parametrize("split", ["1/3", "1:3", "0.3333333333"])
def test_a_ratio_of_a_market_folder_reaches_an_account_whole(tmp_path: Path, split: Any) -> None:
    (tmp_path / "manifest.toml").write_text(FOLDER)
    (tmp_path / "prices.csv").write_text("date,069500\n2024-06-26,37050\n2024-06-27,111150\n")
    (tmp_path / "events.csv").write_text(
        f"date,ticker,dividend,split\n2024-06-27,069500,,{split}\n"
    )
    tables = tuple(open_market(tmp_path).prices)
    assert PriceEvents(tables).openings(DAY, {"069500": 300})[0].shares == -200
