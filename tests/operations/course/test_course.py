"""The course of an account: what its books and a market say of every session."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from books import DAYS, Books, market

from jeoul.errors import DataError
from jeoul.model.portfolio import Side
from jeoul.operations.errors import LedgerError
from jeoul.operations.ledger import open_ledger
from jeoul.operations.ledger.books import (
    CASH,
    CORPORATE,
    DIVIDENDS,
    EXTERNAL,
    FEES,
    SHARES,
    TAXES,
)


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    ledger = open_ledger(tmp_path / "ledger.sqlite3")
    yield Books(ledger)
    ledger.close()


def test_value_is_money_and_shares_at_the_close_of_each_session(books: Books) -> None:
    books.pay(DAYS[0], 1_000, "opening")
    books.trade(DAYS[1], Side.BUY, "A", 4, 110, 3)
    course = books.course(market([[100, 50], [110, 50], [120, 50], [90, 50], [100, 50]]))
    assert course.sessions.astype(object).tolist() == list(DAYS)
    assert course.cash.tolist() == [1_000, 557, 557, 557, 557]
    assert course.value.tolist() == [1_000, 997, 1_037, 917, 957]
    assert course.fees.tolist() == [0, 3, 0, 0, 0]
    assert course.paid_in.tolist() == [1_000, 0, 0, 0, 0]


def test_a_sale_is_worth_its_proceeds_from_the_session_on_although_the_money_comes_later(
    books: Books,
) -> None:
    books.pay(DAYS[0], 1_000, "opening")
    books.trade(DAYS[0], Side.BUY, "A", 5, 100, 0)
    books.trade(DAYS[1], Side.SELL, "A", 5, 100, 10)
    assert books.course().value.tolist() == [1_000, 990, 990, 990, 990]


def test_deposits_and_withdrawals_are_flows_and_dividends_and_taxes_are_not(books: Books) -> None:
    books.pay(DAYS[0], 1_000, "opening")
    books.pay(DAYS[1], 500)
    books.pay(DAYS[2], -200, "withdrawal")
    books.move(DAYS[3], "dividend", {(CASH, "KRW"): 70, (DIVIDENDS, "KRW"): -70}, "A")
    books.move(DAYS[3], "tax", {(CASH, "KRW"): -11, (TAXES, "KRW"): 11})
    course = books.course()
    assert course.paid_in.tolist() == [1_000, 500, 0, 0, 0]
    assert course.taken_out.tolist() == [0, 0, 200, 0, 0]
    assert course.dividends.tolist() == [0, 0, 0, 70, 0]
    assert course.taxes.tolist() == [0, 0, 0, 11, 0]
    assert course.payments == ((DAYS[3], "A", 70),)
    assert course.unit.tolist() == pytest.approx([1.0, 1.0, 1.0, 1_359 / 1_300, 1_359 / 1_300])


def test_shares_that_come_without_a_trade_are_paid_in_at_their_close(books: Books) -> None:
    legs = {(CASH, "KRW"): 300, (EXTERNAL, "KRW"): -300, (SHARES, "A"): 2, (EXTERNAL, "A"): -2}
    books.move(DAYS[0], "opening", legs)
    more = {(SHARES, "B"): 3, (EXTERNAL, "B"): -3}
    books.move(DAYS[2], "adopted", more)
    course = books.course()
    assert course.paid_in.tolist() == [500, 0, 150, 0, 0]
    assert course.adopted.tolist() == [0, 0, 150, 0, 0]
    assert course.value.tolist() == [500, 500, 650, 650, 650]


def test_a_trade_by_hand_is_a_flow_of_what_it_gave_above_its_price(books: Books) -> None:
    books.pay(DAYS[0], 1_000, "opening")
    legs = {(CASH, "KRW"): -210, (EXTERNAL, "KRW"): 210, (SHARES, "A"): 2, (EXTERNAL, "A"): -2}
    books.move(DAYS[1], "adopted", legs)
    course = books.course()
    assert (course.taken_out[1], course.adopted[1], course.value[1]) == (10, -10, 990)


def test_a_split_changes_shares_and_no_worth(books: Books) -> None:
    books.pay(DAYS[0], 1_000, "opening")
    books.trade(DAYS[0], Side.BUY, "A", 5, 100, 0)
    legs = {(CASH, "KRW"): 25, (CORPORATE, "KRW"): -25, (SHARES, "A"): 7, (CORPORATE, "A"): -7}
    books.move(DAYS[2], "split", legs)
    course = books.course(market([[100, 50]] * 2 + [[40, 50]] * 3))
    assert course.value.tolist() == [1_000, 1_000, 1_005, 1_005, 1_005]
    assert course.shares[:, 0].tolist() == [5, 5, 12, 12, 12]
    assert not course.flows[1:].any()


HALVED = [[100, 50]] * 2 + [[50, 50]] * 3
SPLIT = [[1, 1], [1, 1], [2, 1], [1, 1], [1, 1]]


@pytest.mark.parametrize(
    ("kind", "source"), [("split", CORPORATE), ("adopted", EXTERNAL)], ids=["rights", "adopted"]
)
@pytest.mark.parametrize("booked", DAYS[2:])
def test_a_split_counts_on_its_day_however_late_it_was_booked(
    books: Books, kind: str, source: str, booked: date
) -> None:
    books.pay(DAYS[0], 1_000, "opening")
    books.trade(DAYS[0], Side.BUY, "A", 5, 100, 0)
    books.move(booked, kind, {(SHARES, "A"): 5, (source, "A"): -5})
    course = books.course(market(HALVED, SPLIT))
    assert course.shares[:, 0].tolist() == [5, 5, 10, 10, 10]
    assert course.value.tolist() == [1_000] * 5
    assert not course.flows[1:].any()
    assert not course.adopted.any()


def test_a_split_since_the_books_were_last_looked_at_counts_already(books: Books) -> None:
    books.pay(DAYS[0], 1_000, "opening")
    books.trade(DAYS[1], Side.BUY, "A", 5, 100, 0)
    assert books.course(market(HALVED, SPLIT)).value.tolist() == [1_000] * 5


def test_a_split_that_the_broker_did_not_confirm_since_is_left_to_the_books(books: Books) -> None:
    books.pay(DAYS[0], 1_000, "opening")
    books.trade(DAYS[1], Side.BUY, "A", 5, 100, 0)
    books.pay(DAYS[3], 10)
    assert books.course(market(HALVED, SPLIT)).shares[:, 0].tolist() == [0, 5, 5, 5, 5]


def test_other_shares_than_those_of_a_split_are_not_explained_by_it(books: Books) -> None:
    books.pay(DAYS[0], 1_000, "opening")
    books.trade(DAYS[1], Side.BUY, "A", 5, 100, 0)
    books.move(DAYS[3], "adopted", {(SHARES, "A"): 4, (EXTERNAL, "A"): -4})
    course = books.course(market(HALVED, SPLIT))
    assert course.shares[:, 0].tolist() == [0, 5, 5, 9, 9]
    assert course.paid_in.tolist() == [1_000, 0, 0, 200, 0]


def test_a_session_without_a_close_counts_the_newest_one_and_says_so(books: Books) -> None:
    books.pay(DAYS[0], 1_000, "opening")
    books.trade(DAYS[0], Side.BUY, "A", 5, 100, 0)
    course = books.course(market([[100, 50], [110, 50], [np.nan, 50], [np.nan, 50], [90, 50]]))
    assert course.value.tolist() == [1_000, 1_050, 1_050, 1_050, 950]
    assert course.traded[:, 0].tolist() == [True, True, False, False, True]
    assert not course.unpriced.any()


def test_a_newest_close_before_a_split_is_that_of_a_share_after_it(books: Books) -> None:
    books.pay(DAYS[0], 1_000, "opening")
    books.trade(DAYS[0], Side.BUY, "A", 5, 100, 0)
    books.move(DAYS[2], "split", {(SHARES, "A"): 5, (CORPORATE, "A"): -5})
    splits = [[1, 1], [1, 1], [2, 1], [1, 1], [1, 1]]
    gap = [[100, 50], [100, 50], [np.nan, 50], [np.nan, 50], [60, 50]]
    course = books.course(market(gap, splits))
    assert course.prices[:, 0].tolist() == [100, 100, 50, 50, 60]
    assert course.value.tolist() == [1_000, 1_000, 1_000, 1_000, 1_100]


def test_a_share_without_a_price_is_left_out_and_marked(books: Books) -> None:
    books.pay(DAYS[0], 1_000, "opening")
    books.move(DAYS[1], "adopted", {(SHARES, "C"): 4, (EXTERNAL, "C"): -4})
    course = books.course()
    assert course.value.tolist() == [1_000] * 5
    assert course.unpriced.tolist() == [False, True, True, True, True]


def test_a_booking_between_two_sessions_counts_in_the_later_one(books: Books) -> None:
    books.pay(DAYS[0], 1_000, "opening")
    books.pay(date(2026, 6, 3), 500)
    books.pay(date(2026, 6, 9), 800)  # after the last session of the market
    assert books.course().paid_in.tolist() == [1_000, 0, 500, 0, 0]


def test_fills_say_what_was_traded_why_and_by_which_run(books: Books) -> None:
    books.pay(DAYS[0], 1_000, "opening")
    books.trade(DAYS[1], Side.BUY, "A", 4, 110, 3)
    (fill,) = books.course().fills
    assert (fill.session, fill.side, fill.ticker) == (DAYS[1], Side.BUY, "A")
    assert (fill.shares, fill.amount, fill.fee) == (4, 440, 3)
    assert (fill.reason.kind, fill.run_id) == ("trade.calendar", "main.s2.2026-06-02")


def test_what_a_person_said_of_an_order_counts_in_place_of_its_fills(books: Books) -> None:
    books.pay(DAYS[0], 1_000, "opening")
    books.trade(DAYS[1], Side.BUY, "A", 4, 110, 3)
    with books.ledger.transaction():
        books.ledger.append(
            "resolutions", 9, intent="main.s2.2026-06-02.01", filled=3, amount=330, fee=2,
            detail="{}",
        )  # fmt: skip
    (fill,) = books.course().fills
    assert (fill.shares, fill.amount, fill.fee) == (3, 330, 2)


def test_corrected_fees_are_costs(books: Books) -> None:
    books.pay(DAYS[0], 1_000, "opening")
    books.move(DAYS[1], "fees", {(CASH, "KRW"): -6, (FEES, "KRW"): 6})
    course = books.course()
    assert course.fees.tolist() == [0, 6, 0, 0, 0]
    assert not course.flows[1:].any()


def test_a_price_adjusted_for_dividends_is_approximate_once_it_is_held(books: Books) -> None:
    adjusted = market([[100, 50]] * 5, adjusted="total-return")
    books.pay(DAYS[0], 1_000, "opening")
    assert not books.course(adjusted).approximate
    books.trade(DAYS[0], Side.BUY, "A", 5, 100, 0)
    assert books.course(adjusted).approximate
    assert not books.course().approximate


def test_reading_a_course_writes_nothing(books: Books) -> None:
    books.pay(DAYS[0], 1_000, "opening")
    before = books.ledger.head()
    books.course()
    assert books.ledger.head() == before


def test_an_empty_ledger_and_a_market_of_another_time_are_refused(books: Books) -> None:
    with pytest.raises(LedgerError, match="no bookings"):
        books.course()
    books.pay(date(2026, 6, 9), 1_000, "opening")
    with pytest.raises(DataError, match="begins on 2026-06-09"):
        books.course()


def test_books_in_another_currency_than_the_prices_are_refused(books: Books) -> None:
    books.move(DAYS[0], "opening", {(CASH, "USD"): 10, (EXTERNAL, "USD"): -10})
    with pytest.raises(LedgerError, match="counts in USD, its prices in KRW"):
        books.course()
