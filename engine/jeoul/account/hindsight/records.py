"""A decision that was traded, and what it and its absence came to later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from jeoul.model.portfolio import Side

HORIZONS = (30, 90, 365)
"""After how many days a decision is looked back at."""

Cause = Literal["cut", "reentry", "rebalance", "invested", "withdrawn", "other"]
"""Why an account traded: the risk control cut or came back, the rules rebalanced, money moved."""

CAUSES: tuple[Cause, ...] = ("cut", "reentry", "rebalance", "invested", "withdrawn", "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class TradedOrder:
    """What was filled of one order, in the smallest unit of the account's money.

    ``amount`` is shares times price, ``cost`` its fees with the spread where that is known, and
    ``tax`` what the law takes of a sale at its source.
    """

    session: date
    side: Side
    ticker: str
    shares: int
    amount: int
    cost: int
    tax: int = 0

    @property
    def cash(self) -> int:
        """Return what the order does to the account's money."""
        moved = -self.amount if self.side is Side.BUY else self.amount
        return moved - self.cost - self.tax


@dataclass(frozen=True, slots=True, kw_only=True)
class TradedDecision:
    """The orders of one decision, and the account that it found.

    ``shares`` and ``cash`` are what the account held on ``session`` before the first of the orders,
    with the deposits of that session; ``cash`` is all money, settled or on its way, and ``value``
    what both were worth at the close before the orders cost anything. Trades that spend what the
    sales of a decision brought belong to it, although they are filled when that has settled.
    ``runs`` names the runs.
    """

    session: date
    cause: Cause
    orders: tuple[TradedOrder, ...]
    shares: Mapping[str, int]
    cash: int
    value: int
    runs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HindsightOutcome:
    """Where a decision and its absence had come ``days`` later, at the close of ``day``.

    ``untraded`` is what the account would have been worth without the decision, ``traded`` with it;
    ``by_order`` is what each order added, and their sum is ``effect``.
    """

    days: int
    day: date
    untraded: int
    by_order: tuple[int, ...]

    @property
    def effect(self) -> int:
        """Return what the decision added, negative where it cost."""
        return sum(self.by_order)

    @property
    def traded(self) -> int:
        """Return what the account would have been worth with the decision and nothing after it."""
        return self.untraded + self.effect


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedBack:
    """A decision with its outcomes by days; one that is still to come is not among them.

    ``unpriced`` are tickers without a price in the market folder: such a decision has no outcome.
    """

    decision: TradedDecision
    outcomes: Mapping[int, HindsightOutcome] = field(default_factory=dict)
    unpriced: tuple[str, ...] = ()
