"""What an account's own limits let through, and whether a person releases a plan."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from scripted import BUY, DAY, FUND, OTHER, SALE, Desk, planned

from jeoul.errors import UsageError
from jeoul.model.portfolio import Portfolio, Reason, Side
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
from jeoul.operations.desk.guards import is_safe, is_stopped, limits_broken, screen
from jeoul.operations.desk.intents import (
    Intent,
    Run,
    intents_of,
    run_events,
)
from jeoul.operations.desk.lapsing import UNFIT, is_selling, lapse_inside, supersede_inside
from jeoul.operations.setup.config import ApprovalSettings, SafetySettings
from jeoul.pipeline.paying import PaymentRules
from jeoul.rebalance import Tariff

LOOSE = SafetySettings(max_turnover=2.0)
HELD_THEN: dict[str, Any] = {"portfolio": {"shares": {FUND: 2}}, "safe": False}
NO_FEES = Tariff()


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
    with pytest.raises(UsageError, match="is finished"):
        reject(at.desk, run.run_id)
    with pytest.raises(UsageError, match="is finished"):
        approve(at.desk, run.run_id, ApprovalSettings())


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
