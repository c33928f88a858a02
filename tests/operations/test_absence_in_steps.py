"""A buy without an answer while a sale of the same plan is still being filled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from kis_desk import MORNING
from rest_account import Account, Crash
from venues import ADAPTERS, KIS, TOSS

CASES = [(adapter, mode) for adapter in ADAPTERS for mode in adapter.modes]
ONE_LIST = [(KIS, "simulation"), (TOSS, "real")]
"""Hosts at which the balance alone is a second sign beside the list of orders."""


@pytest.fixture
def account(request: Any, tmp_path: Path) -> Any:
    adapter, mode = request.param
    with adapter.server.running(mode) as venue:
        yield Account(adapter, venue, tmp_path)


def dies_at_the_first_buy(account: Any, step: str) -> None:
    """Three fifths of the sale are filled, the first buy is handed over, and the process dies."""
    left = [2]

    def filled() -> None:
        for number, shares, limit in account.truth.waiting():
            if account.clock.time >= MORNING + 8.0 and shares == 200:
                account.truth.fill(number, 120, limit)

    def checkpoint(reached: str) -> None:
        left[0] -= reached == step
        if left[0] == 0:
            raise Crash

    account.clock.match = filled
    with pytest.raises(Crash):
        account.run(checkpoint=checkpoint)
    account.clock.match = lambda: None
    account.clock.wait(1_200.0)


@pytest.mark.parametrize("account", CASES, indirect=True)
@pytest.mark.parametrize("price", [58_600, 60_000])
def test_a_buy_that_never_left_is_sent_although_the_sale_went_on(account: Any, price: int) -> None:
    dies_at_the_first_buy(account, "after-sending")
    account.truth.fill(1, 80, price)
    assert account.run().outcome == "executed"
    assert account.sides == ["SELL", "BUY", "BUY"]


@pytest.mark.parametrize("account", ONE_LIST, indirect=True)
@pytest.mark.parametrize("price", [58_600, 69_220])  # at 69,220 it brings just what the buy takes
def test_a_buy_that_arrived_and_is_not_listed_is_never_sent_again(
    account: Any, price: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    dies_at_the_first_buy(account, "after-submit")
    buy = next(intent for intent in account.intents() if intent.order.side == "BUY")
    assert buy.order.shares * buy.order.limit == 80 * 69_220
    account.truth.fill(1, 80, price)
    kind = type(account.adapter.connect(account.venue, account.folder / "state", account.clock))
    listed = kind.orders
    monkeypatch.setattr(
        kind, "orders", lambda *asked: [o for o in listed(*asked) if o.side != "BUY"]
    )
    assert account.run().outcome == "needs_person"
    assert account.sides == ["SELL", "BUY"]
    monkeypatch.undo()
    account.run()
    assert account.sides == ["SELL", "BUY", "BUY"]
