"""Each order is beside its fill, and what differs has its cause."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from bench import DAY, NEXT, THIRD, Bench
from harness import proposal, tape

from jeoul.messages import LANGUAGES, say
from jeoul.model.portfolio import Reason, Side
from jeoul.operations.desk.intents import PlannedOrder, RunPlan, all_runs, compact, freeze
from jeoul.operations.ledger import Ledger, open_ledger
from jeoul.operations.testbed.attendance import attendance
from jeoul.operations.testbed.rebalancing import EndingCause, LoggedOrder, rebalancing_log

ORDERED, LIMIT = 10, 1_020


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger with one order: buy ten shares at 1,000, and at most at 1,020."""
    found = open_ledger(tmp_path / "ledger.sqlite3")
    order = PlannedOrder(Side.BUY, "069500", ORDERED, 1_000, LIMIT, Reason.of("place.first"))
    plan = RunPlan("main", "static", DAY, NEXT, "inputs", {}, (order,))
    with found.transaction():
        freeze(found, 100, plan)
    yield found
    found.close()


def happened(ledger: Ledger, state: str, **detail: object) -> None:
    (intent,) = ledger.rows("SELECT intent FROM intents")
    with ledger.transaction():
        ledger.append(
            "order_events", 101, intent=intent["intent"], state=state,
            order_id="1" if state == "acknowledged" else None, detail=compact(detail),
        )  # fmt: skip


def filled(ledger: Ledger, shares: int, amount: int) -> None:
    (intent,) = ledger.rows("SELECT intent FROM intents")
    with ledger.transaction():
        ledger.append(
            "fills", 102, intent=intent["intent"], txn=f"fill:{shares}", filled=shares,
            shares=shares, amount=amount, fee=1, session=NEXT.isoformat(),
        )  # fmt: skip


def logged(ledger: Ledger, close: int | None = 1_000) -> LoggedOrder:
    (found,) = rebalancing_log(ledger, all_runs(ledger, "main"), lambda *_: close)
    return found


def refused(ledger: Ledger) -> None:
    happened(ledger, "sending", watermark=[])
    happened(ledger, "refused", why="not enough money")


def expired(ledger: Ledger) -> None:
    happened(ledger, "expired", why="the session is over")


def rejected(ledger: Ledger) -> None:
    happened(ledger, "expired", why="rejected by a person")


def lapsed(ledger: Ledger) -> None:
    happened(ledger, "expired", why="a newer plan takes its place", by="main.static.2.2")


def whole(ledger: Ledger) -> None:
    filled(ledger, ORDERED, 10_100)
    happened(ledger, "filled", filled=ORDERED)


def half(ledger: Ledger) -> None:
    happened(ledger, "acknowledged")
    filled(ledger, 4, 4_000)
    happened(ledger, "closed", filled=4)


def never(ledger: Ledger) -> None:
    happened(ledger, "acknowledged")
    happened(ledger, "closed", filled=0)


def waiting(ledger: Ledger) -> None:
    happened(ledger, "acknowledged")


@pytest.mark.parametrize(
    ("story", "close", "cause", "missing"),
    [
        (whole, 1_010, EndingCause.FILLED, 0),
        (half, 1_000, EndingCause.PARTIAL, 6),
        (half, LIMIT, EndingCause.PARTIAL, 6),  # a close at the limit is not beyond it
        (half, LIMIT + 1, EndingCause.PRICE_LIMIT, 6),
        (never, 1_000, EndingCause.UNFILLED, 10),
        (never, None, EndingCause.UNFILLED, 10),
        (never, 1_100, EndingCause.PRICE_LIMIT, 10),
        (refused, 1_000, EndingCause.REFUSED, 10),
        (expired, 1_000, EndingCause.EXPIRED, 10),
        (rejected, 1_000, EndingCause.REJECTED, 10),
        (lapsed, 1_000, EndingCause.LAPSED, 10),
        (waiting, 1_000, EndingCause.OPEN, 10),
    ],
)
def test_the_cause_follows_from_what_the_ledger_says_of_the_order(
    ledger: Ledger,
    story: Callable[[Ledger], None],
    close: int | None,
    cause: EndingCause,
    missing: int,
) -> None:
    story(ledger)
    found = logged(ledger, close)
    assert (found.cause, found.missing) == (cause, missing)
    for language in LANGUAGES:
        assert say(language, f"testbed.cause_{found.cause}", found.detail)


def test_what_a_person_settled_says_who_and_what_the_books_had(ledger: Ledger) -> None:
    half(ledger)
    (intent,) = ledger.rows("SELECT intent FROM intents")
    with ledger.transaction():
        ledger.append(
            "resolutions", 103, intent=intent["intent"], filled=ORDERED, amount=10_200, fee=2,
            detail=json.dumps({"by": "kim", "before": [4, 4_000, 1]}),
        )  # fmt: skip
    found = logged(ledger)
    assert found.cause is EndingCause.RESOLVED
    assert found.detail == {"filled": 10, "shares": 10, "by": "kim", "before": 4}


def test_slippage_is_what_a_share_cost_beyond_the_plan(ledger: Ledger) -> None:
    assert logged(ledger).slippage is None
    whole(ledger)
    assert logged(ledger).slippage == pytest.approx(0.01)  # 1,010 instead of 1,000


def test_a_paper_account_fills_at_the_close_and_every_order_is_logged(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    report = bench.run()
    ledger = bench.ledger()
    found = rebalancing_log(ledger, all_runs(ledger, "main"), tape().close)
    ledger.close()
    assert [order.intent.order.ticker for order in found] == [
        order["ticker"] for order in report.document["orders"]
    ]
    for order in found:
        assert order.cause is EndingCause.FILLED
        close = tape().close(order.intent.order.ticker, NEXT)
        assert order.intent.amount == close * order.intent.filled
        assert [event.state for event in order.events] == ["sending", "acknowledged", "filled"]


def days(bench: Bench, *sessions: date) -> list[tuple[str, str]]:
    ledger = bench.ledger()
    found = attendance(ledger, "main", all_runs(ledger, "main"), sessions)
    ledger.close()
    return [(each.status, each.detail) for each in found]


def test_each_session_says_whether_a_run_looked_at_it(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.run()
    state: Any = bench.folder / "state" / "STOP"
    state.touch()
    bench.run(NEXT)
    (decided, stopped, missing) = days(bench, DAY, NEXT, THIRD)
    assert decided == ("decided", f"main.static.{DAY}")
    assert stopped[0] == "stopped"
    assert "blocked_rule: The kill switch is on" in stopped[1]
    assert missing == ("missing", "")


def test_a_session_that_was_caught_up_on_is_skipped(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.run()
    bench.plans[THIRD] = proposal(THIRD, {"069500": 0.5}, due=True)
    bench.run(THIRD)
    assert days(bench, DAY, NEXT, THIRD)[1] == ("skipped", THIRD.isoformat())
