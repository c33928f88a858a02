"""Why two amounts differ: one fact replaced at a time, until what was paid is reached."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeVar

ROUNDING = "rounding"
ROUNDINGS = (0, 1, 2)
"""How taxes are cut: both in tens of won, the local one only, or neither."""


class Cause(NamedTuple):
    """A reason why another amount was paid than promised, and how much it explains in won."""

    name: str
    amount: int


@dataclass(frozen=True, slots=True)
class PromiseComparison:
    """One amount promised and paid. Causes and what stays unexplained add up to the difference."""

    figure: str
    promised: int
    paid: int
    causes: tuple[Cause, ...]
    unexplained: int


F = TypeVar("F", bound=Any)  # a record of facts, which says with ``rounding`` how taxes are cut
Replaced = tuple[str, Mapping[str, object]]


def compared(
    figure: str, measure: Callable[[F], int], facts: F, paid: int, replaced: Iterable[Replaced]
) -> PromiseComparison:
    """Return why ``paid`` differs from what the promised facts came to.

    ``replaced`` are causes with the facts that take the place of the promised ones, in their order;
    each explains what the amount changes by. At last the cutting of taxes is tried: it is a cause
    only where it leads to the amount paid, to the won.
    """
    promised = now = measure(facts)
    found: dict[str, int] = {}
    for name, changes in replaced:
        facts = replace(facts, **changes)
        after = measure(facts)
        found[name] = found.get(name, 0) + after - now
        now = after
    for rounding in ROUNDINGS:
        if now != paid and measure(replace(facts, rounding=rounding)) == paid:
            found[ROUNDING] = paid - now
            now = paid
    causes = tuple(Cause(name, amount) for name, amount in found.items() if amount)
    return PromiseComparison(
        figure=figure, promised=promised, paid=paid, causes=causes, unexplained=paid - now
    )
