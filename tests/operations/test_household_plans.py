"""One run of a household: when it plans, what it freezes, which accounts hold it up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from books import Books
from staged_house import DAY, HOME, NEXT, House, Staged, run_of

from jeoul.errors import AllocationError, DataError
from jeoul.household.problem.lately import LATELY, Traded
from jeoul.household.written.file import read_household
from jeoul.model.portfolio import Side
from jeoul.operations.broker.port import Hours
from jeoul.operations.desk.approval import Approval
from jeoul.operations.desk.intents import RunPlan, freeze
from jeoul.operations.household import leg as legs_module
from jeoul.operations.ledger import open_ledger
from jeoul.operations.setup.outcome import RunReport


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    place = tmp_path / "household.toml"
    place.write_text(HOME, "utf-8")
    with ExitStack() as stack:
        ledger = stack.enter_context(closing(open_ledger(tmp_path / "ledger.sqlite3")))
        yield House(read_household(place), ledger)


KEPT: dict[str, Any] = {"run": "ours.1", "accounts": ["irp", "isa"], "on": DAY.isoformat()}


def both(name: str = "ours.1", **more: Any) -> dict[str, Any]:
    """Parts of one plan that is frozen in both accounts."""
    kept = {**KEPT, "run": name, **more}
    return {each: {"current": run_of(each, kept)} for each in ("irp", "isa")}


def test_a_plan_is_frozen_in_every_account_before_anything_is_sent(house: House) -> None:
    report = house.run({"minsu": 5})
    assert report.outcome == "executed"
    assert house.moments == ["after-freeze"] * 2 + ["before-leg", "after-leg"] * 2
    ((session, found, told),) = house.plans
    assert (session, list(found)) == (DAY, ["irp", "isa"])
    assert found["isa"].portfolio.cash == 5
    assert told.requests["minsu"].amount == 5
    plan = report.document["plan"]
    assert plan["run"] == "ours.managed.2026-06-26"
    assert all(each.done[-1] == "went on" for each in house.staged.values())
    assert report.asked == ()


def test_what_is_only_shown_is_not_frozen(house: House) -> None:
    report = house.run({"minsu": 5}, executing=False)
    assert (report.outcome, report.document["run_id"]) == ("planned", None)
    assert (house.did("freeze"), house.did("went on"), house.moments) == ([], [], [])
    assert report.asked == ()


def test_every_part_of_a_plan_keeps_the_whole(house: House) -> None:
    kept: dict[str, Any] = {}

    def frozen(self: Staged, decided: Any) -> Any:
        kept[self.name] = decided.document
        return run_of(self.name, decided.document)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Staged, "freeze", frozen)
        house.run({"minsu": 5}, irp={"attempt": 1}, isa={"attempt": 2})
    assert {name: each["account"] for name, each in kept.items()} == {"irp": "irp", "isa": "isa"}
    for each in kept.values():
        assert each["run"] == "ours.managed.2026-06-26.3"
        assert (each["accounts"], each["wanted"]) == (["irp", "isa"], {"minsu": 5})
        assert (each["name"], each["reasons"][-1]) == ("ours", "Why.")
        assert each["seen"] == {"digest": "of irp", "valued": {"n": 1}}
    assert house.did("decided 3") == ["irp", "isa"]


@pytest.mark.parametrize(
    ("attempt", "asks", "orders", "said"),
    [
        (1, True, True, True),
        (0, True, True, False),
        (1, False, True, False),
        (1, True, False, False),
    ],
)
def test_a_further_plan_of_a_session_needs_an_approval_of_its_own(
    house: House, attempt: int, *, asks: bool, orders: bool, said: bool
) -> None:
    house.orders = {"isa": ("order",)} if orders else {}
    report = house.run(isa={"attempt": attempt, "asks": asks})
    assert any(text.startswith("This is plan 2 of the session") for text in report.reasons) is said


# --- plans that are there -------------------------------------------------------------------------


def test_a_run_goes_on_with_a_plan_that_is_frozen_everywhere(house: House) -> None:
    report = house.run(**both())
    assert (house.plans, house.did("went on")) == ([], ["irp", "isa"])
    assert report.document["run_id"] == "ours.1"


@pytest.mark.parametrize(
    "given",
    [
        {"isa": both()["isa"]},  # a part of it was never frozen
        {"isa": both()["isa"], "irp": both("ours.2")["irp"]},
        both(accounts=["irp", "isa", "us"]),
    ],
)
def test_a_plan_that_is_not_whole_is_made_again(house: House, given: dict[str, Any]) -> None:
    house.run(**given)
    assert len(house.plans) == 1


def test_what_a_person_says_that_the_plan_does_not_know_makes_another(house: House) -> None:
    house.run({"minsu": 5}, **both(wanted={"minsu": 5}))
    assert house.plans == []
    report = house.run({"minsu": 6}, **both(wanted={"minsu": 5}))
    assert len(house.plans) == 1
    assert report.asked == ()


@pytest.mark.parametrize(
    ("given", "plans"),
    [
        ({}, 1),
        ({"rests": False}, 0),  # orders are open
        ({"gate": RunReport("blocked_rule")}, 0),
        ({"moved": 0}, 0),
    ],
)
def test_money_that_has_arrived_is_planned_once_no_order_is_open(
    house: House, given: dict[str, Any], plans: int
) -> None:
    looked = {"isa": {"moved": 0}, "irp": {"moved": 0}}
    parts = both(looked=looked, to_come={"minsu": 9})
    parts["isa"] |= {"moved": 9, **given}
    report = house.run(**parts)
    assert len(house.plans) == plans
    waits = [text for text in report.reasons if text.startswith("Money has arrived in isa.")]
    assert len(waits) == (not plans and given.get("moved", 9) != 0)


def test_an_account_that_fails_leaves_the_others_to_their_plan(house: House) -> None:
    parts = both()
    parts["irp"] = {"fails": "look"}
    report = house.run({"minsu": 5}, **parts)
    assert (house.plans, house.did("went on")) == ([], ["isa"])
    assert report.asked[0].startswith("The deposit of minsu (₩5) was not recorded")
    alone = house.run(irp={"fails": "look"})
    assert (house.plans, house.did("went on")) == ([], [])
    assert "could not be checked: irp" in alone.reasons[0]


# --- what holds a plan up -------------------------------------------------------------------------

STOP = RunReport("blocked_rule", ("Closed.",))


def test_a_gate_of_one_account_holds_all_of_them(house: House) -> None:
    report = house.run({"minsu": 5}, isa={"gate": STOP})
    assert (report.outcome, report.reasons, house.plans) == ("blocked_rule", ("isa: Closed.",), [])
    assert report.asked[0].startswith("The deposit of minsu (₩5) was not recorded")


def test_an_account_that_refuses_its_part_holds_all_of_them(house: House) -> None:
    report = house.run(isa={"refused": STOP})
    assert (report.outcome, house.did("freeze")) == ("blocked_rule", [])


@pytest.mark.parametrize(
    ("isa", "orders", "frozen"),
    [
        ({"hours": Hours.EARLY}, True, []),
        ({"hours": Hours.EARLY}, False, ["irp", "isa"]),
        ({"hours": Hours.OPEN}, True, ["irp", "isa"]),
        ({"hours": Hours.EARLY, "calendar": "XNYS"}, True, ["irp", "isa"]),  # it waits by itself
    ],
)
def test_a_plan_waits_for_the_exchange_of_the_household(
    house: House, isa: dict[str, Any], frozen: list[str], *, orders: bool
) -> None:
    house.orders = {"isa": ("order",)} if orders else {}
    house.run(isa=isa)
    assert house.did("freeze") == frozen


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(DataError("no prices"), "blocked_data"), (AllocationError("no weights"), "blocked_rule")],
)
def test_what_cannot_be_planned_stops_the_run(house: House, error: Exception, outcome: str) -> None:
    house.raises = error
    report = house.run()
    assert (report.outcome, house.did("freeze")) == (outcome, [])


def test_rules_that_cannot_hold_together_freeze_nothing(house: House) -> None:
    house.impossible = True
    report = house.run()
    assert (report.outcome, report.reasons, house.did("freeze")) == ("blocked_rule", ("Why.",), [])


def test_a_part_that_cannot_be_frozen_leaves_a_plan_that_is_not_sent(house: House) -> None:
    report = house.run({"minsu": 5}, isa={"fails": "freeze"})
    assert (house.did("freeze"), house.did("went on")) == (["irp", "isa"], [])
    assert house.moments == ["after-freeze"]
    assert not any("was not recorded" in text for text in report.asked)  # one part knows of it
    first = house.run({"minsu": 5}, irp={"fails": "freeze"})
    assert house.did("freeze") == ["irp"]
    assert first.asked[0].startswith("The deposit of minsu (₩5) was not recorded")


# --- days and answers -----------------------------------------------------------------------------


def test_a_household_is_planned_on_the_session_of_most_accounts(house: House) -> None:
    later = {"session": date(2026, 6, 27), "calendar": "XNYS"}
    report = house.run(irp=later)
    assert house.plans[0][0] == DAY
    assert report.document["plan"]["run"] == "ours.managed.2026-06-26"
    house.run(both=later)
    assert house.plans[1][0] == date(2026, 6, 27)


def test_the_market_that_a_replay_needs_is_that_of_the_home_exchange(house: House) -> None:
    seen: list[Any] = []

    def frozen(self: Staged, decided: Any) -> Any:
        seen.append(decided.document["seen"])
        return run_of(self.name, decided.document)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Staged, "freeze", frozen)
        house.run(irp={"calendar": "XNYS"})
        house.run(both={"calendar": "XNYS"})
        house.run(irp={"session": date(2026, 6, 25)}, isa={"calendar": "XNYS"})
    assert [None if each is None else each["digest"] for each in seen[::2]] == [
        "of isa",
        None,
        "of irp",
    ]


@pytest.mark.parametrize(
    ("irp", "isa", "executing", "answers"),
    [
        (Approval.APPROVED, Approval.WAITING, True, ["approve isa.1"]),
        (Approval.REJECTED, Approval.WAITING, True, ["reject isa.1"]),
        (Approval.WAITING, Approval.WAITING, True, []),
        (Approval.APPROVED, Approval.APPROVED, True, []),
        (Approval.APPROVED, Approval.REJECTED, True, []),
        (Approval.WAITING, Approval.APPROVED, False, []),
        (Approval.WAITING, Approval.REJECTED, True, ["reject irp.1"]),
    ],
)
def test_an_answer_to_a_plan_is_that_of_every_part_that_waits(
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    irp: Approval,
    isa: Approval,
    answers: list[str],
    *,
    executing: bool,
) -> None:
    found: list[str] = []
    monkeypatch.setattr(legs_module, "approve", lambda _, run, __: found.append(f"approve {run}"))
    monkeypatch.setattr(legs_module, "reject", lambda _, run: found.append(f"reject {run}"))
    parts = both()
    parts["irp"] |= {"approval": irp}
    parts["isa"] |= {"approval": isa}
    house.run(executing=executing, **parts)
    assert found == answers


def test_the_money_that_may_move_is_looked_up_for_each_account(house: House) -> None:
    house.run()
    for each in house.staged.values():
        expected = each.expected()
        assert (expected.paid_in, expected.taken_out) == (0, 0)
        assert expected.close == each.close


def test_an_account_is_looked_at_with_its_last_plan_and_the_trades_of_a_week(house: House) -> None:
    books = Books(house.ledger)
    books.pay(DAY, 1_000_000, "opening")
    books.trade(DAY - LATELY, Side.BUY, "A", 10, 100, 0)
    books.trade(DAY - LATELY + timedelta(days=1), Side.BUY, "A", 5, 100, 0)
    found = look(house)
    assert (found.lately["A"], found.costs["A"]) == (Traded(5, 0), 100)
    assert found.kept == {}
    plan = RunPlan("main", "managed", DAY, NEXT, "made", {"household": {"as_of": "x"}}, ())
    with house.ledger.transaction():
        freeze(house.ledger, 9, plan)
    assert look(house).kept == {"as_of": "x"}
    alone = RunPlan("main", "alone", DAY, NEXT, "made", {}, ())
    with house.ledger.transaction():
        freeze(house.ledger, 10, alone)
    assert look(house).kept == {}


def look(house: House) -> Any:
    house.plans.clear()
    house.run(executing=False)
    ((_, found, _),) = house.plans
    return found["isa"]
