"""What a plan comes to: its cost in whole won, the exposure before and after, needs covered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from math import floor

from jeoul.household.problem.after import After, aim_money, exposures, supplies_of
from jeoul.household.problem.cost import lacking
from jeoul.household.problem.differences import CAUSES
from jeoul.household.problem.records import CASH, NOTHING, Household, HouseholdPlan, Moves, PlanCost
from jeoul.reporting.household.facts import Exposure

CASH_CLASS = "cash"
"""What money without a fund is called among the classes of a report."""


def whole(cost: PlanCost) -> dict[str, int]:
    """Return a cost by cause in whole won.

    >>> whole(PlanCost(tracking=10.6, fees=1.2))["tracking"]
    11
    """
    return {name: round(getattr(cost, name)) for name in CAUSES}


def bound_of(plan: HouseholdPlan) -> int:
    """Return a plan's bound in whole won, never above the cost that is shown beside it."""
    return min(floor(plan.bound), sum(whole(plan.cost).values()))


def exposure_of(household: Household, moves: Moves) -> dict[str, Exposure]:
    """Return the exposure of a household to each class, looked through, before and after moves.

    Shares are of the money that the aims divide, new money with it; of several aims the target is
    mixed by their money.
    """
    total = sum(aim_money(household, aim) for aim in household.aims)
    if total <= 0.0:
        return {}
    before, after = (_held(household, each) for each in (NOTHING, moves))
    target: dict[str, float] = defaultdict(float)
    for aim in household.aims:
        for name, weight in aim.weights.items():
            target[_class(name)] += weight * aim_money(household, aim)
    return {
        name: Exposure(target[name] / total, before[name] / total, after[name] / total)
        for name in dict.fromkeys((*target, *before, *after))
    }


def _held(household: Household, moves: Moves) -> Mapping[str, float]:
    after, found = After(household, moves), defaultdict[str, float](float)
    for aim in household.aims:
        for name, won in exposures(after, aim).items():
            found[_class(name)] += won
    return found


def _class(name: str) -> str:
    return CASH_CLASS if name == CASH else name


def drift_point(household: Household) -> int:
    """Return what one percentage point of drift costs a year, in won.

    Drift is half the sum of the absolute deviations, so a point of it is two points of them. The
    price of the variance, which is small where the deviation is, is left out.
    """
    total = sum(max(0.0, aim_money(household, aim)) for aim in household.aims)
    return round(household.policy.drift_price * 0.02 * total)


def covered(household: Household, moves: Moves) -> list[int]:
    """Return how much of each need is there after moves, in whole won.

    A won serves one need, the first of those that it may serve; what they lack together is the
    least possible.
    """
    supplies = supplies_of(After(household, moves))
    found: list[int] = []
    before = 0.0
    for place, need in enumerate(household.needs, 1):
        missing = lacking(household.needs[:place], supplies)
        found.append(round(need.amount) - round(missing - before))
        before = missing
    return found
