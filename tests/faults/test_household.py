"""A household's run when something goes wrong between its accounts, or in one of them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from harness import (
    Faults,
    FaultyBroker,
    in_child,
    killer,
    make_config,
    mandate,
    market,
    proposal,
    sessions,
)
from household_home import (
    ACCOUNTS,
    BUYS,
    DAY,
    Wanted,
    decision,
    faults_of,
    held,
    home,
    run,
    venue,
)

from jeoul import api
from jeoul.errors import AlreadyRunning, UsageError
from jeoul.household.written.file import HouseholdFile, read_household
from jeoul.operations.broker.paper_rules import PaperRules
from jeoul.operations.errors import Unreachable
from jeoul.operations.household.planner import scales_before
from jeoul.operations.ledger import ledger_of
from jeoul.operations.run import Runner
from jeoul.operations.setup.clock import SystemClock
from jeoul.operations.setup.lock import locked
from jeoul.operations.setup.outcome import RunReport
from jeoul.operations.setup.request import RunRequest


@pytest.fixture
def file(tmp_path: Path) -> HouseholdFile:
    found: HouseholdFile = home(tmp_path)
    return found


def test_one_plan_is_carried_out_in_every_account(file: HouseholdFile) -> None:
    report, _ = run(file, Wanted(BUYS))
    assert (report.outcome, report.reasons) == ("executed", ("one plan",))
    assert held(file) == BUYS
    assert faults_of(file) == []


def test_a_dry_run_shows_the_plan_and_keeps_nothing(file: HouseholdFile) -> None:
    report, _ = run(file, Wanted(BUYS), RunRequest(as_of=DAY))
    assert report.outcome == "planned"
    assert {order["account"] for order in report.document["orders"]} == set(BUYS)
    assert held(file) == {name: {} for name in ACCOUNTS}


def test_a_second_run_of_the_session_sends_nothing_and_plans_nothing(file: HouseholdFile) -> None:
    wanted = Wanted(BUYS)
    run(file, wanted)
    report, _ = run(file, wanted)
    assert (report.outcome, len(wanted.asked)) == ("executed", 1)
    assert held(file) == BUYS


def test_accounts_that_sell_come_first(file: HouseholdFile) -> None:
    run(file, Wanted({"isa": {"360750": 200}, "general": {"069500": 100}}))
    later, order = sessions()[3], list[str]()

    def watched(name: str) -> Callable[[Any], Any]:
        def wrap(broker: Any) -> Any:
            submit = broker.submit

            def noted(request: Any) -> str:
                order.append(f"{name} {request.side}")
                return str(submit(request))

            broker.submit = noted
            return broker

        return wrap

    trades = {
        "general": {"133690": 5},
        "isa": {"360750": -100, "069500": 3},
        "pension": {"148070": 1},
    }
    brokers = {name: watched(name) for name in ACCOUNTS}
    run(file, Wanted(trades), RunRequest(as_of=later, execute=True), brokers=brokers)
    assert order == ["isa SELL", "isa BUY", "general BUY", "pension BUY"]
    assert faults_of(file) == []


STEPS = [
    ("after-plan", 1),  # one account has its part, the others do not
    ("inside-plan", 2),
    ("after-freeze", 3),  # every account has its part, nothing is sent
    ("before-leg", 2),
    ("after-leg", 1),
    ("after-submit", 2),
    ("inside-fill", 3),
    ("after-leg", 3),
]


@pytest.mark.posix
@pytest.mark.parametrize(("step", "count"), STEPS)
def test_a_run_that_is_killed_leaves_every_account_to_the_next(
    file: HouseholdFile, step: str, count: int
) -> None:
    status = in_child(lambda: run(file, Wanted(BUYS), checkpoint=killer(step, count)) and None)
    assert status in (9, 0), status
    report, _ = run(file, Wanted(BUYS))
    assert report.outcome == "executed"
    assert held(file) == BUYS
    assert faults_of(file) == []


@pytest.mark.posix
def test_a_part_that_no_crash_made_whole_is_planned_again_and_never_sent(
    file: HouseholdFile,
) -> None:
    in_child(lambda: run(file, Wanted(BUYS), checkpoint=killer("after-freeze", 2)) and None)
    other = {"general": {"251350": 10}}
    wanted = Wanted(other)
    report, _ = run(file, wanted)
    assert (report.outcome, len(wanted.asked)) == ("executed", 1)
    assert held(file) == {"general": {"251350": 10}, "isa": {}, "pension": {}}
    assert report.document["run_id"] == f"home.static.{DAY}.2"
    assert faults_of(file) == []


def test_a_refused_order_leaves_the_other_accounts_valid_and_is_named(file: HouseholdFile) -> None:
    rules = {"isa": PaperRules(refuses=frozenset({"360750"}))}
    report, _ = run(file, Wanted(BUYS), rules=rules)
    assert report.outcome == "needs_person"
    assert [text for text in report.reasons if text.startswith("isa: ")]
    assert held(file) == {**BUYS, "isa": {}}
    assert faults_of(file) == []


class Scaled(Wanted):  # type: ignore[misc]
    """A planner whose overlay is at a scale."""

    scale = 1.0

    def __call__(self, session: Any, accounts: Any, told: Any) -> Any:
        planned = super().__call__(session, accounts, told)
        return replace(planned, document={**planned.document, "scales": {"household": self.scale}})


def test_a_cut_that_one_account_did_not_carry_out_is_still_a_cut_for_the_next_plan(
    file: HouseholdFile,
) -> None:
    run(file, Scaled(BUYS))
    cut = Scaled({"general": {"069500": -50}, "isa": {"360750": -100}})
    cut.scale = 0.5
    run(file, cut, RunRequest(as_of=sessions()[1], execute=True), brokers={"isa": Down})
    paper = venue(file, "isa")
    paper.catch_up(sessions()[2])  # the session ends, and with it what was not sent
    paper.close()
    after = Scaled({})
    run(file, after, RunRequest(as_of=sessions()[2], execute=True))
    kept = {name: looked.kept["scales"] for name, looked in after.asked[0].items()}
    assert kept == {
        "general": {"household": 0.5},
        "isa": {"household": 1.0},
        "pension": {"household": 0.5},
    }
    assert scales_before(after.asked[0]) == {"household": 1.0}
    assert faults_of(file) == []


class Down(FaultyBroker):  # type: ignore[misc]
    """A broker that answers until orders are handed over to it."""

    def __init__(self, broker: Any) -> None:
        super().__init__(broker, Faults(), random.Random(0))

    def submit(self, request: Any) -> str:
        raise Unreachable(f"the line is down for {request.ticker}")


def test_a_broker_that_is_gone_when_its_turn_comes_leaves_the_others_to_trade(
    file: HouseholdFile,
) -> None:
    report, _ = run(file, Wanted(BUYS), brokers={"general": Down})
    assert report.outcome == "needs_person"
    assert [text for text in report.reasons if text.startswith("general: the line is down")]
    assert held(file) == {**BUYS, "general": {}}
    report, _ = run(file, Wanted(BUYS))
    assert report.outcome == "executed"
    assert held(file) == BUYS
    assert faults_of(file) == []


def test_nothing_is_planned_while_one_account_cannot_be_looked_at(file: HouseholdFile) -> None:
    wanted = Wanted(BUYS)
    faulty = {"pension": lambda paper: FaultyBroker(paper, Faults(unreachable=100), _always())}
    report, _ = run(file, wanted, brokers=faulty)
    assert (report.outcome, wanted.asked) == ("needs_person", [])
    assert "could not be checked: pension" in report.reasons[0]
    assert held(file) == {name: {} for name in ACCOUNTS}


def _always() -> Any:
    class Always:
        def randrange(self, _: int) -> int:
            return 0

    return Always()


def test_a_plan_that_no_longer_fits_an_account_lapses_there_and_is_planned_again(
    tmp_path: Path,
) -> None:
    file = home(tmp_path, "[approval]\nrequired = true")
    report, _ = run(file, Wanted(BUYS))
    named = str(report.asked[0])
    assert f"home.static.{DAY}" in named
    paper = venue(file, "isa")
    paper.deposit(-49_000_000, DAY)  # taken out before anybody approved
    paper.close()
    report, _ = run(file, Wanted(BUYS), RunRequest(approve=f"home.static.{DAY}"))
    assert report.outcome == "blocked_rule"
    assert [text for text in report.reasons if text.startswith("isa: The part home-isa.static")]
    assert held(file) == {**BUYS, "isa": {}}
    wanted = Wanted({"isa": {"360750": 10}})
    report, _ = run(file, wanted, RunRequest(as_of=sessions()[1], execute=True))
    assert (report.outcome, len(wanted.asked)) == ("planned", 1)
    assert wanted.asked[0]["isa"].portfolio.cash == 1_000_000
    report, _ = run(file, Wanted({}), RunRequest(approve=report.document["run_id"]))
    assert held(file) == {**BUYS, "isa": {"360750": 10}}
    assert faults_of(file) == []


def test_one_approval_releases_every_account_and_one_rejection_none(tmp_path: Path) -> None:
    file = home(tmp_path, "[approval]\nrequired = true")
    report, _ = run(file, Wanted(BUYS))
    assert (report.outcome, held(file)) == ("planned", {name: {} for name in ACCOUNTS})
    assert len(report.asked) == 1
    with pytest.raises(UsageError, match=r"no plan named 'home\.static\.1999-01-01'"):
        run(file, Wanted(BUYS), RunRequest(approve="home.static.1999-01-01"))
    report, _ = run(file, Wanted(BUYS), RunRequest(approve=f"home.static.{DAY}"))
    assert (report.outcome, held(file)) == ("executed", BUYS)
    later = sessions()[3]
    report, _ = run(file, Wanted({"isa": {"360750": -5}}), RunRequest(as_of=later, execute=True))
    report, _ = run(file, Wanted({}), RunRequest(reject=f"home.static.{later}"))
    assert (report.outcome, held(file)) == ("blocked_rule", BUYS)
    assert faults_of(file) == []


def test_a_limit_of_one_account_stops_the_whole_plan_before_anything_is_frozen(
    file: HouseholdFile,
) -> None:
    too_much = {**BUYS, "isa": {"360750": 3_400}}
    text = file.path.read_text("utf-8").replace("max_turnover = 2.0", "max_turnover = 0.5")
    file.path.write_text(text, "utf-8")
    report, _ = run(read_household(file.path), Wanted(too_much))
    assert report.outcome == "blocked_rule"
    assert [reason for reason in report.reasons if reason.startswith("isa: ")]
    assert held(file) == {name: {} for name in ACCOUNTS}


def test_the_switches_of_the_household_s_folder_hold_for_every_account(file: HouseholdFile) -> None:
    file.state.mkdir()
    (file.state / "SAFE").touch()
    wanted = Wanted({})
    run(file, wanted, RunRequest(as_of=DAY))
    assert all(looked.safe for looked in wanted.asked[0].values())
    (file.state / "STOP").touch()
    report, _ = run(file, wanted)
    assert (report.outcome, len(wanted.asked)) == ("blocked_rule", 1)
    assert not report.reasons[0].startswith("general")  # it is true of all, so it is said once


@pytest.mark.parametrize("account", [None, "pension"])
def test_two_runs_never_work_on_one_account(file: HouseholdFile, account: str | None) -> None:
    place = file.state if account is None else file.state / account
    with locked(place), pytest.raises(AlreadyRunning):
        run(file, Wanted(BUYS))


@pytest.fixture
def taken(tmp_path: Path) -> tuple[HouseholdFile, Any]:
    """A household whose general account has the config of a run that was there before."""
    config = make_config(tmp_path)
    file = home(tmp_path)
    text = file.path.read_text("utf-8")
    own = 'kind = "general"\nbroker = { kind = "paper", cash = 50000000 }\n'
    assert own in text
    file.path.write_text(text.replace(own, f'config = "{config.path}"\n'), "utf-8")
    return read_household(file.path), config


def alone(config: Any, file: HouseholdFile, request: RunRequest) -> RunReport:
    """A run of the config that the household has taken over."""
    paper = venue(file, "general")
    made = Runner(config, mandate(), market(), api.calendars(), SystemClock(), broker=paper)
    made.proposer = lambda session: proposal(session, {"069500": 0.5})
    made.keep_inputs = False
    try:
        return made.run(request)
    finally:
        paper.close()


def test_the_config_of_an_account_gives_it_its_own_ledger_and_then_runs_no_more_alone(
    taken: tuple[HouseholdFile, Any],
) -> None:
    file, config = taken
    report, _ = run(file, Wanted(BUYS))
    assert (report.outcome, held(file)) == ("executed", BUYS)
    with closing(ledger_of(config)) as ledger:
        (row,) = ledger.rows("SELECT run_id, plan FROM runs")
    assert row["run_id"] == f"main.static.{DAY}"
    assert json.loads(row["plan"])["household"]["run"] == f"home.static.{DAY}"
    report = alone(config, file, RunRequest(as_of=sessions()[3], execute=True))
    assert report.outcome == "needs_person"
    assert f"the household {file.path} plans this account" in report.reasons[0]
    report = alone(config, file, RunRequest(as_of=sessions()[3], execute=True, adopt=True))
    assert report.outcome in ("executed", "nothing_to_do")
    assert faults_of(file) == []


def test_the_average_cost_of_what_the_household_bought_is_known_to_its_next_plan(
    file: HouseholdFile,
) -> None:
    run(file, Wanted(BUYS))
    wanted = Wanted({})
    run(file, wanted, RunRequest(as_of=sessions()[3], execute=True))
    paper = venue(file, "general")
    paid = {order.ticker: order.amount for order in paper.orders(sessions()[1])}
    paper.close()
    costs = wanted.asked[0]["general"].costs
    assert costs["069500"] == Decimal(paid["069500"]) / 100
    assert costs.keys() == {"069500", "133690"}
    assert decision(DAY, wanted.asked[0]["isa"], {"360750": -201}).orders == ()
