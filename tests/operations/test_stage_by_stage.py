"""A run stage by stage, with a decision that a test makes: what goes on, what stops, what is kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from scripted import FUND, OTHER, SALE, Desk, at_broker, planned

from jeoul import api
from jeoul.errors import AllocationError, BrokerError, DataError
from jeoul.model.portfolio import Reason, Side
from jeoul.operations import run as run_module
from jeoul.operations import stages
from jeoul.operations.broker.port import BrokerAccount, Hours
from jeoul.operations.decision import Decided
from jeoul.operations.desk.accepted_rules import RulesCheck
from jeoul.operations.desk.intents import PlannedOrder, RunPlan, intents_of, named_run, run_events
from jeoul.operations.run import Runner, RunRequest, run_without_market
from jeoul.operations.run_inputs import RunInputs
from jeoul.operations.setup.config import Config, load_config
from jeoul.operations.setup.outcome import RunReport
from jeoul.operations.stages import Stages
from jeoul.operations.told import session_records
from jeoul.pipeline.content import KeyChange
from jeoul.profile import Diagnosis

CALENDAR = api.calendars()["XKRX"]
MONDAY, TUESDAY, WEDNESDAY = (date(2026, 6, day) for day in (22, 23, 24))
BUY = planned(Side.BUY)
CONFIG = 'schema = 1\nname = "mine"\nprofile = "balanced"\nstate = "state"\nlang = "en"\n'
NOTHING = SimpleNamespace(prices=(), last_session=lambda _: MONDAY)


def config_in(folder: Path, tables: str = "") -> Config:
    file = folder / "mine.toml"
    file.write_text(f'{CONFIG}{tables}\n[broker]\nkind = "paper"\n', "utf-8")
    (folder / "state").mkdir(exist_ok=True)
    return load_config(file)


class Day:
    """An account whose decision a test makes: ``orders`` on every session, for one value."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder, self.patch = folder, patch
        self.at = Desk(folder)
        self.at.broker.held = BrokerAccount({FUND: 5}, 500_000, {})
        self.orders: tuple[PlannedOrder, ...] = (BUY,)
        self.more: dict[str, Any] = {}
        self.forbidden: tuple[Reason, ...] = ()
        self.reasons: tuple[Reason, ...] = (Reason.of("trade.calendar", turnover="1.0%"),)
        self.proposed: tuple[Reason, ...] = ()
        self.diagnosis: Diagnosis | None = None
        self.proof: Callable[[], Any] = lambda: None
        self.tables = "[safety]\nprove = false\nmax_turnover = 2.0"
        self.digest = "d"
        self.given: list[Any] = []
        self.kept: list[str] = []
        patch.setattr(stages, "decide", self._decide)
        patch.setattr(stages, "content_of", lambda _: SimpleNamespace(digest=self.digest))
        patch.setattr(stages, "archive", lambda *_: self.kept.append("archive"))
        patch.setattr(stages, "allocation_id", lambda _: "allocation")
        patch.setattr(session_records, "keep_promise", lambda *_: self.kept.append("promise"))
        patch.setattr(session_records, "keep_month", lambda *_: self.kept.append("month"))

    def _decide(self, _: Any, __: Any, proposal: Any, portfolio: Any, given: Any) -> Decided:
        self.given.append(given)
        document = {
            "profile": "balanced", "kind": "general", "simulated": False, "state": "on",
            "scale": 1.0, "weights": {"CASH": 1.0}, "findings": [], "currency": "KRW",
            "reasons": [[r.kind, r.detail] for r in self.reasons], "value": 1_000_000,
            "first": given.first, "safe": False, "rules": {"digest": self.digest, "model": 3},
            "portfolio": {"shares": dict(portfolio.shares)}, **self.more,
        }  # fmt: skip
        plan = RunPlan(
            "mine", "s", proposal.as_of, CALENDAR.after(proposal.as_of), "x", document,
            self.orders, given.attempt,
        )  # fmt: skip
        decision = SimpleNamespace(proposal=proposal, reasons=self.reasons)
        return Decided(cast("Any", decision), plan, (), self.forbidden)

    def stages(self, day: date | None = MONDAY, **request: Any) -> Stages:
        def proposal(session: date, _: Any) -> Any:
            memory = SimpleNamespace(allocated=session, nav=1.0)
            return SimpleNamespace(as_of=session, reasons=self.proposed, memory=memory)

        strategy, funds = SimpleNamespace(name="s"), SimpleNamespace(instruments={FUND: 1})
        mandate = cast("Any", SimpleNamespace(strategy=strategy, universe=funds))
        inputs = RunInputs(
            config=config_in(self.folder, self.tables), mandate=mandate,
            market=cast("Any", NOTHING), calendar=CALENDAR, proposal=proposal,
            proof=lambda _: self.proof(), alarms=lambda *_: (), keep_inputs=True,
            snapshot=lambda _: cast("Any", SimpleNamespace(seen=None)), diagnosis=self.diagnosis,
        )  # fmt: skip
        return Stages(inputs, self.at.desk, RunRequest(as_of=day, **{"execute": True, **request}))

    def run(self, day: date | None = MONDAY, **request: Any) -> RunReport:
        return self.stages(day, **request).result()

    def fills(self, shares: int = 2) -> None:
        """Let so many shares of every order be filled as its session comes to pass."""

        def listed(day: date) -> list[Any]:
            rows = self.at.ledger.rows(
                "SELECT intent, order_id FROM order_events WHERE state = 'acknowledged'"
            )
            found = [(self.at.intent(row["intent"]), row["order_id"]) for row in rows]
            return [
                at_broker(intent, key.rpartition("/")[2], shares, 10_000 * shares)
                for intent, key in found if intent.executed == day
            ]  # fmt: skip

        def account() -> BrokerAccount:
            filled = [i for i in self.orders_of() if i.filled]
            bought = sum(i.filled for i in filled)
            return BrokerAccount({FUND: 5 + bought}, 500_000 - 10_000 * bought, {})

        self.at.broker.orders = listed  # type: ignore[assignment, method-assign]
        self.at.broker.account = account  # type: ignore[method-assign]

    def orders_of(self, run: str = f"mine.s.{MONDAY}") -> Any:
        return intents_of(self.at.ledger, run)

    def events(self, run: str = f"mine.s.{MONDAY}") -> list[str]:
        return [event for event, _, _ in run_events(self.at.ledger, run)]

    def notes(self, kind: str) -> list[dict[str, Any]]:
        rows = self.at.ledger.rows("SELECT detail FROM notes WHERE kind = ? ORDER BY seq", kind)
        return [json.loads(row["detail"]) for row in rows]


@pytest.fixture
def day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Day]:
    found = Day(tmp_path, monkeypatch)
    yield found
    found.at.ledger.close()


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


# What stops a run.


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
    day.at.broker.submit = lambda _: pytest.fail("sent")  # type: ignore[method-assign]
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
    day.patch.setattr(stages.RunReporter, "text", lambda *_: "overdue")
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
    assert day.given[-1].stops.kind == "room.beyond"
    day.patch.setattr(stages, "expired_reason", lambda _: Reason("diagnosis.expired"))
    day.run(execute=False)
    assert day.given[-1].stops.kind == "diagnosis.expired"


# Rules.


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


# Plans that wait, lapse or go on.


def test_a_plan_waits_for_its_release_and_goes_on_after_it(day: Day) -> None:
    day.tables += "\n[approval]\nrequired = true"
    report = day.run()
    plan = report.document["run_id"]
    assert (report.outcome, f"--approve {plan}" in report.asked[0]) == ("planned", True)
    assert day.run(execute=False).asked == report.asked
    assert day.at.broker.sent == []
    day.fills()
    assert day.run(approve=plan, execute=False).outcome == "executed"
    assert day.events() == ["approved", "finished"]
    assert day.run().outcome == "executed"


def test_a_plan_is_held_for_a_release_that_its_config_does_not_ask_for(day: Day) -> None:
    assert day.run(hold=True).outcome == "planned"
    assert (day.at.broker.sent, day.run().outcome) == ([], "planned")


def test_a_plan_that_nobody_released_in_time_lapses_and_is_over(day: Day) -> None:
    day.tables += "\n[approval]\nrequired = true\nhours = 1.0"
    day.run()
    day.at.clock.time += 3_601
    report = day.run(execute=False)
    assert (report.outcome, day.events()) == ("blocked_rule", ["lapsed", "finished"])
    assert report.reasons[0].startswith("This plan was not approved in time")
    assert day.run().outcome == "blocked_rule"
    assert day.events() == ["lapsed", "finished"]


def test_a_plan_that_was_refused_is_not_decided_again(day: Day) -> None:
    day.tables += "\n[approval]\nrequired = true"
    plan = day.run().document["run_id"]
    report = day.run(reject=plan, execute=False)
    assert (report.outcome, day.events()) == ("blocked_rule", ["rejected", "finished"])
    assert day.run().outcome == "blocked_rule"
    assert len(day.given) == 1


def test_a_look_at_a_plan_that_is_half_sent_sends_nothing_more(day: Day) -> None:
    day.orders = (BUY, planned(Side.BUY, OTHER))
    day.at.broker.now = Hours.OPEN
    day.tables += "\n[approval]\nrequired = true"
    plan = day.run().document["run_id"]
    first, second = day.orders_of()
    day.at.sent(first, "9")
    day.at.broker.listed = [at_broker(first, "9")]
    with day.at.ledger.transaction():
        day.at.ledger.append("run_events", 1_000, run_id=plan, event="approved", detail="{}")
    report = day.run(execute=False)
    assert (report.outcome, report.asked) == (
        "planned",
        ("Run with --execute to place these orders.",),
    )
    day.fills(0)
    other = day.at.freeze(strategy="other", executed=MONDAY, rules={"digest": "d", "model": 3})
    day.run(approve=plan, execute=False)
    assert [request.name for request in day.at.broker.sent] == [second.name]
    assert other.run_id != plan


def test_a_plan_that_no_longer_fits_is_decided_again(day: Day) -> None:
    day.tables += '\nunexplained = "adopt"\n[approval]\nrequired = true'
    plan = day.run().document["run_id"]
    day.at.broker.held = BrokerAccount({FUND: 4}, 500_000, {})
    report = day.run(approve=plan, execute=False)
    assert (report.outcome, report.document["run_id"]) == ("planned", f"{plan}.2")
    assert report.reasons[0].startswith(f"The plan {plan} no longer fits the account")
    assert report.document["unexplained"] == f"{FUND} -1"
    assert (day.events(), day.given[-1].attempt) == (["approved", "lapsed", "finished"], 2)
    assert "adopted" in report.reasons[1]


def test_a_plan_of_other_rules_is_never_sent(day: Day) -> None:
    day.tables += "\n[approval]\nrequired = true"
    plan = day.run().document["run_id"]
    others = {plan}
    changed = (KeyChange("a", 1, 2),)
    day.patch.setattr(
        stages, "changes_since", lambda run, _: changed if run.run_id in others else ()
    )
    assert day.run(execute=False).outcome == "planned"
    assert day.events() == []
    report = day.run()
    assert report.document["run_id"] == f"{plan}.2"
    assert day.events() == ["lapsed", "finished"]
    with day.at.ledger.transaction():
        for intent in day.orders_of(f"{plan}.2"):
            day.at.ledger.append(
                "order_events",
                1_000,
                intent=intent.name,
                state="refused",
                order_id=None,
                detail="{}",
            )
    others.add(f"{plan}.2")
    assert day.run().outcome == "needs_person"  # nothing of it is unsent any more
    assert day.events(f"{plan}.2") == ["finished"]


# The proof of an allocation.


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
    day.patch.setattr(stages, "allocation_id", lambda _: "another")
    assert "no optimum" in day.run(date(2026, 6, 26)).reasons[-1]


# What a person brings.


def test_a_statement_is_adopted_and_kept_once(day: Day) -> None:
    broker, booked = day.at.broker, []
    day.at.booked("opening", 100, {FUND: 5})
    day.orders = ()
    broker.statement = lambda: "s1"  # type: ignore[method-assign]
    broker.statement_booked = booked.append  # type: ignore[method-assign]
    report = day.run()
    assert report.outcome == "nothing_to_do"
    assert (day.notes("import"), booked) == ([{"digest": "s1"}], ["s1"])
    assert report.document["unexplained"] == "CASH +499,900"
    day.run()
    assert (day.notes("import"), booked) == ([{"digest": "s1"}], ["s1"])
    broker.statement = lambda: "s2"  # type: ignore[method-assign]
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
    day.at.broker.take_fills = taken.append  # type: ignore[assignment, method-assign]
    day.run(execute=False)
    day.run(execute=False, fills=Path("f"))
    assert taken == [Path("f")]


def test_a_day_comes_to_pass_before_it_is_looked_at(day: Day) -> None:
    day.run(execute=False)
    assert day.at.broker.asked[0] == f"catch up {MONDAY}"


def test_the_orders_that_a_person_types_in_are_asked_for(day: Day) -> None:
    day.at.broker.order_file = lambda _: Path("orders.csv")  # type: ignore[method-assign]
    day.fills(0)
    report = day.run()
    assert (report.outcome, "orders.csv" in report.asked[0]) == ("planned", True)
    day.at.broker.order_file = lambda _: None  # type: ignore[method-assign]
    assert day.run(execute=False).outcome == "executed"
    day.at.broker.order_file = lambda _: Path("orders.csv")  # type: ignore[method-assign]
    day.fills()
    assert day.run(execute=False).outcome == "executed"


# The run around its stages.


@pytest.fixture
def runner(day: Day) -> Runner:
    mandate = cast("Any", SimpleNamespace(strategy=SimpleNamespace(name="s", calendar="XKRX")))
    found = Runner(
        config_in(day.folder), mandate, cast("Any", NOTHING), {"XKRX": CALENDAR}, day.at.clock
    )
    found.ledgers = lambda _: day.at.ledger
    return found


@pytest.mark.parametrize(
    ("ahead", "outcome"), [(300, "executed"), (301, "blocked_rule"), (0, "executed")]
)
def test_a_clock_behind_the_newest_row_stops_a_run(
    day: Day, runner: Runner, monkeypatch: pytest.MonkeyPatch, ahead: int, outcome: str
) -> None:
    day.at.freeze(at=1_000 + ahead)
    monkeypatch.setattr(Runner, "_at_desk", lambda *_: RunReport("executed"))
    report = runner._run(day.at.ledger, RunRequest())
    assert report.outcome == outcome
    day.at.clock.time -= 0.5
    if ahead:
        behind = runner._run(day.at.ledger, RunRequest())
        assert behind.outcome == "blocked_rule"
        assert f"{ahead} s" in behind.reasons[0].replace("seconds", "s")


@pytest.mark.parametrize(
    ("now", "as_of", "session"),
    [
        (0, None, 0),
        (CALENDAR.closes[0] - 1, None, 0),
        (CALENDAR.closes[5] - 1, None, 4),
        (CALENDAR.closes[5], None, 5),
        (CALENDAR.closes[5], 3, 3),
    ],
)
def test_a_run_without_a_market_is_of_the_newest_session_that_has_closed(
    day: Day, now: int, as_of: int | None, session: int
) -> None:
    day.at.clock.time = float(now)
    named = None if as_of is None else CALENDAR.label(as_of)
    for execute in (False, True):
        request = RunRequest(as_of=named, execute=execute)
        report = run_without_market(
            config_in(day.folder), CALENDAR, day.at.clock, request, DataError("gone")
        )
        assert (report.outcome, report.reasons) == ("blocked_data", ("gone",))
        assert report.document["as_of"] == str(CALENDAR.label(session))
        with run_module.opened_ledger(config_in(day.folder)) as ledger:
            kept = ledger.rows("SELECT session FROM notes WHERE kind = 'outcome'")
        assert [row["session"] for row in kept] == [str(CALENDAR.label(session))] * execute


def test_a_ledger_is_held_and_copies_are_cleared_where_it_is_encrypted(
    day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    cleared: list[Path] = []
    monkeypatch.setattr(run_module, "clear_copies", cleared.append)
    held: list[str] = []
    ledger = SimpleNamespace(hold=lambda: held.append("held"), close=lambda: held.append("closed"))
    plain, sealed = config_in(day.folder), config_in(day.folder, 'encrypt = "passphrase"')
    for config, count in ((plain, 0), (sealed, 1)):
        with run_module.opened_ledger(config, lambda _: cast("Any", ledger)):
            assert held[-1] == "held"
        assert (held[-1], len(cleared)) == ("closed", count)


def test_a_broker_that_was_given_stays_open_and_the_config_s_own_is_closed(
    day: Day, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []
    monkeypatch.setattr(day.at.broker, "close", lambda: closed.append("closed"), raising=False)
    monkeypatch.setattr(run_module, "open_broker", lambda *_: day.at.broker)
    monkeypatch.setattr(Runner, "broker_context", lambda *_: None)
    with runner._opened(day.at.ledger):
        assert closed == []
    assert closed == ["closed"]
    runner.broker = day.at.broker
    with runner._opened(day.at.ledger) as found:
        assert found is day.at.broker
    assert closed == ["closed"]


def test_another_proposer_has_only_the_other_prover_and_no_alarms(runner: Runner) -> None:
    runner.proposer = lambda session: cast("Any", f"of {session}")
    assert runner.proposal(MONDAY) == f"of {MONDAY}"
    assert (runner.alarms(MONDAY, None), runner.proof(cast("Any", None))) == ((), None)
    runner.prover = lambda _: cast("Any", "proved")
    assert runner.proof(cast("Any", None)) == "proved"


def test_a_model_is_replayed_from_before_what_it_has_to_pass_through(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    bounds: list[date] = []
    monkeypatch.setattr(run_module, "assemble", lambda *_: None)
    monkeypatch.setattr(run_module, "run_model", lambda *_: SimpleNamespace())
    monkeypatch.setattr(run_module, "kept_name", lambda *_: "rules")
    monkeypatch.setattr(
        run_module.memories, "newest_before", lambda _, __, bound, *___: bounds.append(bound)
    )
    runner.mandate.universe = None  # type: ignore[misc]

    def model(day: date, since: date | None = None, digest: str = "x") -> Any:
        return runner._model(cast("Any", SimpleNamespace(as_of=day, digest=digest)), since)

    first = model(WEDNESDAY)
    assert model(WEDNESDAY) is first
    assert model(WEDNESDAY, TUESDAY) is first  # it begins before the session after Tuesday's
    assert model(WEDNESDAY, WEDNESDAY) is first
    second = model(WEDNESDAY, MONDAY)
    assert second is not first
    assert model(WEDNESDAY, TUESDAY) is second
    assert model(WEDNESDAY, digest="y") is not second
    assert bounds == [WEDNESDAY, TUESDAY, WEDNESDAY]


def test_a_memory_is_kept_for_rules_that_have_a_name_and_no_other_mandate(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[str] = []
    snapshot = SimpleNamespace(digest="x", as_of=MONDAY)
    runner.market = cast("Any", SimpleNamespace(as_of=lambda *_: snapshot))
    monkeypatch.setattr(run_module, "present", lambda *_: SimpleNamespace(memory="memory"))
    monkeypatch.setattr(run_module, "propose", lambda *_: "of another")
    monkeypatch.setattr(Runner, "_model", lambda *_: None)
    monkeypatch.setattr(run_module.memories, "keep", lambda _, rules, *__: kept.append(rules))
    for name in (None, "rules"):
        monkeypatch.setattr(run_module, "kept_name", lambda *_, name=name: name)
        runner.proposal(MONDAY)
        runner.proposal(MONDAY, runner.mandate)
        assert runner.proposal(MONDAY, cast("Any", "another")) == "of another"
    assert kept == ["rules", "rules"]


def test_a_broker_that_cannot_be_reached_is_an_outcome(day: Day, runner: Runner) -> None:
    def fails(_: Any) -> Any:
        raise BrokerError("the line is down")

    runner.ledgers = fails
    report = runner.run(RunRequest())
    assert (report.outcome, report.reasons) == ("needs_person", ("the line is down",))
    assert day.at.broker.asked == []
