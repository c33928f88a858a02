"""Before a plan is sent it is held against the account of today, and against its own limits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from scripted import BUY, DAY, FUND, OTHER, SALE, Desk, at_broker, planned

from jeoul.model.portfolio import Portfolio, Reason, Side
from jeoul.operations.desk.fills import collect
from jeoul.operations.desk.intents import (
    Run,
    intents_of,
)
from jeoul.operations.desk.reconcile import AccountMeans
from jeoul.operations.desk.second_look import Today, misfits
from jeoul.operations.setup.config import SafetySettings
from jeoul.rebalance import Tariff

LOOSE = SafetySettings(max_turnover=2.0)
HELD_THEN: dict[str, Any] = {"portfolio": {"shares": {FUND: 2}}, "safe": False}
NO_FEES = Tariff()


def today(cash: int = 99_000, shares: dict[str, int] | None = None, **more: Any) -> Today:
    held = Portfolio({FUND: 2} if shares is None else shares, cash)
    given: dict[str, Any] = {"safety": LOOSE, "safe": False, "traded": 0, "fees": NO_FEES}
    return Today(**{"means": AccountMeans(held, held), **given, **more})


def looked(at: Desk, run: Run, now: Today) -> list[str]:
    found = misfits(at.ledger, run, intents_of(at.ledger, run.run_id), now)
    return [reason.kind.removeprefix("operations.misfit_") for reason in found]


@pytest.mark.parametrize(
    ("cash", "kinds"), [(20_100, []), (20_099, ["cash"])], ids=["to the won", "a won less"]
)
def test_the_purchases_of_a_plan_are_paid_at_their_worst_price(
    at: Desk, cash: int, kinds: list[str]
) -> None:
    assert looked(at, at.freeze(BUY, **HELD_THEN), today(cash)) == kinds


@pytest.mark.parametrize(
    ("cash", "kinds"), [(20_200, []), (20_199, ["cash"])], ids=["to the won", "a won less"]
)
def test_the_costs_of_purchases_are_paid_too(at: Desk, cash: int, kinds: list[str]) -> None:
    run = at.freeze(BUY, **HELD_THEN)
    assert looked(at, run, today(cash, fees=Tariff(fixed_fee=100))) == kinds


@pytest.mark.parametrize(
    ("proceeds", "cash", "kinds"),
    [
        ("reuse", 100, []),  # 20,100 less a fee of 100 come from the sale; 20,100 is needed
        ("reuse", 199, []),
        ("settled", 20_199, ["cash"]),
        ("settled", 20_200, []),
    ],
)
def test_sales_pay_for_purchases_where_their_money_is_reused(
    at: Desk, proceeds: str, cash: int, kinds: list[str]
) -> None:
    """The buy costs 20,200 with its fee; the sale brings 20,100 less its fee."""
    run = at.freeze(SALE, BUY, **HELD_THEN, proceeds=proceeds)
    fees = Tariff(fixed_fee=100)
    short = looked(at, run, today(cash, fees=fees))
    assert short == (["cash"] if proceeds == "reuse" and cash < 200 else kinds)
    assert looked(at, run, today(200 if proceeds == "reuse" else 20_200, fees=fees)) == []


def test_an_open_sale_brings_what_is_not_filled_yet_and_never_less_than_nothing(at: Desk) -> None:
    at.booked("opening", 0, {FUND: 2})
    run = at.freeze(SALE, BUY, **HELD_THEN, proceeds="reuse")
    sale, _ = intents_of(at.ledger, run.run_id)
    at.sent(sale, "7")
    at.broker.listed = [at_broker(sale, "7", 1, 10_050)]
    collect(at.desk, DAY)
    half = today(10_050, {FUND: 1})
    assert looked(at, run, half) == []
    assert looked(at, run, today(10_049, {FUND: 1})) == ["cash"]
    dear = Tariff(fixed_fee=20_000)  # of no sale is left more than it costs
    assert looked(at, run, today(40_100, {FUND: 1}, fees=dear)) == []
    assert looked(at, run, today(40_099, {FUND: 1}, fees=dear)) == ["cash"]


def test_a_plan_that_only_sells_needs_no_money(at: Desk) -> None:
    run = at.freeze(planned(Side.SELL, limit=None), **HELD_THEN)
    assert looked(at, run, today(-5)) == []


def test_a_sale_without_a_limit_brings_the_price_that_it_was_sized_with(at: Desk) -> None:
    run = at.freeze(planned(Side.SELL, limit=None), BUY, **HELD_THEN, proceeds="reuse")
    assert [looked(at, run, today(cash)) for cash in (100, 99)] == [[], ["cash"]]


def test_purchases_at_the_broker_bind_their_money_and_others_do_not(at: Desk) -> None:
    run = at.freeze(BUY, planned(Side.BUY, OTHER), **HELD_THEN)
    first, _ = intents_of(at.ledger, run.run_id)
    at.sent(first, "7")
    assert looked(at, run, today(40_199)) == ["cash"]
    assert looked(at, run, today(40_200)) == []
    at.event(first, "closed")
    assert looked(at, run, today(20_100)) == []


@pytest.mark.parametrize(
    ("seen", "books", "binds", "kinds"),
    [
        (20_100, 40_200, True, []),  # what can be ordered lacks the open buy already
        (20_099, 40_200, True, ["cash"]),
        (20_100, 40_199, True, ["cash"]),  # the books lack it not yet
        (40_200, 0, False, []),
        (40_199, 99_000, False, ["cash"]),
    ],
)
def test_what_an_open_purchase_takes_is_taken_off_once(
    at: Desk, seen: int, books: int, binds: bool, kinds: list[str]
) -> None:
    run = at.freeze(BUY, planned(Side.BUY, OTHER), **HELD_THEN)
    at.sent(intents_of(at.ledger, run.run_id)[0], "7")
    means = AccountMeans(Portfolio({FUND: 2}, seen), Portfolio({FUND: 2}, books), binds)
    assert looked(at, run, today(means=means)) == kinds


@pytest.mark.parametrize(
    ("first", "reserve", "cash", "kinds"),
    [
        (True, 7, 20_107, []),
        (True, 7, 20_106, ["cash"]),
        (False, 7, 20_100, []),
        (True, 0, 20_100, []),
        (True, 0, 20_099, ["cash"]),
    ],
)
def test_once_the_sales_are_over_the_reserve_is_left_too(
    at: Desk, first: bool, reserve: int, cash: int, kinds: list[str]
) -> None:
    given = {"reserve": reserve} if reserve else {}  # older plans kept none
    run = at.freeze(BUY, **HELD_THEN, proceeds="reuse", **given)
    assert looked(at, run, today(cash, sales_first=first)) == kinds


def test_purchases_that_wait_for_sales_at_the_broker_are_not_compared(at: Desk) -> None:
    run = at.freeze(SALE, BUY, **HELD_THEN, proceeds="reuse")
    at.sent(intents_of(at.ledger, run.run_id)[0], "7")
    assert looked(at, run, today(0, sales_first=True)) == []
    assert looked(at, run, today(-1, sales_first=False)) == ["cash"]


def test_a_plan_without_unsent_orders_fits_whatever_happened(at: Desk) -> None:
    run = at.freeze(BUY, **HELD_THEN)
    at.sent(intents_of(at.ledger, run.run_id)[0], "7")
    at.booked("adopted", 5)
    assert looked(at, run, today(0, {})) == []


def test_only_what_was_adopted_after_a_plan_speaks_against_it(at: Desk) -> None:
    at.booked("adopted", 5)
    run = at.freeze(BUY, **HELD_THEN)
    assert looked(at, run, today()) == []
    at.booked("deposit", 5)
    assert looked(at, run, today()) == []
    at.booked("adopted", 5)
    assert looked(at, run, today()) == ["adopted"]


def test_a_plan_expects_its_holdings_and_what_its_own_orders_were_filled(at: Desk) -> None:
    """Two shares then; two were bought and one was sold by the plan itself."""
    orders = [planned(Side.BUY), planned(Side.SELL), planned(Side.BUY, OTHER), BUY]
    run = at.freeze(*orders, **HELD_THEN)
    buy, sale, other, left = intents_of(at.ledger, run.run_id)
    done = (replace(buy, state="filled", filled=2), replace(sale, state="closed", filled=1))
    intents = (*done, replace(other, state="filled", filled=9), left)

    def found(shares: dict[str, int]) -> list[tuple[str, ...]]:
        reasons = misfits(at.ledger, run, intents, today(shares=shares))
        return [tuple(text for _, text in reason.detail) for reason in reasons]

    assert found({FUND: 3}) == []  # of OTHER nothing is left to do
    assert found({FUND: 2}) == [(FUND, "3", "2")]
    assert found({}) == [(FUND, "3", "0")]


def test_funds_are_named_in_their_order(at: Desk) -> None:
    codes = [f"{n}" for n in (5, 3, 4, 1, 2)]
    run = at.freeze(*(planned(Side.SELL, code) for code in codes), **HELD_THEN)
    found = misfits(
        at.ledger, run, intents_of(at.ledger, run.run_id), today(shares=dict.fromkeys(codes, 1))
    )
    assert [dict(reason.detail)["ticker"] for reason in found] == sorted(codes)


@pytest.mark.parametrize(
    ("side", "safe", "then", "kinds"),
    [
        (Side.SELL, True, False, ["safe"]),
        (Side.SELL, True, True, []),  # it was made in SAFE mode
        (Side.SELL, False, False, []),
        (Side.BUY, True, False, []),
    ],
)
def test_safe_mode_of_today_stops_sales_that_were_planned_without_it(
    at: Desk, side: Side, safe: bool, then: bool, kinds: list[str]
) -> None:
    run = at.freeze(planned(side), **{**HELD_THEN, "safe": then})
    assert looked(at, run, today(safe=safe)) == kinds


@pytest.mark.parametrize(("side", "stopped"), [(Side.BUY, True), (Side.SELL, False)])
def test_where_nothing_may_be_bought_a_plan_that_buys_does_not_fit(
    at: Desk, side: Side, stopped: bool
) -> None:
    run = at.freeze(planned(side), **HELD_THEN)
    why = Reason("diagnosis.expired")
    found = misfits(at.ledger, run, intents_of(at.ledger, run.run_id), today(stops=why))
    assert found == ((why,) if stopped else ())


@pytest.mark.parametrize(
    ("traded", "kinds"), [(80_000, []), (80_001, ["operations.turnover_limit"])]
)
def test_the_limits_of_today_hold_for_what_is_left(at: Desk, traded: int, kinds: list[str]) -> None:
    safety = SafetySettings(max_turnover=1.0, max_order=0.2)
    run = at.freeze(BUY, **HELD_THEN, value=100_000)
    assert looked(at, run, today(traded=traded, safety=safety)) == kinds
    old = at.freeze(BUY, strategy="old", **HELD_THEN)  # its version kept no value
    assert looked(at, old, today(traded=traded, safety=safety)) == []


def test_fills_count_at_the_price_that_they_were_sized_with(at: Desk) -> None:
    """A sale of 20,000 in the plan brought 21,000: what was traded is 1,000 less than it says."""
    safety = SafetySettings(max_turnover=1.0)
    run = at.freeze(SALE, BUY, **HELD_THEN, value=40_000)
    sale, buy = intents_of(at.ledger, run.run_id)
    sold = replace(sale, state="filled", filled=2, amount=21_000)
    for traded, broken in ((21_000, 0), (21_001, 1)):
        now = today(shares={}, traded=traded, safety=safety)
        assert len(misfits(at.ledger, run, (sold, buy), now)) == broken
