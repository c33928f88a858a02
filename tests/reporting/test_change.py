"""What a report says that orders change is what the reasons of the orders say."""

from __future__ import annotations

from typing import Any

import pytest

from jeoul import api
from jeoul.account.holdings import Holdings
from jeoul.account.todays_account import TodaysAccount
from jeoul.reporting.change import change_of


@pytest.fixture(scope="module")
def strategy() -> Any:
    return api.load_strategy("managed")


@pytest.mark.parametrize(
    ("shares", "cash", "withdrawal"),
    [
        ({"069500": 300}, 1_000_000, 0),
        ({"069500": 300}, 1_000_000, 5_000_000),
        ({"069500": 300, "114260": 40}, 0, 900_000),
        ({"069500": 30}, -150_000, 0),
        ({"069500": 300}, -2_000_000, 3_000_000),
        ({"411060": 500, "360750": 200}, 40_000, 1_000_000),
    ],
)
def test_a_row_and_its_reason_have_the_same_shares_of_the_account(
    sample: Any, strategy: Any, shares: dict[str, int], cash: int, withdrawal: int
) -> None:
    account = TodaysAccount(holdings=Holdings("", shares, cash, "KRW"), withdrawal=withdrawal)
    snapshot = sample.as_of(sample.last_session())
    (run,) = api.report_runs(strategy, snapshot, ("balanced",), amount=0, today=account)
    calendar = api.calendars()[strategy.calendar]
    change = change_of(run.model, run.decision, account.portfolio, withdrawal, calendar)
    assert change is not None
    assert sum(change.now.weights.values()) == pytest.approx(1.0)
    assert min(change.now.weights.values()) >= 0.0
    assert run.decision.orders
    for order in run.decision.orders:
        said = dict(order.reason.detail)
        for name, standing in (("now", change.now), ("after", change.after)):
            if name in said:
                assert said[name] == f"{standing.weights.get(order.ticker, 0.0):z.1%}", order
