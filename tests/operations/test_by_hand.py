"""Money that was asked for and traded with by hand before a run looked has arrived all the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from jeoul import api
from jeoul.operations.desk.by_hand import HandTrades, MovedMoney
from jeoul.operations.told.newest import last_close

CLOSES = {"069500": 35_000, "360750": 18_000}
PAID = {"069500": Decimal("34990.5")}


def moved(
    cash: int,
    shares: Mapping[str, int],
    *,
    held: Mapping[str, int] | None = None,
    costs: Mapping[str, Decimal] | None = None,
) -> int:
    trades = HandTrades(
        cash=cash, shares=shares, held=held or {}, close=CLOSES.get, costs=costs or {}
    )
    return trades.moved().money


def test_what_arrived_is_the_change_of_cash_and_what_the_shares_cost() -> None:
    assert moved(500_950, {"069500": 100}, costs=PAID) == 4_000_000
    assert moved(-499_050, {"069500": 100}, costs=PAID) == 3_000_000


def test_what_left_is_what_the_shares_brought_that_is_not_in_cash() -> None:
    assert moved(500_000, {"069500": -100}, held={"069500": 120}) == -3_000_000


def test_a_trade_by_hand_with_the_account_s_own_money_is_no_deposit() -> None:
    assert moved(-3_500_000, {"069500": 100}, costs=PAID) == 0  # fees of 950 won
    assert moved(-3_400_000, {"069500": 100}) == 0  # a close that is not what was paid
    assert moved(3_600_000, {"069500": -100}, held={"069500": 100}) == 0
    assert moved(-1_700_000, {"069500": -100, "360750": 290}, held={"069500": 100}) == 0


def test_a_cost_that_is_an_average_of_earlier_purchases_is_not_taken() -> None:
    cheap = {"069500": Decimal(10_000)}
    assert moved(500_000, {"069500": 100}, held={"069500": 900}, costs=cheap) == 4_000_000


@pytest.mark.parametrize("held", [{"069500": 100}, {}], ids=["a split", "from another broker"])
def test_shares_alone_of_unknown_cost_are_no_money(held: Mapping[str, int]) -> None:
    assert moved(0, {"069500": 100}, held=held) == 0


def test_a_deposit_that_was_spent_to_the_last_won_has_come_where_the_cost_is_known() -> None:
    assert moved(0, {"069500": 100}, costs=PAID) == 3_499_050


def test_a_close_may_miss_what_was_paid_and_a_cost_does_not() -> None:
    guessed = HandTrades(cash=9_000_000, shares={"069500": -20}, held={}, close=CLOSES.get)
    assert guessed.moved() == MovedMoney(8_300_000, slack=35_000)
    known = replace(guessed, shares={"069500": 20}, costs=PAID)
    assert known.moved().slack == 0


@pytest.mark.parametrize(
    ("cash", "shares", "found"),
    [
        (-99, {"paid": 1}, 0),  # a hundredth of what was paid may be fees
        (-98, {"paid": 1}, 2),
        (-95, {"near": 1}, 0),  # a twentieth of a close may be a guess
        (-94, {"near": 1}, 6),
        (95, {"near": -1}, 0),
        (94, {"near": -1}, -6),
        (99, {"paid": -1}, 0),
        (-194, {"near": 1, "paid": 1}, 0),  # both: 1 and 5
        (-193, {"near": 1, "paid": 1}, 7),
        (0, {"paid": 1}, 100),
        (0, {"near": 1}, 0),
        (0, {"near": 1, "paid": 1}, 200),
        (0, {"paid": 1, "near": 1}, 200),
        (1, {"near": 1}, 101),
        (-1, {"near": -1}, -101),
        (1, {}, 1),
        (0, {}, 0),
    ],
)
def test_money_moved_where_fees_and_guesses_do_not_explain_it(
    cash: int, shares: dict[str, int], found: int
) -> None:
    trades = HandTrades(
        cash=cash, shares=shares, held={}, close={"near": 100}.get, costs={"paid": Decimal(100)}
    )
    moved = trades.moved()
    assert moved.money == found
    assert (type(moved.money), type(moved.slack)) == (int, int)
    slack = 5 * abs(shares.get("near", 0)) if found else 0
    assert moved.slack == slack


def test_nothing_is_guessed_of_a_fund_without_a_price() -> None:
    assert moved(500_000, {"069500": 100, "999999": 3}, costs=PAID) == 0


def test_dollars_count_in_cents() -> None:
    trades = HandTrades(
        cash=10_000,
        shares={"SPY": 2},
        held={},
        close=CLOSES.get,
        costs={"SPY": Decimal("525.25")},
        unit=100,
    )
    assert trades.moved() == MovedMoney(115_050)


def test_the_last_close_is_the_newest_one_that_is_known() -> None:
    market = api.open_market()
    days = [date(2026, 6, 29), date(2026, 6, 30)]
    found = [last_close(market.as_of(day), "069500", "KRW") for day in days]
    (table,) = (t for t in market.prices if t.exchange == "XKRX" and "069500" in t.tickers)
    closes = table.close[-2:, table.tickers.index("069500")]
    assert found == closes.tolist()
    assert last_close(market.as_of(days[0]), "069500", "USD") is None
