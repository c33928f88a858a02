"""Rules that keep money right at the desk: fees once, our own orders first, nothing before time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from harness import make_config, mandate, proposal, sessions

from jeoul import api
from jeoul.errors import BrokerError
from jeoul.model.portfolio import Portfolio, Reason, Side
from jeoul.model.snapshot import Seen
from jeoul.operations.broker.port import (
    Broker,
    BrokerAccount,
    BrokerOrder,
    Hours,
    Ids,
    Movement,
    OrderState,
    checked,
)
from jeoul.operations.decision import Circumstances, decide
from jeoul.operations.desk.buy_terms import BuyRules
from jeoul.operations.desk.fills import collect
from jeoul.operations.desk.intents import PlannedOrder, RunPlan, intents_of
from jeoul.operations.desk.order_desk import OrderDesk
from jeoul.operations.desk.protocol import freeze_plan, hand_over
from jeoul.operations.desk.reconcile import reconcile, spendable
from jeoul.operations.errors import NotSent, Unreachable
from jeoul.operations.ledger import check, open_ledger, portfolio
from jeoul.operations.told.session_records import SessionRecords
from jeoul.rebalance import Fresh, Tariff, settlement_date

SESSION, DAY = sessions()[:2]
RATE = Decimal("0.001")


@dataclass
class Venue(Broker):
    """A broker that says exactly what the test lets it say."""

    holds: BrokerAccount = field(default_factory=lambda: BrokerAccount({}, 1_000_000, {}))
    listed: list[BrokerOrder] = field(default_factory=list)
    moved: list[Movement] = field(default_factory=list)
    open_for: Hours = Hours.OPEN
    kind: str = "paper"
    ids: Ids = Ids.ECHO
    visibility: float = 0.0

    def hours(self, session: date) -> Hours:
        return self.open_for

    def account(self) -> BrokerAccount:
        return self.holds

    def orders(self, session: date) -> Any:
        return tuple(self.listed)

    def movements(self) -> Any:
        return tuple(self.moved)

    def submit(self, request: Any) -> str:
        number = str(len(self.listed) + 1)
        self.listed.append(
            BrokerOrder(
                number, request.name, request.session, request.side, request.ticker,
                request.shares, request.limit, OrderState.OPEN,
            )
        )  # fmt: skip
        return number

    def fill(self, filled: int, amount: int, fee: int | None = None, *, over: bool = False) -> None:
        state = OrderState.FILLED if over else OrderState.OPEN
        self.listed[0] = replace(self.listed[0], filled=filled, amount=amount, fee=fee, state=state)


class Noon:
    def now(self) -> float:
        return 1_800_000_000.0

    def wait(self, seconds: float) -> None:
        raise AssertionError("nothing to wait for")


@pytest.fixture
def venue() -> Venue:
    return Venue()


@pytest.fixture
def desk(venue: Any, tmp_path: Path) -> Iterator[Any]:
    ledger = open_ledger(tmp_path / "ledger.sqlite3")
    calendar = api.calendars()["XKRX"]
    yield OrderDesk(
        ledger=ledger,
        broker=venue,
        clock=Noon(),
        currency="KRW",
        fees=Tariff(RATE),
        settles=lambda day: settlement_date(calendar, day),
        buy_rules=BuyRules(mandate().universe, None),
    )
    ledger.close()


def ordered(desk: Any, shares: int = 10) -> str:
    """Open the books and freeze a plan of one buy."""
    reconcile(desk, SESSION, DAY, adopt=False)
    buy = PlannedOrder(Side.BUY, "069500", shares, 10_050, None, Reason("x"))
    made = RunPlan("main", "static", SESSION, DAY, "id", {}, (buy,))
    freeze_plan(desk, made)
    return made.run_id


@pytest.mark.parametrize("said", [True, False])
def test_an_order_filled_in_parts_pays_its_fee_once(desk: Any, venue: Any, said: Any) -> None:
    run = ordered(desk)
    hand_over(desk, run)
    for filled, over in ((3, False), (7, False), (10, True)):
        amount = filled * 10_050
        venue.fill(filled, amount, amount // 500 if said else None, over=over)
        collect(desk, DAY)
        collect(desk, DAY)
    fee = 201 if said else 100  # the broker's own figure, or 0.1 % of 100,500 with the rest dropped
    (intent,) = intents_of(desk.ledger, run)
    assert (intent.filled, intent.amount, intent.fee, intent.done) == (10, 100_500, fee, True)
    assert portfolio(desk.ledger, "KRW").cash == 1_000_000 - 100_500 - fee
    assert check(desk.ledger).faults == ()


@pytest.mark.parametrize("adopt", [True, False])
@pytest.mark.parametrize(("filled", "amount"), [(3, 30_150), (0, 30)])
def test_nothing_is_taken_in_while_an_order_of_ours_is_open(
    desk: Any, venue: Any, adopt: Any, filled: Any, amount: Any
) -> None:
    run = ordered(desk)
    hand_over(desk, run)
    venue.fill(1, 10_050)
    collect(desk, DAY)
    before = portfolio(desk.ledger, "KRW")
    # The broker's account is ahead of its order list, by shares or by a part of the fee.
    shares = {"069500": 1 + filled}
    venue.holds = BrokerAccount(shares, 1_000_000 - 10_050 - 10 - amount, {})
    found = reconcile(desk, SESSION, DAY, adopt=adopt)
    assert (found.cash, sum(found.shares.values())) == (-amount, filled)
    assert portfolio(desk.ledger, "KRW") == before


def test_once_our_orders_are_over_the_same_difference_is_taken_in(desk: Any, venue: Any) -> None:
    run = ordered(desk)
    hand_over(desk, run)
    venue.fill(10, 100_500, over=True)
    collect(desk, DAY)
    venue.holds = BrokerAccount({"069500": 13}, 1_000_000 - 100_500 - 100 - 30_150, {})
    assert reconcile(desk, SESSION, DAY, adopt=True)
    books = portfolio(desk.ledger, "KRW")
    assert (books.shares["069500"], books.cash) == (13, venue.holds.cash)


def test_money_that_the_broker_pays_out_today_can_be_spent_today(desk: Any, venue: Any) -> None:
    venue.holds = BrokerAccount({}, 700_000, {DAY: 300_000})
    reconcile(desk, SESSION, DAY, adopt=False)
    found = spendable(desk, DAY)
    assert (found.cash, dict(found.unsettled)) == (1_000_000, {})


def test_money_that_the_broker_does_not_have_yet_is_held_back(desk: Any, venue: Any) -> None:
    reconcile(desk, SESSION, DAY, adopt=False)
    venue.holds = BrokerAccount({}, 600_000, {DAY: 100_000, sessions()[4]: 300_000})
    found = spendable(desk, DAY)
    later = settlement_date(api.calendars()["XKRX"], DAY)
    assert (found.cash, dict(found.unsettled)) == (700_000, {later: 300_000})


def test_orders_wait_for_the_open_and_go_out_once_after_it(desk: Any, venue: Any) -> None:
    run = ordered(desk)
    venue.open_for = Hours.EARLY
    hand_over(desk, run)
    assert venue.listed == []
    assert [intent.state for intent in intents_of(desk.ledger, run)] == ["new"]
    venue.open_for = Hours.OPEN
    hand_over(desk, run)
    hand_over(desk, run)
    assert [(order.ticker, order.shares) for order in venue.listed] == [("069500", 10)]


def test_what_was_traded_on_a_session_is_what_filled_on_it(desk: Any, venue: Any) -> None:
    run = ordered(desk)
    hand_over(desk, run)
    venue.fill(4, 40_200)
    collect(desk, DAY)
    records = SessionRecords(desk, "main", "static", SESSION)
    assert (records.traded(DAY), records.traded(SESSION)) == (40_200, 0)


@pytest.mark.parametrize(("traded", "stops"), [(0, False), (15_000_000, True)])
def test_the_turnover_limit_counts_what_the_session_has_already_traded(
    tmp_path: Path, traded: Any, stops: Any
) -> None:
    config = make_config(tmp_path)
    safety = config.settings.safety.model_copy(update={"max_turnover": 1.0})
    config = replace(config, settings=config.settings.model_copy(update={"safety": safety}))
    decided = decide(
        config, mandate(), proposal(SESSION, {"069500": 0.45, "114260": 0.45}),
        Portfolio({}, 50_000_000),
        Circumstances(fresh=Fresh(), traded=traded, safe=False, seen=Seen("")),
    )  # fmt: skip
    assert 0.85 < sum(o.shares * o.price for o in decided.plan.orders) / 50_000_000 < 0.95
    kinds = [reason.kind for reason in decided.forbidden]
    assert kinds == (["operations.turnover_limit"] if stops else [])


@pytest.mark.parametrize(("off", "fees"), [(1, True), (110, True), (111, False)])
def test_a_difference_as_small_as_fees_can_be_is_booked_as_fees(
    desk: Any, venue: Any, off: Any, fees: Any
) -> None:
    run = ordered(desk)
    hand_over(desk, run)
    venue.fill(10, 100_500, over=True)
    collect(desk, DAY)
    # One fill with a fee of 100 that was estimated: as much again and 10 more may be fees.
    venue.holds = BrokerAccount({"069500": 10}, 1_000_000 - 100_500 - 100 - off, {})
    if fees:
        assert not reconcile(desk, SESSION, DAY, adopt=False)
        assert portfolio(desk.ledger, "KRW").cash == venue.holds.cash
    else:
        with pytest.raises(BrokerError, match="CASH -111"):
            reconcile(desk, SESSION, DAY, adopt=False)


def test_books_without_an_entry_hold_nothing(desk: Any) -> None:
    assert portfolio(desk.ledger, "KRW") == Portfolio({}, 0, "KRW")


def test_shares_alone_that_nobody_bought_are_a_difference_too(desk: Any, venue: Any) -> None:
    reconcile(desk, SESSION, DAY, adopt=False)
    venue.holds = BrokerAccount({"069500": 1}, 1_000_000, {})
    with pytest.raises(BrokerError, match=r"069500 \+1"):
        reconcile(desk, SESSION, DAY, adopt=False)


def test_books_open_with_what_was_there_before_the_first_movement(desk: Any, venue: Any) -> None:
    venue.holds = BrokerAccount({"069500": 20}, 1_000_500, {})
    venue.moved = [
        Movement("1", "split", SESSION, ticker="069500", shares=10),
        Movement("2", "dividend", SESSION, cash=500, ticker="069500"),
    ]
    reconcile(desk, SESSION, DAY, adopt=False)
    books = portfolio(desk.ledger, "KRW")
    assert (dict(books.shares), books.cash) == ({"069500": 20}, 1_000_500)
    assert check(desk.ledger).faults == ()


def test_money_that_only_the_broker_knows_of_is_not_spent(desk: Any, venue: Any) -> None:
    reconcile(desk, SESSION, DAY, adopt=False)
    venue.holds = BrokerAccount({}, 1_300_000, {})
    found = spendable(desk, DAY)
    assert (found.cash, dict(found.unsettled)) == (1_000_000, {})


def test_an_order_that_is_turned_away_is_tried_three_times_a_second_apart(
    desk: Any, venue: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries, waited = [], []  # type: ignore[var-annotated]

    def away(request: Any) -> None:
        tries.append(request.name)
        raise NotSent("too many requests")

    run = ordered(desk)
    monkeypatch.setattr(venue, "submit", away)
    monkeypatch.setattr(desk.clock, "wait", waited.append)
    with pytest.raises(Unreachable, match="in 3 attempts"):
        hand_over(desk, run)
    assert (len(tries), waited) == (3, [1.0, 1.0, 1.0])


@pytest.mark.parametrize(
    "nonsense",
    [
        {"order_id": ""},
        {"shares": 0},
        {"filled": -1, "amount": 1},
        {"filled": 11, "amount": 1},
        {"filled": 1, "amount": 0},
        {"filled": 0, "amount": 1},
        {"filled": 1, "amount": -1},
        {"filled": 9, "amount": 9, "state": OrderState.FILLED},
    ],
)
def test_an_order_list_that_cannot_be_is_refused(nonsense: Any) -> None:
    fine = BrokerOrder("1", "n", DAY, Side.BUY, "069500", 10, None, OrderState.OPEN)
    assert checked((fine,)) == (fine,)
    with pytest.raises(Unreachable, match="makes no sense"):
        checked((replace(fine, **nonsense),))
    with pytest.raises(Unreachable, match="makes no sense"):
        checked((fine, fine))
