"""Which buys of a run wait for the money of its sales, and since when an order is sent."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from jeoul.model.portfolio import Reason, Side
from jeoul.operations.desk.intents import Intent, PlannedOrder, Run, RunPlan, freeze, intents_of
from jeoul.operations.desk.lapsing import waits_for_money
from jeoul.operations.desk.traces import sent_at
from jeoul.operations.ledger import open_ledger

DAY = date(2026, 6, 22)
WHY = Reason.of("order.buy_under")
ORDER = PlannedOrder(Side.BUY, "069500", 1, 10_000, 10_050, WHY)


def order(side: Side, ticker: str, state: str) -> Intent:
    planned = PlannedOrder(side, ticker, 1, 10_000, 10_050, WHY)
    return Intent(f"a.{ticker}", "a", DAY, planned, state, None, {}, 0, 0, 0)


def run(proceeds: str) -> Run:
    return Run("a", "mine", "managed", DAY, DAY, "x", {"proceeds": proceeds}, 0)


SENT = order(Side.BUY, "069500", "acknowledged")
NEW = order(Side.BUY, "360750", "new")
ABSENT = order(Side.BUY, "133690", "absent")


def test_only_buys_that_the_broker_certainly_does_not_have_wait() -> None:
    unsent = order(Side.SELL, "114260", "new")
    orders = [order(Side.SELL, "148070", "acknowledged"), unsent, SENT, NEW, ABSENT]
    assert waits_for_money(run("reuse"), orders, sales_first=True) == [NEW, ABSENT]


@pytest.mark.parametrize(
    ("proceeds", "sale", "first"),
    [("settled", "acknowledged", True), ("reuse", "filled", True), ("reuse", "new", False)],
)
def test_no_buy_waits_for_sales_that_are_over_or_do_not_pay_on_the_day(
    proceeds: str, sale: str, first: bool
) -> None:
    orders = [order(Side.SELL, "148070", sale), NEW]
    assert waits_for_money(run(proceeds), orders, sales_first=first) == []


def test_no_buy_waits_before_any_order_was_sent() -> None:
    orders = [order(Side.SELL, "148070", "new"), NEW]
    assert waits_for_money(run("reuse"), orders, sales_first=True) == []


def test_an_order_found_at_the_broker_before_it_was_sent_counts_from_then(tmp_path: Path) -> None:
    """A copy of the ledger sent it: this one has only the answer, and a clock to measure by."""
    with closing(open_ledger(tmp_path / "ledger.sqlite3")) as ledger:
        plan = RunPlan("mine", "managed", DAY, DAY, "x", {}, (ORDER,))
        with ledger.transaction():
            freeze(ledger, 1_000, plan)
        (intent,) = intents_of(ledger, plan.run_id)
        for at, state in ((1_007, "acknowledged"), (1_030, "sending"), (1_045, "acknowledged")):
            with ledger.transaction():
                ledger.append(
                    "order_events", at, intent=intent.name, state=state, order_id=None, detail="{}"
                )
            assert sent_at(ledger, intent) == (1_007 if at == 1_007 else 1_030)
