"""What an order costs, what money buys, on which prices orders lie: each limit and its sides."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from jeoul.errors import UsageError
from jeoul.model.portfolio import Order, Reason, Side
from jeoul.rebalance import (
    CENT_TICKS,
    ETF_TICKS,
    SHARE_TICKS,
    Tariff,
    TradeRules,
    affordable_buys,
    affordable_shares,
    order_fee,
    price_limits,
    round_to_tick,
)
from jeoul.rebalance.costs import Costs

PERCENT = Decimal("0.01")


@pytest.mark.parametrize(
    ("tariff", "amount", "fee", "spread"),
    [
        (Tariff(PERCENT), 10_000, 100, 0),
        (Tariff(PERCENT), 199, 1, 0),  # a fraction of a fee is dropped
        (Tariff(PERCENT, min_fee=100), 10_000, 100, 0),
        (Tariff(PERCENT, min_fee=101), 10_000, 101, 0),
        (Tariff(PERCENT, min_fee=99), 10_000, 100, 0),
        (Tariff(PERCENT, fixed_fee=30), 10_000, 130, 0),
        (Tariff(PERCENT, min_fee=500, fixed_fee=30), 10_000, 530, 0),
        (Tariff(spread=PERCENT), 10_000, 0, 50),  # half of it
        (Tariff(spread=PERCENT), 10_001, 0, 51),  # a fraction of a spread is lost whole
        (Tariff(PERCENT, 7, 3, PERCENT), 0, 0, 0),  # no order, no fee
        (Tariff(PERCENT, 7, 3, PERCENT), 1, 10, 1),
    ],
)
def test_an_order_pays_its_fee_at_least_the_least_and_half_the_spread(
    tariff: Tariff, amount: int, fee: int, spread: int
) -> None:
    found = tariff.costs(amount)
    assert (found.fee, found.spread, found.total) == (fee, spread, fee + spread)
    assert type(found.total) is int


def test_a_fee_needs_an_amount_and_a_rate_of_0_or_more() -> None:
    assert (order_fee(0, PERCENT), order_fee(99, PERCENT), order_fee(100, PERCENT)) == (0, 0, 1)
    assert order_fee(10, Decimal(0)) == 0
    assert type(order_fee(100, PERCENT)) is int
    for amount, rate in ((-1, PERCENT), (1, Decimal("-0.01"))):
        with pytest.raises(UsageError):
            order_fee(amount, rate)


@pytest.mark.parametrize(
    ("cash", "price", "tariff", "shares", "paid"),
    [
        (99, 100, Tariff(), 0, 0),
        (100, 100, Tariff(), 1, 0),
        (199, 100, Tariff(), 1, 0),
        (100, 1, Tariff(), 100, 0),
        # 99 shares at 100 and 99 of fee: one won less pays 98 of them
        (9_999, 100, Tariff(PERCENT), 99, 99),
        (9_998, 100, Tariff(PERCENT), 98, 98),
        # the fraction of a fee that is dropped pays for one share more: 199 cost 200, not 200.99
        (200, 1, Tariff(PERCENT), 199, 1),
        (1_000, 100, Tariff(min_fee=100), 9, 100),
        (999, 100, Tariff(min_fee=100), 8, 100),
        (1_000, 100, Tariff(fixed_fee=100), 9, 100),
        (1_030, 100, Tariff(min_fee=100, fixed_fee=30), 9, 130),
        (1_029, 100, Tariff(min_fee=100, fixed_fee=30), 8, 130),
        (1_010, 100, Tariff(spread=Decimal("0.02")), 10, 10),
        (1_009, 100, Tariff(spread=Decimal("0.02")), 9, 9),
        (0, 100, Tariff(fixed_fee=3_000), 0, 0),
        (2_999, 100, Tariff(fixed_fee=3_000), 0, 0),
        (-1, 100, Tariff(), 0, 0),
        (-5_000, 100, Tariff(PERCENT, 5, 5), 0, 0),
    ],
)
def test_cash_buys_all_the_shares_that_it_pays_with_their_costs(
    cash: int, price: int, tariff: Tariff, shares: int, paid: int
) -> None:
    found = affordable_shares(cash, price, tariff)
    assert found == (shares, paid, cash - shares * price - paid)
    assert type(found.shares) is int


class Counted(Tariff):
    """A tariff that counts how often it is asked."""

    asked = 0

    def costs(self, amount: int) -> Costs:
        Counted.asked += 1
        return super().costs(amount)


@pytest.mark.parametrize(
    ("cash", "tariff", "shares", "most"),
    [
        (10**7, Counted(), 10**7, 3),
        (10**7, Counted(Decimal("0.25")), 8 * 10**6, 3),
        (10**7, Counted(spread=Decimal("0.5")), 8 * 10**6, 3),
        (10**7, Counted(Decimal("0.05"), spread=Decimal("0.4")), 8 * 10**6, 3),
        (10**7, Counted(min_fee=10**6), 9 * 10**6, 3),
        (10**7, Counted(fixed_fee=10**6), 9 * 10**6, 3),
        (10**7, Counted(Decimal("0.25"), fixed_fee=5 * 10**6), 4 * 10**6, 3),
        (10**7, Counted(min_fee=10**6, fixed_fee=10**6, spread=Decimal("0.5")), 64 * 10**5, 3),
        (-(10**7), Counted(), 0, 1),
    ],
)
def test_what_millions_buy_is_computed_and_not_counted_down_to(
    cash: int, tariff: Tariff, shares: int, most: int
) -> None:
    Counted.asked = 0
    assert affordable_shares(cash, 1, tariff).shares == shares
    assert Counted.asked <= most


@pytest.mark.parametrize(
    ("buys", "cash", "tariff", "smallest", "counts"),
    [
        ([], 10, Tariff(), 0, []),
        ([(2, 10)], 20, Tariff(), 0, [2]),
        ([(2, 10)], 19, Tariff(), 0, [1]),
        ([(1, 10), (1, 10)], 19, Tariff(), 0, [1, 0]),
        ([(3, 10), (2, 4)], 19, Tariff(), 0, [1, 2]),  # the second gets what the first cannot use
        ([(2, 10)], 24, Tariff(fixed_fee=5), 0, [1]),
        ([(2, 10), (1, 10)], 40, Tariff(fixed_fee=5), 0, [2, 1]),  # 25 and 15
        ([(2, 10), (1, 10)], 39, Tariff(fixed_fee=5), 0, [2, 0]),
        ([(3, 10)], 20, Tariff(), 20, [2]),
        ([(3, 10)], 20, Tariff(), 21, [0]),
        ([(3, 10), (2, 10)], 20, Tariff(), 21, [0, 2]),  # small, but not cut
        ([(2, 10), (0, 10)], 0, Tariff(), 0, [0, 0]),
        ([(2, 10)], -100, Tariff(), 0, [0]),
        ([(0, 10)], -100, Tariff(fixed_fee=5), 0, [0]),
    ],
)
def test_buys_are_paid_in_turn_and_the_last_ones_are_cut(
    buys: Any, cash: int, tariff: Tariff, smallest: int, counts: Any
) -> None:
    assert affordable_buys(buys, cash, tariff, smallest=smallest) == counts


# as the exchange publishes them: below so much money, so large a step
PUBLISHED = {
    ETF_TICKS: [(2_000, 1), (None, 5)],
    CENT_TICKS: [(None, 1)],
    SHARE_TICKS: [
        (2_000, 1), (5_000, 5), (20_000, 10), (50_000, 50), (200_000, 100), (500_000, 500),
        (None, 1_000),
    ],
}  # fmt: skip


@pytest.mark.parametrize("ticks", PUBLISHED, ids=["ETF", "US", "share"])
def test_the_steps_are_those_that_exchanges_publish(ticks: Any) -> None:
    below = [None if since == 0 else since for since, _ in (*ticks[1:], (0, 0))]
    assert list(zip(below, (tick for _, tick in ticks), strict=True)) == PUBLISHED[ticks]
    assert ticks[0][0] == 0  # every price is on some row


@pytest.mark.parametrize(
    ("price", "down", "up"),
    [(1, 1, 1), (6, 6, 6), (7, 4, 8), (8, 8, 8), (9, 8, 12), (21, 20, 24), (22, 20, 30)],
)
def test_a_step_applies_from_its_price_on(price: int, down: int, up: int) -> None:
    ticks = ((0, 1), (7, 4), (22, 10))
    assert round_to_tick(price, "down", ticks) == down
    assert round_to_tick(price, "up", ticks) == up


@pytest.mark.parametrize(
    ("base", "multiple", "upper", "lower"),
    [
        (1, 1, 1, 1),  # 1.3 and 0.7
        (3, 1, 3, 3),  # 3.9 and 2.1
        (10, 1, 13, 7),
        (10, 3, 19, 1),
        (11, 3, 20, 2),  # 20.9 and 1.1
        (100, Decimal("-2.5"), 175, 25),
    ],
)
def test_the_prices_of_a_day_lie_three_tenths_around_the_last(
    base: int, multiple: Any, upper: int, lower: int
) -> None:
    found = price_limits(base, multiple, CENT_TICKS)
    assert found == (upper, lower)
    assert [type(limit) for limit in found] == [int, int]
    assert price_limits(10_000) == price_limits(10_000, 1) == (13_000, 7_000)
    for wrong in (0, -1):
        with pytest.raises(UsageError, match="base price"):
            price_limits(wrong)
        with pytest.raises(UsageError, match="positive"):
            round_to_tick(wrong, "down")


@pytest.mark.parametrize("name", ["buy_fee", "sell_fee", "spread"])
def test_a_fee_or_a_spread_is_a_part_of_the_price(name: str) -> None:
    for refused in (Decimal(1), Decimal(2)):
        with pytest.raises(UsageError, match="1 or more"):
            TradeRules(**{name: refused})  # type: ignore[arg-type]
    rules = TradeRules(**{name: Decimal("0.999")})  # type: ignore[arg-type]
    assert getattr(rules, name) == Decimal("0.999")
    written = TradeRules(**{name: 0.001})  # type: ignore[arg-type]
    assert (type(getattr(written, name)), getattr(written, name)) == (Decimal, Decimal("0.001"))


@pytest.mark.parametrize(
    "name", ["min_fee", "fixed_fee", "lot", "buffer", "min_trade", "max_trades"]
)
def test_money_and_counts_of_the_rules_are_whole_numbers(name: str) -> None:
    rules = TradeRules(**{name: 3.0})  # type: ignore[arg-type]
    assert (type(getattr(rules, name)), getattr(rules, name)) == (int, 3)


@pytest.mark.parametrize(
    ("name", "below"),
    [
        *((name, Decimal("-0.001")) for name in ("buy_fee", "sell_fee", "spread")),
        *((name, -1) for name in ("min_fee", "fixed_fee", "buffer", "min_trade", "max_trades")),
    ],
)
def test_no_rule_is_below_nothing(name: str, below: Any) -> None:
    with pytest.raises(UsageError, match=f"{name} is below 0"):
        TradeRules(**{name: below})
    assert getattr(TradeRules(**{name: 0 * below}), name) == 0
    with pytest.raises(UsageError, match="lot is below 1"):
        TradeRules(lot=0)


def test_so_many_trades_may_be_none_or_as_many_as_wanted() -> None:
    assert TradeRules().max_trades is None
    assert TradeRules(max_trades=0).max_trades == 0
    with pytest.raises(UsageError, match="max_trades is below 0"):
        TradeRules(max_trades=-1)


def test_the_usual_rules_charge_nothing_and_trade_single_shares() -> None:
    rules = TradeRules()
    assert (rules.lot, rules.buffer, rules.min_trade, rules.ticks) == (1, 0, 0, CENT_TICKS)
    assert [rules.tariff(side) for side in Side] == [Tariff(), Tariff()]


def test_each_side_pays_its_own_rate_and_both_the_rest() -> None:
    rules = TradeRules(
        buy_fee=PERCENT, sell_fee=Decimal("0.02"), min_fee=5, fixed_fee=7, spread=Decimal("0.002")
    )
    assert rules.tariff(Side.BUY) == Tariff(PERCENT, 5, 7, Decimal("0.002"))
    assert rules.tariff(Side.SELL) == Tariff(Decimal("0.02"), 5, 7, Decimal("0.002"))
    for side, fee in ((Side.BUY, 100), (Side.SELL, 200)):
        assert rules.cost(Order(side, "A", 100, 100, Reason("x"))) == fee + 7 + 10


@pytest.mark.parametrize(
    ("value", "smallest"), [(0, 0), (99, 0), (100, 1), (4_999, 49), (5_000, 50), (10_000, 50)]
)
def test_the_smallest_order_is_at_most_a_hundredth_of_the_account(
    value: int, smallest: int
) -> None:
    assert TradeRules(min_trade=50).smallest(value) == smallest
