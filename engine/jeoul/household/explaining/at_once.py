"""What a household does where nobody waits for a proof: along history, in a fire drill."""

from __future__ import annotations

from jeoul.household.explaining.risk_cut import reachable
from jeoul.household.planning.fast import plan_fast
from jeoul.household.problem.records import Household, Moves


def moves_at_once(household: Household) -> Moves:
    """Return the moves of a fast plan, with a cut of risk as far as law and settlement let it go.

    A cut that cannot be carried out whole is carried out in part; without that, rules that cannot
    hold together would leave the household as it is.
    """
    return plan_fast(reachable(household).household).moves
