"""What an earlier run left is found again, and a name that is taken once is used again in time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from scripted import BUY, DAY, SALE, Desk, at_broker

from jeoul.operations.broker.port import Hours, Ids
from jeoul.operations.desk.intents import Intent, intents_of
from jeoul.operations.desk.protocol import (
    hand_over_one,
    recover,
)
from jeoul.operations.errors import Ambiguous, NotSent, Refused, Unanswered


def of(at: Desk, ids: Ids) -> None:
    at.broker.ids = ids


def one(at: Desk) -> Intent:
    (found,) = intents_of(at.ledger, at.freeze(BUY).run_id)
    return found


def events(at: Desk) -> list[tuple[str, str]]:
    rows = at.ledger.rows("SELECT intent, state FROM order_events ORDER BY seq")
    return [(row["intent"].rpartition(".")[2], row["state"]) for row in rows]


def test_nobody_is_asked_where_no_order_waits(at: Desk) -> None:
    recover(at.desk)
    assert at.broker.asked == []


def test_a_recovery_looks_for_what_was_sent_and_keeps_what_was_not(at: Desk) -> None:
    run = at.freeze(BUY, SALE)
    first, second = intents_of(at.ledger, run.run_id)
    at.event(first, "sending")
    at.broker.listed = [at_broker(first, "7", 1, 10_000)]
    recover(at.desk)
    found, unsent = intents_of(at.ledger, run.run_id)
    assert (found.state, found.order_id, found.filled) == ("acknowledged", f"{DAY}/7", 1)
    assert unsent == second
    assert at.broker.sent == []


@pytest.mark.parametrize(("now", "state"), [(Hours.OVER, "expired"), (Hours.EARLY, "new")])
def test_what_was_never_sent_expires_with_its_session(at: Desk, now: Hours, state: str) -> None:
    one(at)
    at.broker.now = now
    recover(at.desk)
    assert [i.state for i in intents_of(at.ledger, f"mine.s.{DAY}")] == [state]


@pytest.mark.parametrize("ids", [Ids.ECHO, Ids.NONE])  # for our names, or for what is like ours
def test_sessions_are_gone_through_from_the_oldest_on(at: Desk, ids: Ids) -> None:
    of(at, ids)
    days = [DAY + timedelta(days=step) for step in (3, 0, 4, 1, 2)]
    for day in days:
        intents_of(at.ledger, at.freeze(BUY, executed=day).run_id)
    recover(at.desk)
    assert at.broker.asked == [f"orders {day}" for day in sorted(days)]


def test_fills_are_booked_from_the_oldest_session_on(at: Desk) -> None:
    days = [DAY + timedelta(days=step) for step in (3, 0, 4, 1, 2)]
    for number, day in enumerate(days):
        (intent,) = intents_of(at.ledger, at.freeze(BUY, executed=day).run_id)
        at.sent(intent, str(number))
        at.broker.listed.append(at_broker(intent, str(number)))
    recover(at.desk)
    assert at.broker.asked == [f"orders {day}" for day in sorted(days)]


def test_an_order_under_our_name_is_found_only_in_its_own_session(at: Desk) -> None:
    of(at, Ids.ECHO)
    next_day, late = DAY + timedelta(days=1), DAY + timedelta(days=2)
    intents = [
        intents_of(at.ledger, at.freeze(BUY, executed=day).run_id)[0]
        for day in (DAY, next_day, late)
    ]
    at.broker.when[late] = Hours.EARLY
    first = at_broker(intents[0], "7", name=intents[0].name)
    stray = at_broker(intents[1], "8", name=intents[0].name)
    other = at_broker(intents[1], "9", name="somebody")
    at.broker.lists = [[first], [stray, other]]
    at.broker.listed = [first]
    recover(at.desk)
    assert at.broker.asked[:2] == [f"orders {DAY}", f"orders {next_day}"]
    assert f"orders {late}" not in at.broker.asked
    assert [at.intent(i.name).order_id for i in intents] == [f"{DAY}/7", None, None]


def again(at: Desk, lasts: float, rate: float = 1.0) -> Intent:
    of(at, Ids.KEY)
    at.broker.name_lasts, at.clock.rate = lasts, rate
    at.broker.answers = [Unanswered("?")] * 5
    return one(at)


@pytest.mark.parametrize(
    ("lasts", "rate", "sent", "waits"),
    [
        (100.0, 1.0, 4, [1, 2, 4]),  # three times more, each after a longer pause
        (3.0, 1.0, 2, [1, 2]),  # three seconds have passed: the name may be forgotten
        (3.5, 1.0, 3, [1, 2, 4]),
        (1.0, 1.0, 1, [1]),
        (3.0, 0.0, 2, [1, 2]),  # a clock that stands still: the waits count
        (100.0, 0.0, 4, [1, 2, 4]),
        (100.0, -1.0, 1, [1]),  # one that was set back
        (3.0, 60.0, 1, [1]),  # one that was set forward
    ],
)
def test_a_name_is_used_again_only_while_the_broker_surely_knows_it(
    at: Desk, lasts: float, rate: float, sent: int, waits: list[int]
) -> None:
    intent = again(at, lasts, rate)
    with pytest.raises(Ambiguous):
        hand_over_one(at.desk, intent)
    assert (len(at.broker.sent), at.clock.waited) == (sent, waits)
    assert {request.name for request in at.broker.sent} == {intent.name}


@pytest.mark.parametrize(
    ("hosts", "sent"),
    [
        ([50.0, 50.0], 2),  # the very second: no time has passed
        ([50.0, 149.0], 2),
        ([50.0, 150.0], 1),  # a hundred seconds, in which this machine may have slept
        ([50.0, 49.0], 1),
        ([50.0, None], 1),
        ([None, 49.0], 4),  # it said none before: only the clock here counts
    ],
)
def test_the_time_of_the_host_counts_too_where_it_says_one(
    at: Desk, hosts: list[float | None], sent: int
) -> None:
    intent = again(at, 100.0)
    at.broker.hosts = [*hosts]
    with pytest.raises(Ambiguous):
        hand_over_one(at.desk, intent)
    assert len(at.broker.sent) == sent


def test_the_time_of_the_host_is_that_of_a_fresh_answer(at: Desk) -> None:
    intent = again(at, 100.0)
    at.broker.answers = [Unanswered("?")]
    at.broker.hosts = [50.0, 51.0]
    hand_over_one(at.desk, intent)
    assert at.broker.asked == [f"orders {DAY}", "account", "host", f"orders {DAY}", "host"]


@pytest.mark.parametrize("other", [Refused("?"), NotSent("?"), Unanswered("?")])
def test_what_is_said_of_the_second_hand_over_says_nothing_of_the_first(
    at: Desk, other: Exception
) -> None:
    intent = again(at, 100.0)
    at.broker.answers = [Unanswered("?"), other, "77"]
    at.steps.clear()
    found = hand_over_one(at.desk, intent)
    assert (found.state, found.order_id) == ("acknowledged", f"{DAY}/77")
    assert at.steps[-3:] == ["after-submit", "inside-acknowledged", "after-acknowledged"]
    assert events(at) == [("01", "sending"), ("01", "acknowledged")]


@pytest.mark.parametrize("ids", [Ids.NONE, Ids.ECHO, Ids.UNIQUE])
def test_without_such_names_only_the_list_can_tell(at: Desk, ids: Ids) -> None:
    of(at, ids)
    at.broker.visibility = 1.0
    at.broker.answers = [Unanswered("?")]
    intent = one(at)
    at.broker.lists = [[]]
    at.broker.listed = [at_broker(intent, "7", name=intent.name)]
    assert hand_over_one(at.desk, intent).order_id == f"{DAY}/7"
    assert (len(at.broker.sent), at.clock.waited) == (1, [])
