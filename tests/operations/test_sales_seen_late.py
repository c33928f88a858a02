"""Where money is reused, it does not matter whether a sale or its buy is seen first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jeoul.model.portfolio import Portfolio, Proceeds, Reason, Side
from jeoul.operations.desk.intents import PlannedOrder, RunPlan, freeze
from jeoul.operations.desk.resolution import Said, resolve_order
from jeoul.operations.ledger import Fill, Ledger, Transaction, book, open_ledger, portfolio, settle
from jeoul.operations.ledger.books import CASH, EXTERNAL, SHARES, UNSETTLED, legs_beside_others

BEFORE, SESSION, SOONER, LATER = (date(2026, 6, day) for day in (2, 3, 4, 5))
FEE = 10

sides = st.sampled_from((Side.SELL, Side.BUY))
traded = st.lists(st.tuples(sides, st.integers(1, 9)), min_size=1, max_size=6)


@settings(max_examples=30, deadline=None)  # each opens two ledgers
@given(seen=traded, cash=st.integers(0, 6_000))
@example(seen=[(Side.SELL, 2), (Side.BUY, 7), (Side.SELL, 2)], cash=5_000)
def test_fills_of_a_session_come_to_the_same_in_any_order(
    seen: list[tuple[Side, int]], cash: int
) -> None:
    """3,000 arrive sooner, from a sale of the session before."""
    sales_first = sorted(seen, key=lambda each: each[0] is Side.BUY)
    found = _after(seen, cash, "reuse")
    assert found == _after(sales_first, cash, "reuse")
    assert min(found.unsettled.values(), default=0) >= 0


def test_a_sale_that_shows_late_leaves_the_cash_that_the_broker_has() -> None:
    """7,010 are paid from 3,980 of the sales, 3,000 that arrive sooner, and 30 of the cash."""
    seen = [(Side.SELL, 2), (Side.BUY, 7), (Side.SELL, 2)]
    assert _after(seen[:2], 5_000, "reuse") == Portfolio({"A": 97, "B": 7}, 2_980)
    assert _after(seen, 5_000, "reuse") == Portfolio({"A": 95, "B": 7}, 4_970)


def test_a_sale_pays_back_settled_cash_before_money_on_its_way() -> None:
    seen = [(Side.BUY, 4), (Side.SELL, 1), (Side.SELL, 2)]  # the buy took 3,000 and 1,010 of cash
    assert _after(seen[:2], 2_000, "reuse") == Portfolio({"A": 98, "B": 4}, 1_980)
    found = _after(seen, 2_000, "reuse")
    assert (found.cash, found.unsettled) == (2_000, {SOONER: 1_970})


def test_where_money_is_not_reused_a_sale_pays_nothing_back() -> None:
    seen = [(Side.BUY, 4), (Side.SELL, 2)]
    found = _after(seen, 5_000, "settled")
    assert (found.cash, found.unsettled) == (990, {SOONER: 3_000, LATER: 1_990})


def test_a_buy_that_a_person_told_of_is_paid_back_too(tmp_path: Path) -> None:
    with _ledger(tmp_path, 2_000) as ledger:
        _trade(ledger, 1, (Side.BUY, 0), "reuse")
        name = ledger.rows("SELECT intent FROM intents")[0]["intent"]
        with ledger.transaction():
            ledger.append(
                "order_events", 1, intent=name, state="sending", order_id=None, detail="{}"
            )
        said = Said(filled=4, amount=4_000, fee=FEE, by="me")
        resolve_order(ledger, 9, name, said, "KRW", lambda _: LATER, "reuse")
        _trade(ledger, 2, (Side.SELL, 3), "reuse")
        found = portfolio(ledger, "KRW")
    assert (found.cash, found.unsettled) == (2_000, {SOONER: 1_980})


def test_a_sale_of_the_session_before_pays_for_nothing_of_this_one(tmp_path: Path) -> None:
    with _ledger(tmp_path, 5_000) as ledger:
        _trade(ledger, 1, (Side.BUY, 7), "reuse")
        _trade(ledger, 2, (Side.SELL, 2), "reuse", session=BEFORE)
        found = portfolio(ledger, "KRW")
    assert (found.cash, found.unsettled) == (990, {LATER: 1_990})


@pytest.mark.parametrize("late", [False, True])
def test_all_settled_cash_may_be_withdrawn_when_the_sooner_money_has_arrived(late: bool) -> None:
    trades = [(Side.SELL, 2), (Side.SELL, 2), (Side.BUY, 7)]
    seen = [trades[0], trades[2], trades[1]] if late else trades
    found = _after(seen, 5_000, "reuse", arrived=SOONER)
    assert found.cash == 4_970


def _after(
    trades: Sequence[tuple[Side, int]], cash: int, proceeds: Proceeds, arrived: date = SESSION
) -> Portfolio:
    """Return the account after fills in the order in which they are seen, at 1,000 won a share."""
    with TemporaryDirectory() as folder, _ledger(Path(folder), cash) as ledger:
        for number, trade in enumerate(trades, start=1):
            _trade(ledger, number, trade, proceeds)
        with ledger.transaction():
            settle(ledger, 99, "KRW", arrived)
        return portfolio(ledger, "KRW")


@contextmanager
def _ledger(folder: Path, cash: int) -> Iterator[Ledger]:
    """Give books with settled cash, and 3,000 won of an earlier sale that arrive sooner."""
    ledger = open_ledger(folder / "ledger.sqlite")
    legs = {
        (CASH, "KRW"): cash,
        (f"{UNSETTLED}{SOONER}", "KRW"): 3_000,
        (SHARES, "A"): 99,
        (EXTERNAL, "A"): -99,
        (EXTERNAL, "KRW"): -cash - 3_000,
    }
    with ledger.transaction():
        book(ledger, 0, Transaction("opening", "opening", BEFORE, legs))
    yield ledger
    ledger.close()


def _trade(
    ledger: Ledger,
    number: int,
    trade: tuple[Side, int],
    proceeds: Proceeds,
    session: date = SESSION,
) -> None:
    """Freeze a run with one order, and book its fill unless nothing was filled."""
    side, shares = trade
    ticker = "B" if side is Side.BUY else "A"
    order = PlannedOrder(side, ticker, 9, 1_000, None, Reason.of("trade.calendar"))
    plan = RunPlan(
        "main", f"s{number}", session, session, "made", {"weights": {"CASH": 1.0}}, (order,)
    )
    with ledger.transaction():
        freeze(ledger, number, plan)
        if not shares:
            return
        fill = Fill(side, ticker, shares, 1_000 * shares, FEE, session, LATER)
        legs = legs_beside_others(ledger, fill, "KRW", proceeds)
        txn = f"fill:{number}"
        book(ledger, number, Transaction(txn, "fill", session, legs))
        ledger.append(
            "fills",
            number,
            intent=f"{plan.run_id}.01",
            txn=txn,
            filled=shares,
            shares=shares,
            amount=1_000 * shares,
            fee=FEE,
            session=session.isoformat(),
        )
