"""What is proved before anything is sent: by the model's own prover, and for a household."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from harness import proposal, sessions
from household_home import ACCOUNTS, BUYS, DAY, Wanted, held, home, runner
from household_runs import FIRST, SECOND, run
from set_clock import SetClock

from jeoul import api
from jeoul.allocate import Proof
from jeoul.errors import SolverFailed
from jeoul.household.written.file import HouseholdFile, read_household
from jeoul.market import Market
from jeoul.operations.household import allocations
from jeoul.operations.household.allocations import ProvableAllocation, allocations_by_owner
from jeoul.operations.household.asked_money import MoneyUnderWay
from jeoul.operations.household.configs import account_configs
from jeoul.operations.household.planning import Looked, PlannedHousehold, Planner
from jeoul.operations.ledger import ledger_of
from jeoul.operations.setup.config import Config, load_config
from jeoul.operations.setup.outcome import RunReport
from jeoul.operations.setup.request import RunRequest
from jeoul.workspace.live import run_once

NEXT = sessions()[1]
HOLDS = Proof("clarabel", difference=3e-9, apart=2e-12, gap=1e-15)
APART = replace(HOLDS, apart=2e-6)

ALONE = """\
schema = 1
name = "alone"
strategy = "managed-light"
profile = "balanced"
state = "state"
lang = "en"
[broker]
kind = "paper"
cash = 30_000_000
"""
HOUSEHOLD = """\
schema = 1
name = "ours"
state = "state"
lang = "en"
strategy = "managed-light"
[people.minsu]
born = 1992-05-11
wages = 62_000_000
profile = "balanced"
[accounts.general]
kind = "general"
broker = { kind = "paper", cash = 30_000_000 }
"""


@pytest.fixture
def opened_once(monkeypatch: pytest.MonkeyPatch, sample: Market) -> None:
    monkeypatch.setattr(api, "open_market", lambda *_, **__: sample)


def notes(config: Config) -> list[dict[str, Any]]:
    """The proofs that a ledger keeps, oldest first."""
    with closing(ledger_of(config)) as ledger:
        rows = ledger.rows("SELECT detail FROM notes WHERE kind = 'proof' ORDER BY seq")
    return [json.loads(row["detail"]) for row in rows]


@pytest.mark.usefixtures("opened_once")
def test_cvxpy_finds_the_optimum_of_a_run_and_the_next_one_quotes_it(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text(ALONE, "utf-8")
    config = load_config(tmp_path / "c.toml")
    for day in (FIRST, SECOND):
        report = run_once(config, RunRequest(as_of=day, execute=True), SetClock.after(day))
        assert report.outcome in ("executed", "nothing_to_do"), report.reasons
    first, second = notes(config)
    assert (first["solver"], first["holds"], first["quoted"]) == ("clarabel", True, False)
    assert first["apart"] < 1e-6
    assert first["difference"] < 1e-6
    assert (first["allocated"], first["proved"]) == ("2026-05-29", str(FIRST))
    assert second == {**first, "quoted": True}
    assert report.document["proof"] == second


@pytest.mark.usefixtures("opened_once")
def test_cvxpy_finds_the_optimum_that_the_plan_of_a_household_rests_on(tmp_path: Path) -> None:
    place = tmp_path / "household.toml"
    place.write_text(HOUSEHOLD, "utf-8")
    (account,) = run(place, FIRST).document["accounts"]
    proof = account["proof"]
    assert (proof["solver"], proof["holds"], proof["quoted"]) == ("clarabel", True, False)
    assert proof["apart"] < 1e-6
    assert proof["difference"] < 1e-6
    assert (proof["allocated"], proof["proved"]) == ("2026-05-29", str(FIRST))
    assert notes(account_configs(read_household(place))["general"]) == [proof]


def test_a_part_rests_on_all_that_its_target_is_mixed_from_and_its_owner_s_is_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    solved: list[str] = []

    def prove(mandate: Any, snapshot: Any, calendars: Any, wanted: Any) -> Proof:
        solved.append(f"{wanted} by {mandate} on {snapshot} and {' '.join(calendars)}")
        return HOLDS

    monkeypatch.setattr(allocations, "prove", prove)

    def aim(profiles: Mapping[str, str]) -> Any:
        wanted = {
            name: SimpleNamespace(mandate=f"rules of {name}", proposal=name)
            for name in dict.fromkeys(profiles.values())
        }
        return SimpleNamespace(profiles=profiles, wanted=wanted)

    shared = aim({"minsu": "balanced", "yuna": "growth", "jun": "balanced"})
    found: Any = allocations_by_owner([shared, aim({"sora": "balanced"})], cast(Any, "the market"))
    assert {name: [each.proposal for each in rested] for name, rested in found.items()} == {
        "minsu": ["growth", "balanced"],
        "yuna": ["balanced", "growth"],
        "jun": ["growth", "balanced"],
        "sora": ["balanced"],
    }
    assert solved == []
    for rested in (found["minsu"], found["yuna"]):
        assert [each.proof() for each in rested] == [HOLDS, HOLDS]
    assert solved == [
        "growth by rules of growth on the market and XKRX XNYS",
        "balanced by rules of balanced on the market and XKRX XNYS",
    ]


def rested_on(prove: Callable[[], Proof | None]) -> Planner:
    """A planner of wanted trades whose parts all rest on one allocation."""
    wanted = Wanted(BUYS)

    def plan(
        session: date, accounts: Mapping[str, Looked], told: MoneyUnderWay
    ) -> PlannedHousehold:
        found: PlannedHousehold = wanted(session, accounts, told)
        rested = ProvableAllocation(proposal(session, {"069500": 0.5}), prove)
        return replace(found, allocations={name: [rested] for name in accounts})

    return plan


def executed(
    file: HouseholdFile,
    prove: Callable[[], Proof | None],
    *,
    day: date = DAY,
    money: Mapping[str, int] | None = None,
    trusting: tuple[str, ...] = (),
    execute: bool = True,
) -> RunReport:
    """Run with a prover in place of cvxpy; ``trusting`` accounts have ``safety.prove = false``."""
    made = runner(file, rested_on(prove))
    for name in trusting:
        config = made.accounts[name].config
        safety = config.settings.safety.model_copy(update={"prove": False})
        settings = config.settings.model_copy(update={"safety": safety})
        made.accounts[name].config = replace(config, settings=settings)
    try:
        report: RunReport = made.run(RunRequest(as_of=day, execute=execute, money=money))
        return report
    finally:
        for account in made.accounts.values():
            account.broker.close()


def refused() -> None:
    raise SolverFailed("clarabel", "no answer")


def test_each_account_keeps_the_proof_and_quotes_it_on_the_next_session(tmp_path: Path) -> None:
    file = home(tmp_path)
    asked = []

    def prove() -> Proof:
        asked.append("cvxpy")
        return HOLDS

    executed(file, prove)
    report = executed(file, prove, day=NEXT)
    assert asked == ["cvxpy"] * 3  # each ledger keeps its own
    for name, config in account_configs(file).items():
        first, second = notes(config)
        assert (first["difference"], first["proved"], first["quoted"]) == (3e-9, str(DAY), False)
        assert second == {**first, "quoted": True}
        assert {a["account"]: a["proof"] for a in report.document["accounts"]}[name] == second


def test_a_household_that_only_shows_its_plan_proves_nothing(tmp_path: Path) -> None:
    file = home(tmp_path)
    assert executed(file, refused, execute=False).outcome == "planned"


NOTHING: dict[str, dict[str, int]] = {"general": {}, "isa": {}, "pension": {}}


@pytest.mark.parametrize(
    ("prove", "says"),
    [(lambda: APART, "2.0e-06"), (refused, "no answer")],
    ids=["another optimum", "no second answer"],
)
def test_a_household_sends_nothing_and_asks_for_no_transfer_without_a_proof(
    tmp_path: Path, prove: Callable[[], Proof | None], says: str
) -> None:
    file = home(tmp_path)
    report = executed(file, prove, money={"minsu": 1_000_000})
    assert (report.outcome, report.exit_code) == ("needs_person", 5)
    assert says in report.reasons[0]
    assert report.document["run_id"] is None
    assert "transfers" not in report.document["plan"]
    (_, asked) = report.asked
    assert asked.startswith("Nothing was sent in any account, and no transfer is asked for.")
    assert held(file) == NOTHING
    configs = account_configs(file).values()
    assert [notes(config) for config in configs] == [[], [], []]
    assert executed(file, lambda: HOLDS).outcome == "executed"
    assert held(file) == BUYS


def test_one_account_whose_part_is_not_proved_stops_all_of_them(tmp_path: Path) -> None:
    file = home(tmp_path)
    report = executed(file, lambda: APART, trusting=("general", "isa"))
    assert report.outcome == "needs_person"
    assert report.reasons[0].startswith("pension: The allocation of ")
    assert held(file) == NOTHING


def test_accounts_with_the_proof_switched_off_are_carried_out_without_it(tmp_path: Path) -> None:
    file = home(tmp_path)
    report = executed(file, lambda: APART, trusting=ACCOUNTS)
    assert report.outcome == "executed"
    assert [each["proof"] for each in report.document["accounts"]] == [None, None, None]
    assert held(file) == BUYS
