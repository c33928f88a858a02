"""An order as data: prices in the main unit, and a limit only where it has one."""

from __future__ import annotations

import pytest

from jeoul.model.portfolio import Reason, Side
from jeoul.operations.desk.intents import PlannedOrder
from jeoul.operations.told.run_document import order_document


@pytest.mark.parametrize(
    ("limit", "currency", "shown"), [(None, "USD", None), (10_550, "USD", 105.5)]
)
def test_a_planned_order_says_its_limit_where_it_has_one(
    limit: int | None, currency: str, shown: float | None
) -> None:
    order = PlannedOrder(
        Side.BUY, "A", 10, 10_000, limit, Reason.of("trade.calendar", turnover="0.1", cost="0.1")
    )
    found = order_document(order, currency, "en")
    assert (found["limit"], found["price"], found["shares"]) == (shown, 100.0, 10)
