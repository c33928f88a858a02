"""The order protocol over Korea Investment's loopback: each order once, or a person is asked."""

from typing import Any

import pytest
from kis_desk import DAY, SESSION, desk_over, plan

from jeoul.errors import BrokerError
from jeoul.model.portfolio import Side
from jeoul.operations.desk.fills import collect
from jeoul.operations.desk.intents import intents_of, open_intents
from jeoul.operations.desk.protocol import freeze_plan, hand_over, recover
from jeoul.operations.desk.reconcile import reconcile
from jeoul.operations.errors import Ambiguous
from jeoul.operations.ledger import check, open_ledger, portfolio

FAULTS = (
    "silent-before",
    "silent-after",
    "slow-after",
    "garbled",
    "too-fast",
    "expired",
    "unclear",
)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("hidden", [0, 2])
def test_every_order_arrives_once_whatever_the_line_does(
    desk: Any, venue: Any, fault: Any, hidden: Any
) -> None:
    """An order that nobody can tell of is asked about again, and sent after fifteen minutes."""
    venue[1].holdings = {"114260": 4}
    made = plan((Side.SELL, "114260", 4), (Side.BUY, "069500", 2), (Side.BUY, "360750", 1))
    reconcile(desk, SESSION, DAY, adopt=False)
    freeze_plan(desk, made)
    venue[1].faults = [fault, "", fault]
    venue[1].hidden_questions = 0
    if hidden:
        _lag(desk, venue, hidden)
    _until_told(desk, made)
    venue[1].hidden_questions = 0
    assert [(o["pdno"], o["ord_qty"]) for o in venue[1].orders] == [
        ("114260", "4"), ("069500", "2"), ("360750", "1"),
    ]  # fmt: skip
    for number, shares in ((1, 4), (2, 1), (3, 1)):
        venue[1].fill(number, shares, 36_500)
    collect(desk, DAY)
    venue[1].fill(2, 1, 36_700)
    collect(desk, DAY)
    collect(desk, DAY)
    intents = intents_of(desk.ledger, made.run_id)
    assert [(i.state, i.filled, i.amount) for i in intents] == [
        ("filled", 4, 146_000), ("filled", 2, 73_200), ("filled", 1, 36_500),
    ]  # fmt: skip
    assert check(desk.ledger).faults == ()
    books = portfolio(desk.ledger, "KRW")
    assert dict(books.shares) == {"069500": 2, "360750": 1}
    fees = sum(i.fee for i in intents)
    assert books.cash + sum(books.unsettled.values()) == venue[1].deposits[2] - fees


def _lag(desk: Any, venue: Any, hidden: Any) -> None:
    """Let the order list lag behind by some questions after each order."""
    submit = desk.broker.submit

    def lagging(request: Any) -> Any:
        venue[1].hidden_questions = hidden
        return submit(request)

    desk.broker.submit = lagging


def _until_told(desk: Any, made: Any) -> None:
    for _ in range(9):
        try:
            return hand_over(desk, made.run_id)
        except Ambiguous:
            desk.clock.wait(900.0)
    raise AssertionError("nobody ever tells")


def test_two_that_could_be_ours_are_left_to_a_person(desk: Any, venue: Any) -> None:
    made = plan((Side.BUY, "069500", 2))
    freeze_plan(desk, made)
    venue[1].faults = ["silent-after"]
    submit = desk.broker.submit

    def and_a_person_too(request: Any) -> Any:
        try:
            return submit(request)
        finally:
            venue[1].accept({"PDNO": "069500", "ORD_QTY": "2", "ORD_UNPR": "37000"}, "02")

    desk.broker.submit = and_a_person_too
    with pytest.raises(BrokerError, match="several orders that could be"):
        hand_over(desk, made.run_id)
    with pytest.raises(BrokerError, match="several orders that could be"):
        recover(desk)
    assert len(venue[1].orders) == 2


def test_what_nobody_can_tell_of_is_left_to_a_person_and_named(desk: Any, venue: Any) -> None:
    made = plan((Side.BUY, "069500", 2), (Side.BUY, "360750", 1))
    freeze_plan(desk, made)
    venue[1].faults = ["silent-before"]
    works: Any = (lambda: hand_over(desk, made.run_id), lambda: recover(desk))
    for work in works:
        with pytest.raises(Ambiguous, match=r"resolve CONFIG --order acc\.s\.2026-03-03\.01 "):
            work()
        first, second = intents_of(desk.ledger, made.run_id)
        assert (first.state, second.state) == ("sending", "new")
    assert venue[1].orders == []


def test_a_balance_that_moved_speaks_for_the_order(desk: Any, venue: Any) -> None:
    """The list says nothing for hours, but the account holds the shares."""
    made = plan((Side.BUY, "069500", 2))
    freeze_plan(desk, made)
    venue[1].faults, venue[1].list_lag = ["silent-after"], 20_000.0
    with pytest.raises(Ambiguous):
        hand_over(desk, made.run_id)
    venue[1].fill(1, 2, 36_500)
    for _ in range(5):
        desk.clock.wait(1_000.0)
        with pytest.raises(Ambiguous):
            recover(desk)
    assert len(venue[1].orders) == 1


def test_a_session_that_is_over_ends_an_order_that_left_no_trace(desk: Any, venue: Any) -> None:
    made = plan((Side.BUY, "069500", 2))
    freeze_plan(desk, made)
    venue[1].faults = ["silent-before"]
    with pytest.raises(Ambiguous):
        hand_over(desk, made.run_id)
    desk.clock.wait(86_400.0)
    venue[1].today = "20260305"
    recover(desk)
    assert [intent.state for intent in intents_of(desk.ledger, made.run_id)] == ["expired"]
    assert open_intents(desk.ledger) == ()


def test_an_order_bound_by_its_number_alone_is_still_ours(desk: Any, venue: Any) -> None:
    """Ledgers kept day and number before branches were told apart."""
    made = plan((Side.BUY, "069500", 2))
    freeze_plan(desk, made)
    submit = desk.broker.submit
    desk.broker.submit = lambda request: submit(request).partition("-")[2]
    hand_over(desk, made.run_id)
    desk.broker.submit = submit
    venue[1].fill(1, 2, 36_500)
    hand_over(desk, made.run_id)
    collect(desk, DAY)
    (intent,) = intents_of(desk.ledger, made.run_id)
    assert (intent.order_id, intent.state) == ("2026-03-04/1", "filled")


def test_the_same_number_of_another_branch_is_another_order(desk: Any, venue: Any) -> None:
    made = plan((Side.BUY, "069500", 2))
    freeze_plan(desk, made)
    hand_over(desk, made.run_id)
    other = dict(venue[1].orders[0], ord_gno_brno="00777", pdno="360750")
    venue[1].orders.append(other)
    venue[1].accepted.append(desk.clock.now())
    venue[1].fill(1, 2, 36_500)
    collect(desk, DAY)
    assert [intent.state for intent in intents_of(desk.ledger, made.run_id)] == ["filled"]


def test_an_order_changed_by_hand_is_not_taken_for_an_unanswered_one(desk: Any, venue: Any) -> None:
    made = plan((Side.BUY, "069500", 2))
    freeze_plan(desk, made)
    venue[1].accept({"PDNO": "069500", "ORD_QTY": "1", "ORD_UNPR": "37000"}, "02")
    venue[1].cancel(1)
    venue[1].faults = ["silent-before"]
    with pytest.raises(Ambiguous):
        hand_over(desk, made.run_id)
    venue[1].change(1, 2, 37_000)
    with pytest.raises(Ambiguous):
        recover(desk)
    assert [intent.state for intent in open_intents(desk.ledger)] == ["sending"]


def test_on_the_real_host_what_can_be_cancelled_speaks_for_the_order(
    real: Any, real_broker: Any, tmp_path: Any, clock: Any
) -> None:
    ledger = open_ledger(tmp_path / "ledger.sqlite3")
    desk = desk_over(real_broker, ledger, clock)
    made = plan((Side.BUY, "069500", 2))
    freeze_plan(desk, made)
    real[1].faults, real[1].balance_lag = ["silent-after"], 20_000.0
    shown = real[1].listed
    real[1].listed = lambda first, last, venue: [] if first else shown(first, last, venue)
    for _ in range(2):
        with pytest.raises(Ambiguous):
            hand_over(desk, made.run_id)
        clock.wait(1_000.0)
    assert len(real[1].orders) == 1
    ledger.close()
