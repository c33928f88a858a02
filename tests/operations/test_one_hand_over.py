"""One order on its way to a broker: what is asked, what is kept, when it is sent again."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from scripted import BUY, DAY, FUND, OTHER, RICH, SALE, Desk, Scripted, at_broker, planned

from jeoul.model.portfolio import Side
from jeoul.operations.broker.port import Hours, Ids, IndicativeValue, OrderState
from jeoul.operations.desk.intents import Intent, RunPlan, intents_of, run_events
from jeoul.operations.desk.order_desk import OrderDesk
from jeoul.operations.desk.protocol import (
    finish,
    freeze_plan,
    hand_over,
    hand_over_one,
    recover,
)
from jeoul.operations.errors import Ambiguous, NotSent, Refused, Unanswered, Unreachable


def of(at: Desk, ids: Ids) -> None:
    at.broker.ids = ids


def one(at: Desk) -> Intent:
    (found,) = intents_of(at.ledger, at.freeze(BUY).run_id)
    return found


def events(at: Desk) -> list[tuple[str, str]]:
    rows = at.ledger.rows("SELECT intent, state FROM order_events ORDER BY seq")
    return [(row["intent"].rpartition(".")[2], row["state"]) for row in rows]


def detail(at: Desk, state: str) -> dict[str, object]:
    rows = at.ledger.rows("SELECT detail FROM order_events WHERE state = ? ORDER BY seq", state)
    found: dict[str, object] = json.loads(rows[-1]["detail"])
    return found


def test_every_step_of_a_run_is_reported_in_its_order(at: Desk) -> None:
    plan = RunPlan("mine", "s", DAY, DAY, "x", {}, (BUY,))
    freeze_plan(at.desk, plan)
    assert at.steps == ["before-plan", "inside-plan", "after-plan"]
    at.steps.clear()
    hand_over(at.desk, plan.run_id)
    assert at.steps == [
        "before-order", "after-watermark", "inside-sending", "after-sending", "after-submit",
        "inside-acknowledged", "after-acknowledged",
    ]  # fmt: skip
    (intent,) = intents_of(at.ledger, plan.run_id)
    assert (intent.state, intent.order_id) == ("acknowledged", f"{DAY}/1")
    at.broker.listed = [at_broker(intent, "1", 2, 20_000)]
    at.steps.clear()
    recover(at.desk)
    assert at.steps == [
        "before-recovery", "before-fills", "inside-fill", "after-fill", "inside-close",
        "after-close",
    ]  # fmt: skip
    at.steps.clear()
    finish(at.desk, plan.run_id, {"orders": 1})
    assert at.steps == ["before-finish", "inside-finish", "after-finish"]
    assert run_events(at.ledger, plan.run_id) == [("finished", {"orders": 1}, 1_000)]


def test_a_newer_plan_lets_the_older_one_lapse_as_it_is_frozen(at: Desk) -> None:
    old = at.freeze(BUY)
    freeze_plan(at.desk, RunPlan("mine", "s", DAY, DAY, "x", {}, (SALE,), attempt=2))
    assert [intent.state for intent in intents_of(at.ledger, old.run_id)] == ["expired"]
    assert [event for event, _, _ in run_events(at.ledger, old.run_id)] == ["lapsed", "finished"]


@pytest.mark.parametrize("ids", [Ids.NONE, Ids.KEY])
@pytest.mark.parametrize("work", [recover, None], ids=["recover", "hand over"])
def test_an_order_like_ours_stops_where_the_broker_shows_no_names(
    at: Desk, ids: Ids, work: Callable[[OrderDesk], None] | None
) -> None:
    """An older state of this ledger may have sent it: the plan must not lapse beside it."""
    of(at, ids)
    intent = one(at)
    at.broker.listed = [at_broker(intent, "7", name=intent.name)]
    with pytest.raises(Ambiguous, match=f"already lists 7, .*--reject {intent.run_id}"):
        hand_over_one(at.desk, intent) if work is None else work(at.desk)
    assert at.intent(intent.name).state == "new"
    assert at.broker.sent == []


@pytest.mark.parametrize(("hours", "state"), [(Hours.EARLY, "new"), (Hours.OVER, "expired")])
def test_outside_its_session_an_unsent_order_is_not_looked_for(
    at: Desk, hours: Hours, state: str
) -> None:
    of(at, Ids.NONE)
    intent = one(at)
    at.broker.listed = [at_broker(intent, "7")]
    at.broker.now = hours
    recover(at.desk)
    assert at.intent(intent.name).state == state
    assert at.broker.asked == []  # a list of a session long over may not be given any more


def test_an_account_of_a_household_is_left_out_by_the_name_of_the_households_plan(
    at: Desk,
) -> None:
    """The name of the account's own run was said, which `jeoul run FILE --reject` refuses."""
    of(at, Ids.NONE)
    run = at.freeze(BUY, household={"run": "home.s.2026-06-22"})
    (intent,) = intents_of(at.ledger, run.run_id)
    at.broker.listed = [at_broker(intent, "7")]
    for work in (recover, lambda desk: hand_over(desk, run.run_id)):
        with pytest.raises(Ambiguous, match=r"--reject home\.s\.2026-06-22`"):
            work(at.desk)


def test_another_order_of_the_day_does_not_stop_a_plan_that_waits(at: Desk) -> None:
    of(at, Ids.NONE)
    intent = one(at)
    at.broker.listed = [
        at_broker(intent, "7", ticker=OTHER),
        at_broker(intent, "8", side=Side.SELL),
    ]
    recover(at.desk)
    assert at.intent(intent.name).state == "new"


@pytest.mark.parametrize("ids", [Ids.ECHO, Ids.UNIQUE])
def test_an_order_that_is_there_under_our_name_is_not_sent_again(at: Desk, ids: Ids) -> None:
    of(at, ids)
    intent = one(at)
    at.broker.listed = [at_broker(intent, "7", name=intent.name)]
    assert hand_over_one(at.desk, intent).order_id == f"{DAY}/7"
    assert at.broker.sent == []
    assert events(at) == [("01", "acknowledged")]


def test_two_orders_under_our_name_need_a_person(at: Desk) -> None:
    of(at, Ids.ECHO)
    intent = one(at)
    at.broker.listed = [at_broker(intent, n, name=intent.name) for n in ("7", "8")]
    with pytest.raises(Ambiguous, match=r"several orders that could be .*: 7, 8"):
        hand_over_one(at.desk, intent)


@pytest.mark.parametrize(
    ("change", "stops"),
    [
        ({}, True),
        ({"ticker": OTHER}, False),
        ({"side": Side.SELL}, False),
        ({"state": OrderState.CLOSED}, False),
        ({"state": OrderState.REJECTED}, False),
        ({"state": OrderState.CLOSED, "filled": 1, "amount": 10_000}, True),
        ({"filled": 1, "amount": 10_000}, True),
        ({"former": "5"}, False),  # the number under which this ledger has an order of its own
        ({"limit": None, "shares": 9}, True),
    ],
)
def test_an_order_of_nobody_here_stops_another_of_its_fund_and_side(
    at: Desk, change: dict[str, object], stops: bool
) -> None:
    own = one(at)
    at.sent(own, "5")
    run = at.freeze(BUY, strategy="t")
    (intent,) = intents_of(at.ledger, run.run_id)
    at.broker.listed = [replace(at_broker(own, "7"), **change)]
    if not stops:
        assert hand_over_one(at.desk, intent).state == "acknowledged"
        return
    with pytest.raises(Ambiguous, match=f"already lists 7, .*--reject {run.run_id}"):
        hand_over_one(at.desk, intent)
    assert at.broker.sent == []


def test_an_order_is_marked_with_what_was_there_before_it(at: Desk) -> None:
    intent = one(at)
    others = [at_broker(intent, number, ticker=OTHER) for number in ("9", "10", "8", "7", "6", "5")]
    at.broker.listed = others
    at.broker.held = replace(RICH, shares={FUND: 5}, locked={FUND: 2}, orderable=77)
    at.broker.hosts = [1_234.5]
    hand_over_one(at.desk, intent)
    assert detail(at, "sending") == {
        "watermark": [f"{DAY}/{number}" for number in ("10", "5", "6", "7", "8", "9")],
        "footing": [5, 2, 77],
        "host": 1_234.5,
    }


def test_what_a_broker_does_not_say_is_no_part_of_the_mark(at: Desk) -> None:
    at.broker.held = None
    hand_over_one(at.desk, one(at))
    assert detail(at, "sending") == {"watermark": []}
    assert "host" not in at.broker.asked


def test_an_account_without_a_time_of_its_host_is_marked_all_the_same(at: Desk) -> None:
    hand_over_one(at.desk, one(at))
    assert detail(at, "sending") == {"watermark": [], "footing": [0, 0, None]}


@pytest.mark.parametrize("asked", [False, True])
def test_where_a_name_finds_an_order_its_traces_are_not_needed(at: Desk, asked: bool) -> None:
    of(at, Ids.UNIQUE)
    hand_over_one(at.desk, one(at), (lambda _: True) if asked else None)
    assert ("account" in at.broker.asked) is asked
    assert detail(at, "sending") == {"watermark": []}


def test_a_limit_that_the_moment_lowered_is_kept_and_sent(at: Desk) -> None:
    at.desk = replace(at.desk, buy_rules=replace(at.desk.buy_rules, width=0.0))
    at.broker.values[FUND] = IndicativeValue(9_900, 9_900.0)
    hand_over_one(at.desk, one(at))
    assert detail(at, "sending")["limit"] == 9_900
    assert [request.limit for request in at.broker.sent] == [9_900]


@pytest.mark.parametrize("why", ["poor", "unknown", "dear"])
def test_an_order_that_is_not_paid_for_or_too_dear_stays_as_it_is(at: Desk, why: str) -> None:
    intent = one(at)
    if why == "unknown":
        at.broker.held = None
    if why == "dear":
        at.broker.values[FUND] = IndicativeValue(10_000, 9_000.0)
    found = hand_over_one(at.desk, intent, lambda _: why != "poor")
    assert found is intent
    assert at.broker.asked == [f"orders {DAY}", "account"]  # once: it is not tried again
    assert (at.broker.sent, events(at)) == ([], [])


def test_an_order_is_paid_for_by_the_account_of_just_before(at: Desk) -> None:
    seen: list[object] = []

    def payable(account: object) -> bool:
        seen.append(account)
        return True

    assert hand_over_one(at.desk, one(at), payable).state == "acknowledged"
    assert seen == [RICH]


def test_a_refusal_is_kept_and_is_the_end(at: Desk) -> None:
    at.broker.answers = [Refused("no")]
    assert hand_over_one(at.desk, one(at)).state == "refused"
    assert detail(at, "refused") == {"why": "no"}
    assert (len(at.broker.sent), at.clock.waited) == (1, [])


def test_an_order_that_provably_did_not_leave_is_handed_over_three_times(at: Desk) -> None:
    at.broker.answers = [NotSent("busy")] * 3
    with pytest.raises(Unreachable, match="in 3 attempts"):
        hand_over_one(at.desk, one(at))
    assert (len(at.broker.sent), at.clock.waited) == (3, [1.0, 1.0, 1.0])
    assert events(at) == [("01", "sending"), ("01", "absent")] * 3
    assert detail(at, "absent") == {"why": "busy"}


def test_the_third_attempt_may_still_arrive(at: Desk) -> None:
    at.broker.answers = [NotSent("busy")] * 2
    assert hand_over_one(at.desk, one(at)).state == "acknowledged"
    assert len(at.broker.sent) == 3


@pytest.mark.parametrize(
    ("state", "now", "sent"),
    [
        ("new", Hours.OPEN, 1),
        ("new", Hours.EARLY, 0),
        ("new", Hours.OVER, 0),
        ("absent", Hours.OPEN, 1),
        ("acknowledged", Hours.OPEN, 0),
        ("filled", Hours.OPEN, 0),
    ],
)
def test_only_what_the_broker_does_not_have_is_sent_in_its_session(
    at: Desk, state: str, now: Hours, sent: int
) -> None:
    intent = one(at)
    if state != "new":
        intent = at.event(intent, state)
    at.broker.now = now
    found = hand_over_one(at.desk, intent)
    assert len(at.broker.sent) == sent
    assert found.state == ("acknowledged" if sent else state)
    if now is Hours.OVER:
        assert events(at) == [("01", "expired")]
        assert detail(at, "expired") == {"why": "the session is over"}


def test_an_order_that_was_left_while_sending_is_looked_for_first(at: Desk) -> None:
    intent = at.event(one(at), "sending")
    at.broker.listed = [at_broker(intent, "7")]
    assert hand_over_one(at.desk, intent).order_id == f"{DAY}/7"
    assert at.broker.sent == []


def test_what_was_listed_before_or_is_anothers_is_not_ours(at: Desk) -> None:
    own = one(at)
    at.sent(own, "5")
    (intent,) = intents_of(at.ledger, at.freeze(BUY, strategy="t").run_id)
    intent = at.event(intent, "sending", detail=json.dumps({"watermark": [f"{DAY}/6"]}))
    at.broker.listed = [at_broker(own, number) for number in ("5", "6", "7")]
    assert hand_over_one(at.desk, intent).order_id == f"{DAY}/7"


@pytest.mark.parametrize(
    ("visibility", "waits"),
    [(0.0, []), (2.0, [1.0, 1.0]), (2.5, [1.0, 1.0, 0.5]), (40.0, [1, 1, 2, 4, 8, 15, 9])],
)
def test_an_order_without_an_answer_is_looked_for_as_long_as_a_list_may_lag(
    at: Desk, visibility: float, waits: list[float]
) -> None:
    of(at, Ids.UNIQUE)
    at.broker.visibility = visibility
    at.broker.answers = [Unanswered("?")]
    found = hand_over_one(at.desk, one(at))
    assert at.clock.waited == waits
    assert events(at)[:2] == [("01", "sending"), ("01", "absent")]
    assert detail(at, "absent") == {"why": "not in the broker's list"}
    # Refused under a name that is there already: so it may be sent again.
    assert (found.state, len(at.broker.sent)) == ("acknowledged", 2)


def test_an_order_without_an_answer_that_shows_late_is_taken(at: Desk) -> None:
    at.broker.visibility = 5.0
    at.broker.answers = [Unanswered("?")]
    intent = one(at)
    at.broker.lists = [[], [], []]
    at.broker.listed = [at_broker(intent, "7")]
    assert hand_over_one(at.desk, intent).order_id == f"{DAY}/7"
    assert at.clock.waited == [1.0, 1.0]


@pytest.mark.parametrize(
    ("signs", "again"), [((), False), (("a",), False), (("a", "b"), True), (("a", "b", "c"), True)]
)
def test_an_order_that_left_no_trace_is_sent_again_on_two_signs_of_its_absence(
    at: Desk, signs: tuple[str, ...], again: bool
) -> None:
    at.broker.signs = signs
    at.broker.answers = [Unanswered("?")]
    intent = one(at)
    if again:
        assert hand_over_one(at.desk, intent).state == "acknowledged"
        assert detail(at, "absent") == {"why": "not in the broker's list", "proofs": list(signs)}
        assert len(at.broker.sent) == 2
        return
    with pytest.raises(Ambiguous, match=f"has order {intent.name} "):
        hand_over_one(at.desk, intent)
    assert at.intent(intent.name).state == "sending"


@pytest.mark.parametrize("shows", [True, False])
def test_a_list_without_what_was_acknowledged_proves_nothing(at: Desk, shows: bool) -> None:
    """What our other orders brought is booked before, because it says where the account is."""
    run = at.freeze(BUY, SALE)
    first, second = intents_of(at.ledger, run.run_id)
    at.sent(first, "5")
    (old,) = intents_of(at.ledger, at.freeze(BUY, executed=date(2026, 6, 1)).run_id)
    at.sent(old, "1")  # of another session: this list has never shown it
    at.event(second, "sending")
    at.broker.signs = ("a", "b")
    at.broker.now = Hours.OPEN
    if shows:
        at.broker.listed = [at_broker(first, "5", 1, 10_000)]
        assert hand_over_one(at.desk, at.intent(second.name)).state == "acknowledged"
        assert at.intent(first.name).filled == 1
        assert at.broker.before is not None
        assert at.broker.before.at == 990
    else:
        with pytest.raises(Ambiguous):
            hand_over_one(at.desk, at.intent(second.name))
        assert "absent" not in " ".join(at.broker.asked)


def test_without_an_order_at_the_broker_no_list_has_to_show_one(at: Desk) -> None:
    at.broker.signs = ("a", "b")
    intent = at.event(one(at), "sending")
    recover(at.desk)
    assert at.intent(intent.name).state == "absent"
    # The last question is whether an order that could be this one is there all the same.
    assert at.broker.asked == [f"orders {DAY}", f"absent {intent.name}", f"orders {DAY}"]


def test_orders_are_handed_over_in_the_order_of_the_plan(tmp_path: Path) -> None:
    at = Desk(tmp_path, Scripted(Ids.UNIQUE))
    run = at.freeze(SALE, planned(Side.BUY, OTHER), BUY)
    hand_over(at.desk, run.run_id)
    assert [(r.side, r.ticker) for r in at.broker.sent] == [
        (Side.SELL, FUND), (Side.BUY, OTHER), (Side.BUY, FUND),
    ]  # fmt: skip
    at.ledger.close()
