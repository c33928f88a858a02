"""Books and broker brought to one truth, at a broker that shows an account and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from harness import QuickClock, mandate

from jeoul.operations.broker.port import Broker, BrokerAccount, Hours, Ids
from jeoul.operations.desk.buy_terms import BuyRules
from jeoul.operations.desk.protocol import OrderDesk  # type: ignore[attr-defined]
from jeoul.operations.desk.reconcile import ExpectedMoney, reconcile, spendable
from jeoul.operations.ledger import check, moved_with_bank, open_ledger, portfolio
from jeoul.rebalance import ONLINE

TODAY, LATER = date(2025, 3, 5), date(2025, 3, 7)


class Shown(Broker):
    kind = "shown"
    ids = Ids.NONE

    def __init__(self, account: BrokerAccount) -> None:
        self.held = account

    def hours(self, session: date) -> Hours:
        return Hours.OPEN

    def account(self) -> BrokerAccount:
        return self.held

    def orders(self, session: date) -> Any:
        return ()

    def submit(self, request: Any) -> str:
        raise AssertionError("nothing is sent here")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[OrderDesk]:
    ledger = open_ledger(tmp_path / "ledger.sqlite3")
    yield OrderDesk(
        ledger=ledger,
        broker=Shown(BrokerAccount({"069500": 9}, 100, {LATER: 500})),
        clock=QuickClock(),
        currency="KRW",
        fees=ONLINE,
        settles=lambda _: LATER,
        buy_rules=BuyRules(mandate().universe, None),
    )
    ledger.close()


def test_a_sale_that_was_taken_back_is_missing_from_the_money_on_its_way(desk: OrderDesk) -> None:
    reconcile(desk, TODAY, TODAY, adopt=False)
    desk.broker.held = BrokerAccount({"069500": 14}, 100, {})  # type: ignore[attr-defined]
    reconcile(desk, TODAY, TODAY, adopt=True)
    books = portfolio(desk.ledger, "KRW")
    assert (books.cash, dict(books.unsettled), dict(books.shares)) == (100, {}, {"069500": 14})
    assert check(desk.ledger).faults == ()


def test_money_that_arrives_today_is_adopted_as_cash(desk: OrderDesk) -> None:
    reconcile(desk, TODAY, TODAY, adopt=False)
    desk.broker.held = BrokerAccount({"069500": 9}, 100, {TODAY: 40, LATER: 500})  # type: ignore[attr-defined]
    reconcile(desk, TODAY, TODAY, adopt=True)
    books = portfolio(desk.ledger, "KRW")
    assert (books.cash, dict(books.unsettled)) == (140, {LATER: 500})


def test_shares_that_are_not_at_the_broker_any_more_cannot_be_sold(desk: OrderDesk) -> None:
    reconcile(desk, TODAY, TODAY, adopt=False)
    desk.broker.held = BrokerAccount({"069500": 3}, 100, {LATER: 500})  # type: ignore[attr-defined]
    assert spendable(desk, TODAY).shares == {"069500": 3}


def test_money_that_was_asked_for_is_taken_out_where_the_broker_had_it(desk: OrderDesk) -> None:
    """It settled a day before the books thought; 300 of it left, and cash stays above zero."""
    reconcile(desk, TODAY, TODAY, adopt=False)
    desk.broker.held = BrokerAccount({"069500": 9}, 300, {})  # type: ignore[attr-defined]
    assert not reconcile(desk, TODAY, TODAY, adopt=False, expected=ExpectedMoney(taken_out=300))
    books = portfolio(desk.ledger, "KRW")
    assert (books.cash, dict(books.unsettled)) == (300, {})
    assert check(desk.ledger).faults == ()


def by_kind(desk: OrderDesk) -> list[tuple[str, str, int]]:
    rows = desk.ledger.rows(
        "SELECT t.kind AS kind, p.commodity AS commodity, p.amount AS amount FROM transactions t "
        "JOIN postings p USING (txn) WHERE t.kind <> 'opening' AND p.account IN "
        "('assets:cash', 'assets:shares') ORDER BY p.seq"
    )
    return [(row["kind"], row["commodity"], row["amount"]) for row in rows]


def test_money_that_was_asked_for_and_spent_by_hand_is_booked_before_it_is_spent(
    desk: OrderDesk,
) -> None:
    reconcile(desk, TODAY, TODAY, adopt=False)
    shares, costs = {"069500": 9, "360750": 2}, {"360750": Decimal(200)}
    desk.broker.held = BrokerAccount(shares, 50, {LATER: 500}, costs=costs)  # type: ignore[attr-defined]
    reconcile(desk, TODAY, TODAY, adopt=True, expected=ExpectedMoney(paid_in=400))
    assert by_kind(desk) == [
        ("deposit", "KRW", 350),
        ("adopted", "KRW", -400),
        ("adopted", "360750", 2),
    ]
    assert moved_with_bank(desk.ledger, "KRW") == 350
    assert portfolio(desk.ledger, "KRW").cash == 50
    assert check(desk.ledger).faults == ()


def test_shares_that_were_sold_by_hand_for_a_withdrawal_go_before_the_money(
    desk: OrderDesk,
) -> None:
    reconcile(desk, TODAY, TODAY, adopt=False)
    desk.broker.held = BrokerAccount({"069500": 4}, 0, {LATER: 500})  # type: ignore[attr-defined]
    expected = ExpectedMoney(taken_out=2_000, close=lambda _: 300)
    reconcile(desk, TODAY, TODAY, adopt=True, expected=expected)
    assert by_kind(desk) == [
        ("adopted", "KRW", 1_500),
        ("adopted", "069500", -5),
        ("withdrawal", "KRW", -1_600),
    ]
    assert check(desk.ledger).faults == ()


def test_no_more_is_booked_as_asked_for_than_was(desk: OrderDesk) -> None:
    reconcile(desk, TODAY, TODAY, adopt=False)
    shares, costs = {"069500": 9, "360750": 2}, {"360750": Decimal(200)}
    for most in (0, 300):
        desk.broker.held = BrokerAccount(shares, 100, {LATER: 500}, costs=costs)  # type: ignore[attr-defined]
        reconcile(desk, TODAY, TODAY, adopt=True, expected=ExpectedMoney(paid_in=most))
        assert moved_with_bank(desk.ledger, "KRW") == most
        shares = {**shares, "133690": 2}
        costs = {**costs, "133690": Decimal(200)}


def test_a_withdrawal_into_debt_is_what_the_broker_says_and_no_fault_of_the_books(
    desk: OrderDesk,
) -> None:
    reconcile(desk, TODAY, TODAY, adopt=False)
    desk.broker.held = BrokerAccount({"069500": 9}, -10, {LATER: 500})  # type: ignore[attr-defined]
    reconcile(desk, TODAY, TODAY, adopt=False, expected=ExpectedMoney(taken_out=110))
    assert portfolio(desk.ledger, "KRW").cash == -10
    assert check(desk.ledger).faults == ()


def test_a_guess_that_may_be_all_that_was_asked_for_is_that(desk: OrderDesk) -> None:
    reconcile(desk, TODAY, TODAY, adopt=False)
    desk.broker.held = BrokerAccount({"069500": 4}, 0, {LATER: 500})  # type: ignore[attr-defined]
    expected = ExpectedMoney(taken_out=1_667, whole_out=1_650, close=lambda _: 300)
    reconcile(desk, TODAY, TODAY, adopt=True, expected=expected)
    assert moved_with_bank(desk.ledger, "KRW") == -1_650
