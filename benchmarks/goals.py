"""How often the interval of a goal holds the truth, and how long a goal takes.

    python benchmarks/goals.py [--laws N] [--json]

Simulated laws whose truth is known: tests/goals/laws.py says how they are drawn. The seed of each
row is printed, so that a row can be had again. No peer publishes either figure.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np

from jeoul.goals.answer import PATHS, GoalQuestion, answer_goal
from jeoul.goals.belief import ObservedMix, believe
from jeoul.goals.case import SavingCase
from jeoul.goals.levy import GainLevy
from jeoul.goals.saving import PlannedSaving, Pot
from jeoul.korea.pieces import Pieces

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "goals"))
from laws import KINDS, try_law

SEED = 20_261_129
ROWS = (*((kind, 1.0) for kind in KINDS), ("normal", 0.5), ("normal", 1.5))


def coverage(kind: str, apart: float, laws: int) -> dict:
    rng = np.random.default_rng(SEED)
    tried = [try_law(rng, kind, apart=apart) for _ in range(laws)]
    share = statistics.mean(each.covered for each in tried)
    return {
        "months": kind,
        "apart": apart,
        "laws": laws,
        "seed": SEED,
        "covered": round(share, 3),
        "error": round(math.sqrt(share * (1 - share) / laws), 3),
        "below": round(statistics.mean(each.truth < each.low for each in tried), 3),
        "above": round(statistics.mean(each.truth > each.high for each in tried), 3),
        "width": round(statistics.mean(each.high - each.low for each in tried), 3),
    }


def seconds(years: int, runs: int = 5) -> dict:
    """A whole answer: two simulations, needed amounts, three profiles, changes, the fan."""
    rng = np.random.default_rng(SEED)
    months = rng.normal(0.003, 0.02, 250)
    belief = believe(ObservedMix(excess=months, riskless=0.03, anchor=0.05))
    tax = GainLevy(pieces=Pieces(slopes=(Decimal("0.154"),)))
    case = SavingCase(
        id="home",
        amount=130_000_000,
        on=date(2026, 11, 30),
        by=date(2026 + years, 11, 30),
        pots=tuple(
            Pot(id=name, kind="general", value=1e7, untaxed=9e6, levy=tax, enter=2e-4, leave=2e-4)
            for name in ("a", "b")
        ),
        payments=tuple(
            PlannedSaving(date(2026 + k // 12, k % 12 + 1, 25), 1_200_000)
            for k in range(11, 12 * years)
        ),
    )
    names = ("conservative", "balanced", "growth")
    asked = GoalQuestion(
        belief=belief,
        profiles=dict.fromkeys(names, belief),
        allowed=frozenset(names),
        deposit=0.025,
    )
    taken = []
    for _ in range(runs):
        begun, busy = time.perf_counter(), time.process_time()
        answer_goal(case, asked)
        taken.append((time.perf_counter() - begun, time.process_time() - busy))
    wall, cpu = (round(statistics.median(each), 2) for each in zip(*taken, strict=True))
    return {"years": years, "paths": PATHS, "seconds": wall, "processor_seconds": cpu}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--laws", type=int, default=500)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    rows = [coverage(kind, apart, asked.laws) for kind, apart in ROWS]
    times = [seconds(years) for years in (7, 20, 30)]
    if asked.json:
        print(json.dumps({"coverage": rows, "time": times}, indent=2))
        return
    for row in (*rows, *times):
        print("  ".join(f"{name} {value}" for name, value in row.items()))


if __name__ == "__main__":
    main()
