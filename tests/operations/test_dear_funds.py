"""A run holds a fund back that is too dear: in its report, its frozen plan and its ledger."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bench import DAY, EVEN, Bench
from harness import proposal, sessions

from jeoul.account.orders import account_decision
from jeoul.model.nav import NetAssetValue
from jeoul.model.portfolio import Portfolio
from jeoul.model.snapshot import Seen
from jeoul.operations.decision import Circumstances, planned_by, trade_rules
from jeoul.rebalance import Fresh


def dear(day: Any, code: str, times: float) -> Any:
    """A proposal in which a fund's net asset value is a multiple of its close."""
    made = proposal(day, EVEN, due=True)
    quote = made.quotes[code]
    nav = NetAssetValue(value=quote.price * times, session=quote.session, limit=0.02)
    return replace(made, quotes={**made.quotes, code: replace(quote, nav=nav)})


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    found = Bench(tmp_path)
    found.plans = {day: dear(day, min(EVEN), 0.9) for day in sessions()}
    return found


def test_the_fund_is_held_back_and_the_ledger_keeps_why(bench: Any) -> None:
    code = min(EVEN)
    report = bench.run()
    assert report.outcome == "executed"
    assert set(bench.books().shares) == set(EVEN) - {code}
    (said,) = (reason for reason in report.reasons if code in reason and "not bought" in reason)
    assert "11.11% above net asset value" in said
    assert bench.books().cash > 50_000_000 * EVEN[code] * 0.9


def test_a_household_s_plan_is_looked_at_once_more(bench: Any) -> None:
    """Whoever decided, the plan that is frozen has no order for the fund."""
    runner = bench.runner()
    account = Portfolio({}, 50_000_000)
    plain = proposal(DAY, EVEN, due=True)
    given = Circumstances(fresh=Fresh(), traded=0, safe=False, seen=Seen("s"))
    made = account_decision(plain, account, Fresh(), trade_rules(runner.config, plain))
    made = replace(made, proposal=bench.plans[DAY])
    decided = planned_by(runner.config, bench.mandate, made, account, given)
    runner.broker.close()
    assert {order.ticker for order in made.orders} == set(EVEN)
    assert {order.ticker for order in decided.plan.orders} == set(EVEN) - {min(EVEN)}
    assert "place.premium" in {kind for kind, _ in decided.plan.document["reasons"]}
