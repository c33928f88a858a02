"""What stops a run before anything is sent, and rules and proofs that it asks about."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest
from scripted import FUND, SALE, at_broker
from staged import BUY, CALENDAR, MONDAY, TUESDAY, WEDNESDAY, Day

from jeoul.errors import AllocationError
from jeoul.model.portfolio import Reason
from jeoul.operations import proving, stages
from jeoul.operations.broker.port import BrokerAccount, Hours
from jeoul.operations.desk.accepted_rules import RulesCheck
from jeoul.operations.desk.intents import PlannedOrder, intents_of, named_run
from jeoul.pipeline.content import KeyChange


def test_the_kill_switch_stops_a_decision_and_a_plan(day: Day) -> None:
    stop = day.folder / "state" / "STOP"
    day.stages()
    stop.touch()
    assert (day.run().outcome, day.at.broker.sent) == ("blocked_rule", [])
    stop.unlink()
    day.tables += "\n[approval]\nrequired = true"
    plan = day.run().document["run_id"]
    stop.touch()
    assert day.run(approve=plan, execute=False).outcome == "blocked_rule"
    assert (day.orders_of()[0].state, day.at.broker.sent) == ("new", [])
    stop.unlink()
    day.fills()
    assert day.run(approve=plan, execute=False).outcome == "executed"


def test_a_switch_that_is_thrown_while_orders_go_out_is_said(day: Day) -> None:
    day.at.broker.sales_first = True
    day.more = {"proceeds": "reuse", "reserve": 0}
    day.at.broker.submit = lambda _: pytest.fail("sent")
    asked = iter([False, False])
    day.patch.setattr(stages, "is_stopped", lambda *_: next(asked, True))
    report = day.run()
    assert report.outcome == "blocked_rule"
    assert "safety.stop = false" in report.asked[0]
    assert report.document["orders"][0]["state"] == "new"


@pytest.mark.parametrize(
    ("hours", "outcome"), [(Hours.OVER, "blocked_data"), (Hours.EARLY, "blocked_rule")]
)
def test_outside_of_its_session_nothing_is_decided(day: Day, hours: Hours, outcome: str) -> None:
    day.at.broker.now = hours
    day.at.clock.time = float(CALENDAR.closes[CALENDAR.index(TUESDAY)])
    assert day.run().outcome == outcome
    assert named_run(day.at.ledger, f"mine.s.{MONDAY}") is None
    day.orders = ()
    assert (day.run().outcome == "nothing_to_do") is (hours is Hours.EARLY)


def test_while_an_order_of_another_session_is_open_nothing_is_decided(day: Day) -> None:
    run = day.at.freeze(BUY, executed=date(2026, 6, 19), rules={"digest": "d", "model": 3})
    (intent,) = intents_of(day.at.ledger, run.run_id)
    day.at.sent(intent, "7")
    day.at.broker.listed = [at_broker(intent, "7")]
    report = day.run()
    assert report.outcome == "needs_person"
    assert "1 order still open" in report.reasons[-1]
    day.at.broker.listed = [at_broker(intent, "7", 2, 20_000)]
    day.at.broker.held = None
    assert day.run(execute=False).outcome == "planned"
    assert "finished" in day.events(run.run_id)


def test_limits_series_and_too_small_an_account_stop_a_plan(day: Day) -> None:
    day.forbidden = (Reason.of("operations.turnover_limit", amount="5", limit="1%"),)
    report = day.run()
    assert (report.outcome, len(report.reasons)) == ("blocked_rule", 1)
    day.forbidden = ()
    day.proposed = (
        Reason.of("overlay.overdue_vix", days="5", stale="3"),
        Reason.of("trade.calendar", turnover="1%"),
    )
    day.patch.setattr("jeoul.operations.told.run_report.RunReporter.text", lambda *_: "overdue")
    assert day.run().outcome == "blocked_data"
    assert day.run(execute=False).outcome == "planned"
    assert named_run(day.at.ledger, f"mine.s.{MONDAY}") is None


@pytest.mark.parametrize(
    ("least", "outcome"), [(1_000_000, "planned"), (1_000_001, "blocked_rule")]
)
def test_an_account_invests_first_once_it_is_large_enough(
    day: Day, least: int, outcome: str
) -> None:
    day.tables = f"minimum = {least}\n" + day.tables
    day.at.broker.held = BrokerAccount({}, 1_000_000, {})
    assert day.run(execute=False).outcome == outcome
    day.at.booked("deposit", 0, {FUND: 3})
    day.at.booked("withdrawal", 0, {FUND: -3})
    assert day.run(execute=False).outcome == "planned"


@pytest.mark.parametrize(("orders", "outcome"), [((), "needs_person"), ((SALE,), "planned")])
def test_expired_answers_ask_only_where_nothing_is_sold(
    day: Day, orders: tuple[PlannedOrder, ...], outcome: str
) -> None:
    day.orders, day.reasons = orders, (Reason.of("diagnosis.expired", expires="2026-01-01"),)
    assert day.run(execute=False).outcome == outcome
    day.reasons = (Reason.of("trade.calendar", turnover="1%"),)
    assert day.run(execute=False).outcome == ("planned" if orders else "nothing_to_do")


def test_more_than_an_account_takes_and_expired_answers_stop_its_purchases(day: Day) -> None:
    paid = 'account = "pension_savings"\n[paid]\n"2026" = 18_000_000\n'
    day.tables = paid + day.tables
    day.at.booked("opening", 500_000, {FUND: 5})
    day.run(execute=False)
    assert day.given[-1].stops is None
    day.at.booked("deposit", 1)
    day.at.broker.held = BrokerAccount({FUND: 5}, 500_001, {})
    day.run(execute=False)
    assert cast("Any", day.given[-1].stops).kind == "room.beyond"
    day.patch.setattr(stages, "expired_reason", lambda _: Reason("diagnosis.expired"))
    day.run(execute=False)
    assert cast("Any", day.given[-1].stops).kind == "diagnosis.expired"


def test_changed_rules_ask_before_they_trade(day: Day) -> None:
    day.orders = ()
    day.run()
    day.digest, day.orders = "e", (BUY,)
    last = named_run(day.at.ledger, f"mine.s.{MONDAY}")
    change = (KeyChange("a.b", None, 0.5), KeyChange("c", "x", None))

    def check(accepted: bool, changes: tuple[KeyChange, ...] = change) -> None:
        now = cast("Any", SimpleNamespace(digest="e"))
        found = RulesCheck(last, now, changes, accepted=accepted, unkept=accepted)
        day.patch.setattr(stages, "check_rules", lambda *_: found)

    check(accepted=False)
    before = SimpleNamespace(digest="d")
    day.patch.setattr("jeoul.operations.told.run_report.content_then", lambda _: before)
    day.patch.setattr(stages, "mandate_then", lambda *_: None)
    day.more = {"weights": {"A": 0.25, "B": 0.25, "CASH": 0.5}}
    report = day.run(TUESDAY)
    assert (report.outcome, day.given[-1].cause.kind) == (
        "needs_person",
        "operations.rules_changed",
    )
    rules = report.document["rules"]
    assert (rules["moved"], rules["orders_before"], rules["weights_before"]) == (
        0.5,
        [],
        {"CASH": 1.0},
    )
    assert [each["key"] for each in rules["changes"]] == ["a.b", "c"]
    assert [text for text in report.reasons if "→" in text] == ["a.b: – → 0.5", 'c: "x" → –']
    assert "50.0%" in report.reasons[0]
    mandate = SimpleNamespace(universe=SimpleNamespace(instruments={FUND: 1}))
    day.patch.setattr(stages, "mandate_then", lambda *_: mandate)
    rules = day.run(TUESDAY).document["rules"]
    assert (rules["moved"], len(rules["orders_before"])) == (0.0, 1)
    assert day.given[-1].cause is None  # the old rules have not changed
    check(accepted=True)
    assert day.run(TUESDAY, execute=False).outcome == "planned"
    day.orders = ()
    day.run(TUESDAY)
    assert [note["digest"] for note in day.notes("rules")] == ["e"]
    check(accepted=False, changes=())
    day.run(WEDNESDAY, execute=False)
    assert day.given[-1].cause is None


def test_a_person_accepts_rules_by_their_digest(day: Day) -> None:
    day.run(accept="d", by="me", execute=False)
    assert day.notes("rules") == [{"digest": "d", "by": "me"}]


def test_an_allocation_is_proved_once_and_quoted_after_that(day: Day) -> None:
    day.tables = "[safety]\nmax_turnover = 2.0"
    given = {"solver": "highs", "difference": 0.0, "apart": 0.0, "gap": None}
    day.proof = lambda: SimpleNamespace(holds=False, **given)
    report = day.run()
    assert (report.outcome, day.notes("proof"), day.at.broker.sent) == ("needs_person", [], [])
    day.proof = lambda: None  # nothing was solved for it
    day.orders = ()
    assert day.run().outcome == "nothing_to_do"
    assert day.notes("proof") == []
    day.proof = lambda: SimpleNamespace(holds=True, **given)
    for session in (TUESDAY, WEDNESDAY):
        day.run(session)
    assert [(note["proved"], note["quoted"]) for note in day.notes("proof")] == [
        (str(TUESDAY), False), (str(TUESDAY), True),
    ]  # fmt: skip

    def fails() -> Any:
        raise AllocationError("no optimum")

    day.proof = fails
    assert day.run(date(2026, 6, 25)).outcome == "nothing_to_do"  # it is known
    day.patch.setattr(proving, "allocation_id", lambda _: "another")
    assert "no optimum" in day.run(date(2026, 6, 26)).reasons[-1]
