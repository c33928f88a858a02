"""Two funds as numbers, which tests of the search change one by one."""

from __future__ import annotations

from typing import Any

import numpy as np

from jeoul.rebalance import SharesProblem


def two_funds(**changed: Any) -> SharesProblem:
    """Two funds, each with its own prices of orders; buys cost a tenth, sales a fifth."""
    problem = SharesProblem(
        target=np.array([100.0, 50.0]),
        price=np.array([10.0, 20.0]),
        buy=np.array([11.0, 21.0]),
        sell=np.array([9.0, 18.0]),
        held=np.array([4, 5]),
        cash=30.0,
        incoming=7.0,
        cash_target=20.0,
        floor=5.0,
        buy_fee=0.1,
        sell_fee=0.2,
        lot=1,
        min_trade=0.0,
        max_trades=2,
        may_sell=True,
        spend_proceeds=True,
        idle_weight=3.0,
    )
    return problem._replace(**changed)
