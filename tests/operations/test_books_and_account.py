"""What a broker's account has beyond the books, to the won: named, waited for, or asked about."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from beside_books import NEXT, NONE, SETTLES, has, look
from scripted import DAY, FUND, OTHER, SALE, Desk, at_broker, planned

from jeoul.errors import BrokerError
from jeoul.model.portfolio import Portfolio, Side
from jeoul.operations.broker.port import BrokerAccount, Movement
from jeoul.operations.desk.by_hand import MovedMoney
from jeoul.operations.desk.fills import collect
from jeoul.operations.desk.intents import intents_of
from jeoul.operations.desk.reconcile import (
    Difference,
    ExpectedMoney,
    difference,
    locked_shares,
    means,
)
from jeoul.operations.ledger import check, portfolio
from jeoul.operations.ledger.books import Transaction, book, settle


def transactions(at: Desk) -> list[tuple[str, str, str]]:
    rows = at.ledger.rows("SELECT kind, session, note FROM transactions ORDER BY seq")
    return [(row["kind"], row["session"], row["note"]) for row in rows]


def legs(at: Desk, kind: str) -> dict[tuple[str, str], int]:
    rows = at.ledger.rows(
        "SELECT account, commodity, amount FROM postings JOIN transactions t USING (txn) "
        "WHERE t.kind = ?",
        kind,
    )
    return {(row["account"], row["commodity"]): row["amount"] for row in rows}


@pytest.mark.parametrize(
    ("found", "there", "text"),
    [
        (NONE, False, ""),
        (Difference(1, {}), True, "CASH +1"),
        (Difference(-1_200, {}), True, "CASH -1,200"),
        (Difference(0, {"B": 1_000, "A": -2}), True, "A -2, B +1,000"),
        (Difference(5, {"A": 1}), True, "A +1, CASH +5"),
    ],
)
def test_a_difference_is_told_by_fund_and_then_the_money(
    found: Difference, there: bool, text: str
) -> None:
    assert (bool(found), str(found)) == (there, text)


def test_money_is_money_whether_it_has_settled_or_not() -> None:
    books = Portfolio({"A": 1, "B": 2, "C": 3}, 10, unsettled={NEXT: 5})
    account = BrokerAccount({"A": 1, "B": 5, "D": 4}, 7, {NEXT: 1, SETTLES: 3})
    assert difference(books, account) == Difference(-4, {"B": 3, "C": -3, "D": 4})


@pytest.mark.parametrize(
    ("asked", "cash", "is_that"),
    [
        (ExpectedMoney(paid_in=5), 5, True),
        (ExpectedMoney(paid_in=5), 1, True),
        (ExpectedMoney(paid_in=5), 6, False),
        (ExpectedMoney(paid_in=5), 0, False),
        (ExpectedMoney(paid_in=5), -1, False),
        (ExpectedMoney(taken_out=5), -5, True),
        (ExpectedMoney(taken_out=5), -1, True),
        (ExpectedMoney(taken_out=5), -6, False),
        (ExpectedMoney(taken_out=5), 5, False),
        (ExpectedMoney(taken_out=5), 0, False),
        (ExpectedMoney(), 1, False),
    ],
)
def test_money_up_to_what_was_asked_for_is_that(
    asked: ExpectedMoney, cash: int, is_that: bool
) -> None:
    assert asked.covers(cash) is is_that


@pytest.mark.parametrize(
    ("moved", "part"),
    [
        (MovedMoney(90, slack=5), 90),
        (MovedMoney(95, slack=5), 100),  # it may be all of it
        (MovedMoney(94, slack=5), 94),
        (MovedMoney(105, slack=5), 100),
        (MovedMoney(106, slack=5), 106),
        (MovedMoney(120), 110),  # no more than was asked for
        (MovedMoney(1, slack=99), 100),
        (MovedMoney(-45, slack=5), -50),
        (MovedMoney(-44, slack=5), -44),
        (MovedMoney(-80), -60),
    ],
)
def test_of_money_that_moved_what_was_asked_for_is_counted(moved: MovedMoney, part: int) -> None:
    asked = ExpectedMoney(paid_in=110, taken_out=60, whole_in=100, whole_out=50)
    assert asked.within(moved) == part


def test_without_a_whole_a_guess_stays_what_it_is() -> None:
    assert ExpectedMoney(paid_in=7).within(MovedMoney(5, slack=10)) == 5
    assert ExpectedMoney(paid_in=7, whole_in=7).within(MovedMoney(0, slack=10)) == 0


def test_empty_books_open_with_what_was_there_before_the_first_movement(at: Desk) -> None:
    at.broker.moved = [
        Movement("1", "deposit", DAY, 30),
        Movement("2", "split", DAY, 0, FUND, 4),
        Movement("3", "dividend", DAY, 2, FUND),
        Movement("4", "split", DAY, 0, OTHER, -3),  # merged into nothing since
    ]
    has(at, 100, {FUND: 9}, {SETTLES: 50, NEXT: 7})
    assert look(at) == NONE
    assert legs(at, "opening") == {
        ("assets:cash", "KRW"): 68,
        (f"assets:unsettled:{SETTLES}", "KRW"): 50,
        (f"assets:unsettled:{NEXT}", "KRW"): 7,
        ("equity:external", "KRW"): -125,
        ("assets:shares", FUND): 5,
        ("equity:external", FUND): -5,
        ("assets:shares", OTHER): 3,
        ("equity:external", OTHER): -3,
    }
    assert transactions(at)[0] == ("opening", str(DAY), "")
    books = portfolio(at.ledger, "KRW")
    assert (books.cash, dict(books.unsettled), dict(books.shares)) == (
        107,
        {SETTLES: 50},
        {FUND: 9},
    )
    assert check(at.ledger).faults == ()
    assert look(at) == NONE  # and they open once
    assert [kind for kind, _, _ in transactions(at)].count("opening") == 1


@pytest.mark.parametrize(
    ("kind", "source"),
    [
        ("dividend", "income:dividends"),
        ("split", "equity:corporate-actions"),
        ("tax", "expenses:taxes"),
        ("deposit", "equity:external"),
    ],
)
def test_what_a_broker_names_is_booked_as_that(at: Desk, kind: str, source: str) -> None:
    at.broker.moved = [
        Movement("1", kind, DAY, 30, FUND, 4),
        Movement("2", kind, DAY, 5, FUND),
        Movement("3", kind, DAY, 6, None, 3),  # shares of nothing are none
    ]
    has(at, 41, {FUND: 4})
    assert look(at) == NONE
    rows = at.ledger.rows(
        "SELECT txn, account, commodity, amount FROM postings "
        "WHERE txn LIKE 'movement:%' ORDER BY seq"
    )
    assert [tuple(row) for row in rows] == [
        ("movement:1", "assets:cash", "KRW", 30),
        ("movement:1", source, "KRW", -30),
        ("movement:1", "assets:shares", FUND, 4),
        ("movement:1", source, FUND, -4),
        ("movement:2", "assets:cash", "KRW", 5),
        ("movement:2", source, "KRW", -5),
        ("movement:3", "assets:cash", "KRW", 6),
        ("movement:3", source, "KRW", -6),
    ]
    assert transactions(at)[1:] == [(kind, str(DAY), note) for note in (FUND, FUND, "")]


def test_without_an_account_to_look_at_only_what_has_a_name_is_booked(at: Desk) -> None:
    at.booked("deposit", 10, unsettled={DAY: 3, SETTLES: 4})
    at.broker.moved = [Movement("1", "deposit", DAY, 30)]
    at.broker.held = None
    assert look(at) == NONE
    assert portfolio(at.ledger, "KRW").cash == 43
    assert means(at.desk, DAY).portfolio.cash == 43
    assert means(at.desk, SETTLES).portfolio.cash == 47
    assert means(at.desk, DAY).binds is False
    assert locked_shares(at.desk) == {}


def test_what_is_left_stops_for_a_person_or_is_adopted(at: Desk) -> None:
    at.booked("deposit", 100, {FUND: 5})
    has(at, 90, {FUND: 6})
    with pytest.raises(BrokerError, match=rf"do not explain: {FUND} \+1, CASH -10"):
        look(at)
    assert len(transactions(at)) == 1
    assert look(at, adopt=True) == Difference(-10, {FUND: 1})
    note = f"not explained by the books: {FUND} +1, CASH -10"
    assert transactions(at)[1:] == [("adopted", str(DAY), note)]
    assert look(at) == NONE


def test_money_alone_is_adopted_on_the_day_on_which_it_was_seen(at: Desk) -> None:
    at.booked("deposit", 100)
    has(at, 70)
    assert look(at, adopt=True) == Difference(-30, {})
    assert transactions(at)[1][:2] == ("adopted", str(NEXT))


def test_money_is_taken_in_where_the_broker_has_it(at: Desk) -> None:
    late = SETTLES + timedelta(days=5)
    at.booked("deposit", 100, {FUND: 5, OTHER: 1}, {SETTLES: 50, late: 7})
    has(at, 110, {FUND: 8}, {SETTLES: 30, SETTLES + timedelta(days=1): 9})
    look(at, adopt=True)
    assert legs(at, "adopted") == {
        ("assets:cash", "KRW"): 10,
        (f"assets:unsettled:{SETTLES}", "KRW"): -20,
        (f"assets:unsettled:{SETTLES + timedelta(days=1)}", "KRW"): 9,
        (f"assets:unsettled:{late}", "KRW"): -7,
        ("equity:external", "KRW"): 8,
        ("assets:shares", FUND): 3,
        ("equity:external", FUND): -3,
        ("assets:shares", OTHER): -1,
        ("equity:external", OTHER): 1,
    }
    assert check(at.ledger).faults == ()


@pytest.mark.parametrize("number", ["7", None])
def test_nothing_is_adopted_while_an_order_of_ours_is_open(at: Desk, number: str | None) -> None:
    at.booked("deposit", 100, {FUND: 2})
    (intent,) = intents_of(at.ledger, at.freeze(SALE).run_id)
    if number:
        at.sent(intent, number)
    has(at, 5_000)
    assert look(at, adopt=True) == Difference(4_900, {FUND: -2})
    assert bool(portfolio(at.ledger, "KRW").shares) is (number is not None)


@pytest.mark.parametrize(
    ("cash", "adopt", "kind"),
    [
        (105, False, "deposit"),
        (101, False, "deposit"),
        (99, False, "withdrawal"),
        (95, False, "withdrawal"),
        (105, True, "deposit"),
    ],
)
def test_money_that_was_asked_for_is_booked_as_that(
    at: Desk, cash: int, adopt: bool, kind: str
) -> None:
    at.booked("deposit", 100)
    has(at, cash)
    expected = ExpectedMoney(paid_in=5, taken_out=5)
    assert look(at, adopt=adopt, expected=expected) == NONE
    said = "money that a plan of the household asked for"
    assert transactions(at)[1:] == [(kind, str(NEXT), said)]
    assert portfolio(at.ledger, "KRW").cash == cash


def test_more_than_was_asked_for_stops_for_a_person(at: Desk) -> None:
    at.booked("deposit", 100)
    has(at, 106)
    with pytest.raises(BrokerError, match=r"CASH \+6"):
        look(at, expected=ExpectedMoney(paid_in=5))


def test_more_than_was_asked_for_is_nobody_s_plan_where_it_is_adopted(at: Desk) -> None:
    at.booked("deposit", 100)
    has(at, 106)
    assert look(at, adopt=True, expected=ExpectedMoney(paid_in=5)) == Difference(6, {})
    assert transactions(at)[1][0] == "adopted"


def test_nobody_was_asked_to_move_money_by_default() -> None:
    assert ExpectedMoney()[:4] == (0, 0, 0, 0)


def test_money_comes_before_it_is_spent_by_hand_down_to_one_won(at: Desk) -> None:
    at.booked("deposit", 100)
    has(at, 100, {OTHER: 1}, costs={OTHER: Decimal(1)})
    look(at, adopt=True, expected=ExpectedMoney(paid_in=5))
    assert [kind for kind, _, _ in transactions(at)] == ["deposit", "deposit", "adopted"]


def test_what_is_adopted_is_listed_by_day_and_then_by_fund(at: Desk) -> None:
    days = [SETTLES + timedelta(days=step) for step in (4, 1, 3, 0, 2)]
    codes = ["5", "2", "4", "1", "3"]
    at.booked("deposit", 0, {"2": 1}, {days[1]: 3})
    has(at, 1, dict.fromkeys(codes, 2), dict.fromkeys(days, 7))
    assert list(look(at, adopt=True).shares) == sorted(codes)
    assert list(means(at.desk, DAY).portfolio.shares) == sorted(codes)
    rows = at.ledger.rows(
        "SELECT p.account AS account, commodity FROM postings p JOIN transactions t USING (txn) "
        "WHERE t.kind = 'adopted' AND p.account LIKE 'assets:%' ORDER BY p.seq"
    )
    money = ["assets:cash", *(f"assets:unsettled:{day}" for day in sorted(days))]
    assert [row["account"] for row in rows] == [*money, *["assets:shares"] * 5]
    assert [row["commodity"] for row in rows][-5:] == sorted(codes)


def test_shares_beside_money_that_was_asked_for_stop_for_a_person(at: Desk) -> None:
    at.booked("deposit", 100)
    has(at, 105, {FUND: 1})
    with pytest.raises(BrokerError):
        look(at, expected=ExpectedMoney(paid_in=5))


@pytest.mark.parametrize(("won", "cents"), [("KRW", 350), ("USD", 40_200)])
def test_money_that_was_traded_with_by_hand_counts_in_the_smallest_unit(
    tmp_path: Path, won: str, cents: int
) -> None:
    """Two shares at an average cost of 201, and 50 units of cash that are not there any more."""
    at = Desk(tmp_path, currency=won)
    at.booked("deposit", 100)
    has(at, 48 if won == "KRW" else 100, {OTHER: 2}, costs={OTHER: Decimal(201)})
    look(at, adopt=True, expected=ExpectedMoney(paid_in=100_000))
    assert legs(at, "deposit")[("assets:cash", won)] == cents if won == "USD" else 350
    assert check(at.ledger).faults == ()
    at.ledger.close()


def test_shares_are_no_fee(at: Desk) -> None:
    at.booked("deposit", 100)
    fill(at, "7", 20_000, fee=1)
    has(at, 101, {FUND: 1}, {SETTLES: 19_999})
    with pytest.raises(BrokerError):
        look(at)


def fill(at: Desk, number: str, amount: int, fee: int = 0, side: Side = Side.SELL) -> None:
    """Let an order of two shares be filled: its shares were there before."""
    if side is Side.SELL:
        at.booked("opening", 0, {FUND: 2})
    run = at.freeze(planned(side), strategy=f"s{number}")
    (intent,) = intents_of(at.ledger, run.run_id)
    at.sent(intent, number)
    at.broker.listed = [at_broker(intent, number, 2, amount, fee=fee)]
    collect(at.desk, DAY)


def test_money_on_its_way_in_another_currency_is_not_money_of_these_books(at: Desk) -> None:
    """The books of an account abroad may keep both; each portfolio shows its own."""
    legs = {
        ("assets:cash", "KRW"): 10,
        ("equity:external", "KRW"): -14,
        (f"assets:unsettled:{NEXT}", "KRW"): 4,
        (f"assets:unsettled:{NEXT}", "USD"): 900,
        ("equity:external", "USD"): -900,
    }
    with at.ledger.transaction():
        assert book(at.ledger, 0, Transaction("opening", "opening", DAY, legs))
    assert portfolio(at.ledger, "KRW").unsettled == {NEXT: 4}
    assert portfolio(at.ledger, "USD").unsettled == {NEXT: 900}
    with at.ledger.transaction():
        settle(at.ledger, 0, "KRW", NEXT)
    assert (portfolio(at.ledger, "KRW").cash, portfolio(at.ledger, "USD").cash) == (14, 0)
