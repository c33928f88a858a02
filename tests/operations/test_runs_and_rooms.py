"""What the ledger answers of runs and orders, and what an account of its kind takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest
from scripted import BUY, DAY, FUND, SALE, Desk, planned

from jeoul.model.portfolio import Side
from jeoul.operations.desk.intents import (
    Intent,
    RunPlan,
    all_runs,
    attempts,
    bound_orders,
    find_run,
    freeze,
    intents_of,
    named_intent,
    newest_run,
    open_cost,
    open_intents,
    unfinished_runs,
)
from jeoul.operations.desk.room import room_of, room_stop
from jeoul.rebalance import Tariff


def one(at: Desk, order: Any = BUY, strategy: str = "s") -> Intent:
    return intents_of(at.ledger, at.freeze(order, strategy=strategy).run_id)[0]


def test_runs_and_orders_that_are_not_there_are_none(at: Desk) -> None:
    assert find_run(at.ledger, "mine", "s", DAY) is None
    assert (named_intent(at.ledger, "x"), unfinished_runs(at.ledger), open_intents(at.ledger)) == (
        None,
        [],
        (),
    )
    assert bound_orders(at.ledger, []) == frozenset()
    run = at.freeze(BUY)
    assert find_run(at.ledger, "mine", "s", DAY) == run
    assert find_run(at.ledger, "mine", "s", DAY + timedelta(days=1)) is None


def test_a_ledger_keeps_whole_seconds(at: Desk) -> None:
    at.clock.time = 1_000.9
    assert (at.desk.at(), type(at.desk.at())) == (1_000, int)


def test_the_second_plan_of_a_session_has_its_number(at: Desk) -> None:
    plan = RunPlan("mine", "s", DAY, DAY, "x", {}, (BUY, SALE))
    assert [replace(plan, attempt=n).run_id for n in (1, 2, 3)] == [
        f"mine.s.{DAY}", f"mine.s.{DAY}.2", f"mine.s.{DAY}.3",
    ]  # fmt: skip
    assert plan.attempt == 1
    for count in (0, 1, 2):
        assert attempts(at.ledger, "mine", "s", DAY) == count
        with at.ledger.transaction():
            freeze(at.ledger, 900, replace(plan, attempt=count + 1))
    newest = newest_run(at.ledger)
    assert newest is not None
    assert newest == find_run(at.ledger, "mine", "s", DAY)
    assert newest.run_id == f"mine.s.{DAY}.3"
    assert [i.name for i in intents_of(at.ledger, newest.run_id)] == [
        f"{newest.run_id}.01", f"{newest.run_id}.02",
    ]  # fmt: skip
    assert [run.run_id for run in all_runs(at.ledger, "mine")][::2] == [
        f"mine.s.{DAY}",
        newest.run_id,
    ]
    seq = at.ledger.head().seq
    assert [run.run_id for run in all_runs(at.ledger, "mine", (2, seq - 2))][1:] == [newest.run_id]
    assert all_runs(at.ledger, "other") == []


def test_the_open_part_of_a_purchase_costs_its_limit_or_its_price_and_the_fee() -> None:
    fees = Tariff(Decimal("0.01"), fixed_fee=5)
    half = Intent("a.1", "a", DAY, planned(Side.BUY, shares=3), "new", None, {}, 1, 0, 0)
    assert open_cost(half, fees) == 20_100 + 201 + 5
    assert open_cost(replace(half, changed_limit=9_000), fees) == 18_000 + 185
    assert open_cost(replace(half, order=planned(Side.BUY, shares=3, limit=None)), fees) == 20_205


def test_a_server_gives_the_limit_of_an_event_as_text() -> None:
    row: dict[str, Any] = dict.fromkeys(("detail", "order_id", "price_limit"), None)
    row |= {"intent": "a", "run_id": "r", "executed": str(DAY), "side": "BUY", "ticker": FUND}
    row |= {"shares": 1, "price": 5, "reason": '["x",[]]', "state": None, "changed_limit": "9000"}
    row |= dict.fromkeys(("filled", "amount", "fee"), 0)
    found = named_intent(cast("Any", SimpleNamespace(row=lambda *_: row)), "a")
    assert found is not None
    assert (found.limit, found.state, dict(found.detail)) == (9_000, "new", {})


def test_an_event_moves_an_order_as_the_ledger_would_read_it(at: Desk) -> None:
    intent = one(at)
    steps = [
        ("sending", None, '{"limit":9000,"watermark":[]}'),
        ("acknowledged", f"{DAY}/7", "{}"),
        ("filled", None, '{"filled":2}'),
    ]
    for state, number, text in steps:
        intent = intent.after(state, text, number)
        at.event(intent, state, None if number is None else "7", detail=text)
        assert intent == at.intent(intent.name)
    assert (intent.changed_limit, intent.limit, intent.order_id) == (9_000, 9_000, f"{DAY}/7")
    again = intent.after("sending", '{"watermark":[]}', None)
    assert (again.changed_limit, again.limit) == (None, 10_050)


@pytest.mark.parametrize(
    ("paid", "said", "stopped"),
    [
        (18_000_000, {}, False),
        (18_000_001, {}, True),
        (15_000_000, {"2026": 3_000_000}, False),
        (15_000_001, {"2026": 3_000_000}, True),
        (18_000_000, {"2025": 18_000_000}, False),
    ],
)
def test_more_than_a_pension_takes_in_a_year_stops_what_it_buys(
    at: Desk, paid: int, said: dict[str, int], stopped: bool
) -> None:
    settings = cast("Any", SimpleNamespace(account="pension_savings", opened=None, paid=said))
    at.booked("deposit", 30_000_000, session=date(2025, 12, 31))
    full = cast(
        "Any", SimpleNamespace(account="pension_savings", opened=None, paid={"2026": 18_000_000})
    )
    assert room_stop(at.ledger, full, "KRW", DAY) is None  # nothing came in
    at.booked("deposit", paid)
    found = room_stop(at.ledger, settings, "KRW", DAY)
    assert (found is not None) is stopped
    if found is not None:
        left = 18_000_000 - sum(n for year, n in said.items() if year == "2026")
        assert dict(found.detail) == {"year": "2026", "amount": f"{paid:,}", "left": f"{left:,}"}


def test_what_was_booked_in_the_years_before_takes_room_of_an_isa(at: Desk) -> None:
    """Two years at 20,000,000 less 35,000,000 of the year before leave 5,000,000."""
    settings = cast("Any", SimpleNamespace(account="isa", opened=date(2025, 1, 2), paid={}))
    at.booked("deposit", 35_000_000, session=date(2025, 3, 4))
    at.booked("deposit", 5_000_000)
    assert room_stop(at.ledger, settings, "KRW", DAY) is None
    at.booked("deposit", 1)
    assert room_stop(at.ledger, settings, "KRW", DAY) is not None
    general = cast("Any", SimpleNamespace(account="general", opened=None, paid={}))
    assert room_stop(at.ledger, general, "KRW", DAY) is None
    room = room_of(settings, 2026)
    assert room is not None
    assert room.left == 40_000_000
