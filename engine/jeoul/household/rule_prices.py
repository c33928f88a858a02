"""What each rule of a plan costs, and what doing nothing costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jeoul.household.differences import difference
from jeoul.household.exact import plan_exactly
from jeoul.household.planner import Planner
from jeoul.household.records import Cost, Household, Plan
from jeoul.household.relaxed import Rule, rules_of, without

_ASKED = "withdrawal"  # what is taken out is asked for, not a rule that has a price


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePrice:
    """What a plan would save if one rule did not hold, in won and by cause.

    ``saves`` is the difference of two plans that were found; that of the best plans lies between
    ``least`` and ``most``.
    """

    rule: Rule
    saves: Cost
    least: float
    most: float
    plan: Plan


def rule_prices(
    household: Household,
    plan: Plan,
    *,
    screen: Planner,
    planner: Planner = plan_exactly,
    worth: float | None = None,
) -> tuple[RulePrice, ...]:
    """Return the rules that cost the plan something, dearest first.

    A rule is first lifted in ``screen``, a fast planner. Where its bound proves that the rule costs
    at most ``worth`` won (``min_gain`` of the policy if left out), nothing more is asked; else
    ``planner`` plans from the better of both plans. Rules that cost at most ``worth`` are left out.
    """
    least = household.policy.min_gain if worth is None else worth
    found = _prices(household, plan, screen, planner, least)
    return tuple(sorted(found, key=lambda each: -each.saves.total))


def _prices(
    household: Household, plan: Plan, screen: Planner, planner: Planner, worth: float
) -> Iterator[RulePrice]:
    total = plan.cost.total
    for rule in rules_of(household):
        if rule.kind == _ASKED:
            continue
        freed = without(household, rule)
        quick = screen(freed, plan.moves)
        if quick.bound >= total - worth:
            continue
        best = planner(freed, quick.moves if quick.cost.total < total else plan.moves)
        bound = max(best.bound, quick.bound)
        saves = difference(plan.cost, best.cost)
        if saves.total > worth:
            yield RulePrice(
                rule=rule,
                saves=saves,
                least=max(0.0, plan.bound - best.cost.total),
                most=total - bound,
                plan=best,
            )


def nothing_costs(plan: Plan) -> Cost:
    """Return what doing nothing costs more than a plan, by cause."""
    return difference(plan.nothing, plan.cost)
