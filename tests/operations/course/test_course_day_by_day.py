"""The course of dated files, and of books at the edges of a market, session by session."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from books import CALENDAR, DAYS, Books, market

from jeoul.errors import DataError
from jeoul.market.market import Market
from jeoul.model.portfolio import Portfolio, Reason, Side
from jeoul.model.series import PriceTable
from jeoul.operations.course import AccountCourse, CourseFill, course_of_files
from jeoul.operations.course.bookings import booked, postings_of
from jeoul.operations.course.closes import closes_along
from jeoul.operations.course.splits import on_their_day
from jeoul.operations.errors import LedgerError
from jeoul.operations.ledger import open_ledger
from jeoul.operations.ledger.books import CASH, CORPORATE, DIVIDENDS, EXTERNAL, FEES, SHARES, TAXES
from jeoul.operations.promises import path_of

NAN = np.nan
PRICED = [[100, 50], [110, 50], [120, 60], [90, 60], [100, 60]]


def table(
    close: Any, *, splits: Any = None, dividends: Any = None, tickers: tuple[str, ...] = ("A", "B"),
    days: tuple[date, ...] = DAYS, currency: str = "KRW",
) -> PriceTable:  # fmt: skip
    def array(values: Any) -> Any:
        return None if values is None else np.array(values, dtype=np.float64)

    sessions = np.array(days, dtype="datetime64[D]")
    known = np.zeros(len(days), dtype=np.int64)
    return PriceTable(
        "XKRX", currency, "raw", tickers, sessions, known, np.array(close, dtype=np.float64),
        array(dividends), array(splits),
    )  # fmt: skip


def of(*tables: PriceTable) -> Market:
    days = np.array(DAYS, dtype="datetime64[D]")
    return cast("Market", SimpleNamespace(prices=tables, source="made", sessions=lambda _: days))


def files(
    held: dict[date, Portfolio], along: Market, fills: tuple[CourseFill, ...] = ()
) -> AccountCourse:
    return course_of_files(held, account="mine", market=along, calendar=CALENDAR, fills=fills)


def lists(course: AccountCourse, *names: str) -> list[list[int]]:
    return [getattr(course, name).tolist() for name in names]


def test_what_a_later_file_has_beyond_the_first_came_or_went() -> None:
    held = {
        DAYS[3]: Portfolio({"A": 1, "B": 4}, 500, unsettled={DAYS[4]: 20}),
        DAYS[0]: Portfolio({"A": 2}, 1_000),
        DAYS[4]: Portfolio({"B": 4}, 20),
    }
    found = files(held, of(table(PRICED)))
    # On the fourth session a share of A less, four of B for 60 and 480 of money: 330 went.
    assert lists(found, "cash", "value", "paid_in", "taken_out", "adopted") == [
        [1_000, 1_000, 1_000, 520, 20],
        [1_200, 1_220, 1_240, 850, 260],
        [1_200, 0, 0, 0, 0],
        [0, 0, 0, 330, 600],
        [0, 0, 0, -330, -600],
    ]
    assert found.shares.tolist() == [[2, 0]] * 3 + [[1, 4], [0, 4]]
    assert (found.first, found.last, found.currency) == (DAYS[0], DAYS[4], "KRW")


def test_a_won_that_came_is_paid_in_and_one_that_went_is_taken_out() -> None:
    held = {DAYS[0]: Portfolio({}, 5), DAYS[1]: Portfolio({}, 6), DAYS[2]: Portfolio({}, 5)}
    found = files(held, of(table(PRICED)))
    assert lists(found, "paid_in", "taken_out") == [[5, 1, 0, 0, 0], [0, 0, 1, 0, 0]]
    assert found.shares.shape == (5, 0)


@pytest.mark.parametrize(
    ("day", "place"),
    [(DAYS[0], 0), (DAYS[1], 1), (date(2026, 6, 3), 1), (DAYS[2], 2), (date(2026, 6, 30), 4)],
)
def test_a_file_of_no_session_is_of_the_session_before(day: date, place: int) -> None:
    found = files({day: Portfolio({"A": 1}, 7)}, of(table(PRICED)))
    assert (found.first, len(found.sessions)) == (DAYS[place], 5 - place)
    assert found.cash.tolist() == [7] * (5 - place)
    assert found.paid_in[0] == 7 + PRICED[place][0]


def test_of_two_files_between_sessions_the_newer_counts() -> None:
    held = {date(2026, 6, 3): Portfolio({}, 9), DAYS[1]: Portfolio({}, 5)}
    assert files(held, of(table(PRICED))).cash.tolist() == [9] * 4


def test_a_market_that_begins_later_is_refused() -> None:
    with pytest.raises(DataError, match="has prices from 2026-06-01 on, and mine has a file of 20"):
        files({date(2026, 5, 31): Portfolio({}, 9)}, of(table(PRICED)))


def test_splits_and_distributions_happen_to_what_is_held() -> None:
    """Three for two of five shares are seven, and half a share is paid; B pays 2 a share."""
    splits = [[1.5, 1], [1, 1], [1.5, 1], [1, 1], [1, 1]]
    dividends = [[0, 2], [0, 0], [0, 0], [0, 2], [1, 0]]
    along = of(table(PRICED, splits=splits, dividends=dividends))
    held = {DAYS[0]: Portfolio({"A": 5, "B": 3}, 10)}
    found = files(held, along)  # those of the first day are in its file
    assert found.shares.tolist() == [[5, 3]] * 2 + [[7, 3]] * 3
    assert lists(found, "cash", "dividends", "fees", "taxes", "interest") == [
        [10, 10, 70, 76, 83], [0, 0, 0, 6, 7], [0] * 5, [0] * 5, [0] * 5,
    ]  # fmt: skip
    assert not found.flows[1:].any()
    assert [tuple(each) for each in found.payments] == [(DAYS[3], "B", 6), (DAYS[4], "A", 7)]
    same = {**held, DAYS[4]: Portfolio({"A": 7, "B": 3}, 83)}
    assert not files(same, along).flows[1:].any()


def fill(session: date, side: Side, ticker: str, shares: int, amount: int, fee: int) -> CourseFill:
    return CourseFill(session, side, ticker, shares, amount, fee, Reason("x"), "")


def test_trades_that_are_known_are_no_flows() -> None:
    fills = (
        fill(DAYS[1], Side.BUY, "A", 3, 330, 5),
        fill(DAYS[1], Side.SELL, "B", 2, 100, 1),
        fill(DAYS[3], Side.SELL, "A", 1, 90, 2),
    )
    held = {DAYS[0]: Portfolio({"B": 2}, 1_000), DAYS[3]: Portfolio({"A": 2}, 852)}
    found = files(held, of(table(PRICED)), fills)
    assert lists(found, "cash", "fees", "paid_in", "taken_out") == [
        [1_000, 764, 764, 852, 852], [0, 6, 0, 2, 0], [1_100, 0, 0, 0, 0], [0] * 5,
    ]  # fmt: skip
    assert found.shares.tolist() == [[0, 2], [3, 0], [3, 0], [2, 0], [2, 0]]
    assert found.fills == fills
    path = path_of(found)
    assert path.turnover.tolist() == pytest.approx([0, 330 / 1_094, 0, 90 / 1_032, 0])
    assert path.cost.tolist() == pytest.approx([0, 6 / 1_094, 0, 2 / 1_032, 0])
    assert path.values.tolist() == pytest.approx(found.unit.tolist())


def test_without_worth_a_path_has_no_value_and_no_turnover() -> None:
    held = {DAYS[0]: Portfolio({"C": 1}, 0), DAYS[1]: Portfolio({}, 10), DAYS[2]: Portfolio({}, 0)}
    path = path_of(files(held, of(table(PRICED))))
    assert np.isnan(path.values).tolist() == [True, False, True, True, True]
    assert path.turnover.tolist() == [0.0] * 5


# Closes.


def test_a_close_is_the_newest_of_a_share_as_it_is_now() -> None:
    """A was split in two on the third day, on which nobody traded it; D never had a price."""
    close = [[NAN, NAN, 7], [100, NAN, 7], [NAN, NAN, 8], [NAN, NAN, 9], [60, NAN, NAN]]
    splits = [[2, 2, 1], [1, 1, 1], [2, 2, 1], [1, 1, 1], [1, 1, NAN]]
    prices = table(close, splits=splits, tickers=("A", "D", "E"))
    sessions = np.array([date(2026, 5, 29), *DAYS, date(2026, 6, 9)], dtype="datetime64[D]")
    found = closes_along([prices], ["E", "X", "A", "D"], sessions, 100)
    assert found.prices[:, 2].tolist()[2:] == [10_000, 5_000, 5_000, 6_000, 6_000]
    assert found.prices[:, 0].tolist()[1:] == [700, 700, 800, 900, 900, 900]
    assert np.isnan(found.prices[:2, 2]).all()
    assert np.isnan(found.prices[0]).all()
    assert np.isnan(found.prices[:, [1, 3]]).all()
    assert found.traded[:, 2].tolist() == [False, False, True, False, False, True, False]
    assert found.traded[:, 0].tolist() == [False, True, True, True, True, False, False]


def test_a_first_close_that_is_split_before_the_next_is_divided() -> None:
    prices = table([[100], [NAN], [NAN]], splits=[[1], [2], [1]], tickers=("A",), days=DAYS[:3])
    sessions = np.array(DAYS[:3], dtype="datetime64[D]")
    assert closes_along([prices], ["A"], sessions, 1).prices[:, 0].tolist() == [100, 50, 50]


# Books.


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    ledger = open_ledger(tmp_path / "ledger.sqlite3")
    ledger.store.rows("PRAGMA synchronous=OFF")
    yield Books(ledger)
    ledger.close()


def test_books_may_begin_on_the_first_or_the_last_session_of_a_market(books: Books) -> None:
    books.pay(DAYS[4], 5, "opening")
    assert books.course().cash.tolist() == [5]
    books.pay(DAYS[0], 7)
    assert books.course().cash.tolist() == [7, 7, 7, 7, 12]


@pytest.mark.parametrize("day", [date(2026, 5, 31), date(2026, 6, 9)])
def test_books_of_another_time_than_the_market_are_refused(books: Books, day: date) -> None:
    books.pay(day, 5, "opening")
    with pytest.raises(
        DataError, match=f"has prices from {DAYS[0]} to {DAYS[4]}, and main begins on {day}"
    ):
        books.course()


def test_what_is_filled_after_the_market_s_last_session_is_not_in_the_course(books: Books) -> None:
    books.pay(DAYS[0], 1_000, "opening")
    for day, count in ((DAYS[4], 2), (date(2026, 6, 9), 3)):
        books.trade(day, Side.BUY, "A", count, 100, 0)
    with books.ledger.transaction():  # a person says that nothing of the first was filled
        books.ledger.append(
            "resolutions", 9, intent="main.s2.2026-06-08.01", filled=0, amount=0, fee=0, detail="{}"
        )
    course = books.course()
    assert course.fills == ()
    assert course.cash.tolist() == [1_000] * 4 + [800]


def test_a_fill_of_the_last_session_is_in_the_course(books: Books) -> None:
    books.pay(DAYS[0], 1_000, "opening")
    books.trade(DAYS[4], Side.BUY, "A", 2, 100, 0)
    books.trade(date(2026, 6, 9), Side.BUY, "A", 3, 100, 0)
    assert [fill.shares for fill in books.course().fills] == [2]


@pytest.mark.parametrize(("looked", "held"), [(1, 10), (2, 5), (3, 5)])
def test_a_split_of_the_day_of_the_last_look_is_left_to_the_books(
    books: Books, looked: int, held: int
) -> None:
    books.pay(DAYS[0], 1_000, "opening")
    books.trade(DAYS[0], Side.BUY, "A", 5, 100, 0)
    books.pay(DAYS[looked], 10)
    splits = [[1, 1], [1, 1], [2, 1], [1, 1], [1, 1]]
    course = books.course(market([[100, 50]] * 2 + [[50, 50]] * 3, splits))
    assert course.shares[4, 0] == held


def test_postings_are_summed_by_what_they_are(books: Books) -> None:
    books.move(DAYS[0], "opening", {(CASH, "KRW"): 100, (EXTERNAL, "KRW"): -100})
    books.move(DAYS[1], "dividend", {(CASH, "KRW"): 7, (DIVIDENDS, "KRW"): -7}, "A")
    books.move(DAYS[1], "tax", {(CASH, "KRW"): -2, (TAXES, "KRW"): 2})
    books.move(DAYS[1], "interest", {(CASH, "KRW"): 3, (EXTERNAL, "KRW"): -3})
    books.move(DAYS[2], "fees", {(CASH, "KRW"): -4, (FEES, "KRW"): 4})
    coming = f"assets:unsettled:{DAYS[3]}"
    books.move(DAYS[2], "deposit", {(coming, "KRW"): 9, (EXTERNAL, "KRW"): -9})
    books.move(DAYS[3], "settlement", {(CASH, "KRW"): 9, (coming, "KRW"): -9})
    legs = {(SHARES, "A"): 2, (CORPORATE, "A"): -2, (CASH, "KRW"): 1, (CORPORATE, "KRW"): -1}
    books.move(DAYS[4], "split", legs)
    sessions = np.array(DAYS, dtype="datetime64[D]")
    found = booked(postings_of(books.ledger, "KRW"), sessions)
    names = ("cash", "fees", "taxes", "dividends", "interest")
    assert [getattr(found, name).tolist() for name in names] == [
        [100, 8, 5, 0, 1], [0, 0, 4, 0, 0], [0, 2, 0, 0, 0], [0, 7, 0, 0, 0], [0, 3, 0, 0, 0],
    ]  # fmt: skip
    assert found.payments == ((1, "A", 7),)
    assert [(m.place, m.kind, m.corporate, m.money, m.shares) for m in found.moves] == [
        (0, "opening", False, 100, {}),
        (2, "deposit", False, 9, {}),
        (4, "split", True, 0, {"A": 2}),
    ]
    assert {code: moves.tolist() for code, moves in found.shares.items()} == {"A": [0, 0, 0, 0, 2]}


def test_a_move_is_all_that_one_transaction_brought(books: Books) -> None:
    legs = {(SHARES, "A"): 3, (EXTERNAL, "A"): -2, (CORPORATE, "A"): -1}
    books.move(DAYS[0], "opening", legs)
    found = booked(postings_of(books.ledger, "KRW"), np.array(DAYS, dtype="datetime64[D]"))
    assert [move.shares for move in found.moves] == [{"A": 3}]


def test_every_other_currency_of_books_is_named(books: Books) -> None:
    codes = ("USD", "EUR", "JPY", "CHF", "GBP")
    books.move(
        DAYS[0], "opening", {(CASH, c): 1 for c in codes} | {(EXTERNAL, c): -1 for c in codes}
    )
    with pytest.raises(LedgerError, match="counts in CHF, EUR, GBP, JPY, USD, its prices in KRW"):
        postings_of(books.ledger, "KRW")


@pytest.mark.parametrize("account", [CASH, FEES, TAXES, DIVIDENDS, f"assets:unsettled:{DAYS[0]}"])
def test_books_in_another_currency_are_refused_wherever_it_stands(
    books: Books, account: str
) -> None:
    books.move(DAYS[0], "opening", {(account, "USD"): 1, (EXTERNAL, "USD"): -1})
    with pytest.raises(LedgerError, match="counts in USD"):
        postings_of(books.ledger, "KRW")


# Splits.


def split_books(books: Books, shares: int, *moves: tuple[date, str, str, int]) -> None:
    legs = {(SHARES, "A"): shares, (EXTERNAL, "A"): -shares}
    books.move(DAYS[0], "opening", legs)
    for day, kind, source, count in moves:
        books.move(day, kind, {(SHARES, "A"): count, (source, "A"): -count})


def held(
    books: Books, splits: Any, *more: PriceTable, looked: int = 4
) -> tuple[list[int], list[dict[str, int]]]:
    """What is held of A by session, with a split as given; and the moves that are left."""
    sessions = np.array(DAYS, dtype="datetime64[D]")
    tables = [table([[100]] * 5, splits=splits, tickers=("A",)), *more]
    found = on_their_day(
        booked(postings_of(books.ledger, "KRW"), sessions), tables, sessions, looked
    )
    return np.cumsum(found.shares["A"]).tolist(), [move.shares for move in found.moves]


DOUBLED = [[1], [1], [2], [1], [1]]


def test_new_shares_are_those_of_the_split_on_its_day(books: Books) -> None:
    split_books(books, 5, (DAYS[4], "adopted", EXTERNAL, 5))
    assert held(books, DOUBLED) == ([5, 5, 10, 10, 10], [{"A": 5}, {}])


@pytest.mark.parametrize("source", [EXTERNAL, CORPORATE])
def test_on_the_day_itself_they_are_no_deposit_either(books: Books, source: str) -> None:
    split_books(books, 5, (DAYS[2], "adopted", source, 5))
    shares, moves = held(books, DOUBLED)
    assert (shares, moves[0]) == ([5, 5, 10, 10, 10], {"A": 5})
    if source == EXTERNAL:
        assert moves[1] == {}


def test_shares_that_somebody_paid_in_or_that_came_before_are_not_those_of_a_split(
    books: Books,
) -> None:
    split_books(books, 5, (DAYS[3], "deposit", EXTERNAL, 5))
    assert held(books, DOUBLED) == ([5, 5, 5, 10, 10], [{"A": 5}, {"A": 5}])


def test_half_a_share_of_a_split_is_not_waited_for(books: Books) -> None:
    """Three for two of three shares are four, of which the broker listed one more on the fourth."""
    split_books(books, 3, (DAYS[3], "adopted", EXTERNAL, 1))
    assert held(books, [[1], [1.5], [1], [1], [1]]) == ([3, 4, 4, 4, 4], [{"A": 3}, {}])


def test_a_corporate_action_that_was_booked_late_counts_on_its_day(books: Books) -> None:
    split_books(books, 5, (DAYS[4], "split", CORPORATE, 5))
    assert held(books, DOUBLED) == ([5, 5, 10, 10, 10], [{"A": 5}, {}])


def test_shares_of_another_fund_are_not_those_of_a_split(books: Books) -> None:
    split_books(books, 5)
    books.move(DAYS[3], "adopted", {(SHARES, "B"): 5, (EXTERNAL, "B"): -5})
    assert held(books, DOUBLED) == ([5] * 5, [{"A": 5}, {"B": 5}])


def test_as_many_shares_that_came_before_a_split_stay_where_they_are(books: Books) -> None:
    split_books(books, 4, (DAYS[1], "adopted", EXTERNAL, 4))
    splits = [[1], [1], [1.5], [1], [1]]
    assert held(books, splits) == ([4, 8, 8, 8, 8], [{"A": 4}, {"A": 4}])


def test_shares_of_before_a_split_are_not_its_own(books: Books) -> None:
    split_books(books, 4, (DAYS[1], "adopted", EXTERNAL, 8))
    assert held(books, DOUBLED) == ([4, 12, 12, 12, 12], [{"A": 4}, {"A": 8}])


@pytest.mark.parametrize(("looked", "shares"), [(1, 10), (2, 5), (3, 5)])
def test_a_split_after_the_last_look_is_added(books: Books, looked: int, shares: int) -> None:
    split_books(books, 5)
    assert held(books, DOUBLED, looked=looked)[0] == [5, 5, *[shares] * 3]


def test_what_is_not_a_whole_share_is_not_held(books: Books) -> None:
    split_books(books, 3)
    assert held(books, [[1], [1.5], [1], [1], [1]], looked=0)[0] == [3, 4, 4, 4, 4]
    split_books(books, -2)
    assert held(books, [[1], [1.5], [1], [1], [1]], looked=0)[0] == [1] * 5


def test_splits_follow_each_other_and_one_of_the_first_day_is_in_the_books(books: Books) -> None:
    split_books(books, 2)
    assert held(books, [[3], [2], [1], [2], [1]], looked=0)[0] == [2, 4, 4, 8, 8]


def test_splits_after_the_course_or_of_other_funds_change_nothing(books: Books) -> None:
    split_books(books, 2)
    later = (*DAYS[1:], date(2026, 6, 9))
    other = table([[1]] * 5, splits=[[1], [1], [1], [1], [2]], tickers=("A",), days=later)
    strange = table([[1]] * 5, splits=[[2]] * 5, tickers=("Z",))
    none = table([[1]] * 5, tickers=("A",))
    assert held(books, [[NAN]] * 5, none, other, strange, looked=0)[0] == [2] * 5


def test_a_market_without_splits_leaves_the_books_as_they_are(books: Books) -> None:
    books.pay(DAYS[0], 100, "opening")
    assert books.course(market([[100, 50]] * 5)).cash.tolist() == [100] * 5
