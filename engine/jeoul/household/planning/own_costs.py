"""A target of the money that is left: what a plan's own fees and taxes take is not divided.

A program divides the money there is before its orders. Their costs make the target too large by as
much, and the next day would trade once more for the difference. What they will come to is known
well enough before the search, from a fast plan: it is held as cash that nothing else may use.
"""

from __future__ import annotations

from dataclasses import replace

from jeoul.household.planning.tomorrow import tomorrow
from jeoul.household.problem.after import aim_money
from jeoul.household.problem.records import CASH, Aim, Household, Moves


def less_costs(household: Household, moves: Moves) -> Household:
    """Return a household whose targets divide what is left after the costs of some moves.

    With the money V of an aim and the costs c, weights w become w (V - c) / V, and c / V more of
    CASH: every deviation is then that from w (V - c). Costs are what leaves the accounts on the
    day: fees, half spreads, exchange, tax withheld.
    """
    after = tomorrow(household, moves)
    aims = zip(household.aims, after.aims, strict=True)
    return replace(
        household,
        aims=tuple(
            _aim(aim, aim_money(household, aim), aim_money(after, later)) for aim, later in aims
        ),
    )


def _aim(aim: Aim, money: float, left: float) -> Aim:
    if not 0.0 < left < money:
        return aim
    part = left / money
    weights = {name: part * weight for name, weight in aim.weights.items()}
    weights[CASH] = weights.get(CASH, 0.0) + 1.0 - part
    return replace(aim, weights=weights)
