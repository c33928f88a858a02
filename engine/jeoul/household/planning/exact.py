"""The best plan there is, as far as the time goes, with a bound that proves how good it is."""

from __future__ import annotations

import numpy as np

from jeoul.household.planning.search import Search
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import (
    NOTHING,
    Evaluation,
    Household,
    HouseholdPlan,
    Moves,
    PlanStatus,
)
from jeoul.household.program.program import build

WON = 1.0
"""What a plan may lie above its bound and still be called proven, in won."""

GAP = 0.01
"""The gap to the bound that a search ends at, of the plan's cost."""

POLISHED = 0.1
"""Part of the gap to which the shares of given orders are searched."""


def plan_exactly(
    household: Household,
    start: Moves | None = None,
    *,
    gap: float = GAP,
    within: float | None = None,
    seconds: float = 2.0,
    nodes: int | None = None,
) -> HouseholdPlan:
    """Return the best plan found, with its bound and what is proven of it.

    The search begins from ``start`` where one is given, and ends when the cost is within ``gap``
    of the bound, after ``seconds``, or after ``nodes`` nodes. With ``within`` it then goes on, in
    the time that is left, until no other plan can save more than so many won, and gives the orders
    of the best one the shares that suit them. Where the rules force moves and none is known by
    then, it goes on until it has found some. With an infinite ``seconds`` the same
    household has the same plan on every machine of one kind.

    A plan that saves less than ``min_gain`` is not one: then nothing is done, as ``no_trade`` if
    it is proven that nothing saves that much. Of rules that cannot hold together nothing comes
    but the status ``infeasible``.
    """
    search = Search(build(household), seconds=seconds, nodes=nodes)
    nothing = evaluate(household, NOTHING)
    search.add(NOTHING)
    if start is not None:
        search.add(start)
    search.descend(gap)
    if within is not None and search.best is not None:
        near = min(gap, within / max(search.best[1].cost.total, WON))
        search.descend(near)
        search.polish(POLISHED * near)
    if search.best is None and not search.infeasible:
        search.find()
    if search.best is None:
        return _plan(NOTHING, nothing, nothing, np.inf, PlanStatus.INFEASIBLE)
    # Above this cost a plan saves too little. Whether any lies below it may still be open.
    worth = nothing.cost.total - household.policy.min_gain
    if not nothing.violations and search.best[1].cost.total > worth > search.bound:
        search.descend(gap, below=worth)
    moves, found = search.best
    status = status_of(found.cost.total, search.bound, gap)
    if not nothing.violations and found.cost.total > worth:
        moves, found = NOTHING, nothing
        status = status_of(nothing.cost.total, search.bound, gap)
        status = PlanStatus.NO_TRADE if search.bound >= worth else status
    return _plan(moves, found, nothing, search.bound, status)


def status_of(total: float, bound: float, gap: float = GAP) -> PlanStatus:
    """Return what a bound proves of a plan's cost, both in won.

    >>> status_of(1_000_000.0, 999_999.5).value, status_of(1_000_000.0, 995_000.0).value
    ('proven', 'within_gap')
    """
    if total - bound <= WON:
        return PlanStatus.PROVEN
    return PlanStatus.WITHIN_GAP if total - bound <= gap * total else PlanStatus.UNPROVEN


def _plan(
    moves: Moves, found: Evaluation, nothing: Evaluation, bound: float, status: PlanStatus
) -> HouseholdPlan:
    return HouseholdPlan(
        moves=moves, cost=found.cost, nothing=nothing.cost, bound=bound, status=status
    )
