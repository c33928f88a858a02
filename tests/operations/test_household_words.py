"""What a household's run says of its accounts together, and what it asks of each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from jeoul import api
from jeoul.errors import UsageError
from jeoul.model.decision import Decision
from jeoul.model.portfolio import Order, Reason, Side
from jeoul.operations.desk.intents import PlannedOrder, Run, RunPlan, freeze, named_run
from jeoul.operations.household.asking import asked_of_each
from jeoul.operations.household.leg import (
    Leg,
    in_order,
    last_carried_out,
    last_planned,
    part_named,
    unbought,
)
from jeoul.operations.household.planning import PlannedHousehold
from jeoul.operations.household.report import HouseholdReporter
from jeoul.operations.ledger import Ledger, open_ledger
from jeoul.operations.setup.outcome import RunReport
from jeoul.operations.setup.request import RunRequest
from jeoul.pipeline.content import content_of

DAY, NEXT = date(2026, 6, 26), date(2026, 6, 29)
BUY, SELL = Side.BUY, Side.SELL
FILE: Any = SimpleNamespace(
    runs=SimpleNamespace(lang="en"), name="ours", path=Path("h.toml"), strategy="managed"
)


# --- what the accounts come to --------------------------------------------------------------------


def leg(name: str, outcome: str | None, *reasons: str, failed: bool = False, **more: Any) -> Leg:
    asked = more.pop("asked", ())
    report = None if outcome is None else RunReport(outcome, reasons, asked, more)
    return Leg(name, None, report, failed)


def whole(*legs: Leg, plan: Mapping[str, Any] | None = None, **more: Any) -> RunReport:
    """The report of a plan that is frozen, or is only shown where it has no run."""
    kept = dict(plan or {})
    run: Any = SimpleNamespace(document={"household": kept})
    runs = {"isa": run} if plan is not None else None
    return HouseholdReporter(FILE, legs).whole(None, runs, **more)


@pytest.mark.parametrize(
    ("outcomes", "found"),
    [
        (["nothing_to_do", "executed"], "executed"),
        (["executed", "planned"], "planned"),
        (["planned", "blocked_rule"], "blocked_rule"),
        (["blocked_rule", "blocked_data"], "blocked_data"),
        (["blocked_data", "needs_person"], "needs_person"),
        ([None, "executed"], "executed"),
        ([None], "nothing_to_do"),
    ],
)
def test_the_account_that_needs_its_people_most_decides(
    outcomes: list[str | None], found: str
) -> None:
    assert whole(*(leg(str(place), each) for place, each in enumerate(outcomes))).outcome == found


def test_what_stopped_all_accounts_is_said_once_and_what_stopped_one_with_its_name() -> None:
    both = [leg(name, "blocked_rule", "Closed.", "Late.") for name in ("isa", "irp")]
    assert whole(*both).reasons == ("Closed.", "Late.")
    some = [leg("isa", "blocked_rule", "Closed."), leg("irp", "needs_person", "Look.")]
    assert whole(*some, leg("us", "planned", "One order.")).reasons == (
        "isa: Closed.",
        "irp: Look.",
    )
    assert whole(leg("isa", "blocked_data", "Closed.")).reasons == ("isa: Closed.",)
    two = whole(*both, leg("us", "executed", "Done."))
    assert two.reasons == ("isa, irp: Closed.", "isa, irp: Late.")


TRANSFER = "Transfer ₩500 from your bank to account isa. The next run sees it arrive and buys."
PLAN = {
    "run": "ours.1",
    "transfers": {"isa": 500},
    "waiting": [{"account": "isa", "ticker": "069500", "shares": 3}],
    "reasons": ["A plan."],
    "objective": {"total": 5},
    "looked": {"isa": {}},
    "to_come": {"minsu": 500},
}


def test_a_plan_that_is_kept_asks_for_its_transfers_before_all_else() -> None:
    legs = [leg("isa", "nothing_to_do", asked=("Do.", "See.")), leg("irp", None)]
    legs.append(leg("us", "nothing_to_do", asked=("Do.",)))
    found = whole(*legs, plan=PLAN)
    assert found.asked == (TRANSFER, "Do.", "See.")
    assert found.reasons == ("A plan.", "isa: these buys wait for the transfer: 3 × 069500.")
    assert found.outcome == "planned"
    assert found.document["run_id"] == "ours.1"
    assert found.document["plan"] == {
        key: PLAN[key] for key in ("run", "transfers", "waiting", "objective", "to_come")
    }


def test_a_plan_that_is_shown_asks_nobody_to_pay() -> None:
    found = whole(leg("isa", "nothing_to_do"), plan={**PLAN, "run": None})
    assert found.asked == ()
    assert found.reasons[-1] == TRANSFER


def test_an_outcome_of_its_own_stays_beside_transfers() -> None:
    assert whole(leg("isa", "executed"), plan=PLAN).outcome == "executed"
    assert whole(leg("isa", "nothing_to_do"), plan={**PLAN, "transfers": {}}).outcome == (
        "nothing_to_do"
    )


def test_a_plan_that_does_not_stand_asks_for_nothing_and_says_so() -> None:
    found = whole(leg("isa", "nothing_to_do"), plan=PLAN, stands=False)
    said = "The transfers of this plan are not asked for any more. The next plan asks for the money"
    assert found.reasons[0] == "A plan."
    assert found.reasons[1].startswith(said)
    assert (found.asked, found.outcome) == ((), "nothing_to_do")
    assert found.document["plan"] == {"run": "ours.1", "objective": {"total": 5}}
    bare = whole(leg("isa", "nothing_to_do"), plan={**PLAN, "transfers": {}}, stands=False)
    assert bare.reasons == ("A plan.",)


def test_accounts_whose_money_has_come_are_not_asked_for_it_again() -> None:
    found = whole(leg("isa", "executed"), plan=PLAN, arrived=["isa"])
    assert found.asked == ()
    assert found.reasons[1].startswith("Money has arrived in isa.")


def test_a_plan_that_was_just_made_is_said_with_its_money_first() -> None:
    made = PlannedHousehold(
        decisions={}, document={"objective": {"total": 5}}, reasons=("Why.",), money=("Money.",)
    )
    found = HouseholdReporter(FILE, [leg("isa", "planned")]).whole(made)
    assert found.reasons == ("Money.", "Why.")
    assert found.document["plan"] == {"objective": {"total": 5}}
    assert found.document["run_id"] is None


def test_the_numbers_of_a_run_are_those_of_its_accounts() -> None:
    order = {"ticker": "069500", "account": "?"}
    first = leg(
        "isa", "planned", "One.", asked=("Do.",), as_of="2026-06-25", dry_run=True,
        simulated=False, orders=[order], account="mine-isa",
    )  # fmt: skip
    second = leg("us", "executed", as_of="2026-06-26", dry_run=False, simulated=True)
    found = whole(first, second, leg("irp", None)).document
    assert (found["as_of"], found["dry_run"], found["simulated"]) == ("2026-06-26", False, True)
    assert found["orders"] == [{"ticker": "069500", "account": "isa"}]
    assert [each["account"] for each in found["accounts"]] == ["isa", "us"]
    assert (found["accounts"][0]["reasons"], found["accounts"][0]["asked"]) == (["One."], ["Do."])
    assert (found["household"], found["strategy"], found["account"]) == ("ours", "managed", None)
    empty = whole(leg("irp", None), leg("isa", "planned", as_of=None)).document
    assert (empty["as_of"], empty["dry_run"], empty["simulated"]) == (None, True, False)


def test_accounts_that_could_not_be_looked_at_are_named() -> None:
    legs = [leg("isa", "needs_person", failed=True), leg("irp", None), leg("us", None, failed=True)]
    found = HouseholdReporter(FILE, legs).unlooked()
    assert found.reasons[0].endswith("could not be checked: isa, us")


# --- parts of plans in the ledgers ----------------------------------------------------------------


@pytest.fixture
def ledgers(tmp_path: Path) -> Iterator[dict[str, Ledger]]:
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(closing(open_ledger(tmp_path / f"{name}.sqlite3")))
            for name in ("irp", "isa")
        }


def frozen(
    ledger: Ledger, name: str, run: str | None, *sides: Side, day: date = DAY, attempt: int = 1
) -> str:
    orders = tuple(PlannedOrder(side, "A", 1, 1, None, Reason.of("x")) for side in sides)
    document = {} if run is None else {"household": {"run": run}}
    plan = RunPlan(name, "managed", day, NEXT, "made", document, orders, attempt)
    with ledger.transaction():
        freeze(ledger, 1, plan)
    return plan.run_id


def happened(ledger: Ledger, run: str, state: str) -> None:
    with ledger.transaction():
        ledger.append(
            "order_events", 1, intent=f"{run}.01", state=state, detail="{}",
            order_id="1" if state == "acknowledged" else None,
        )  # fmt: skip


def test_the_newest_part_of_a_plan_is_found_by_the_household_s_name(
    ledgers: dict[str, Ledger],
) -> None:
    isa = ledgers["isa"]
    assert (part_named(isa, "ours.1"), last_planned(isa), last_carried_out(isa)) == (None,) * 3
    first = frozen(isa, "isa", "ours.1", BUY)
    second = frozen(isa, "isa", "ours.1", BUY, attempt=2)
    third = frozen(isa, "isa", "ours.2", BUY, attempt=3)
    frozen(isa, "isa", None, BUY, attempt=4)
    newest = [part_named(isa, "ours.1"), part_named(isa, "ours.2"), last_planned(isa)]
    assert [run and run.run_id for run in newest] == [second, third, third]
    assert last_carried_out(isa) is None
    happened(isa, first, "acknowledged")
    happened(isa, third, "expired")
    carried = last_carried_out(isa)
    assert carried is not None
    assert carried.run_id == first


def test_accounts_that_sell_are_carried_out_first_and_then_by_their_name(
    ledgers: dict[str, Ledger],
) -> None:
    runs: dict[str, Run] = {}
    legs = []
    for name, sides in (("us", [BUY, SELL]), ("isa", [BUY]), ("irp", []), ("home", [SELL])):
        ledger = ledgers["isa"]
        run = named_run(ledger, frozen(ledger, name, "ours.1", *sides))
        assert run is not None
        runs[name] = run
        stages: Any = SimpleNamespace(desk=SimpleNamespace(ledger=ledger))
        legs.append(Leg(name, stages))
    assert [each.account for each in in_order(legs, runs)] == ["home", "us", "irp", "isa"]


def test_without_purchases_a_decision_says_why_nothing_is_bought() -> None:
    orders = tuple(Order(side, "A", 1, 1, Reason.of("x")) for side in (BUY, SELL))
    made = Decision(
        proposal=cast(Any, None), orders=orders, reasons=(Reason.of("why"),), findings=(),
        cash_after=0, cost=0, inputs_id="",
    )  # fmt: skip
    why = Reason.of("stops")
    found = unbought(made, why)
    assert [each.side for each in found.orders] == [SELL]
    assert found.reasons == (Reason.of("why"), why)
    assert unbought(found, why) is found


# --- what is asked of each account ----------------------------------------------------------------


@pytest.fixture
def accounts(tmp_path: Path) -> dict[str, Any]:
    strategy = api.load_strategy("static")
    return {
        name: SimpleNamespace(
            mandate=api.mandate(strategy, "growth", kind),
            config=SimpleNamespace(state=tmp_path / name),
        )
        for name, kind in (("irp", "irp"), ("isa", "isa"))
    }


def asked(
    accounts: dict[str, Any], ledgers: dict[str, Ledger], **more: Any
) -> Mapping[str, RunRequest]:
    return asked_of_each(RunRequest(as_of=NEXT, **more), accounts, ledgers)


def test_an_answer_to_a_plan_is_that_of_the_parts_with_orders(
    ledgers: dict[str, Ledger], accounts: dict[str, Any]
) -> None:
    part = frozen(ledgers["isa"], "isa", "ours.1", BUY)
    frozen(ledgers["irp"], "irp", "ours.1")
    found = asked(accounts, ledgers, approve="ours.1")
    assert {name: (each.approve, each.reject, each.as_of) for name, each in found.items()} == {
        "irp": (None, None, DAY),
        "isa": (part, None, DAY),
    }
    found = asked(accounts, ledgers, reject="ours.1")
    assert [each.reject for each in found.values()] == [None, part]
    assert [each.approve for each in found.values()] == [None, None]
    with pytest.raises(UsageError, match=r"no plan named 'ours\.9'"):
        asked(accounts, ledgers, approve="ours.9")


def test_an_account_without_a_part_is_asked_as_on_any_day(
    ledgers: dict[str, Ledger], accounts: dict[str, Any]
) -> None:
    frozen(ledgers["isa"], "isa", "ours.1", BUY)
    found = asked(accounts, ledgers, reject="ours.1")
    assert (found["irp"].reject, found["irp"].as_of) == (None, NEXT)
    plain = asked(accounts, ledgers)
    assert {(each.approve, each.reject, each.accept, each.fills) for each in plain.values()} == {
        (None, None, None, None)
    }
    closed = asked(accounts, {"isa": ledgers["isa"]}, reject="ours.1")
    assert closed["irp"].reject is None


def test_the_rules_of_one_account_are_accepted_for_all(
    ledgers: dict[str, Ledger], accounts: dict[str, Any]
) -> None:
    own = {name: content_of(each.mandate).digest for name, each in accounts.items()}
    assert own["isa"] != own["irp"]
    found = asked(accounts, ledgers, accept=own["isa"])
    assert {name: each.accept for name, each in found.items()} == own
    with pytest.raises(UsageError, match="the rules of no account are"):
        asked(accounts, ledgers, accept="0" * 64)


def test_a_ticket_is_that_of_the_account_whose_folder_has_it(
    ledgers: dict[str, Ledger], accounts: dict[str, Any], tmp_path: Path
) -> None:
    place = tmp_path / "isa" / "tickets" / "2026-06-29.csv"
    found = asked(accounts, ledgers, fills=place)
    assert {name: each.fills for name, each in found.items()} == {"irp": None, "isa": place}
    with pytest.raises(UsageError, match="in the state folder of no account"):
        asked(accounts, ledgers, fills=tmp_path / "elsewhere.csv")
