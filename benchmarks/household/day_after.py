"""The day after its own plan, at the same prices: does a household trade again?

    python benchmarks/household/day_after.py [SET] [--households N] [--every N] [--from N]

Each household is planned exactly and without a cap on trades, its plan is carried out, and it is
planned again. It should trade nothing, proven to within ``min_gain``. Both plans may take
``--seconds``, and go to a gap of a fifth of ``min_gain``.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

from frozen import SETS, documents

from jeoul.household.planning.exact import plan_exactly
from jeoul.household.planning.fast import plan_fast
from jeoul.household.planning.own_costs import less_costs
from jeoul.household.planning.tomorrow import tomorrow
from jeoul.household.problem.document import from_document
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import NOTHING, Household, HouseholdPlan, PlanStatus

PART = 0.2


def again(household: Household, seconds: float) -> tuple[HouseholdPlan, HouseholdPlan]:
    """Return the plan of a household without a cap on trades, and that of the day after."""
    free = replace(household, policy=replace(household.policy, max_trades=None))
    first = planned(free, seconds)
    return first, planned(tomorrow(free, first.moves), seconds)


def planned(household: Household, seconds: float) -> HouseholdPlan:
    """Return the exact plan for what is left after its own costs, as far as a fast plan knows."""
    household = less_costs(household, plan_fast(household).moves)
    start = plan_fast(household)
    total = max(start.cost.total, evaluate(household, NOTHING).cost.total, 1.0)
    gap = PART * household.policy.min_gain / total
    return plan_exactly(household, start.moves, gap=gap, seconds=seconds)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("set", choices=list(SETS), nargs="?", default="5x12")
    parser.add_argument("--households", type=int, default=60)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=20.0)
    given = parser.parse_args()
    quiet = asked = 0
    for place, (label, document) in enumerate(documents(given.set)):
        if place >= given.households or place % given.every != given.first:
            continue
        first, second = again(from_document(document, label), given.seconds)
        asked += 1
        quiet += second.status is PlanStatus.NO_TRADE
        if second.status is not PlanStatus.NO_TRADE:
            saves = second.nothing.total - second.cost.total
            print(
                f"{label}: {first.moves.count} trades, then {second.moves.count} that save"
                f" {saves:,.0f} won; at most {second.nothing.total - second.bound:,.0f}"
                f" ({second.status.value})",
                flush=True,
            )
    print(f"{given.set}: {quiet} of {asked} trade nothing the day after, proven")


if __name__ == "__main__":
    main()
