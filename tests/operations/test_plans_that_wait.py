"""A frozen plan waits, lapses or goes on, and what is around the stages of its run."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from scripted import FUND, OTHER, at_broker, planned
from staged import BUY, CALENDAR, MONDAY, NOTHING, TUESDAY, WEDNESDAY, Day, config_in

from jeoul.errors import BrokerError, DataError
from jeoul.model.portfolio import Side
from jeoul.operations import run as run_module
from jeoul.operations import stages
from jeoul.operations.broker.port import BrokerAccount, Hours
from jeoul.operations.run import Runner, RunRequest, run_without_market
from jeoul.operations.setup import memory
from jeoul.operations.setup.outcome import RunReport
from jeoul.pipeline.content import KeyChange


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
    assert str(runner.proposal(MONDAY)) == f"of {MONDAY}"
    assert (runner.alarms(MONDAY, None), runner.proof(cast("Any", None))) == ((), None)
    runner.prover = lambda _: cast("Any", "proved")
    assert str(runner.proof(cast("Any", None))) == "proved"


def test_a_model_is_replayed_from_before_what_it_has_to_pass_through(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    bounds: list[date] = []
    monkeypatch.setattr(run_module, "assemble", lambda *_: None)
    monkeypatch.setattr(run_module, "run_model", lambda *_: SimpleNamespace())
    monkeypatch.setattr(run_module, "kept_name", lambda *_: "rules")
    monkeypatch.setattr(memory, "newest_before", lambda _, __, bound, *___: bounds.append(bound))
    cast("Any", runner.mandate).universe = None

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
    monkeypatch.setattr(memory, "keep", lambda _, rules, *__: kept.append(rules))
    for name in (None, "rules"):
        monkeypatch.setattr(run_module, "kept_name", lambda *_, name=name: name)
        runner.proposal(MONDAY)
        runner.proposal(MONDAY, runner.mandate)
        assert str(runner.proposal(MONDAY, cast("Any", "another"))) == "of another"
    assert kept == ["rules", "rules"]


def test_a_broker_that_cannot_be_reached_is_an_outcome(day: Day, runner: Runner) -> None:
    def fails(_: Any) -> Any:
        raise BrokerError("the line is down")

    runner.ledgers = fails
    report = runner.run(RunRequest())
    assert (report.outcome, report.reasons) == ("needs_person", ("the line is down",))
    assert day.at.broker.asked == []
