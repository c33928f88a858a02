"""How a question is planned: whatever makes a plan of a household, exactly or fast."""

from __future__ import annotations

from typing import Protocol

from jeoul.household.problem.records import Household, HouseholdPlan, Moves


class Planner(Protocol):
    """Makes the plan of a household, from moves that are known to be allowed or from none."""

    def __call__(self, household: Household, start: Moves | None, /) -> HouseholdPlan:
        """Return the plan; its cost is never above that of the start."""
        ...
