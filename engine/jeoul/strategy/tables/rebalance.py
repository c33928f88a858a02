"""``[rebalance]``: when to trade, and what trading costs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from jeoul.strategy.tables.base import StrategyTable


class RebalanceRules(StrategyTable):
    """When to trade, and what trading costs."""

    calendar: Literal["weekly", "monthly", "quarterly", "yearly", "never"] = "monthly"
    band: Annotated[float, Field(gt=0.0, le=1.0)] = 0.05
    cash: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.02
    min_trade: Annotated[int, Field(ge=0)] = 50_000
    cost: Annotated[float, Field(ge=0.0, le=0.05)] = 0.001
