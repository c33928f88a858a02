"""How far each further trade brings a household."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jeoul.household.distance import distance
from jeoul.household.exact import plan_exactly
from jeoul.household.planner import Planner
from jeoul.household.records import Cost, Household, Moves, Plan, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The best plan found with at most ``most`` trades, and how good it is.

    ``trades`` are the orders that it has. ``drift`` and ``tracking_error`` are shares of the money
    (:func:`~jeoul.household.distance.distance`). ``cost`` has no price of a trade in it; no plan
    with as few trades costs less than ``bound``.
    """

    most: int
    trades: int
    drift: float
    tracking_error: float
    cost: Cost
    bound: float
    moves: Moves


def trade_frontier(
    household: Household, most: int = 12, *, planner: Planner = plan_exactly
) -> tuple[Point, ...]:
    """Return the best plans for 0 to ``most`` trades, a trade itself costing nothing.

    Each begins from the one before, so that the cost never rises; drift may, because it is only one
    part of the cost. Whatever a plan with more trades cannot go below binds one with fewer, so the
    bounds never rise either. The points end where a further trade is proven to bring nothing.
    """
    plans: list[Plan] = []
    for count in range(most + 1):
        policy = replace(household.policy, trade_price=0.0, min_gain=0.0, max_trades=count)
        start = plans[-1].moves if plans else None
        plans.append(planner(replace(household, policy=policy), start))
        if plans[-1].status is Status.PROVEN and plans[-1].moves.count < count:
            break
    return tuple(_points(household, plans))


def _points(household: Household, plans: Sequence[Plan]) -> list[Point]:
    points: list[Point] = []
    bound = float("-inf")
    for most, plan in reversed(list(enumerate(plans))):
        bound = min(max(bound, plan.bound), plan.cost.total)
        away = distance(household, plan.moves)
        points.append(
            Point(
                most=most,
                trades=plan.moves.count,
                drift=away.drift,
                tracking_error=away.tracking_error,
                cost=plan.cost,
                bound=bound,
                moves=plan.moves,
            )
        )
    return points[::-1]
