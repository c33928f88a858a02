"""Funds of one class ranked by what they cost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jeoul.advice.costs import least_spreads, rank_costs
from jeoul.errors import UsageError
from jeoul.model.series import PriceTable
from jeoul.strategy.universe import load_universe

FUNDS = load_universe("krx-core").instruments


def fund(code: str, fee: float | None, **more: Any) -> Any:
    return replace(FUNDS["069500"], code=code, expense_ratio=fee, **more)


def test_the_cheaper_fund_comes_first_and_an_unknown_fee_last() -> None:
    """10 M at 0.2 % and 0.5 % for two years: 39,960 and 99,750."""
    found = rank_costs(
        [fund("C", None), fund("A", 0.005), fund("B", 0.002)], amount=10_000_000, years=2
    )["equity_kr"]
    assert [(one.fund.code, one.won, one.more) for one in found] == [
        ("B", 39_960, 0),
        ("A", 99_750, 59_790),
        ("C", None, None),
    ]


def test_a_spread_that_is_known_counts_once_for_buying_and_selling() -> None:
    """0.1 % of fees or 0.3 % of spread: 10,000 and 30,000 of 10 M."""
    pair = [fund("A", 0.0), fund("B", 0.001)]
    found = rank_costs(pair, amount=10_000_000, years=1, spreads={"A": 0.003, "B": 0.0})
    assert [(one.fund.code, one.won) for one in found["equity_kr"]] == [
        ("B", 10_000),
        ("A", 30_000),
    ]


def test_a_spread_that_is_known_of_one_fund_alone_does_not_count() -> None:
    pair = [fund("A", 0.0), fund("B", 0.001)]
    found = rank_costs(pair, amount=10_000_000, years=1, spreads={"A": 0.003})["equity_kr"]
    assert [(one.fund.code, one.won, one.spread) for one in found] == [
        ("A", 0, None),
        ("B", 10_000, None),
    ]


def test_a_leveraged_fund_is_not_compared_with_a_plain_one() -> None:
    plain = [fund("A", 0.001), fund("B", 0.002)]
    geared = [fund(code, 0.006, features=frozenset({"leveraged"})) for code in "CD"]
    found = rank_costs([*plain, *geared, FUNDS["411060"]], amount=1, years=1)
    assert {name: len(ranked) for name, ranked in found.items()} == {
        "equity_kr": 2,
        "equity_kr leveraged": 2,
    }


@given(st.lists(st.floats(0.0, 0.03), min_size=2, max_size=6), st.integers(1, 10**10))
def test_a_higher_fee_never_costs_less(fees: Any, amount: int) -> None:
    funds = [fund(str(place), fee) for place, fee in enumerate(fees)]
    found = rank_costs(funds, amount=amount, years=3)["equity_kr"]
    assert [one.won for one in found] == sorted(one.won for one in found if one.won is not None)
    cheapest = min(fees)
    assert found[0].fee == pytest.approx(cheapest, abs=1.0 / amount)


def test_nothing_for_no_time_is_refused() -> None:
    with pytest.raises(UsageError, match="give both above zero"):
        rank_costs([], amount=0, years=1)


def test_the_least_spread_is_one_tick_of_the_newest_price() -> None:
    """ETFs below 2,000 won move by 1 won, from there on by 5: 1/1,999, 5/2,000 and 5/10,000."""
    closes = np.array([[100.0, 100.0, 100.0], [1_999.0, 2_000.0, np.nan], [np.nan, 2_000.0, 1e4]])
    days = np.arange("2026-01-05", "2026-01-08", dtype="datetime64[D]")
    table = PriceTable(
        "XKRX", "KRW", "raw", ("A", "B", "C"), days, np.arange(3, dtype=np.int64), closes
    )
    assert least_spreads([table]) == {"A": 1 / 1_999, "B": 5 / 2_000, "C": 5 / 10_000}
    assert least_spreads([table], "XNYS") == {}
