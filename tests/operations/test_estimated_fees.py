"""Money that nobody explains is taken for fees within what was estimated lately, and no further."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from beside_books import NEXT, NONE, SETTLES, has, look
from scripted import BUY, DAY, FUND, Desk, at_broker, planned

from jeoul.errors import BrokerError
from jeoul.model.portfolio import Side
from jeoul.operations.broker.port import OrderState
from jeoul.operations.desk.estimated_fees import may_be_fees
from jeoul.operations.desk.fills import collect
from jeoul.operations.desk.intents import intents_of
from jeoul.operations.ledger import portfolio
from jeoul.rebalance import Tariff

CHEAP = Tariff(Decimal("0.00025"))  # 5 of 20,000


def filled(at: Desk, number: str, *, told: int | None, executed: date = DAY) -> None:
    """Sell two shares, which were there before, for 20,000; ``told`` is the broker's fee."""
    at.booked("opening", 0, {FUND: 2})
    run = at.freeze(planned(Side.SELL), strategy=f"s{number}", executed=executed)
    (intent,) = intents_of(at.ledger, run.run_id)
    at.sent(intent, number)
    order = at_broker(intent, number, 2, 20_000, fee=told)
    at.broker.listed = [order]
    collect(at.desk, executed)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    found = Desk(tmp_path, fees=CHEAP)
    found.booked("deposit", 100)
    return found


@pytest.mark.parametrize(
    ("told", "cash", "fees"),
    [
        # an estimate of 5, and 10 a fill
        (None, 115, True), (None, 116, False), (None, 85, True), (None, 84, False),
        # what the broker told is right but for 10 a fill
        (5, 110, True), (5, 111, False), (5, 90, True), (5, 89, False), (0, 110, True),
    ],
)  # fmt: skip
def test_what_may_be_fees_is_booked_as_fees(
    desk: Desk, told: int | None, cash: int, fees: bool
) -> None:
    filled(desk, "7", told=told)
    coming = 20_000 - (5 if told is None else told)
    has(desk, cash, {}, {SETTLES: coming})
    if not fees:
        with pytest.raises(BrokerError, match="what the books do not explain"):
            look(desk)
        return
    before = desk.ledger.head().seq
    assert look(desk) == NONE
    rows = desk.ledger.rows("SELECT account, amount FROM postings WHERE seq > ?", before)
    assert {row["account"]: row["amount"] for row in rows} == {
        "assets:cash": cash - 100,
        "expenses:fees": 100 - cash,
    }
    (said,) = desk.ledger.rows("SELECT session, note FROM transactions WHERE kind = 'fees'")
    assert tuple(said) == (str(DAY), "the broker's own fees differ from the estimate")
    assert portfolio(desk.ledger, "KRW").cash == cash
    has(desk, cash + 1, {}, {SETTLES: coming})
    with pytest.raises(BrokerError):  # fees of before the correction explain nothing more
        look(desk)


def test_nothing_and_money_without_a_fill_are_no_fees(desk: Desk) -> None:
    assert not may_be_fees(desk.desk, DAY, 1)
    filled(desk, "7", told=None)
    assert not may_be_fees(desk.desk, DAY, 0)
    assert may_be_fees(desk.desk, DAY, 15)
    assert may_be_fees(desk.desk, DAY, 1)
    assert may_be_fees(desk.desk, DAY, -1)


def test_each_fill_counts(desk: Desk) -> None:
    filled(desk, "7", told=None)
    filled(desk, "8", told=3)
    assert [may_be_fees(desk.desk, DAY, cash) for cash in (25, 26)] == [True, False]


@pytest.mark.parametrize(
    ("plans", "session", "counts"),
    [
        (0, DAY + timedelta(days=9), True),  # nobody has looked since
        (1, DAY + timedelta(days=9), True),  # what was planned then may have been frozen before
        (2, DAY + timedelta(days=3), False),  # settled, and books and broker agreed since
        (2, SETTLES, True),  # its money came in on the session that is decided on
        (2, NEXT, True),
    ],
)
def test_fills_of_long_ago_explain_nothing(
    desk: Desk, plans: int, session: date, counts: bool
) -> None:
    """A dividend that nobody named was taken for the fees of all fills before it."""
    filled(desk, "7", told=None)
    for number in range(plans):
        desk.freeze(BUY, strategy=f"t{number}", executed=session)
    assert may_be_fees(desk.desk, session, -5) is counts


@pytest.mark.parametrize(("told", "counts"), [(None, True), (0, True), (25, False), (30, True)])
def test_a_fee_that_is_told_after_its_fill_was_booked_leaves_the_estimate_in_the_books(
    tmp_path: Path, told: int | None, counts: bool
) -> None:
    """Toss lists an order that waits without its costs; what is left of it is cancelled."""
    at = Desk(tmp_path, fees=Tariff(Decimal("0.0025")))  # 25 of 10,000
    at.booked("opening", 0, {FUND: 2})
    (intent,) = intents_of(at.ledger, at.freeze(planned(Side.SELL)).run_id)
    at.sent(intent, "7")
    for state, fee in ((OrderState.OPEN, None), (OrderState.CLOSED, told)):
        at.broker.listed = [at_broker(intent, "7", 1, 10_000, state=state, fee=fee)]
        collect(at.desk, DAY)
    assert may_be_fees(at.desk, DAY, 25) is counts


@pytest.mark.parametrize(
    ("taken", "plans", "counts"),
    [
        (False, 3, True),
        (True, 3, False),
        (True, 1, True),  # the plan before the newest one is older than the fill
    ],
)
def test_where_a_person_gives_the_brokers_file_plans_between_two_of_them_prove_nothing(
    desk: Desk, taken: bool, plans: int, counts: bool
) -> None:
    """Fees were estimated too high for weeks, and then called money that nobody explained."""
    desk.broker.statement = lambda: "another"

    def read() -> None:
        row = {"account": "mine", "strategy": "s", "session": str(DAY), "kind": "import"}
        with desk.ledger.transaction():
            desk.ledger.append("notes", 990, **row, detail='{"digest":"one"}')

    read()
    filled(desk, "7", told=None)
    if taken:
        read()
    later = DAY + timedelta(days=9)
    for number in range(plans):
        desk.freeze(BUY, strategy=f"t{number}", executed=later)
    assert may_be_fees(desk.desk, later, -5) is counts
