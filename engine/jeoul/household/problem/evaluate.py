"""The only authority on what moves cost and whether they may be made: arithmetic, no solver."""

from __future__ import annotations

from jeoul.household.problem.after import After
from jeoul.household.problem.cost import cost_of
from jeoul.household.problem.records import Evaluation, Household, Moves
from jeoul.household.problem.violations import violations_of


def evaluate(household: Household, moves: Moves) -> Evaluation:
    """Return what moves cost and every rule that they break."""
    after = After(household, moves)
    return Evaluation(cost=cost_of(after), violations=tuple(violations_of(after)))
