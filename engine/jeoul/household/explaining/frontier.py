"""How far each further trade brings a household."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from jeoul.household.planning.exact import plan_exactly
from jeoul.household.planning.planner import Planner
from jeoul.household.problem.distance import distance
from jeoul.household.problem.records import Household, HouseholdPlan, Moves, PlanCost


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontierPlan:
    """The best plan found with at most ``most`` trades, and how good it is.

    ``trades`` are the orders that it has. ``drift`` and ``tracking_error`` are shares of the money
    (:func:`~jeoul.household.problem.distance.distance`). ``cost`` has no price of a trade in it; no
    plan with as few trades costs less than ``bound``.
    """

    most: int
    trades: int
    drift: float
    tracking_error: float
    cost: PlanCost
    bound: float
    moves: Moves


def trade_frontier(
    household: Household, most: int = 12, *, planner: Planner = plan_exactly
) -> tuple[FrontierPlan, ...]:
    """Return the best plans for 0 to ``most`` trades, a trade itself costing nothing.

    The points end early where the plan for ``most`` trades makes fewer: what a further one would
    bring is not more than its gap. The cost never rises from point to point; drift may, because it
    is only one part of the cost. A bound for more trades is one for fewer too, so bounds never rise
    either.
    """
    last = planner(_limited(household, most), None)
    plans = [last]
    before: Moves | None = None
    for count in range(last.moves.count):
        plans.insert(count, planner(_limited(household, count), before))
        before = plans[count].moves
    return tuple(_points(household, plans))


def _limited(household: Household, trades: int) -> Household:
    policy = replace(household.policy, trade_price=0.0, min_gain=0.0, max_trades=trades)
    return replace(household, policy=policy)


def _points(household: Household, plans: Sequence[HouseholdPlan]) -> list[FrontierPlan]:
    bounds = list(accumulate((plan.bound for plan in reversed(plans)), max))[::-1]
    points, best = [], plans[0]
    for most, (plan, bound) in enumerate(zip(plans, bounds, strict=True)):
        best = min(best, plan, key=lambda each: each.cost.total)
        away = distance(household, best.moves)
        points.append(
            FrontierPlan(
                most=most,
                trades=best.moves.count,
                drift=away.drift,
                tracking_error=away.tracking_error,
                cost=best.cost,
                bound=min(bound, best.cost.total),
                moves=best.moves,
            )
        )
    return points
