"""A good plan in a few hundredths of a second: linear programs that stay warm, then whole shares.

The orders are chosen by :mod:`jeoul.household.planning.choice`, whole shares by
:mod:`jeoul.household.planning.whole`; :func:`jeoul.household.problem.evaluate.evaluate` judges what
is returned. It reads no clock and draws nothing: the same household has the same plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from jeoul.household.planning.choice import decide_rules, decide_steps, improved, lean, trimmed
from jeoul.household.planning.many import PlanTable
from jeoul.household.planning.relaxation import LinearRelaxation
from jeoul.household.planning.search import Search
from jeoul.household.planning.whole import FEW, PlanExchange, dive
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

SOLVES = 30, 90
"""Linear programs that may be spent on other orders: usually, and where orders are few."""
WON = 1.0
"""What a plan may lie above its bound and still be called proven, in won."""


def plan_fast(household: Household) -> HouseholdPlan:
    """Return a plan with the bound of the linear relaxation.

    A plan that saves less than ``min_gain`` is not one: then nothing is done, as ``no_trade`` if
    the bound proves that nothing saves that much. Where the rules force moves and the search finds
    none that they allow, the whole program is solved until it has some, however long that takes;
    ``infeasible`` is said only where it is proven.
    """
    nothing = evaluate(household, NOTHING)
    relaxation = LinearRelaxation(build(household))
    bound = relaxation.bound()
    if bound == inf and nothing.violations:
        return _plan(NOTHING, nothing, nothing, inf, PlanStatus.INFEASIBLE)
    best = NOTHING, nothing
    for moves in _candidates(relaxation, forced=bool(nothing.violations)):
        found = evaluate(household, moves)
        if not found.violations:
            best = moves, found
            break
    if best[1].violations:
        return _plan(NOTHING, nothing, nothing, inf, PlanStatus.INFEASIBLE)
    worth = inf if nothing.violations else nothing.cost.total - household.policy.min_gain
    if bound == inf:  # the relaxation is wrong: doing nothing is allowed
        bound = least_cost(household)
    if best[1].cost.total > worth:
        status = PlanStatus.NO_TRADE if bound >= worth else PlanStatus.UNPROVEN
        return _plan(NOTHING, nothing, nothing, bound, status)
    proven = best[1].cost.total - bound <= WON
    return _plan(*best, nothing, bound, PlanStatus.PROVEN if proven else PlanStatus.UNPROVEN)


def least_cost(household: Household) -> float:
    """Return a cost that no moves come below: a loss abroad brings back the year's tax and no more.

    Every other part of a cost is at least 0.
    """
    return -sum(each.gains_levy.cost(each.realised) for each in household.members)


def _candidates(relaxation: LinearRelaxation, *, forced: bool) -> Iterator[Moves]:
    """Yield moves, the best way first; another way is for those that evaluation refuses."""
    program = relaxation.program
    relaxation.keep_back(len(program.household.accounts))
    exchange = PlanExchange(relaxation, PlanTable(relaxation))
    decide_rules(relaxation)
    chosen = lean(relaxation)
    decide_steps(relaxation, chosen)
    solves = SOLVES[relaxation.orders.count <= FEW]
    choice = improved(relaxation, trimmed(relaxation, chosen), solves)
    decide_steps(relaxation, choice.chosen)
    solution = dive(relaxation, choice)
    if solution is not None:
        found = exchange.best(solution)
        if found is not None:
            yield program.moves_of(found)
        yield program.moves_of(solution)
    if forced:
        search = Search(program)
        search.find()
        if search.best is not None:
            found = exchange.best(program.start_of(search.best[0]))
            if found is not None:
                yield program.moves_of(found)
            yield search.best[0]


def _plan(
    moves: Moves, found: Evaluation, nothing: Evaluation, bound: float, status: PlanStatus
) -> HouseholdPlan:
    return HouseholdPlan(
        moves=moves, cost=found.cost, nothing=nothing.cost, bound=bound, status=status
    )
