"""A paper account run day by day is the account-level backtest of the same span, to the won."""

from __future__ import annotations

import os
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from paper_days import DEAR, both

from jeoul import api
from jeoul.operations.ledger import NAME as LEDGER
from jeoul.operations.ledger import open_ledger
from jeoul.rebalance import settled


def assert_same(fold: Any, books: Any, orders: Any) -> None:
    for before, day in pairwise(fold):
        decided = [(str(o.side), o.ticker, o.shares) for o in before.orders]
        assert decided == orders[before.session], before.session
        theirs = books[before.session]  # its fills at the close of day.session are in
        assert dict(theirs.shares) == dict(day.portfolio.shares), day.session
        mine, ours = settled(theirs, day.session), day.portfolio
        assert (mine.cash, dict(mine.unsettled)) == (ours.cash, dict(ours.unsettled)), day.session


def fees_booked(folder: Any) -> int:
    ledger = open_ledger(folder / "state" / LEDGER)
    (row,) = ledger.rows("SELECT SUM(fee) AS fees FROM fills")
    ledger.close()
    return row["fees"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("proceeds", ["settled", "reuse"])
@pytest.mark.parametrize(
    ("start", "end"),
    [(date(2011, 4, 18), date(2011, 6, 10)), (date(2013, 3, 18), date(2013, 5, 10))],
)
def test_over_the_sample_with_dividends_splits_and_deposits(
    tmp_path: Path, start: date, end: date, proceeds: str
) -> None:
    calendar = api.calendars()["XKRX"]
    deposits = {
        calendar.after(start): 1_000_000,
        calendar.label(calendar.index(end) - 5): 2_500_000,
    }
    fold, books, orders = both(tmp_path, None, "managed", start, end, deposits, proceeds=proceeds)
    assert_same(fold, books, orders)
    ledger = open_ledger(tmp_path / "state" / LEDGER)
    kinds = {row["kind"] for row in ledger.rows("SELECT kind FROM transactions")}
    ledger.close()
    assert {"dividend", "split", "deposit", "fill", "settlement"} <= kinds


def test_with_a_least_fee_a_fixed_one_and_a_spread(tmp_path: Path) -> None:
    start, end = date(2011, 4, 18), date(2011, 6, 10)
    deposits = {api.calendars()["XKRX"].after(start): 1_000_000}
    fold, books, orders = both(tmp_path, None, "managed", start, end, deposits, DEAR)
    assert_same(fold, books, orders)
    fills = [fill for day in fold for fill in day.fills]
    assert {"BUY", "SELL"} <= {fill.side for fill in fills}
    assert min(fill.fee for fill in fills) == 330
    assert max(fill.fee for fill in fills) > 330
    for fill in fills:
        amount = fill.shares * fill.price
        assert fill.fee == max(amount // 10_000, 300) + 30
        assert fill.spread == -(-amount * 11 // 20_000)
    assert fees_booked(tmp_path) == sum(fill.fee + fill.spread for fill in fills)


@pytest.mark.skipif("JEOUL_MARKET" not in os.environ, reason="JEOUL_MARKET names no folder")
@pytest.mark.parametrize(
    ("strategy", "proceeds"),
    [
        pytest.param("managed", "settled", marks=pytest.mark.slow),
        pytest.param("ima-literal", "reuse", marks=pytest.mark.slow),
        pytest.param("managed", "reuse", marks=pytest.mark.full),
        pytest.param("ima-literal", "settled", marks=pytest.mark.full),
    ],
)
def test_over_five_years_of_real_data(tmp_path: Path, strategy: Any, proceeds: str) -> None:
    start, end = date(2018, 7, 2), date(2023, 12, 27)
    deposits = {date(2020, 4, 1): 5_000_000}
    fold, books, orders = both(
        tmp_path, os.environ["JEOUL_MARKET"], strategy, start, end, deposits, proceeds=proceeds
    )
    assert len(fold) > 5 * 240
    assert_same(fold, books, orders)
