"""A strategy's decisions along history, judged by the same function as an account's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from jeoul import api
from jeoul.account.file import AccountFile
from jeoul.account.hindsight.of_run import hindsight_of_run
from jeoul.account.terms import plan_account, run_plan
from jeoul.model.portfolio import Side
from jeoul.model.session import parse_session


@pytest.fixture(scope="module")
def played(sample: Any) -> Any:
    """An account before tax whose cash earns nothing, along three years."""
    strategy = api.load_strategy("managed")
    keys = {"schema": 1, "name": "own", "cash": 100_000_000, "interest": "none"}
    history = api.history(strategy, sample.as_of("2025-06-30"))
    mandate = api.mandate(strategy, "growth")
    plan = plan_account(
        AccountFile.model_validate(keys, strict=False),
        mandate,
        history,
        sample,
        api.calendars()["XKRX"],
        start=parse_session("2022-06-02"),
    )
    run = run_plan(plan)
    return run, hindsight_of_run(run, plan, name="own", simulated=True)


def test_every_trade_of_the_run_belongs_to_one_decision(played: Any) -> None:
    run, found = played
    orders = [order for each in found.decisions for order in each.decision.orders]
    fills = [fill for day in run.days for fill in day.fills]
    assert sorted((o.session, o.side, o.ticker, o.shares) for o in orders) == sorted(
        (f.session, f.side, f.ticker, f.shares) for f in fills
    )
    assert sum(o.cash for o in orders) == sum(f.cash for f in fills)
    assert {"cut", "reentry", "rebalance", "invested"} <= {
        each.decision.cause for each in found.decisions
    }


def test_a_decision_that_nothing_followed_came_to_what_the_account_was_worth(played: Any) -> None:
    run, found = played
    worth = {day.session: day.value for day in run.days}
    days = sorted(worth)
    looked = 0
    for each, after in zip(found.decisions, found.decisions[1:], strict=False):
        outcome = each.outcomes.get(30)
        if outcome is None or after.decision.session <= outcome.day:
            continue
        newest = max(day for day in days if day <= outcome.day)
        assert outcome.traded == pytest.approx(worth[newest], abs=30)  # won cut from distributions
        looked += 1
    assert looked > 5


def test_a_purchase_that_waits_for_a_sale_is_part_of_the_re_entry(played: Any) -> None:
    _, found = played
    entries = [each.decision for each in found.decisions if each.decision.cause == "reentry"]
    late = [
        order
        for decision in entries
        for order in decision.orders
        if order.session > decision.session and order.side is Side.BUY
    ]
    assert late
    assert all(
        order.session - decision.session <= timedelta(days=40)
        for decision in entries
        for order in decision.orders
    )


def test_a_span_has_its_own_decisions_and_summaries(played: Any) -> None:
    _, found = played
    first, last = parse_session("2023-01-02"), parse_session("2023-12-28")
    year = found.between(first, last)
    assert year.decisions == tuple(
        each for each in found.decisions if first <= each.decision.session <= last
    )
    assert sum(s.known + s.pending for s in year.summaries) == 3 * len(year.decisions)
