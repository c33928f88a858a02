"""What an account's decision depends on beside its money, its holdings and the model."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from jeoul.model.portfolio import CASH, Portfolio, Reason, Weights


class Situation(NamedTuple):
    """What is known of an account, and how it may trade.

    ``first`` says that the account was never invested: buying is due whatever the calendar says.
    With ``safe``, SAFE mode, it buys and sells only what it must (:mod:`jeoul.pipeline.safe_mode`).
    ``barred`` are the codes that its kind may not hold. ``stops`` is why nothing is bought, None
    where buying is allowed; sales go on.
    """

    first: bool = False
    safe: bool = False
    barred: frozenset[str] = frozenset()
    stops: Reason | None = None


USUAL = Situation()
"""An account that was invested before, and trades freely."""


def never_invested(portfolio: Portfolio, plan: Collection[str]) -> bool:
    """Return whether holdings look like those of an account that was never invested.

    It holds nothing of ``plan``, the codes of its universe, and no sale is on its way. Holdings do
    not tell a first day from an account that has sold everything; whoever keeps books asks them as
    well.

    >>> never_invested(Portfolio({}, 100), {"A"}), never_invested(Portfolio({"A": 1}, 100), {"A"})
    (True, False)
    """
    held = any(count and code in plan for code, count in portfolio.shares.items())
    return not held and not any(portfolio.unsettled.values())


def wants_funds(weights: Weights) -> bool:
    """Return whether target weights hold anything beside cash."""
    return any(weight > 0.0 for label, weight in weights.items() if label != CASH)
