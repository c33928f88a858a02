"""Ticks, limits, fees and settlement: worked cases and both sides of every threshold."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jeoul.errors import BeyondData, NotASession, UsageError
from jeoul.model.calendar import Calendar
from jeoul.model.portfolio import Portfolio
from jeoul.rebalance import (
    CENT_TICKS,
    ETF_TICKS,
    SHARE_TICKS,
    Tariff,
    affordable_buys,
    affordable_shares,
    order_fee,
    price_limits,
    round_to_tick,
    settled,
    settlement_date,
    settlement_days,
)


@pytest.mark.parametrize(
    ("price", "direction", "rounded"),
    [
        (1_999, "down", 1_999),
        (1_999, "up", 1_999),
        (2_000, "up", 2_000),
        (2_001, "up", 2_005),
        (2_004, "down", 2_000),
        (36_412, "up", 36_415),
        (36_412, "down", 36_410),
        (36_415, "up", 36_415),
    ],
)
def test_etf_ticks(price: int, direction: str, rounded: int) -> None:
    assert round_to_tick(price, direction) == rounded  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("price", "up"),
    [
        (1_999, 1_999),
        (2_001, 2_005),
        (4_996, 5_000),
        (5_001, 5_010),
        (19_991, 20_000),
        (20_001, 20_050),
        (50_001, 50_100),
        (199_901, 200_000),
        (200_001, 200_500),
        (499_501, 500_000),
        (500_001, 501_000),
    ],
)
def test_share_ticks_since_january_2023(price: int, up: int) -> None:
    assert round_to_tick(price, "up", SHARE_TICKS) == up


@given(st.integers(1, 10**7), st.sampled_from([ETF_TICKS, SHARE_TICKS, CENT_TICKS]))
def test_rounding_stays_within_one_tick_and_is_idempotent(price: Any, ticks: Any) -> None:
    low, high = round_to_tick(price, "down", ticks), round_to_tick(price, "up", ticks)
    assert low <= price <= high
    assert high - low < 2_000
    assert round_to_tick(high, "down", ticks) == high
    assert round_to_tick(low, "up", ticks) == low


@pytest.mark.parametrize(
    ("base", "multiple", "upper", "lower"),
    [
        (10_000, 1, 13_000, 7_000),
        (10_000, 2, 16_000, 4_000),
        (10_000, -2, 16_000, 4_000),
        (10_005, 1, 13_005, 7_005),  # 13,006.5 and 7,003.5, rounded inside
        (1_537, 1, 1_998, 1_076),  # 1,998.1 and 1,075.9
        (1_000, 1.5, 1_450, 550),
        (10_000, 4, 22_000, 1),
    ],
)
def test_daily_price_limits(base: int, multiple: float | int, upper: int, lower: int) -> None:
    assert price_limits(base, multiple) == (upper, lower)


def test_nonsense_prices_are_refused() -> None:
    for call in (
        lambda: round_to_tick(0, "up"),
        lambda: round_to_tick(100, "sideways"),  # type: ignore[arg-type]
        lambda: price_limits(-1),
        lambda: affordable_shares(100, 0, Decimal(0)),
        lambda: order_fee(-1, Decimal("0.1")),
    ):
        with pytest.raises(UsageError):
            call()


def test_the_worked_order_of_half_a_million() -> None:
    assert affordable_shares(500_000, 10_000, Decimal("0.000140527")) == (49, 68, 9_932)


@given(
    st.integers(0, 10**10),
    st.integers(1, 10**7),
    st.decimals(0, Decimal("0.05"), places=9),
)
def test_one_share_more_is_never_affordable(cash: Any, price: Any, rate: Any) -> None:
    shares, fee, left = affordable_shares(cash, price, rate)
    assert left == cash - shares * price - fee
    assert left >= 0
    assert (shares + 1) * price + order_fee((shares + 1) * price, rate) > cash


buys = st.lists(st.tuples(st.integers(0, 500), st.integers(1, 10**5)), max_size=6)


@given(buys, st.integers(0, 10**7))
def test_buys_in_turn_are_paid_with_all_costs_and_one_share_more_is_not(
    wishes: Any, left: Any
) -> None:
    tariff = Tariff(Decimal("0.001"), min_fee=50, fixed_fee=3, spread=Decimal("0.004"))
    for (shares, price), count in zip(wishes, affordable_buys(wishes, left, tariff), strict=True):
        more = (count + 1) * price
        assert count == shares or (count < shares and more + tariff.costs(more).total > left)
        left -= count * price + tariff.costs(count * price).total
        assert left >= 0


def test_a_buy_cut_below_the_smallest_trade_waits_and_the_next_is_paid() -> None:
    assert affordable_buys([(9, 1_000), (2, 300)], 5_500, Tariff(), smallest=6_000) == [0, 2]
    assert affordable_buys([(9, 1_000), (2, 300)], 5_500, Tariff(), smallest=5_000) == [5, 0]


def krx(confirmed: Any = date(2026, 12, 31)) -> Any:
    days = np.array(
        ["2026-12-22", "2026-12-23", "2026-12-24", "2026-12-28", "2026-12-29", "2026-12-30"],
        dtype="datetime64[D]",
    )
    opens = np.arange(6, dtype=np.int64)
    return Calendar("XKRX", "Asia/Seoul", days, opens, opens, confirmed)


def test_christmas_is_not_a_settlement_day() -> None:
    assert settlement_date(krx(), date(2026, 12, 24)) == date(2026, 12, 29)
    assert settlement_date(krx(), date(2026, 12, 23), days=1) == date(2026, 12, 24)


@pytest.mark.parametrize(
    ("traded", "days"),
    [
        ("1995-06-06", 5),
        ("1995-06-07", 3),
        ("2017-09-01", 3),
        ("2017-09-05", 2),
        ("2024-05-24", 2),
        ("2024-05-28", 1),
    ],
)
def test_new_york_settles_by_the_rule_of_the_day(traded: str, days: int) -> None:
    assert settlement_days("XNYS", date.fromisoformat(traded)) == days


def test_settlement_is_not_guessed_beyond_the_known_holidays() -> None:
    with pytest.raises(BeyondData, match="update data/calendars"):
        settlement_date(krx(), date(2026, 12, 29))
    with pytest.raises(BeyondData):
        settlement_date(krx(confirmed=date(2026, 12, 28)), date(2026, 12, 24))
    with pytest.raises(NotASession):
        settlement_date(krx(), date(2026, 12, 25))


def test_money_arrives_on_its_day() -> None:
    account = Portfolio(
        {"069500": 1}, 100, unsettled={date(2026, 12, 28): 30, date(2026, 12, 29): 5}
    )
    assert settled(account, date(2026, 12, 27)) == account
    after = settled(account, date(2026, 12, 28))
    assert (after.cash, after.unsettled) == (130, {date(2026, 12, 29): 5})
