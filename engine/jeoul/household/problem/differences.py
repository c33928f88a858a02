"""What one plan costs more than another, by cause."""

from __future__ import annotations

from dataclasses import fields

from jeoul.household.problem.records import PlanCost

CAUSES = tuple(each.name for each in fields(PlanCost))
"""The causes of a cost, in the order of its record."""


def difference(more: PlanCost, less: PlanCost) -> PlanCost:
    """Return ``more - less``, cause by cause.

    >>> difference(PlanCost(drag=5.0, fees=1.0), PlanCost(drag=2.0)).drag
    3.0
    """
    return PlanCost(**{name: getattr(more, name) - getattr(less, name) for name in CAUSES})


def largest(cost: PlanCost) -> str:
    """Return the cause with the largest amount.

    >>> largest(PlanCost(drag=5.0, fees=1.0))
    'drag'
    """
    return max(CAUSES, key=lambda name: float(getattr(cost, name)))
