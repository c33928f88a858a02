"""What each rule of a plan costs, and what doing nothing costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jeoul.household.planning.exact import plan_exactly
from jeoul.household.planning.planner import Planner
from jeoul.household.problem.differences import difference
from jeoul.household.problem.records import Household, HouseholdPlan, PlanCost
from jeoul.household.problem.relaxed import HouseholdRule, rules_of, without
from jeoul.household.program.linear_bound import linear_bound

_ORDERS = ("max_trades", "min_trade")
_ASKED = "withdrawal"  # what is taken out is asked for, not a rule that has a price


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePrice:
    """What a plan would save if one rule did not hold, in won and by cause.

    ``saves`` is the difference of two plans that were found; that of the best plans lies between
    ``least`` and ``most``.
    """

    rule: HouseholdRule
    saves: PlanCost
    least: float
    most: float
    plan: HouseholdPlan


def rule_prices(
    household: Household,
    plan: HouseholdPlan,
    *,
    planner: Planner = plan_exactly,
    worth: float | None = None,
) -> tuple[RulePrice, ...]:
    """Return the rules that cost the plan more than ``worth`` won, dearest first.

    ``worth`` is ``min_gain`` of the policy if left out. A rule is first lifted in the linear
    relaxation; where that becomes cheaper by less than ``worth``, the rule is not asked about
    further, unless it is on whole orders (``max_trades``, ``min_trade``), of which the relaxation
    knows little. Every other one is lifted and planned, from the moves of the plan.
    """
    least = household.policy.min_gain if worth is None else worth
    found = (
        _price(plan, rule, planner(without(household, rule), plan.moves))
        for rule in _in_question(household, least)
    )
    dear = (each for each in found if each.saves.total > least)
    return tuple(sorted(dear, key=lambda each: -each.saves.total))


def _in_question(household: Household, worth: float) -> Iterator[HouseholdRule]:
    now = linear_bound(household)
    for rule in rules_of(household):
        if rule.kind in _ORDERS:
            yield rule
        elif rule.kind != _ASKED and now is not None:
            freed = linear_bound(without(household, rule))
            if freed is not None and now - freed >= worth:
                yield rule


def _price(plan: HouseholdPlan, rule: HouseholdRule, freed: HouseholdPlan) -> RulePrice:
    return RulePrice(
        rule=rule,
        saves=difference(plan.cost, freed.cost),
        least=max(0.0, plan.bound - freed.cost.total),
        most=max(0.0, plan.cost.total - freed.bound),
        plan=freed,
    )
