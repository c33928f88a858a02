"""Why each run of an account traded, and what its session left, for a look back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from made_course import MON, NEXT, THU, TUE, bought, course, sold, table, taxable

from jeoul.model.portfolio import Reason, Side
from jeoul.operations.desk.intents import PlannedOrder, RunPlan, freeze
from jeoul.operations.ledger import Ledger, open_ledger
from jeoul.operations.retrospective import of_course, reason_kinds, retrospective_of

BUY, SELL = Side.BUY, Side.SELL


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with closing(open_ledger(tmp_path / "ledger.sqlite3")) as found:
        yield found


def kinds_of(
    ledger: Ledger, *runs: tuple[float | None, Sequence[Side]], household: bool = True
) -> list[tuple[str, ...]]:
    """The kinds of runs with a scale and orders of some sides, each on a day of its own."""
    for place, (scale, sides) in enumerate(runs):
        orders = tuple(PlannedOrder(side, "A", 1, 1, None, Reason.of("x")) for side in sides)
        document: dict[str, Any] = {"reasons": [["place.own", {}]], "scale": scale}
        if household:
            document["household"] = {"run": "ours"}
        day = MON + timedelta(days=place)
        plan = RunPlan("main", "managed", day, day, "made", document, orders)
        with ledger.transaction():
            freeze(ledger, 1, plan)
    found = reason_kinds(ledger, "main")
    assert list(found) == sorted(found)
    return [kinds[1:] for kinds in found.values()]


@pytest.mark.parametrize(
    ("runs", "kinds"),
    [
        ([(1.0, [BUY])], [("place.first",)]),
        ([(1.0, [BUY]), (1.0, [SELL, BUY])], [("place.first",), ("place.model",)]),
        ([(1.0, [BUY]), (1.0, [BUY])], [("place.first",), ("place.settled",)]),
        ([(1.0, [BUY]), (0.5, [BUY])], [("place.first",), ("place.model", "overlay.cut")]),
        ([(0.5, [BUY]), (1.0, [SELL])], [("place.first",), ("place.model", "overlay.rise")]),
        # A run without orders, as one before it, is no run that the account followed.
        ([(1.0, [BUY]), (0.5, []), (1.0, [SELL])], [("place.first",), ("place.model",)]),
        ([(None, [BUY]), (1.0, [SELL])], [("place.first",), ("place.first",)]),
        ([(1.0, [BUY]), (None, [SELL])], [("place.first",), ("place.first",)]),
    ],
)
def test_part_of_a_household_s_plan_follows_its_targets_or_its_risk_control(
    ledger: Ledger, runs: list[tuple[float | None, list[Side]]], kinds: list[tuple[str, ...]]
) -> None:
    assert kinds_of(ledger, *runs) == kinds


def test_a_run_of_its_own_says_why_by_itself(ledger: Ledger) -> None:
    assert kinds_of(ledger, (1.0, [BUY]), (0.5, [SELL]), household=False) == [(), ()]
    assert reason_kinds(ledger, "another") == {}


STILL = (100.0,) * 5
KINDS = {"one": ("place.first",), "two": ("place.model",), "three": ("overlay.cut",)}


def looked_back(own: Any, last: date | None = None) -> Any:
    rules = taxable(table({"A": STILL, "B": STILL}))
    return retrospective_of(own, KINDS, rules, simulated=False, last=last)


def test_the_trades_of_a_session_are_one_decision_on_the_account_that_it_found() -> None:
    """Of 3,000 A that cost 100, 2,000 are sold at 200; 1,000 B are bought."""
    first = replace(bought(MON, "A", 3_000, 300_000, fee=30), run_id="one")
    fills = (
        replace(bought(THU, "B", 1_000, 100_000, fee=10), run_id="two"),
        first,
        replace(sold(THU, "A", 2_000, 400_000, fee=20), run_id="three"),
    )
    own = course(
        {"A": (3_000, 3_000, 1_000, 1_000, 1_000), "B": (0, 0, 1_000, 1_000, 1_000)},
        cash=(700_000, 700_000, 999_970, 999_970, 999_970),
        fills=fills,
    )
    found = looked_back(own)
    assert [each.decision.session for each in found.decisions] == [MON, THU]
    assert (found.last, found.taxed, found.untaxed) == (NEXT, True, ())
    decision = found.decisions[1].decision
    assert (decision.runs, decision.cause) == (("two", "three"), "cut")
    taxes = [(order.ticker, order.shares, order.cost, order.tax) for order in decision.orders]
    assert taxes == [("B", 1_000, 10, 0), ("A", 2_000, 20, 30_800)]
    assert decision.shares == {"A": 3_000}
    # After the session it has 999,970 less the tax: before it what the two orders moved is back.
    assert decision.cash == 999_970 - 30_800 + 100_010 - (400_000 - 20 - 30_800)
    value = 999_970 + 2_000 * 100 - 30_800
    assert decision.value == value + 10 + 20 + 30_800


@pytest.mark.parametrize(("last", "count"), [(MON, 1), (TUE, 1), (THU, 2), (NEXT, 2)])
def test_a_look_back_ends_with_its_day(last: date, count: int) -> None:
    fills = (bought(MON, "A", 10, 1_000), sold(THU, "A", 10, 1_000))
    own = course({"A": (10, 10, 0, 0, 0)}, cash=(0, 0, 1_000, 1_000, 1_000), fills=fills)
    found = looked_back(own, last)
    assert (len(found.decisions), found.last) == (count, last)
    assert looked_back(own, NEXT + timedelta(days=9)).last == NEXT


def test_a_fund_that_the_law_does_not_know_is_named_and_taxed_nothing() -> None:
    fills = (
        bought(MON, "X", 10, 1_000),
        bought(MON, "A", 1_000, 100_000),
        sold(TUE, "X", 10, 9_000),
        sold(TUE, "A", 1_000, 200_000),
    )
    own = course({"X": (10, 0, 0, 0, 0), "A": (1_000, 0, 0, 0, 0)}, fills=fills)
    found = looked_back(own)
    assert found.untaxed == ("X",)
    orders = found.decisions[1].decision.orders
    assert [(each.ticker, each.tax) for each in orders] == [("X", 0), ("A", 15_400)]


def test_taxes_are_taken_from_sales_by_session_though_a_fill_was_found_late() -> None:
    """The sale of Monday was booked after that of Thursday; the law saw it first."""
    fills = [sold(THU, "A", 1, 10), bought(MON, "A", 1, 10), sold(MON, "A", 1, 10)]
    seen: Any = [
        SimpleNamespace(what=what, taken=taken)
        for what, taken in (("sale", 5), ("payment", 9), ("sale", 7))
    ]
    made: Any = SimpleNamespace(fills=fills)
    known: Any = SimpleNamespace(rules=SimpleNamespace(kinds={"A": "equity"}))
    assert of_course._sale_taxes(made, known, seen) == {2: 5, 0: 7}
