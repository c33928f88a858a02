"""A run looked back at by hand: which reasons a trade has, and what it moved."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from jeoul.account.day import AccountFill, DayFlows
from jeoul.account.hindsight.of_run import hindsight_of_run
from jeoul.account.price_events import PriceEvents
from jeoul.account.records import AccountDay, AccountRun, AccountTerms
from jeoul.account.withholding import TaxRules
from jeoul.korea.tables import load_rules
from jeoul.model.portfolio import Portfolio, Reason, Side
from jeoul.model.series import PriceTable
from jeoul.pipeline.targets import ModelTarget
from jeoul.rebalance import TradeRules

DAYS = [date(2024, 1, 1) + timedelta(days=number) for number in range(40)]
STILL = DayFlows(interest=0, paid_in=0, deposit=0, paid_out=0, withdrawal=0, exchanged=0)


def day(place: int, reasons: tuple[str, ...] = (), *fills: AccountFill) -> AccountDay:
    return AccountDay(
        session=DAYS[place], flows=STILL, actions=(), fills=fills,
        portfolio=Portfolio({"A": 3}, 70, unsettled={DAYS[39]: 30}), owed=0, value=400, worth=400,
        orders=(), reasons=tuple(map(Reason, reasons)), held_back=False,
    )  # fmt: skip


def fill(place: int, side: Side, ticker: str = "A") -> AccountFill:
    return AccountFill(DAYS[place], side, ticker, 2, 100, 5, 3, 1)


def looked(days: Any, scales: Any, taxes: TaxRules | None = None) -> Any:
    when = np.array(DAYS, dtype="datetime64[D]")
    none = np.zeros(len(DAYS), dtype=np.int64)
    table = PriceTable("XKRX", "KRW", "raw", ("A", "B"), when, none, np.full((len(DAYS), 2), 100.0))
    terms = AccountTerms(start=Portfolio({}, 0), rules=TradeRules(), parts=10, taxes=taxes)
    run = AccountRun(terms=terms, begun=0, days=tuple(days), approximate=True)
    wanted = [ModelTarget(DAYS[place], None, scale) for place, scale in enumerate(scales)]
    plan: Any = SimpleNamespace(wanted=wanted, events=PriceEvents((table,)))
    return hindsight_of_run(run, plan, name="own", simulated=True)


@pytest.mark.parametrize(
    ("scales", "cause"),
    [
        ((1.0, 1.0, 1.0), "rebalance"),
        ((1.0, 0.5, 0.5), "cut"),
        ((0.5, 1.0, 1.0), "reentry"),
        ((0.5, 0.5, 1.0), "rebalance"),  # that comes after the trade was decided
        ((0.5, 1.0, 0.5), "reentry"),
    ],
)
def test_a_trade_was_decided_after_the_session_before_it(scales: Any, cause: str) -> None:
    days = [day(0, ("place.hold",)), day(1, ("place.model",)), day(2, (), fill(2, Side.SELL))]
    (found,) = looked(days, scales).decisions
    assert found.decision.cause == cause


def test_a_trade_moves_its_amount_with_fees_spread_and_tax() -> None:
    found = looked([day(0, ("place.first",)), day(1, (), fill(1, Side.BUY))], (1.0, 1.0))
    decision = found.decisions[0].decision
    (order,) = decision.orders
    assert (order.session, order.shares, order.amount) == (DAYS[1], 2, 200)
    assert (order.cost, order.tax) == (8, 1)
    assert (decision.shares, decision.cash, decision.value) == ({"A": 1}, 100 + 209, 409)
    assert (found.account, found.currency, found.last) == ("own", "KRW", DAYS[1])
    assert (found.simulated, found.taxed, found.approximate, found.parts) == (True, False, True, 10)


def test_what_was_sold_out_is_priced_as_well() -> None:
    days = [day(0, ("place.model",)), day(1, (), fill(1, Side.SELL, "B")), day(35)]
    found = looked(days, (1.0, 1.0)).decisions[0]
    assert found.unpriced == ()
    assert found.outcomes[30].effect == -9


@pytest.mark.parametrize(("account", "taxed"), [("general", True), ("isa", False)])
def test_an_account_is_taxed_where_its_kind_is(account: str, taxed: bool) -> None:
    rules = TaxRules(book=load_rules(2026), account=account, kinds={"A": "kr_equity_etf"})
    assert looked([day(0)], (1.0,), rules).taxed == taxed
