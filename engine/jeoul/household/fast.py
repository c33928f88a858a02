"""A good plan in a few hundredths of a second: linear programs that stay warm, then whole shares.

The orders are chosen by :mod:`jeoul.household.choice`, whole shares by
:mod:`jeoul.household.whole`; :func:`jeoul.household.evaluate.evaluate` judges what is returned.
No clock and no randomness: the same household has the same plan.
"""

from __future__ import annotations

from math import inf

from jeoul.household.choice import Choice, decide_rules, decide_steps, improved, lean, trimmed
from jeoul.household.evaluate import evaluate
from jeoul.household.many import Many
from jeoul.household.program import build
from jeoul.household.records import NOTHING, Household, Moves, Plan, Status
from jeoul.household.relaxation import Relaxation
from jeoul.household.whole import Exchange, dive

SOLVES = 30
"""Linear programs that may be spent on other orders."""


def plan_fast(household: Household) -> Plan:
    """Return a plan with the bound of the linear relaxation."""
    program = build(household)
    relaxation = Relaxation(program)
    relaxation.price_by(relaxation.orders.most)
    bound = relaxation.solve()
    if bound == inf:
        return _nothing(household, Status.INFEASIBLE, inf)
    relaxation.keep_back(len(household.accounts))
    decide_rules(relaxation)
    chosen = lean(relaxation)
    decide_steps(relaxation, chosen)
    choice = trimmed(relaxation, chosen)
    choice = improved(relaxation, choice, SOLVES)
    decide_steps(relaxation, choice.chosen)
    return _best(household, _moves(relaxation, choice), bound)


def _moves(relaxation: Relaxation, choice: Choice) -> list[Moves]:
    solution = dive(relaxation, choice)
    if solution is None:
        return []
    found = Exchange(relaxation, Many(relaxation.program)).best(solution)
    return [] if found is None else [relaxation.program.moves_of(found)]


def _best(household: Household, found: list[Moves], bound: float) -> Plan:
    nothing = evaluate(household, NOTHING)
    judged = [(moves, evaluate(household, moves)) for moves in found]
    allowed = [(moves, each.cost) for moves, each in judged if not each.violations]
    if not allowed:
        return _nothing(household, Status.UNPROVEN, bound)
    moves, cost = min(allowed, key=lambda each: each[1].total)
    if not nothing.violations and nothing.cost.total - cost.total < household.policy.min_gain:
        proven = nothing.cost.total - bound < household.policy.min_gain
        return _nothing(household, Status.NO_TRADE if proven else Status.UNPROVEN, bound)
    status = Status.PROVEN if cost.total - bound <= 1.0 else Status.UNPROVEN
    return Plan(moves=moves, cost=cost, nothing=nothing.cost, bound=bound, status=status)


def _nothing(household: Household, status: Status, bound: float) -> Plan:
    cost = evaluate(household, NOTHING).cost
    return Plan(moves=NOTHING, cost=cost, nothing=cost, bound=bound, status=status)
