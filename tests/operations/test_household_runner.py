"""A household's run before it plans: locks, ledgers and brokers by id, what each account gets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from scripted import BUY, FUND, SALE
from staged import MONDAY, TUESDAY, Day
from staged_house import DAY, HOME, House, Staged

from jeoul.errors import AlreadyRunning, BrokerError, ConfigError, DataError
from jeoul.household.written.file import HouseholdFile, read_household
from jeoul.model.decision import Decision
from jeoul.model.portfolio import Order, Reason, Side
from jeoul.operations.broker.kis.settings import KisSettings
from jeoul.operations.broker.kiwoom.settings import KiwoomSettings
from jeoul.operations.broker.paper import PaperSettings
from jeoul.operations.broker.toss.settings import TossSettings
from jeoul.operations.errors import Sealed
from jeoul.operations.household import leg as leg_module
from jeoul.operations.household import run as run_module
from jeoul.operations.household.leg import Leg, LegStages, Membership
from jeoul.operations.household.run import HouseholdRunner
from jeoul.operations.household.whole import HouseholdRun
from jeoul.operations.ledger import Ledger
from jeoul.operations.run_inputs import RunInputs
from jeoul.operations.setup.lock import locked
from jeoul.operations.setup.outcome import RunReport
from jeoul.operations.setup.request import RunRequest
from jeoul.operations.stages import Stages

IDS = ("us", "irp", "isa")  # as they are handed over
RULES = {"digest": "d"}  # those of a day
PAPER = PaperSettings(kind="paper")


@dataclass
class Account:
    """An account of a household over a small ledger; ``fails`` is what its broker raises."""

    name: str
    day: Day
    broker: Any = PAPER
    fails: Exception | None = None
    without_market: bool = False

    @property
    def config(self) -> Any:
        settings = SimpleNamespace(
            name=self.name, strategy="s", lang="en", broker=self.broker, notify=None, encrypt=None,
            ledger=None,
        )  # fmt: skip
        return SimpleNamespace(settings=settings, state=self.day.folder, name=self.name)

    @property
    def ledgers(self) -> Ledger:
        found: Ledger = self.day.at.ledger
        return found

    def desk(self, _: Ledger) -> AbstractContextManager[Any]:
        if self.fails is not None:
            raise self.fails
        return nullcontext(self.day.at.desk)

    def inputs(self) -> RunInputs:
        if self.without_market:
            raise DataError("no prices")
        alarms = cast("Any", lambda *_: (f"alarm of {self.name}",))
        found: RunInputs = replace(self.day.stages().inputs, alarms=alarms)
        return found


@dataclass
class Home:
    """A household of three accounts up to the moment at which it would plan."""

    file: HouseholdFile
    accounts: dict[str, Account]
    opened: list[str] = field(default_factory=list)
    unopened: dict[str, Exception] = field(default_factory=dict)
    legs: list[Leg] = field(default_factory=list)
    executing: list[bool] = field(default_factory=list)
    told: list[Any] = field(default_factory=list)

    def run(self, **request: Any) -> RunReport:
        accounts = cast("Any", self.accounts)
        return HouseholdRunner(self.file, accounts, cast("Any", None)).run(RunRequest(**request))

    @contextmanager
    def open(self, config: Any, ledger: Ledger) -> Iterator[Ledger]:
        self.opened.append(config.name)
        if config.name in self.unopened:
            raise self.unopened[config.name]
        yield ledger
        self.opened.append(f"closed {config.name}")

    def plan(self, file: Any, _: Any, legs: list[Leg], __: Any, wanted: Any, **more: Any) -> Any:
        def result() -> RunReport:
            with pytest.raises(AlreadyRunning), locked(self.file.state):
                pass
            return RunReport("nothing_to_do", tuple(self.opened))

        self.legs, self.told = legs, [file, wanted]
        self.executing.append(more["executing"])
        return SimpleNamespace(result=result)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    place = tmp_path / "household.toml"
    place.write_text(HOME, "utf-8")
    accounts = {}
    for name in IDS:
        (tmp_path / name).mkdir()
        accounts[name] = Account(name, Day(tmp_path / name, monkeypatch))
    found = Home(read_household(place), accounts)
    monkeypatch.setattr(run_module, "opened_ledger", found.open)
    monkeypatch.setattr(run_module, "HouseholdRun", found.plan)
    yield found
    for each in accounts.values():
        each.day.at.ledger.close()


# --- one order for all ----------------------------------------------------------------------------


def test_ledgers_are_opened_by_id_and_held_until_the_run_is_over(home: Home) -> None:
    report = home.run()
    assert report.reasons == ("irp", "isa", "us")
    assert home.opened[3:] == ["closed us", "closed isa", "closed irp"]
    assert [leg.account for leg in home.legs] == ["irp", "isa", "us"]
    assert home.told == [home.file, None]
    with locked(home.file.state):
        pass  # the lock of the household is free again


def test_the_first_account_by_id_alone_hears_of_the_market_s_alarms(home: Home) -> None:
    home.run()
    stages = [leg.stages for leg in home.legs if leg.stages is not None]
    found: list[Any] = [each.inputs.alarms(MONDAY, None) for each in stages]
    assert found == [("alarm of irp",), (), ()]


def test_every_account_knows_its_household_and_may_be_empty(home: Home) -> None:
    accepted: list[str] = []
    for name, each in home.accounts.items():
        each.day.patch.setattr(
            each.day.at.broker, "accept_empty", lambda name=name: accepted.append(name)
        )
    home.run()
    assert accepted == ["irp", "isa", "us"]
    for leg in home.legs:
        assert leg.stages is not None
        assert leg.stages.member == Membership(file=str(home.file.path), state=home.file.state)
        assert (leg.failed, leg.report) == (False, None)


@pytest.mark.parametrize(
    ("request_", "executing"),
    [({}, False), ({"execute": True}, True), ({"approve": "ours.1"}, True)],
)
def test_a_run_executes_when_it_is_told_to_or_releases_a_plan(
    home: Home, request_: dict[str, Any], executing: bool
) -> None:
    home.accounts["isa"].day.at.freeze(BUY, household={"run": "ours.1"}, rules=RULES)
    home.run(**request_, money={"minsu": 5})
    assert (home.executing, home.told[1]) == ([executing], {"minsu": 5})


# --- accounts that cannot be looked at ------------------------------------------------------------


def test_an_account_that_fails_before_its_run_is_one_that_failed(home: Home) -> None:
    home.unopened = {
        "irp": BrokerError("no such server"), "isa": Sealed("no_passphrase", Path("s")),
    }  # fmt: skip
    home.accounts["us"].fails = BrokerError("no token")
    home.run()
    reports = {leg.account: leg.report for leg in home.legs}
    assert [(leg.stages, leg.failed) for leg in home.legs] == [(None, True)] * 3
    assert {each.outcome for each in reports.values() if each} == {"needs_person"}
    said = {name: each.reasons[0] for name, each in reports.items() if each}
    assert (said["irp"], said["us"]) == ("no such server", "no token")
    assert "passphrase" in said["isa"]


def test_an_account_without_prices_is_stopped_by_data(home: Home) -> None:
    home.accounts["isa"].without_market = True
    home.run()
    _, isa, us = home.legs
    assert isa.report is not None
    assert (isa.report.outcome, isa.report.reasons) == ("blocked_data", ("no prices",))
    assert (isa.failed, us.failed) == (True, False)


KIS, KIWOOM = KisSettings(kind="kis", mode="real"), KiwoomSettings(kind="kiwoom", mode="real")
TOSS = TossSettings(kind="toss")


@pytest.mark.parametrize(
    ("brokers", "refused"),
    [
        ({"us": KIS, "isa": KIS}, ("us", "isa")),
        ({"us": KIS, "isa": KIS, "irp": KIS}, ("isa", "irp")),  # the first two by id
        ({"irp": TOSS, "us": TOSS}, ("us", "irp")),
        ({"us": KIS, "isa": KIWOOM, "irp": TOSS}, None),  # the same digits at other brokers
        ({"us": KIS}, None),
        ({}, None),
    ],
)
def test_one_account_of_a_broker_is_one_account_of_a_household(
    home: Home, brokers: dict[str, Any], refused: tuple[str, str] | None
) -> None:
    for variable in ("KIS_ACCOUNT", "KIWOOM_ACCOUNT", "TOSS_ACCOUNT"):
        home.accounts["us"].day.patch.setenv(variable, "12345678-01")
    for name, settings in brokers.items():
        home.accounts[name].broker = settings
    if refused is None:
        assert home.run().outcome == "nothing_to_do"
        return
    with pytest.raises(ConfigError) as error:
        home.run()
    (problem,) = error.value.problems
    second, first = refused
    assert problem.key == f"accounts.{second}.broker"
    assert f"has the account number of {first!r}" in problem.message
    assert home.opened == []


def test_brokers_whose_numbers_are_not_set_are_not_the_same_account(home: Home) -> None:
    home.accounts["us"].day.patch.delenv("KIS_ACCOUNT", raising=False)
    home.accounts["us"].broker = home.accounts["isa"].broker = KIS
    assert home.run().outcome == "nothing_to_do"


def test_money_moves_for_people_of_the_household_alone(home: Home) -> None:
    with pytest.raises(ConfigError, match="money moves for 'yuna', who is not a person") as error:
        home.run(money={"minsu": 5, "yuna": 5})
    assert error.value.problems[0].remedy == "name one of minsu"
    assert home.opened == []


# --- the name of a plan ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("strategies", "attempt", "name"),
    [
        ({"irp": "safe", "isa": "bold"}, 0, "ours.safe.2026-06-26"),  # of the first account by id
        ({"irp": "safe", "isa": "bold"}, 1, "ours.safe.2026-06-26.2"),
        ({"isa": "bold"}, 0, "ours.bold.2026-06-26"),
        ({"isa": "bold"}, 2, "ours.bold.2026-06-26.3"),
    ],
)
def test_a_plan_is_named_by_its_household_strategy_session_and_number(
    home: Home, strategies: dict[str, str], attempt: int, name: str
) -> None:
    ledger = home.accounts["isa"].day.at.ledger
    house = House(home.file, ledger)
    legs = [
        Leg(each, Staged(ledger, each, strategy=strategy, attempt=attempt))
        for each, strategy in strategies.items()
    ]
    report = HouseholdRun(home.file, house.plan, legs, executing=True).result()
    assert report.document["plan"]["run"] == name
    assert house.plans[0][0] == DAY


# --- one account of it ----------------------------------------------------------------------------


def part(day: Day, *, execute: bool = True) -> LegStages:
    member = Membership(file="home.toml", state=day.folder)
    request = RunRequest(as_of=MONDAY, execute=execute)
    return LegStages(day.stages().inputs, day.at.desk, request, member)


def test_an_account_that_a_household_executes_is_not_run_alone_any_more(day: Day) -> None:
    look = part(day, execute=False)
    assert look.executed == MONDAY
    look.look()
    assert (look.executed, day.notes("household")) == (TUESDAY, [])
    assert day.run(execute=False).outcome == "planned"
    part(day).look()
    assert day.notes("household") == [{"file": "home.toml"}]
    alone = day.run()
    assert alone.outcome == "needs_person"
    assert "the household home.toml plans this account" in alone.reasons[0]


def test_an_account_counts_its_plans_and_what_moved_with_its_bank(day: Day) -> None:
    found = part(day)
    assert (found.attempt, found.current(), found.moved) == (0, None, 0)
    day.at.booked("opening", 0, {FUND: 5})
    day.at.booked("deposit", 500_000)
    run = day.at.freeze(BUY, executed=MONDAY, rules=RULES)
    assert (found.attempt, found.current(), found.moved) == (1, run, 500_000)
    found.look()
    assert (found.portfolio.cash, dict(found.portfolio.shares)) == (500_000, {FUND: 5})


def test_the_last_close_of_a_fund_is_not_known_without_a_market(day: Day) -> None:
    found = part(day)

    def gone(_: object) -> Any:
        raise DataError("no prices")

    found.inputs = replace(found.inputs, snapshot=gone)
    assert found.close(FUND) is None


@pytest.mark.parametrize("stops", [None, Reason.of("room.beyond", year=2026)])
def test_a_part_of_a_plan_keeps_the_whole_and_buys_only_what_its_account_may(
    day: Day, stops: Reason | None
) -> None:
    found = part(day)
    asked: list[Any] = []
    day.patch.setattr(leg_module, "planned_by", lambda *args: asked.extend(args[2:]))
    day.patch.setattr(Stages, "_stops", lambda *_: stops)
    why = Reason.of("trade.calendar", turnover="1.0%")
    orders = tuple(Order(each.side, FUND, 1, 10_000, why) for each in (SALE, BUY))
    made = Decision(
        proposal=cast("Any", None), orders=orders, reasons=(why,), findings=(), cash_after=0,
        cost=0, inputs_id="",
    )  # fmt: skip
    found.decided(made, {"run": "ours.1.3"}, 3)
    decision, _, given = asked
    assert (given.attempt, given.household) == (3, {"household": {"run": "ours.1.3"}})
    sides = [each.side for each in decision.orders]
    assert sides == ([Side.SELL, Side.BUY] if stops is None else [Side.SELL])
    assert decision.reasons == ((why,) if stops is None else (why, stops))


@pytest.mark.parametrize("asks", [True, False])
def test_changed_rules_are_asked_about_before_limits(day: Day, asks: bool) -> None:
    found = part(day)
    found.rules = cast("Any", SimpleNamespace(must_ask=asks))
    found.reporter = cast(
        "Any", SimpleNamespace(rules_question=lambda *_: "rules", refused=lambda _: "limits")
    )
    assert str(found.refused(cast("Any", None))) == ("rules" if asks else "limits")
