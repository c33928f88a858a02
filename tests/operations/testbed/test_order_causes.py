"""Why an order ended as it did, on both sides of its limit, and what a person said of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from jeoul.model.portfolio import Reason, Side
from jeoul.operations.desk.intents import PlannedOrder, RunPlan, all_runs, freeze
from jeoul.operations.ledger import Ledger, open_ledger
from jeoul.operations.testbed.attendance import attendance
from jeoul.operations.testbed.rebalancing import LoggedOrder, rebalancing_log

DAY, NEXT = date(2026, 6, 26), date(2026, 6, 29)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with closing(open_ledger(tmp_path / "ledger.sqlite3")) as found:
        yield found


def ordered(ledger: Ledger, *orders: tuple[Side, int | None], day: date = DAY) -> str:
    planned = tuple(
        PlannedOrder(side, f"{place:06}", 10, 1_000, limit, Reason.of("place.first"))
        for place, (side, limit) in enumerate(orders)
    )
    plan = RunPlan("main", "static", day, NEXT, "inputs", {}, planned)
    with ledger.transaction():
        freeze(ledger, 100, plan)
    return plan.run_id


def ended(
    ledger: Ledger, name: str, state: str, why: str = "", filled: int = 0, at: int = 7
) -> None:
    detail = json.dumps({"why": why})
    with ledger.transaction():
        ledger.append("order_events", at, intent=name, state=state, order_id=None, detail=detail)
        if filled:
            ledger.append(
                "fills", at, intent=name, txn=f"fill:{name}", filled=filled, shares=filled,
                amount=990 * filled, fee=1, session=NEXT.isoformat(),
            )  # fmt: skip


def log(ledger: Ledger, close: int | None = None) -> list[LoggedOrder]:
    return list(rebalancing_log(ledger, all_runs(ledger, "main"), lambda *_: close))


@pytest.mark.parametrize(
    ("side", "limit", "close", "filled", "cause"),
    [
        (Side.SELL, 980, 979, 0, "price_limit"),
        (Side.SELL, 980, 980, 0, "unfilled"),
        (Side.SELL, 980, 981, 4, "partial"),
        (Side.BUY, 1_020, 1_021, 4, "price_limit"),
        (Side.BUY, 1_020, 1_020, 0, "unfilled"),
        (Side.BUY, None, 5_000, 0, "unfilled"),
        (Side.SELL, 980, None, 4, "partial"),
    ],
)
def test_a_close_beyond_the_limit_is_why_an_order_was_not_filled(
    ledger: Ledger, side: Side, limit: int | None, close: int | None, filled: int, cause: str
) -> None:
    run = ordered(ledger, (side, limit))
    ended(ledger, f"{run}.01", "closed", filled=filled)
    (found,) = log(ledger, close)
    assert (found.cause, found.missing) == (cause, 10 - filled)
    assert found.detail["filled"] == filled
    if cause == "price_limit":
        assert (found.detail["limit"], found.detail["close"]) == (limit, close)


def test_a_sale_that_brings_less_has_cost_that_much(ledger: Ledger) -> None:
    run = ordered(ledger, (Side.SELL, None), (Side.BUY, None))
    for place in (1, 2):
        ended(ledger, f"{run}.0{place}", "closed", filled=4)
    assert [each.slippage for each in log(ledger)] == pytest.approx([0.01, -0.01])


@pytest.mark.parametrize(
    ("why", "cause"),
    [
        ("the session is over", "expired"),
        ("the money for it did not come before the close", "expired"),
        ("its price was too far above its indicative value until the close", "expired"),
        ("rejected by a person", "rejected"),
        ("a newer plan takes its place", "lapsed"),
    ],
)
def test_an_order_that_was_never_sent_says_why(ledger: Ledger, why: str, cause: str) -> None:
    run = ordered(ledger, (Side.BUY, None))
    ended(ledger, f"{run}.01", "expired", why)
    (found,) = log(ledger)
    assert (found.cause, found.detail["why"]) == (cause, why)


def test_events_are_those_of_the_order_with_their_row_and_time(ledger: Ledger) -> None:
    run = ordered(ledger, (Side.BUY, None), (Side.SELL, None))
    for at, name, state in ((7, "01", "sending"), (8, "02", "sending"), (9, "01", "refused")):
        ended(ledger, f"{run}.{name}", state, "w", at=at)
    first, second = log(ledger)
    assert [(each.state, each.at, each.detail) for each in first.events] == [
        ("sending", 7, {"why": "w"}),
        ("refused", 9, {"why": "w"}),
    ]
    assert [each.at for each in second.events] == [8]
    assert first.events[0].seq < second.events[0].seq < first.events[1].seq


def test_what_a_person_said_last_counts(ledger: Ledger) -> None:
    run = ordered(ledger, (Side.BUY, None))
    for by, before in (("kim", [4, 3_960, 1]), ("lee", [9, 8_910, 2])):
        with ledger.transaction():
            ledger.append(
                "resolutions", 8, intent=f"{run}.01", filled=10, amount=9_900, fee=2,
                detail=json.dumps({"by": by, "before": before}),
            )  # fmt: skip
    (found,) = log(ledger)
    assert (found.cause, found.detail["by"], found.detail["before"]) == ("resolved", "lee", 9)


def test_a_stop_of_a_run_is_named_with_its_reasons(ledger: Ledger) -> None:
    days = [date(2026, 6, day) for day in (22, 23, 24, 25, 26)]
    run = ordered(ledger, (Side.BUY, None), day=days[0])
    notes = [
        (days[1], "outcome", {"outcome": "blocked_rule", "reasons": ["One.", "Two."]}),
        (days[2], "outcome", {"outcome": "executed", "reasons": ["Fine."]}),
        (days[4], "skipped", {"session": str(days[3]), "caught_up_by": str(days[4])}),
    ]
    with ledger.transaction():
        for day, kind, said in notes:
            for account in ("main", "another"):
                ledger.append(
                    "notes", 8, account=account, strategy="static", session=day.isoformat(),
                    kind=kind, detail=json.dumps(said),
                )  # fmt: skip
    found = attendance(ledger, "main", all_runs(ledger, "main"), days)
    assert [(each.session, each.status, each.detail) for each in found] == [
        (days[0], "decided", run),
        (days[1], "stopped", "blocked_rule: One. Two."),
        (days[2], "missing", ""),
        (days[3], "skipped", str(days[4])),
        (days[4], "missing", ""),
    ]
    none = attendance(ledger, "third", [], days[1:2])
    assert [each.status for each in none] == ["missing"]
