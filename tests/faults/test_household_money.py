"""Money that people were asked to move, when a run is killed or a broker does not name it."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from harness import Faults, FaultyBroker, in_child, killer, sessions
from household_home import (
    ACCOUNTS,
    BUYS,
    DAY,
    Wanted,
    faults_of,
    held,
    home,
    run,
    venue,
)

from jeoul.household.written.file import HouseholdFile
from jeoul.operations.household.asked_money import LAPSES
from jeoul.operations.setup.request import RunRequest

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


@pytest.fixture
def file(tmp_path: Path) -> HouseholdFile:
    found: HouseholdFile = home(tmp_path)
    return found


@pytest.mark.posix
@pytest.mark.parametrize(("step", "count"), STEPS)
def test_money_that_was_asked_for_is_known_after_a_kill(
    file: HouseholdFile, step: str, count: int
) -> None:
    """The next run is not told again: a part that was frozen anywhere knows of the money."""
    first = RunRequest(as_of=DAY, execute=True, money={"minsu": 3_000_000})
    in_child(lambda: run(file, Wanted(BUYS), first, checkpoint=killer(step, count)) and None)
    run(file, Wanted(BUYS))
    later = Wanted({})
    run(file, later, RunRequest(as_of=sessions()[1], execute=True))
    (told,) = later.told
    assert {name: (each.amount, each.since) for name, each in told.requests.items()} == {
        "minsu": (3_000_000, DAY)
    }
    assert told.requests["minsu"].before == dict.fromkeys(ACCOUNTS, 0)
    assert held(file) == BUYS
    assert faults_of(file) == []


def test_money_that_arrives_after_the_session_is_planned_on_the_next(file: HouseholdFile) -> None:
    """The paper session has passed with its run; a second plan of it would come too late."""
    run(file, Wanted({}), RunRequest(as_of=DAY, execute=True, money={"minsu": 3_000_000}))
    paper = venue(file, "isa")
    paper.deposit(3_000_000, DAY)
    paper.close()
    same = Wanted(BUYS)
    report, _ = run(file, same)
    assert (same.asked, report.exit_code) == ([], 0)
    assert any(text.startswith("Money has arrived in isa.") for text in report.reasons)
    later = Wanted(BUYS)
    run(file, later, RunRequest(as_of=sessions()[1], execute=True))
    assert {name: looked.moved for name, looked in later.asked[0].items()} == {
        "general": 0,
        "isa": 3_000_000,
        "pension": 0,
    }
    assert held(file) == BUYS
    assert faults_of(file) == []


class Silent(FaultyBroker):  # type: ignore[misc]
    """A broker that shows the money it has and names no deposits, as those with an interface."""

    def __init__(self, broker: Any) -> None:
        super().__init__(broker, Faults(), random.Random(0))

    def movements(self) -> tuple[()]:
        return ()


@pytest.mark.parametrize(
    ("amount", "outcome"), [(2_000_000, "executed"), (3_030_000, "executed"), (3_030_001, "stop")]
)
def test_money_that_was_asked_for_is_taken_in_and_no_more_than_that(
    tmp_path: Path, amount: int, outcome: str
) -> None:
    """A sum is rounded up by 1 % at most; a won more is nobody's answer to what was asked for."""
    file: HouseholdFile = home(tmp_path, unexplained="stop")
    silent = dict.fromkeys(ACCOUNTS, Silent)
    first = RunRequest(as_of=DAY, execute=True, money={"minsu": 3_000_000})
    run(file, Wanted({}), first, brokers=silent)
    paper = venue(file, "isa")
    paper.deposit(amount, sessions()[1])
    paper.close()
    planner = Wanted(BUYS)
    report, _ = run(file, planner, RunRequest(as_of=sessions()[1], execute=True), brokers=silent)
    if outcome == "stop":
        assert report.outcome == "needs_person"
        assert any("CASH +3,030,001" in text for text in report.reasons)
        assert planner.asked == []
        return
    assert report.outcome == outcome
    assert planner.asked[0]["isa"].moved == amount
    assert list(planner.asked[0]["isa"].paid_in.values()) == [amount]
    assert held(file) == BUYS


def test_money_that_nobody_asked_for_stops_the_run(tmp_path: Path) -> None:
    file: HouseholdFile = home(tmp_path, unexplained="stop")
    silent = dict.fromkeys(ACCOUNTS, Silent)
    run(file, Wanted({}), brokers=silent)
    paper = venue(file, "isa")
    paper.deposit(1_000_000, sessions()[1])
    paper.close()
    report, _ = run(
        file, Wanted(BUYS), RunRequest(as_of=sessions()[1], execute=True), brokers=silent
    )
    assert report.outcome == "needs_person"


FLOW = """\
[[flows]]
amount = 1_000_000
every = "once"
from = {day}
"""


def pays(file: HouseholdFile, account: str, won: int, day: Any) -> None:
    paper = venue(file, account)
    paper.deposit(won, day)
    paper.close()


def test_a_standing_order_on_the_day_of_its_flow_is_taken_in_and_not_asked_for(
    tmp_path: Path,
) -> None:
    """It is there in the morning, when the session before its day is decided on."""
    first, second, third = sessions(3)
    file: HouseholdFile = home(tmp_path, FLOW.format(day=third), unexplained="stop")
    silent = dict.fromkeys(ACCOUNTS, Silent)
    run(file, Wanted({}), RunRequest(as_of=first, execute=True), brokers=silent)
    pays(file, "isa", 1_000_000, third)
    morning = Wanted(BUYS)
    report, _ = run(file, morning, RunRequest(as_of=second, execute=True), brokers=silent)
    assert report.outcome == "executed"
    assert morning.asked[0]["isa"].moved == 1_000_000
    later = Wanted({})
    run(file, later, RunRequest(as_of=third, execute=True), brokers=silent)
    assert later.told[0].requests == {}


@pytest.mark.parametrize("day", [0, 1])
def test_a_flow_is_not_expected_before_its_day(tmp_path: Path, day: int) -> None:
    file: HouseholdFile = home(tmp_path, FLOW.format(day=sessions()[3 + day]), unexplained="stop")
    silent = dict.fromkeys(ACCOUNTS, Silent)
    run(file, Wanted({}), RunRequest(as_of=DAY, execute=True), brokers=silent)
    pays(file, "isa", 1_000_000, sessions()[1])
    early = RunRequest(as_of=sessions()[2], execute=True)
    report, _ = run(file, Wanted({}), early, brokers=silent)
    assert report.outcome == ("needs_person" if day else "nothing_to_do")


def test_two_accounts_do_not_each_take_the_whole_of_one_transfer(tmp_path: Path) -> None:
    file: HouseholdFile = home(tmp_path, unexplained="stop")
    silent = dict.fromkeys(ACCOUNTS, Silent)
    first = RunRequest(as_of=DAY, execute=True, money={"minsu": 3_000_000})
    run(file, Wanted({}), first, brokers=silent)
    for account in ("isa", "general"):
        pays(file, account, 3_000_000, sessions()[1])
    second = RunRequest(as_of=sessions()[1], execute=True)
    report, _ = run(file, Wanted({}), second, brokers=silent)
    assert report.outcome == "needs_person"
    assert any("isa: the broker has what" in each for each in report.reasons)


def test_money_that_comes_after_thirty_days_is_nobody_s_answer(tmp_path: Path) -> None:
    file: HouseholdFile = home(tmp_path, unexplained="stop")
    silent = dict.fromkeys(ACCOUNTS, Silent)
    first = RunRequest(as_of=DAY, execute=True, money={"minsu": 3_000_000})
    run(file, Wanted({}), first, brokers=silent)
    late = next(each for each in sessions() if each > DAY + LAPSES)
    pays(file, "isa", 3_000_000, late)
    report, _ = run(file, Wanted({}), RunRequest(as_of=late, execute=True), brokers=silent)
    assert report.outcome == "needs_person"
