"""Before a plan is sent it is held against the account of today, and against its own limits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from scripted import BUY, DAY, FUND, OTHER, SALE, Desk, at_broker, planned

from jeoul.errors import UsageError
from jeoul.model.portfolio import Portfolio, Reason, Side
from jeoul.operations.broker.port import IndicativeValue
from jeoul.operations.desk.approval import (
    HELD as WAITS,
)
from jeoul.operations.desk.approval import (
    Approval,
    approval_of,
    approve,
    is_rejected,
    is_unfit,
    lapse,
    reject,
)
from jeoul.operations.desk.buy_terms import (
    HELD,
    LOWERED,
    RELEASED,
    SELLING,
    UNUSED,
    BuyTerms,
    buy_terms,
    keep,
    last_try,
)
from jeoul.operations.desk.fills import collect
from jeoul.operations.desk.guards import is_safe, is_stopped, limits_broken, screen
from jeoul.operations.desk.intents import (
    Intent,
    Run,
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
    run_events,
    unfinished_runs,
)
from jeoul.operations.desk.lapsing import UNFIT, is_selling, lapse_inside, supersede_inside
from jeoul.operations.desk.order_desk import tried
from jeoul.operations.desk.reconcile import AccountMeans
from jeoul.operations.desk.resolution import Said, forget_clock, resolve_order
from jeoul.operations.desk.room import room_of, room_stop
from jeoul.operations.desk.second_look import Today, misfits
from jeoul.operations.ledger import check, portfolio
from jeoul.operations.setup.config import ApprovalSettings, SafetySettings
from jeoul.pipeline.paying import PaymentRules
from jeoul.rebalance import Tariff

LOOSE = SafetySettings(max_turnover=2.0)
HELD_THEN: dict[str, Any] = {"portfolio": {"shares": {FUND: 2}}, "safe": False}
NO_FEES = Tariff()


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Desk]:
    found = Desk(tmp_path)
    yield found
    found.ledger.close()


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


# The limits of an account.


@pytest.mark.parametrize(
    ("traded", "value", "kinds"),
    [
        (0, 100_000, []),
        (0, 99_999, ["order", "order"]),
        (10_000, 100_000, []),
        (10_001, 100_000, ["turnover"]),
    ],
)
def test_an_order_and_all_of_a_session_have_a_limit_of_the_account_s_value(
    traded: int, value: int, kinds: list[str]
) -> None:
    safety = SafetySettings(max_order=0.2, max_turnover=0.5)
    found = limits_broken([BUY, planned(Side.SELL, OTHER)], safety, value, traded)
    assert [each.kind.split(".")[1].split("_")[0] for each in found] == kinds


def test_what_breaks_a_limit_is_named_with_its_amount() -> None:
    order, whole = limits_broken(
        [BUY], SafetySettings(max_order=0.1, max_turnover=0.2), 100_000, 500
    )
    assert dict(order.detail) == {"ticker": FUND, "amount": "20,000", "limit": "10%"}
    assert dict(whole.detail) == {"amount": "20,500", "limit": "20%"}


@pytest.mark.parametrize(
    ("held", "locked", "sold", "cut"),
    [
        (2, {}, [2], []),
        (5, {FUND: 3}, [2], []),
        (5, {FUND: 4}, [1], [("1",)]),
        (5, {FUND: 5}, [], [("0",)]),
        (1, {FUND: 5}, [], [("0",)]),
        (2, {OTHER: 5}, [2], []),
        (9, {FUND: 0}, [2], []),
        (0, {FUND: 0}, [], [("0",)]),
    ],
)
def test_shares_that_are_locked_are_not_sold(
    held: int, locked: dict[str, int], sold: list[int], cut: list[tuple[str]]
) -> None:
    wanted = cast("Any", SimpleNamespace(quotes={FUND: SimpleNamespace(price=10_000)}))
    found = screen(
        [SALE], wanted, Portfolio({FUND: held} if held else {}, 0), LOOSE, traded=0,
        payment=PaymentRules(NO_FEES, NO_FEES), locked=locked,
    )  # fmt: skip
    assert [order.shares for order in found.orders] == sold
    assert [(dict(each.detail)["allowed"],) for each in found.cut] == cut


def test_a_buy_is_not_cut_for_locked_shares_and_keeps_its_reason_only_whole() -> None:
    wanted = cast("Any", SimpleNamespace(quotes={FUND: SimpleNamespace(price=10_000)}))
    buy = replace(BUY, reason=Reason.of("rebalance.buy_under", after="90.0%"))

    def passed(cash: int) -> Any:
        return screen(
            [buy], wanted, Portfolio({FUND: 1}, cash), LOOSE, traded=0,
            payment=PaymentRules(NO_FEES, NO_FEES), locked={FUND: 1},
        )  # fmt: skip

    (whole,), (part,) = passed(20_100).orders, passed(20_099).orders
    assert (whole.shares, whole.reason) == (2, buy.reason)
    assert (part.shares, dict(part.reason.detail)) == (1, {"after": "66.4%"})  # 20,000 of 30,099
    assert passed(10_049).orders == ()
    assert [reason.kind for reason in passed(20_099).cut] == ["operations.cut_cash"]


@pytest.mark.parametrize(
    ("said", "file", "on"), [(True, 0, True), (False, 1, True), (False, 0, False)]
)
def test_a_switch_is_on_in_the_config_or_by_its_file(
    tmp_path: Path, said: bool, file: int, on: bool
) -> None:
    for name in ("STOP", "SAFE")[: 2 * file]:
        (tmp_path / name).touch()
    assert is_stopped(SafetySettings(stop=said), tmp_path) is on
    assert is_safe(SafetySettings(safe=said), tmp_path) is on
    assert not is_stopped(SafetySettings(), tmp_path / "STOP" / "x")


# Whether a person releases a plan.


@pytest.mark.parametrize(
    ("required", "held", "orders", "now", "found"),
    [
        (False, False, 1, 0, Approval.NOT_NEEDED),
        (True, False, 0, 0, Approval.NOT_NEEDED),  # there is nothing to release
        (True, False, 1, 7_200, Approval.WAITING),
        (False, True, 1, 7_200, Approval.WAITING),
        (True, False, 1, 7_200.5, Approval.LAPSED),
    ],
)
def test_a_plan_waits_for_its_release_as_long_as_the_config_says(
    at: Desk, required: bool, held: bool, orders: int, now: float, found: Approval
) -> None:
    run = at.freeze(*[BUY] * orders, at=100, **({WAITS: True} if held else {}))
    settings = ApprovalSettings(required=required, hours=2.0)
    assert approval_of(at.ledger, run, settings, 100 + now) is found


def events(at: Desk, run: Run) -> list[str]:
    return [event for event, _, _ in run_events(at.ledger, run.run_id)]


def test_a_release_is_kept_once_and_what_is_over_is_not_released(at: Desk) -> None:
    settings = ApprovalSettings(required=True, hours=2.0)
    run = at.freeze(BUY, at=900)
    for _ in range(2):
        approve(at.desk, run.run_id, settings)
    assert events(at, run) == ["approved"]
    assert approval_of(at.ledger, run, settings, 1e9) is Approval.APPROVED
    late = at.freeze(BUY, strategy="late", at=900)
    at.clock.time = 8_101.0
    with pytest.raises(UsageError, match="has lapsed: nobody approved it within 2 h"):
        approve(at.desk, late.run_id, settings)
    assert events(at, late) == ["lapsed", "finished"]
    with pytest.raises(UsageError, match="is lapsed"):
        approve(at.desk, late.run_id, settings)
    with pytest.raises(UsageError, match="there is no run"):
        approve(at.desk, "none", settings)


def test_a_plan_that_was_refused_keeps_what_the_broker_has(at: Desk) -> None:
    run = at.freeze(SALE, BUY, planned(Side.BUY, OTHER))
    first, second, third = intents_of(at.ledger, run.run_id)
    at.sent(first, "7")
    at.event(second, "absent")
    for _ in range(2):
        reject(at.desk, run.run_id)
    assert [at.intent(i.name).state for i in (first, second, third)] == [
        "acknowledged", "expired", "expired",
    ]  # fmt: skip
    assert dict(at.intent(third.name).detail) == {"why": "rejected by a person"}
    assert events(at, run) == ["rejected"]
    assert is_rejected(at.ledger, run)
    with pytest.raises(UsageError, match="is rejected; that cannot be taken back"):
        approve(at.desk, run.run_id, ApprovalSettings())
    assert approval_of(at.ledger, run, ApprovalSettings(), 0.0) is Approval.REJECTED


def test_a_finished_plan_is_neither_released_nor_refused(at: Desk) -> None:
    run = at.freeze(BUY)
    with at.ledger.transaction():
        at.ledger.append("run_events", 1_000, run_id=run.run_id, event="finished", detail="{}")
    for act in (
        lambda: reject(at.desk, run.run_id),
        lambda: approve(at.desk, run.run_id, ApprovalSettings()),
    ):
        with pytest.raises(UsageError, match="is finished"):
            act()


@pytest.mark.parametrize(
    ("why", "refused", "unfit"),
    [(UNFIT, False, True), (UNFIT, True, False), ("something", False, False), (None, False, False)],
)
def test_a_session_is_decided_again_after_a_plan_that_no_longer_fitted(
    at: Desk, why: str | None, refused: bool, unfit: bool
) -> None:
    run = at.freeze(BUY)
    if why:
        lapse(at.desk, run, {"why": why})
    if refused:
        with at.ledger.transaction():
            at.ledger.append("run_events", 1_000, run_id=run.run_id, event="rejected", detail="{}")
    assert is_unfit(at.ledger, run) is unfit


def test_a_plan_lapses_with_what_was_not_sent_and_is_over_when_nothing_is_left(at: Desk) -> None:
    run = at.freeze(SALE, BUY)
    first, second = intents_of(at.ledger, run.run_id)
    at.sent(first, "7")
    with at.ledger.transaction():
        lapse_inside(at.ledger, 1_000, run, {"why": "x"})
    assert [at.intent(i.name).state for i in (first, second)] == ["acknowledged", "expired"]
    assert events(at, run) == ["lapsed"]
    (other,) = intents_of(at.ledger, at.freeze(BUY, strategy="t").run_id)
    with at.ledger.transaction():
        supersede_inside(at.ledger, 1_000, cast("Any", SimpleNamespace(run_id="newer")))
    assert events(at, run) == ["lapsed"]  # once
    assert dict(at.intent(other.name).detail) == {
        "by": "newer",
        "why": "a newer plan takes its place",
    }


def test_a_sale_brings_money_until_it_is_over() -> None:
    def of(side: Side, state: str) -> Intent:
        return Intent("a.1", "a", DAY, planned(side), state, None, {}, 0, 0, 0)

    assert is_selling([of(Side.BUY, "new"), of(Side.SELL, "acknowledged")])
    assert not is_selling([of(Side.BUY, "new"), of(Side.SELL, "filled")])


# What a buy is sent with by its value of the moment.


def one(at: Desk, order: Any = BUY, strategy: str = "s") -> Intent:
    return intents_of(at.ledger, at.freeze(order, strategy=strategy).run_id)[0]


def terms(
    at: Desk, said: IndicativeValue | None, width: float | None = 0.01, order: Any = BUY
) -> BuyTerms:
    at.broker.values = {} if said is None else {FUND: said}
    rules = replace(at.desk.buy_rules, width=width)
    intent = named_intent(at.ledger, f"mine.s.{DAY}.01") or one(at, order)
    return buy_terms(at.ledger, at.broker, rules, intent)


@pytest.mark.parametrize(
    ("price", "value", "before", "did", "limit"),
    [
        (10_099, 10_000.0, None, "", 10_050),  # below the premium that its class may have
        (10_101, 10_000.0, None, HELD, 10_050),
        (9_900, 9_900.0, None, LOWERED, 9_995),  # 9,999 on its tick
        (9_950, 9_950.0, None, LOWERED, 10_045),  # 10,049.5 on its tick
        (9_951, 9_951.0, None, "", 10_050),  # as the plan has it: 10,050.51
        (20_000, 20_000.0, None, "", 10_050),
        (5_000, 5_000.0, None, LOWERED, 7_000),  # nobody trades below the day's own limit
        (30_000, 10_000.0, None, UNUSED, 10_050),  # three times apart: another unit
        (29_999, 10_000.0, None, HELD, 10_050),
        (3_333, 10_000.0, None, UNUSED, 10_050),
        (3_334, 10_000.0, None, LOWERED, 10_050),
        (18_000, 10_000.0, 18_000.0, UNUSED, 10_050),  # of other shares than before
        (17_999, 10_000.0, 18_000.0, HELD, 10_050),
        (18_000, 10_000.0, 17_999.0, HELD, 10_050),
        (5_000, 9_000.0, 5_000.0, UNUSED, 10_050),
        (5_001, 9_000.0, 5_000.0, LOWERED, 9_090),
    ],
)
def test_a_buy_s_limit_follows_its_value_down_and_never_up(
    at: Desk, price: int, value: float, before: float | None, did: str, limit: int
) -> None:
    found = terms(at, IndicativeValue(price, value, before=before))
    if (price, did) == (3_334, LOWERED):
        did = ""  # a hundredth above 10,000 is more than the plan's
    assert (found.did, found.limit) == (did, limit)


@pytest.mark.parametrize(("price", "did"), [(12_500, ""), (12_501, HELD)])
def test_a_premium_of_just_the_limit_is_paid(at: Desk, price: int, did: str) -> None:
    funds = at.desk.buy_rules.universe
    most = {funds.instruments[FUND].asset_class: 0.25}
    at.desk = replace(
        at.desk, buy_rules=replace(at.desk.buy_rules, universe=replace(funds, premium=most))
    )
    assert terms(at, IndicativeValue(price, 10_000.0)).did == did


def test_what_a_value_did_is_said_with_its_numbers(at: Desk) -> None:
    found = terms(at, IndicativeValue(9_801, 9_900.0))
    assert found.detail == {
        "price": 9_801, "value": 9_900.0, "premium": pytest.approx(-0.01), "most": 0.01,
        "limit": 9_995, "before": 10_050,
    }  # fmt: skip
    assert json.loads(json.dumps(found.detail))["limit"] == 9_995
    assert "limit" not in terms(at, IndicativeValue(10_000, 9_000.0)).detail


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (IndicativeValue(fault="stale"), "stale"),
        (IndicativeValue(10_000, 10_000.0, fault="stale"), "stale"),
        (IndicativeValue(None, 10_000.0), ""),
        (IndicativeValue(10_000, None), ""),
        (IndicativeValue(40_000, 10_000.0), "unit"),
    ],
)
def test_an_answer_that_cannot_be_used_changes_nothing(
    at: Desk, said: IndicativeValue, fault: str
) -> None:
    assert terms(at, said) == BuyTerms(10_050, UNUSED, {"fault": fault})


def test_orders_without_a_collar_or_limit_stay_without(at: Desk) -> None:
    cheap = IndicativeValue(9_900, 9_900.0)
    assert terms(at, cheap, width=None) == BuyTerms(10_050)
    assert terms(at, None) == BuyTerms(10_050)
    at.broker.values = {FUND: cheap}
    rules = replace(at.desk.buy_rules, width=0.01)
    market = one(at, planned(Side.BUY, limit=None), "m")
    assert buy_terms(at.ledger, at.broker, rules, market) == BuyTerms(None)
    assert buy_terms(at.ledger, at.broker, rules, one(at, SALE, "n")) == BuyTerms(10_050)


@pytest.mark.parametrize(
    ("did", "said", "now"),
    [
        (HELD, IndicativeValue(fault="stale"), HELD),  # only a known value releases it
        (HELD, IndicativeValue(10_000, 10_000.0), RELEASED),
        (HELD, IndicativeValue(9_900, 9_900.0), LOWERED),
        (HELD, IndicativeValue(10_101, 10_000.0), HELD),
        (RELEASED, IndicativeValue(10_000, 10_000.0), ""),
        (RELEASED, IndicativeValue(fault="stale"), UNUSED),
    ],
)
def test_a_buy_that_was_held_back_is_released_by_a_value_that_is_known(
    at: Desk, did: str, said: IndicativeValue, now: str
) -> None:
    intent = one(at)
    keep(at.ledger, 1_000, intent, BuyTerms(10_050, did))
    assert terms(at, said).did == now


def test_the_newest_note_says_what_stopped_an_order(at: Desk) -> None:
    other, intent = one(at, strategy="o"), one(at)
    assert last_try(at.ledger, intent.name) is None
    keep(at.ledger, 1_000, intent, BuyTerms(1, HELD, {"price": 5}))
    keep(at.ledger, 1_000, other, BuyTerms(1, RELEASED))
    keep(at.ledger, 1_000, intent, BuyTerms(1, SELLING))
    assert last_try(at.ledger, intent.name) == {
        "order": intent.name,
        "ticker": FUND,
        "did": SELLING,
    }
    rows = at.ledger.rows("SELECT account, strategy, session, kind FROM notes ORDER BY seq")
    assert [tuple(row) for row in rows] == [
        ("mine", "s", str(DAY), "indicative"),
        ("mine", "o", str(DAY), "indicative"),
        ("mine", "s", str(DAY), "unpaid"),
    ]


def test_a_run_keeps_what_a_try_came_to_once(at: Desk) -> None:
    intent = one(at)
    notes = "SELECT COUNT(*) AS n FROM notes"
    counts = []
    for each in (BuyTerms(1), BuyTerms(1, HELD), BuyTerms(1, HELD), BuyTerms(1), BuyTerms(1, HELD)):
        assert tried(at.desk, intent, each) == each
        counts.append(at.ledger.rows(notes)[0]["n"])
    assert counts == [0, 1, 1, 1, 2]


# What a person says became of an order.


@pytest.fixture
def stuck(at: Desk) -> Intent:
    """An order of two shares of which one was filled for 10,000 with a fee of 10."""
    at.booked("opening", 50_000, {FUND: 2})
    intent = at.sent(one(at), "7")
    at.broker.listed = [at_broker(intent, "7", 1, 10_000, fee=10)]
    collect(at.desk, DAY)
    return at.intent(intent.name)


def resolve(at: Desk, name: str, *said: int) -> Intent:
    return resolve_order(at.ledger, 1_000, name, Said(*said, by="me"), "KRW", at.desk.settles)


@pytest.mark.parametrize(
    ("said", "state", "cash", "held"),
    [
        ((1, 10_000, 10), "closed", 39_990, 3),
        ((2, 20_500, 25), "filled", 29_475, 4),
        ((1, 10_100, 10), "closed", 39_890, 3),
        ((0, 0, 0), "closed", 50_000, 2),
    ],
)
def test_the_books_follow_what_a_person_says(
    at: Desk, stuck: Intent, said: tuple[int, int, int], state: str, cash: int, held: int
) -> None:
    for _ in range(2):  # the same again changes nothing
        found = resolve(at, stuck.name, *said)
        assert (found.state, found.filled, found.amount, found.fee) == (state, *said)
        rows = at.ledger.rows("SELECT detail FROM resolutions")
        assert len(rows) == 1
    assert json.loads(rows[0]["detail"]) == {"before": [1, 10_000, 10], "by": "me"}
    assert dict(found.detail) == {"by": "me", "filled": said[0]}
    books = portfolio(at.ledger, "KRW")
    assert (books.cash, books.shares[FUND]) == (cash, held)
    assert check(at.ledger).faults == ()
    booked = at.ledger.rows("SELECT note, session FROM transactions WHERE kind = 'resolution'")
    changed = said != (1, 10_000, 10)
    assert [tuple(row) for row in booked] == (
        [(f"{stuck.name} as me said", str(DAY))] if changed else []
    )


@pytest.mark.parametrize("said", [(0, 1, 0), (1, 0, 0), (1, -1, 0), (1, 1_000_000_000_000_000, 0)])
def test_amounts_that_cannot_be_are_refused(
    at: Desk, stuck: Intent, said: tuple[int, int, int]
) -> None:
    with pytest.raises(UsageError, match="make no sense"):
        resolve(at, stuck.name, *said)
    assert resolve(at, stuck.name, 1, 999_999_999_999_999, 0).filled == 1


@pytest.mark.parametrize("state", ["new", "absent", "expired", "refused"])
def test_an_order_that_was_never_at_the_broker_has_nothing_to_resolve(at: Desk, state: str) -> None:
    intent = one(at)
    if state != "new":
        at.event(intent, state)
    with pytest.raises(UsageError, match="was never at the broker"):
        resolve(at, intent.name, 0, 0, 0)
    with pytest.raises(UsageError, match="there is no order"):
        resolve(at, "none", 0, 0, 0)


def test_an_order_that_expired_with_a_fill_can_be_resolved(at: Desk, stuck: Intent) -> None:
    at.event(stuck, "expired")
    assert resolve(at, stuck.name, 0, 0, 0).filled == 0


def test_a_wrong_time_is_forgotten_and_named(at: Desk) -> None:
    at.freeze(at=5_000)
    assert forget_clock(at.ledger, 1_000, "mine", "s", DAY, "me") == 5_000
    (note,) = at.ledger.rows("SELECT kind, session, detail FROM notes")
    assert tuple(note) == ("clock", str(DAY), '{"by":"me","forgotten":5000}')
    assert at.ledger.head().at == 1_000


# What the ledger answers of runs and orders.


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


# What an account of its kind takes.


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
