"""Which rows of the program cost time: each kind is left out in turn, and the search timed again.

    python benchmarks/household/row_costs.py [SET] [--households N]

Every household is searched from its fast plan to a gap of 1 %, once with all rows and once without
each kind, one run after the other, so that a busy machine slows all alike. Seconds are those of the
processor. What a kind costs is 1 - time without it / time with all rows, in the median of the
households, each weighed against itself. Without its rows a program has other plans too, so that the
figure says what a kind adds to the search beside the others, and less than 0 that it shortens it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from frozen import SETS, documents

from jeoul.household.planning.fast import plan_fast
from jeoul.household.planning.search import SUPERFLUOUS
from jeoul.household.problem.document import from_document
from jeoul.household.problem.records import NOTHING, PlanStatus
from jeoul.household.program.program import HouseholdProgram, build
from jeoul.household.program.solver import loaded

KINDS: Mapping[str, tuple[str, ...]] = {
    "size of an order": ("buy_least", "buy_most", "sell_least", "sell_most"),
    "one side a position": ("one_side",),
    "number of orders": ("max_trades",),
    "lots": ("lots", "lot_full", "lot_waits"),
    "pools, rooms, locks, withdrawals": ("pool", "pension_room", "lock", "withdrawal"),
    "settled cash": ("settled_cash",),
    "cash and buffer": ("cash", "acts_if"),
    "cap of an IRP": ("risk_cap", "risk_bought_if"),
    "cut of risk": ("risk",),
    "drift": ("away",),
    "drift stays where no order reaches": ("reached",),
    "variance": ("factor",),
    "tax of the year": ("income_now", "income_now_step", "gains_now", "gains_now_step"),
    "tax of later years": (
        "income_later",
        "income_later_step",
        "gains_later",
        "gains_later_step",
        "settlement",
    ),
    "pension credit": ("credit",),
    "needs": ("need",),
}
GAP, SECONDS = 0.01, 30.0


def without(program: HouseholdProgram, names: tuple[str, ...]) -> HouseholdProgram | None:
    """Return a program whose rows of some names bind nothing, None where it has none of them."""
    places = [program.rows[name] for name in names if name in program.rows]
    if not places:
        return None
    rows = np.concatenate(places)
    lower, upper = program.row_lower.copy(), program.row_upper.copy()
    lower[rows], upper[rows] = -np.inf, np.inf
    return replace(program, row_lower=lower, row_upper=upper)


def searched(program: HouseholdProgram, start: np.ndarray) -> float:
    """Return the seconds that the processor took for a search from a start."""
    import highspy

    begun = time.process_time()
    solver = loaded(program)
    solution = highspy.HighsSolution()
    solution.col_value = list(start)
    solver.setSolution(solution)
    for name in SUPERFLUOUS:
        solver.setOptionValue(name, False)
    solver.setOptionValue("mip_rel_gap", GAP)
    solver.setOptionValue("time_limit", SECONDS)
    solver.run()
    return time.process_time() - begun


def measured(name: str, households: int) -> dict[str, list[float]]:
    """Return by kind the parts of the time that its rows cost, one a household that has any."""
    found: dict[str, list[float]] = {kind: [] for kind in KINDS}
    counted = 0
    for label, document in documents(name):
        household = from_document(document, label)
        fast = plan_fast(household)
        if fast.status is PlanStatus.INFEASIBLE:
            continue
        program = build(household)
        start = program.start_of(fast.moves if fast.moves.count else NOTHING)
        searched(program, start)  # warms up
        before = searched(program, start)
        for kind, names in KINDS.items():
            less = without(program, names)
            if less is not None:
                found[kind].append(1.0 - searched(less, start) / before)
        counted += 1
        if counted == households:
            break
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("set", choices=list(SETS), nargs="?", default="5x12")
    parser.add_argument("--households", type=int, default=30)
    given = parser.parse_args()
    found = measured(given.set, given.households)
    for kind, parts in sorted(found.items(), key=lambda item: -np.median(item[1] or [-np.inf])):
        if parts:
            low, middle, high = np.percentile(parts, [25, 50, 75])
            print(f"{kind}: {middle:+.0%} ({low:+.0%} to {high:+.0%}), {len(parts)} households")


if __name__ == "__main__":
    main()
