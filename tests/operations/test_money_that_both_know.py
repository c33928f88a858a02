"""Money that lags, that can be spent and that is fresh: what books and broker know together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from beside_books import NEXT, NONE, SETTLES, has, look
from scripted import DAY, FUND, OTHER, SALE, Desk, at_broker, planned

from jeoul.errors import BrokerError
from jeoul.model.portfolio import Side
from jeoul.operations.desk.fills import collect
from jeoul.operations.desk.intents import intents_of
from jeoul.operations.desk.on_its_way import is_on_its_way
from jeoul.operations.desk.reconcile import (
    fresh_money,
    locked_shares,
    means,
    was_invested,
)
from jeoul.rebalance import Fresh, Tariff


def fill(at: Desk, number: str, amount: int, fee: int = 0, side: Side = Side.SELL) -> None:
    """Let an order of two shares be filled: its shares were there before."""
    if side is Side.SELL:
        at.booked("opening", 0, {FUND: 2})
    run = at.freeze(planned(side), strategy=f"s{number}")
    (intent,) = intents_of(at.ledger, run.run_id)
    at.sent(intent, number)
    at.broker.listed = [at_broker(intent, number, 2, amount, fee=fee)]
    collect(at.desk, DAY)


@pytest.mark.parametrize(
    ("cash", "since", "waited"),
    [
        (-19_999, 0, True),  # 20,000 less a fee of 1
        (-19_988, 0, True),  # and its fee may be off by itself and 10 more
        (-19_987, 0, False),
        (-20_010, 0, True),
        (-20_011, 0, False),
        (-19_999, 29, True),
        (-19_999, 30, False),  # it was booked too long ago
        (0, 0, False),
        (1, 0, False),
        (-49_997, 0, True),  # the last two sales
        (-29_998, 0, False),  # the one before the last alone: a balance lacks the newest first
    ],
)
def test_what_our_newest_sales_brought_is_waited_for(
    at: Desk, cash: int, since: int, waited: bool
) -> None:
    fill(at, "7", 30_000, fee=2)
    fill(at, "8", 20_000, fee=1)
    at.broker.fill_wait, at.broker.visibility = 30.0, 5.0
    at.clock.time += since
    assert is_on_its_way(at.desk, cash) is waited


@pytest.mark.parametrize(("wait", "visible"), [(30.0, 5.0), (5.0, 30.0)])
def test_the_longer_of_both_lags_counts(at: Desk, wait: float, visible: float) -> None:
    fill(at, "7", 20_000)
    at.broker.fill_wait, at.broker.visibility = wait, visible
    at.clock.time += 29
    assert is_on_its_way(at.desk, -20_000)


@pytest.mark.parametrize(("cash", "waited"), [(0, False), (-1, True)])
def test_only_money_that_is_missing_is_waited_for(at: Desk, cash: int, waited: bool) -> None:
    at.broker.fill_wait = 30.0
    fill(at, "7", 10)
    assert is_on_its_way(at.desk, cash) is waited


def test_a_part_of_a_second_does_not_lengthen_a_wait(at: Desk) -> None:
    fill(at, "7", 20_000)
    at.broker.fill_wait = 29.5
    at.clock.time += 29
    assert not is_on_its_way(at.desk, -20_000)


def test_a_purchase_brings_no_money(at: Desk) -> None:
    at.broker.fill_wait = 30.0
    at.booked("deposit", 30_000)
    fill(at, "7", 20_000, side=Side.BUY)
    assert not is_on_its_way(at.desk, -20_000)


def test_money_on_its_way_is_neither_booked_nor_asked_about(at: Desk) -> None:
    at.broker.fill_wait = 30.0
    at.booked("deposit", 100)
    fill(at, "7", 20_000)
    has(at, 100)
    assert look(at) == NONE
    has(at, 100, {FUND: 1})
    with pytest.raises(BrokerError):
        look(at)


@pytest.mark.parametrize(
    ("cash", "unsettled", "orderable", "free", "later"),
    [
        (100, {}, None, 100, {SETTLES: 7}),
        (150, {}, None, 100, {SETTLES: 7}),
        (60, {}, None, 60, {SETTLES: 7, NEXT + timedelta(days=2): 40}),
        (60, {NEXT: 30}, None, 90, {SETTLES: 7, NEXT + timedelta(days=2): 10}),
        (60, {SETTLES: 30}, None, 60, {SETTLES: 7, NEXT + timedelta(days=2): 40}),
        (100, {}, 20, 20, {SETTLES: 7, NEXT + timedelta(days=2): 80}),
        (40, {}, 90, 40, {SETTLES: 7, NEXT + timedelta(days=2): 60}),
        (-5, {}, None, -5, {SETTLES: 7, NEXT + timedelta(days=2): 105}),
    ],
)
def test_no_more_can_be_spent_than_both_sides_know_of(
    at: Desk, cash: int, unsettled: dict[date, int], orderable: int | None, free: int,
    later: dict[date, int],
) -> None:  # fmt: skip
    at.booked("deposit", 100, {FUND: 5}, {SETTLES: 7})
    has(at, cash, {FUND: 3, OTHER: 0}, unsettled, orderable=orderable, locked={FUND: 1})
    found = means(at.desk, NEXT)
    assert (found.portfolio.cash, dict(found.portfolio.unsettled)) == (free, later)
    assert (found.portfolio.shares, found.binds) == ({FUND: 3}, orderable is not None)
    assert (found.books.cash, dict(found.books.shares)) == (100, {FUND: 5})
    assert locked_shares(at.desk) == {FUND: 1}


def test_what_is_held_back_arrives_with_what_settles_then(at: Desk) -> None:
    at.booked("deposit", 100, unsettled={SETTLES: 7})
    has(at, 60)
    assert dict(means(at.desk, DAY).portfolio.unsettled) == {SETTLES: 47}


def test_an_account_was_invested_once_its_books_had_a_share_of_the_plan(at: Desk) -> None:
    at.booked("deposit", 100, {FUND: 5})
    at.booked("withdrawal", 0, {FUND: -5})
    assert was_invested(at.ledger, [OTHER, FUND])
    assert not was_invested(at.ledger, [OTHER])
    assert not was_invested(at.ledger, [])


def test_the_first_row_of_the_books_may_be_fresh_money(at: Desk) -> None:
    at.booked("deposit", 5)
    assert fresh_money(at.ledger, "mine", "KRW") == Fresh(deposited=5)


def test_money_is_fresh_until_it_was_decided_on(at: Desk) -> None:
    at.booked("opening", 1_000)
    at.booked("deposit", 10)
    at.freeze(strategy="a")  # it decided to do nothing
    at.booked("deposit", 70)
    at.booked("adopted", 5)
    at.booked("dividend", 900)
    (intent,) = intents_of(at.ledger, at.freeze(SALE, strategy="b").run_id)
    at.event(intent, "expired")  # it was never sent
    at.booked("withdrawal", -30)
    at.booked("settlement", 4)
    assert fresh_money(at.ledger, "mine", "KRW") == Fresh(deposited=40, settled=4, adopted=5)
    assert fresh_money(at.ledger, "others", "KRW") == Fresh(deposited=50, settled=4, adopted=5)
    assert fresh_money(at.ledger, "mine", "USD") == Fresh()
    (intent,) = intents_of(at.ledger, at.freeze(SALE, strategy="c").run_id)
    at.event(intent, "sending")
    assert fresh_money(at.ledger, "mine", "KRW") == Fresh()
    at.booked("deposit", 6)
    at.booked("withdrawal", -10)
    at.booked("settlement", 7)
    assert fresh_money(at.ledger, "mine", "KRW") == Fresh(settled=3)


def test_the_fee_of_a_fill_is_what_the_tariff_says_where_the_broker_does_not(
    tmp_path: Path,
) -> None:
    at = Desk(tmp_path, fees=Tariff(Decimal("0.001"), min_fee=15))
    run = at.freeze(planned(Side.SELL, shares=4))
    at.booked("opening", 0, {FUND: 4})
    (intent,) = intents_of(at.ledger, run.run_id)
    at.sent(intent, "7")
    for filled, amount, fee in ((1, 10_000, 15), (3, 30_000, 30), (4, 40_000, 40)):
        at.broker.listed = [replace(at_broker(intent, "7", filled, amount))]
        collect(at.desk, DAY)
        assert at.intent(intent.name).fee == fee
    rows = at.ledger.rows("SELECT shares, amount, fee FROM fills ORDER BY seq")
    assert [tuple(row) for row in rows] == [(1, 10_000, 15), (2, 20_000, 15), (1, 10_000, 10)]
    at.ledger.close()
