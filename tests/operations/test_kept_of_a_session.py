"""What a session keeps beside its orders: months, stops, home, planner, reviews and proofs."""

from __future__ import annotations

import json
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest
from scripted import BUY, DAY, FUND, OTHER, SALE, Desk, at_broker, planned
from tellings import CALENDAR, MONDAY, TUESDAY, notes, records

from jeoul.errors import BrokerError, UsageError
from jeoul.model.portfolio import Side
from jeoul.operations.desk.fills import collect
from jeoul.operations.desk.intents import intents_of
from jeoul.operations.ledger.taken_files import booked_statement
from jeoul.operations.setup.outcome import RunReport
from jeoul.operations.told.forward_notes import (
    MonthNote,
    account_forward,
    chosen_in,
    keep_month,
    model_returns,
    months_in,
)
from jeoul.operations.told.ledger_notes import standing_stop, stops_after


def months(*lines: tuple[int, str, float]) -> list[MonthNote]:
    return [MonthNote(f"2026-0{n}", date(2026, n, 3), rules, nav) for n, rules, nav in lines]


def test_the_record_of_rules_begins_where_they_were_chosen_last() -> None:
    lines = months((1, "a", 1.0), (2, "b", 2.0), (3, "a", 4.0), (4, "a", 5.0), (5, "a", 4.0))
    assert chosen_in(lines) == date(2026, 3, 3)
    assert [(b.month, a.month, growth) for b, a, growth in model_returns(lines)] == [
        ("2026-03", "2026-04", 0.25), ("2026-04", "2026-05", pytest.approx(-0.2)),
    ]  # fmt: skip
    told = account_forward("mine", "s", lines)
    assert told["rules_since"] == "2026-03-03"
    assert told["after"]["months"][0] == {"from": "2026-03-03", "to": "2026-04-03", "return": 0.25}
    assert (chosen_in([]), model_returns([])) == (None, [])
    assert account_forward("mine", "s", [])["rules_since"] is None


def test_a_month_is_kept_once_under_the_same_rules(at: Desk) -> None:
    for session, rules, nav in (
        (DAY, "a", 1.0), (TUESDAY, "a", 2.0), (TUESDAY, "b", 3.0), (date(2026, 7, 1), "a", 4.0),
    ):  # fmt: skip
        keep_month(
            records(at, session).notes,
            cast("Any", SimpleNamespace(memory=SimpleNamespace(nav=nav))),
            rules,
        )
    assert [(n.month, n.session, n.rules, n.nav) for n in months_in(at.ledger, "mine")] == [
        ("2026-06", DAY, "a", 1.0),
        ("2026-06", TUESDAY, "b", 3.0),
        ("2026-07", date(2026, 7, 1), "a", 4.0),
    ]
    assert months_in(at.ledger, "other") == []


def test_a_note_is_never_earlier_than_the_newest_row(at: Desk) -> None:
    at.clock.time = 2_000.9
    records(at).notes.add("k", {})
    at.clock.time = 1_500.0
    records(at).notes.add("k", {})
    at.clock.time = 3_000.0
    records(at).notes.add("k", {})
    rows = at.ledger.rows("SELECT at FROM chain ORDER BY seq")
    assert [row["at"] for row in rows] == [2_000, 2_000, 3_000]


def test_a_stop_is_kept_once_and_ends_with_the_next_run_that_goes_on(at: Desk) -> None:
    keeper, stop = records(at).notes, RunReport("blocked_data", ("no prices",))
    keeper.outcome(RunReport("executed"))
    assert notes(at, "outcome") == []
    for _ in range(2):
        keeper.outcome(stop)
    assert len(notes(at, "outcome")) == 1
    records(at, TUESDAY).notes.outcome(stop)
    keeper.outcome(RunReport("blocked_data", ("others",)))
    assert len(notes(at, "outcome")) == 3
    found = standing_stop(at.ledger, "mine")
    assert found is not None
    assert (found["session"], json.loads(found["detail"])["reasons"]) == (str(DAY), ["others"])
    assert standing_stop(at.ledger, "other") is None
    for _ in range(2):
        keeper.outcome(RunReport("executed", ("x",)))
    assert notes(at, "outcome")[3:] == [(str(DAY), {"outcome": "executed", "reasons": []})]
    assert standing_stop(at.ledger, "mine") is None
    keeper.outcome(stop)
    at.freeze(BUY)
    assert standing_stop(at.ledger, "mine") is None
    assert [row["session"] for row in stops_after(at.ledger, "mine", DAY)] == [str(TUESDAY)]
    assert len(stops_after(at.ledger, "mine", None)) == 5


def test_the_newest_note_of_a_kind_is_the_account_s(at: Desk) -> None:
    assert (records(at).notes.newest("k"), booked_statement(at.ledger)) == (None, None)
    for number in (1, 2):
        records(at).notes.add("k", {"n": number})
        records(at).notes.add("import", {"digest": f"d{number}"})
    records(at, account="other").notes.add("k", {"n": 9})
    assert records(at).notes.newest("k") == {"n": 2}
    assert booked_statement(at.ledger) == "d2"


def test_a_copy_of_the_ledger_in_another_folder_is_refused(at: Desk) -> None:
    for folder, adopt in (("/a", False), ("/a", False), ("/a", True)):
        records(at).check_home(folder, adopt=adopt)
        assert len(notes(at, "home")) == 1
    with pytest.raises(BrokerError, match="belongs to another folder than /b"):
        records(at).check_home("/b", adopt=False)
    records(at).check_home("/b", adopt=True)
    assert [detail["folder"] for _, detail in notes(at, "home")] == ["/a", "/b"]
    records(at).check_home("/b", adopt=False)
    assert len(notes(at, "home")) == 2


def test_an_account_that_a_household_plans_is_not_run_alone(at: Desk) -> None:
    records(at).check_planner(None, adopt=False)
    assert notes(at, "household") == []
    for file in ("h.toml", "h.toml", "g.toml"):
        records(at).check_planner(file, adopt=False)
    with pytest.raises(BrokerError, match=r"the household g\.toml plans this account"):
        records(at).check_planner(None, adopt=False)
    records(at).check_planner(None, adopt=True)
    assert [detail["file"] for _, detail in notes(at, "household")] == ["h.toml", "g.toml", None]


def test_sessions_between_two_decisions_are_missed_unless_a_run_stopped_on_them(at: Desk) -> None:
    friday = date(2026, 6, 26)
    now = records(at, friday)
    assert (now.missed(CALENDAR), now.unseen(CALENDAR), now.last_session()) == ([], [], None)
    at.freeze(executed=MONDAY)
    days = [date(2026, 6, day) for day in (23, 24, 25)]
    assert (now.missed(CALENDAR), now.unseen(CALENDAR)) == (days, days)
    records(at, days[1]).notes.outcome(RunReport("blocked_data"))
    assert now.unseen(CALENDAR) == [days[0], days[2]]
    for _ in range(2):
        now.skipped(CALENDAR)
    assert now.skipped_before() == list(map(str, days))
    assert notes(at, "skipped")[0] == (
        str(friday), {"session": "2026-06-23", "caught_up_by": "2026-06-26"}
    )  # fmt: skip
    assert records(at, TUESDAY).unseen(CALENDAR) == []
    assert records(at, account="other").last_session() is None


def test_a_quarter_is_looked_back_on_at_its_first_run(at: Desk) -> None:
    at.booked("opening", 7, {FUND: 2}, {TUESDAY: 3})
    for month in range(1, 13):
        run = at.freeze(SALE, executed=date(2026, month, 2), weights={"CASH": 1.0})
        records(at).review(run)
    found = [detail for _, detail in notes(at, "review")]
    assert [each["quarter"] for each in found] == ["2026Q1", "2026Q2", "2026Q3", "2026Q4"]
    assert (found[0]["run"], found[1]["run"]) == ("mine.s.2026-01-02", "mine.s.2026-04-02")
    assert found[0] | {"run": ""} == {
        "quarter": "2026Q1", "run": "", "weights": {"CASH": 1.0}, "orders": 1,
        "holdings": {"cash": 7, "unsettled": {str(TUESDAY): 3}, "shares": {FUND: 2}},
    }  # fmt: skip


def test_the_newest_proof_of_an_allocation_or_of_the_session_counts(at: Desk) -> None:
    keeper = records(at)
    assert (keeper.kept_proof("x"), keeper.proof()) == (None, None)
    for number, allocation in enumerate("xxy"):
        keeper.notes.add("proof", {"allocation": allocation, "n": number})
    records(at, TUESDAY).notes.add("proof", {"allocation": "z", "n": 3})
    assert keeper.kept_proof("x") == {"allocation": "x", "n": 1}
    assert keeper.proof() == {"allocation": "y", "n": 2}


def test_rules_are_accepted_by_their_own_digest(at: Desk) -> None:
    now = cast("Any", SimpleNamespace(digest="d"))
    with pytest.raises(UsageError, match="the rules of this run are d, not e"):
        records(at).accept_rules(now, "e", "me")
    records(at).accept_rules(now, "d", "me")
    records(at).adopt_rules(now)
    assert [detail for _, detail in notes(at, "rules")] == [
        {"digest": "d", "by": "me"}, {"digest": "d", "adopted": ["universe", "model"]},
    ]  # fmt: skip


def test_what_was_traded_on_a_session_is_what_was_filled_on_it(at: Desk) -> None:
    assert records(at).traded(DAY) == 0
    at.booked("opening", 90_000, {FUND: 2})
    for number, order in enumerate((SALE, planned(Side.BUY, OTHER))):
        (intent,) = intents_of(at.ledger, at.freeze(order, strategy=f"{number}").run_id)
        at.sent(intent, str(number))
        at.broker.listed.append(at_broker(intent, str(number), 2, 20_000 + number))
    collect(at.desk, DAY)
    assert (records(at).traded(DAY), records(at).traded(TUESDAY)) == (40_001, 0)
    assert records(at).unfinished()[0].account == "mine"
    assert records(at, account="other").unfinished() == []
