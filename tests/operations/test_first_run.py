"""A run knows from its books whether an account was ever invested."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bench import DAY, EVEN, NEXT, Bench
from harness import proposal, sessions

from jeoul.account.collar import Collar
from jeoul.account.orders import account_decision
from jeoul.model.portfolio import Portfolio
from jeoul.operations.decision import trade_rules
from jeoul.rebalance import Fresh


def on_the_calendar(day: Any, weights: Any, *, due: bool = False) -> Any:
    """A proposal of a strategy that only a date of its calendar, ``due``, makes trade."""
    return replace(proposal(day, weights, due=due), band=1.0)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    found = Bench(tmp_path)
    found.plans = {day: on_the_calendar(day, EVEN) for day in sessions()}
    return found


def test_a_new_account_is_invested_at_its_first_run(bench: Any) -> None:
    report = bench.run()
    assert report.outcome == "executed"
    assert report.reasons[0].startswith("First investment")
    assert set(bench.books().shares) == set(EVEN)
    assert bench.run(NEXT).outcome == "nothing_to_do"


def test_decide_gives_the_same_orders(bench: Any) -> None:
    report = bench.run(execute=False)
    runner = bench.runner()
    rules = trade_rules(runner.config, bench.plans[DAY])
    collar = Collar.of(
        runner.config.settings.broker.price_collar or 0.0, bench.mandate.universe.instruments
    )
    found = account_decision(
        bench.plans[DAY], Portfolio({}, 50_000_000), Fresh(), rules, collar=collar
    )
    runner.broker.close()
    assert [(o["ticker"], o["shares"], o["limit"]) for o in report.document["orders"]] == [
        (order.ticker, order.shares, order.limit) for order in found.orders
    ]


def test_an_account_that_was_sold_out_waits_for_its_strategy(bench: Any) -> None:
    bench.run()
    days = sessions()
    bench.plans[NEXT] = on_the_calendar(NEXT, {}, due=True)  # the overlay keeps nothing but cash
    bench.run(NEXT)
    for day in days[2:6]:  # until the money has settled and was decided on
        bench.plans[day] = on_the_calendar(day, {})
        bench.run(day)
    assert bench.books().shares == {}
    report = bench.run(days[6])  # funds again, on a day of no calendar
    assert report.outcome == "nothing_to_do"
    assert "No trade today" in report.reasons[0]
    bench.plans[days[7]] = on_the_calendar(days[7], EVEN, due=True)
    assert bench.run(days[7]).outcome == "executed"


def test_a_first_plan_that_nobody_filled_is_made_again(bench: Any) -> None:
    bench.tables = "[safety]\nmax_turnover = 2.0\n[approval]\nrequired = true"
    waiting = bench.run()
    assert waiting.outcome == "planned"
    bench.run(reject=waiting.document["run_id"], execute=False)
    again = bench.run(NEXT)
    assert again.outcome == "planned"
    assert {order["ticker"] for order in again.document["orders"]} == set(EVEN)
