"""The only authority on what moves cost and whether they may be made: arithmetic, no solver."""

from __future__ import annotations

from jeoul.household.after import After
from jeoul.household.cost import cost_of
from jeoul.household.records import Evaluation, Household, Moves
from jeoul.household.violations import violations_of


def evaluate(household: Household, moves: Moves) -> Evaluation:
    """Return what moves cost and every rule that they break."""
    after = After(household, moves)
    return Evaluation(cost=cost_of(after), violations=tuple(violations_of(after)))
