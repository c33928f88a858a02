"""What was decided against what was done, and how far an account is from it, in numbers by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from books import Books
from made_course import FRI, MON, NEXT, THU, TUE, course

from jeoul.model.portfolio import Reason, Side
from jeoul.operations.desk.intents import PlannedOrder, RunPlan, freeze
from jeoul.operations.ledger import open_ledger
from jeoul.operations.statement.decisions import (
    DecidedOrder,
    Decisions,
    Newest,
    decisions_of,
    done_between,
    drift_of,
)
from jeoul.reporting.text import Text


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    with closing(open_ledger(tmp_path / "ledger.sqlite3")) as ledger:
        yield Books(ledger)


def order(
    executed: date = THU, side: str = "BUY", shares: int = 10, price: int = 100, **more: Any
) -> DecidedOrder:
    given = {"filled": shares, "amount": shares * price, "ticker": "A", "run_id": "run", **more}
    return DecidedOrder(
        executed=executed, side=side, shares=shares, price=price, state="filled", **given
    )


def decided(*orders: DecidedOrder, newest: Newest | None = None) -> Decisions:
    runs = tuple(each.executed for each in orders)
    return Decisions(orders, runs, newest, {})


# --- what was done --------------------------------------------------------------------------------


def test_the_orders_of_a_span_are_those_that_were_to_be_filled_in_it() -> None:
    orders = [order(day, shares=2**place) for place, day in enumerate((MON, TUE, THU, FRI))]
    done = done_between(decided(*orders), TUE, THU, 1.0, {})
    assert (done.runs, done.orders, done.whole, done.planned) == (2, 2, 2, 600)


@pytest.mark.parametrize(
    ("side", "filled", "amount", "slippage"),
    [("BUY", 10, 1_013, 13), ("SELL", 10, 987, 13), ("BUY", 4, 399, -1), ("SELL", 4, 401, -1)],
)
def test_slippage_is_what_a_share_cost_more_or_brought_less(
    side: str, filled: int, amount: int, slippage: int
) -> None:
    one = order(side=side, filled=filled, amount=amount)
    done = done_between(decided(one), MON, NEXT, 1.0, {})
    assert (done.planned, done.filled, done.slippage) == (1_000, amount, slippage)
    assert done.whole == (filled == 10)
    assert [each.filled for each in done.missed] == ([] if filled == 10 else [filled])


def test_amounts_are_whole_won_of_the_account_s_money() -> None:
    one = order(shares=3, price=101, filled=3, amount=304)
    done = done_between(decided(one), MON, NEXT, 13.1, {})
    found = (done.planned, done.filled, done.slippage)
    assert found == (3_969, 3_982, 13)  # 3,969.3 and 3,982.4 and 13.1
    assert {type(each) for each in found} == {int}


def test_an_order_that_was_not_filled_whole_is_named() -> None:
    names: Mapping[str, Text] = {"A": Text("가", "Fund A")}
    orders = (order(filled=9), order(ticker="B", filled=0), order(ticker="C"))
    missed = done_between(decided(*orders), MON, NEXT, 1.0, names).missed
    assert [(each.code, str(each.name.en), each.planned, each.filled) for each in missed] == [
        ("A", "Fund A", 10, 9),
        ("B", "B", 10, 0),
    ]


# --- what the ledger says -------------------------------------------------------------------------


def plan(books: Books, name: str, session: date, executed: date, *orders: PlannedOrder) -> str:
    made = RunPlan("main", name, session, executed, "made", {"weights": {}, "as": name}, orders)
    with books.ledger.transaction():
        freeze(books.ledger, 1, made)
    return made.run_id


def test_the_newest_decision_is_the_last_one_up_to_the_day(books: Books) -> None:
    first = plan(books, "one", MON, TUE)
    second = plan(books, "two", TUE, THU)
    plan(books, "three", THU, FRI)
    found = decisions_of(books.ledger, TUE)
    assert found.newest == Newest(TUE, second, {"weights": {}, "as": "two"})
    assert found.runs == (TUE, THU)
    earlier = decisions_of(books.ledger, MON).newest
    assert earlier is not None
    assert earlier.run_id == first
    assert decisions_of(books.ledger, date(2026, 5, 31)).newest is None


def test_what_came_of_an_order_is_its_fills_or_what_a_person_said(books: Books) -> None:
    orders = [
        PlannedOrder(Side.BUY, code, 10, 100, None, Reason.of("trade.calendar")) for code in "ABC"
    ]
    run = plan(books, "one", MON, TUE, *orders)
    events = [(f"{run}.01", "sending"), (f"{run}.01", "closed"), (f"{run}.03", "acknowledged")]
    with books.ledger.transaction():
        for name, state in events:
            books.ledger.append(
                "order_events", 2, intent=name, state=state, detail="{}",
                order_id="1" if state == "acknowledged" else None,
            )  # fmt: skip
        for place, shares in ((1, 3), (1, 4), (3, 5)):
            books.ledger.append(
                "fills", 3, intent=f"{run}.0{place}", txn=f"fill:{place}.{shares}", filled=shares,
                shares=shares, amount=100 * shares + 1, fee=0, session=TUE.isoformat(),
            )  # fmt: skip
        for filled in (6, 10):
            books.ledger.append(
                "resolutions", 4, intent=f"{run}.03", filled=filled, amount=99 * filled, fee=0,
                detail="{}",
            )  # fmt: skip
    found = decisions_of(books.ledger, TUE).orders
    assert [(each.ticker, each.filled, each.amount, each.state) for each in found] == [
        ("A", 7, 702, "closed"),
        ("B", 0, 0, "new"),
        ("C", 10, 990, "acknowledged"),
    ]


def test_deposits_are_what_the_broker_named_as_such(books: Books) -> None:
    books.pay(MON, 10_000, "opening")
    books.pay(TUE, 300)
    books.pay(TUE, 20)
    books.pay(THU, -100, "withdrawal")
    books.pay(THU, 5, "adopted")
    books.pay(FRI, 1)
    assert decisions_of(books.ledger, FRI).deposits == {TUE: 320, FRI: 1}


# --- drift ----------------------------------------------------------------------------------------


def drift(
    document: Mapping[str, Any], *orders: DecidedOrder, place: int = 4, **more: Any
) -> dict[str, tuple[float, float]] | None:
    own = course(
        more.pop("shares", {"A": (0, 0, 2, 2, 4), "B": (0, 0, 0, 1, 1)}),
        more.pop("prices", {"A": (100, 100, 120, 120, 150), "B": (50, 50, 50, 40, 100)}),
        more.pop("cash", (1_000, 1_000, 760, 720, 300)),
        **more,
    )
    found = drift_of(decided(*orders, newest=Newest(THU, "run", document)), own, place, {})
    if found is None:
        return None
    weights = {each.code: (round(each.target, 9), round(each.now, 9)) for each in found.weights}
    assert found.drift == pytest.approx(sum(abs(a - b) for a, b in weights.values()) / 2)
    assert {type(number) for each in found.weights for number in (each.target, each.now)} == {float}
    assert found.with_others is ("household" in document)
    return weights


def test_weights_are_of_the_whole_account_with_its_cash() -> None:
    """Worth 4 x 150 + 100 + 300 = 1,000."""
    found = drift({"weights": {"A": 0.5, "C": 0.2, "CASH": 0.3}})
    assert found == ({"A": (0.5, 0.6), "B": (0.0, 0.1), "C": (0.2, 0.0), "CASH": (0.3, 0.3)})
    assert list(found or ()) == ["A", "B", "C", "CASH"]


def test_what_is_neither_wanted_nor_there_is_not_named() -> None:
    found = drift({"weights": {"A": 0.5, "C": 0.0, "CASH": 0.5}}, place=2)
    assert found == {"A": (0.5, 0.24), "CASH": (0.5, 0.76)}


def test_funds_are_named_in_the_order_of_their_codes() -> None:
    codes = [f"{number:06}" for number in range(40, 0, -1)]
    found = drift({"weights": dict.fromkeys(codes, 0.025)}, shares={}, cash=(100,) * 5)
    assert list(found or ()) == [*sorted(codes), "CASH"]


@pytest.mark.parametrize(("cash", "known"), [(0, False), (1, True), (2, True)])
def test_an_empty_account_has_not_drifted(cash: int, *, known: bool) -> None:
    found = drift({"weights": {"CASH": 1.0}}, shares={}, cash=(0, 0, 0, 0, cash))
    assert (found is not None) is known
    own = course({}, cash=(5,) * 5)
    assert drift_of(decided(), own, 4, {}) is None


def test_the_target_of_a_household_s_plan_is_what_its_orders_would_have_made() -> None:
    """Of 2 A and 3 B, worth 2,000 on Thursday, one A is sold, and 4 B and 5 C are bought.

    They count at the close of that day. C was never held: the price of its order counts. Orders of
    another run change nothing.
    """
    document = {"household": {}, "weights": {}, "value": 2_000}
    document["portfolio"] = {"shares": {"A": 2, "B": 3}}
    found = drift(
        document,
        order(side="SELL", ticker="A", shares=1, price=999),
        order(ticker="B", shares=4, price=999),
        order(ticker="C", shares=5, price=20),
        order(ticker="A", shares=100, run_id="another"),
    )
    assert found == (
        {
            "A": (0.06, 0.6),
            "B": (0.175, 0.1),
            "C": (0.05, 0.0),
            "CASH": (0.715, 0.3),
        }
    )
