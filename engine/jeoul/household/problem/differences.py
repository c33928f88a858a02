"""What one plan costs more than another, by cause."""

from __future__ import annotations

from dataclasses import fields

from jeoul.household.problem.records import Cost

CAUSES = tuple(each.name for each in fields(Cost))
"""The causes of a cost, in the order of its record."""


def difference(more: Cost, less: Cost) -> Cost:
    """Return ``more - less``, cause by cause.

    >>> difference(Cost(drag=5.0, fees=1.0), Cost(drag=2.0)).drag
    3.0
    """
    return Cost(**{name: getattr(more, name) - getattr(less, name) for name in CAUSES})


def largest(cost: Cost) -> str:
    """Return the cause with the largest amount.

    >>> largest(Cost(drag=5.0, fees=1.0))
    'drag'
    """
    return max(CAUSES, key=lambda name: float(getattr(cost, name)))
