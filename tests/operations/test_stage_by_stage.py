"""A run stage by stage, with a decision that a test makes: what goes on and what is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from scripted import FUND, OTHER
from staged import CALENDAR, MONDAY, TUESDAY, WEDNESDAY, Day

from jeoul.errors import DataError
from jeoul.operations import stages
from jeoul.operations.broker.port import BrokerAccount, Hours
from jeoul.operations.desk.intents import named_run, run_events


def test_a_run_freezes_sends_and_finishes_what_it_decided(day: Day) -> None:
    day.fills()
    report = day.run()
    assert (report.outcome, day.events()) == ("executed", ["finished"])
    assert [intent.state for intent in day.orders_of()] == ["filled"]
    assert day.kept == ["archive", "promise", "month"]
    assert len(day.notes("review")) == len(day.notes("home")) == 1
    assert run_events(day.at.ledger, f"mine.s.{MONDAY}")[0][1] == {"orders": 1}
    document = report.document
    assert (document["run_id"], document["as_of"], document["dry_run"]) == (
        f"mine.s.{MONDAY}", str(MONDAY), False,
    )  # fmt: skip
    assert document["holdings"]["shares"] == {FUND: 7}
    assert document["unexplained"] is None
    assert day.notes("rules") == []  # its rules are kept with it
    sent = len(day.at.broker.sent)
    assert (day.run().outcome, len(day.at.broker.sent)) == ("executed", sent)
    assert len(day.notes("review")) == 1


def test_a_look_sends_and_keeps_nothing(day: Day) -> None:
    report = day.run(execute=False)
    assert (report.outcome, report.document["dry_run"]) == ("planned", True)
    assert report.asked[0] == "Run with --execute to place these orders."
    assert named_run(day.at.ledger, f"mine.s.{MONDAY}") is None
    assert (day.kept, day.at.broker.sent, day.notes("review")) == ([], [], [])
    day.orders = ()
    assert day.run(execute=False).outcome == "nothing_to_do"


def test_a_plan_without_orders_is_frozen_and_archives_nothing(day: Day) -> None:
    day.orders = ()
    assert day.run(hold=True).outcome == "nothing_to_do"
    assert day.kept == ["promise", "month"]
    assert day.events() == ["finished"]
    run = named_run(day.at.ledger, f"mine.s.{MONDAY}")
    assert run is not None
    assert "held" not in run.document


def test_inputs_are_archived_where_they_are_to_be_kept(day: Day) -> None:
    run = day.stages()
    run.inputs = replace(run.inputs, keep_inputs=False)
    run.result()
    assert "archive" not in day.kept


def test_a_decision_follows_the_circumstances_of_the_account(day: Day) -> None:
    day.at.booked("opening", 400_000)
    day.at.booked("deposit", 100_000, {FUND: 5})
    day.at.broker.held = BrokerAccount({FUND: 5}, 500_000, {}, locked={FUND: 2})
    day.run(execute=False)
    (given,) = day.given
    assert (given.fresh.deposited, given.traded, given.first, given.safe) == (
        100_000,
        0,
        False,
        False,
    )
    assert (given.attempt, given.locked, given.cause, given.stops) == (1, {FUND: 2}, None, None)


@pytest.mark.parametrize(
    ("booked", "held", "first"),
    [({}, {}, True), ({FUND: 1}, {FUND: 1}, False), ({OTHER: 1}, {OTHER: 1}, True)],
)
def test_an_account_is_first_invested_where_neither_holdings_nor_books_have_the_plan(
    day: Day, booked: dict[str, int], held: dict[str, int], first: bool
) -> None:
    day.at.booked("opening", 500_000, booked)
    day.at.broker.held = BrokerAccount(held, 500_000, {})
    day.run(execute=False)
    assert day.given[0].first is first
    day.at.booked("deposit", 0, {FUND: 3})
    day.at.booked("withdrawal", 0, {FUND: -3})
    day.run(execute=False)
    assert day.given[1].first is False


def test_the_session_is_the_one_named_or_that_of_the_plan_or_the_newest(day: Day) -> None:
    assert day.run(None, execute=False).document["as_of"] == str(MONDAY)
    assert day.run(TUESDAY, execute=False).document["as_of"] == str(TUESDAY)
    day.tables += "\n[approval]\nrequired = true"
    plan = day.run(TUESDAY).document["run_id"]
    for request in ({"reject": plan}, {"approve": plan}):
        assert day.stages(None, execute=False, **request).session == TUESDAY
    assert day.stages(None, approve="none").session == MONDAY


def test_how_old_the_newest_price_is_is_said_where_no_session_is_named(day: Day) -> None:
    day.at.clock.time = float(CALENDAR.closes[CALENDAR.index(WEDNESDAY)])
    day.at.broker.now = Hours.OPEN
    named, newest = day.run(MONDAY, execute=False), day.run(None, execute=False)
    assert newest.document["newest_price"] == {"session": str(MONDAY), "sessions_old": 2}
    assert len(newest.reasons) == len(named.reasons) + 1


def test_a_run_that_stops_is_kept_in_the_history_where_it_executes(day: Day) -> None:
    def stops(*_: Any) -> Any:
        raise DataError("no prices")

    day.patch.setattr(stages, "decide", stops)
    for execute in (False, True):
        report = day.run(execute=execute)
        assert report.outcome == "blocked_data"
        assert [note["reasons"] for note in day.notes("outcome")] == [["no prices"]] * execute
    assert report.document["unexplained"] is None


def test_before_books_and_broker_were_compared_nothing_is_unexplained(day: Day) -> None:
    run = day.stages()
    run.records.notes.add("household", {"file": "h.toml"})
    report = run.result()
    assert report.outcome == "needs_person"
    assert "the household h.toml plans this account" in report.reasons[0]
    assert report.document["unexplained"] is None
    assert day.notes("home") == []


def test_a_session_that_is_none_is_refused(day: Day) -> None:
    assert day.run(date(2026, 6, 21)).outcome == "blocked_data"


def test_sessions_without_a_run_are_skipped_and_found_again(day: Day) -> None:
    day.orders = ()
    day.run()
    report = day.run(WEDNESDAY)
    assert report.document["skipped"] == [str(TUESDAY)]
    assert [alarm["key"] for alarm in report.document["alarms"]] == [f"missed.{TUESDAY}"]
    assert report.reasons[0].startswith("No run decided on 1 session: 2026-06-23")


def test_every_so_many_rows_a_checkpoint_is_kept(day: Day) -> None:
    with day.at.ledger.transaction():
        for _ in range(250):
            day.at.ledger.append(
                "notes", 1, account="mine", strategy="s", session="x", kind="k", detail="{}"
            )
    for execute, count in ((False, 0), (True, 1)):
        day.run(execute=execute)
        assert len(day.at.ledger.rows("SELECT 1 FROM checkpoints")) == count


def test_a_statement_is_adopted_and_kept_once(day: Day) -> None:
    broker = day.at.broker
    booked: list[str] = []
    day.at.booked("opening", 100, {FUND: 5})
    day.orders = ()
    broker.statement = lambda: "s1"
    broker.statement_booked = booked.append
    report = day.run()
    assert report.outcome == "nothing_to_do"
    assert (day.notes("import"), booked) == ([{"digest": "s1"}], ["s1"])
    assert report.document["unexplained"] == "CASH +499,900"
    day.run()
    assert (day.notes("import"), booked) == ([{"digest": "s1"}], ["s1"])
    broker.statement = lambda: "s2"
    day.run()
    assert booked == ["s1", "s2"]


@pytest.mark.parametrize(
    ("adopt", "unexplained", "outcome"),
    [(False, "stop", "needs_person"), (True, "stop", "planned"), (False, "adopt", "planned")],
)
def test_what_nobody_explains_is_adopted_where_somebody_said_so(
    day: Day, adopt: bool, unexplained: str, outcome: str
) -> None:
    day.tables += f'\nunexplained = "{unexplained}"'
    day.at.booked("opening", 100, {FUND: 5})
    assert day.run(execute=False, adopt=adopt).outcome == outcome


def test_the_fills_of_a_person_are_taken_in(day: Day) -> None:
    taken: list[Path] = []
    day.at.broker.take_fills = taken.append
    day.run(execute=False)
    day.run(execute=False, fills=Path("f"))
    assert taken == [Path("f")]


def test_a_day_comes_to_pass_before_it_is_looked_at(day: Day) -> None:
    day.run(execute=False)
    assert day.at.broker.asked[0] == f"catch up {MONDAY}"


def test_the_orders_that_a_person_types_in_are_asked_for(day: Day) -> None:
    day.at.broker.order_file = lambda _: Path("orders.csv")
    day.fills(0)
    report = day.run()
    assert (report.outcome, "orders.csv" in report.asked[0]) == ("planned", True)
    day.at.broker.order_file = lambda _: None
    assert day.run(execute=False).outcome == "executed"
    day.at.broker.order_file = lambda _: Path("orders.csv")
    day.fills()
    assert day.run(execute=False).outcome == "executed"
