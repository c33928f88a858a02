"""What a household's run is told to do: a decision for each account, from one plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from jeoul.household.problem.lately import Traded
from jeoul.model.decision import Decision
from jeoul.model.portfolio import Portfolio
from jeoul.operations.household.allocations import ProvableAllocation
from jeoul.operations.household.asked_money import MoneyUnderWay


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """An account as a plan may use it, after books and broker were brought to one truth.

    ``session`` is the newest of its exchange and ``executed`` the one on which its orders are
    filled. ``costs`` are the average costs of a share in the main unit, as far as the ledger knows
    them; ``kept`` is what the newest plan that it carried out kept of the household's, empty
    without one. ``lately`` is what it has traded in the last week, by ticker. ``safe`` says that
    SAFE mode is on: nothing is sold. ``moved`` is what the books have seen move between account and
    bank so far, ``paid_in`` what came in by year, in the smallest unit of the account's currency.
    """

    portfolio: Portfolio
    session: date
    executed: date
    costs: Mapping[str, Decimal] = field(default_factory=dict)
    kept: Mapping[str, Any] = field(default_factory=dict)
    lately: Mapping[str, Traded] = field(default_factory=dict)
    safe: bool = False
    moved: int = 0
    paid_in: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedHousehold:
    """One plan of a household: a decision for each account, and what is kept and said of the whole.

    ``document`` holds JSON values, ``reasons`` and ``money`` are sentences: of the plan, and of
    what became of money since the newest one. ``impossible`` says that the rules cannot hold
    together; then there are no decisions. ``allocations`` are those that each account's part rests
    on.
    """

    decisions: Mapping[str, Decision]
    document: Mapping[str, Any]
    reasons: tuple[str, ...] = ()
    money: tuple[str, ...] = ()
    impossible: bool = False
    allocations: Mapping[str, Sequence[ProvableAllocation]] = field(default_factory=dict)

    @property
    def said(self) -> tuple[str, ...]:
        """Return all sentences of a plan, those on money first."""
        return (*self.money, *self.reasons)


Planner = Callable[[date, Mapping[str, Looked], MoneyUnderWay], PlannedHousehold]
"""What plans a household on a session, from its accounts and the money under way."""
