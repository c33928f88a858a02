"""How fast households are planned, and how far the fast plans are from the best ones.

    python benchmarks/household_fast.py [SET ...] [--every N] [--processes 2] [--best DIR] [--json]

In one run, on the frozen households: milliseconds of one plan (one process), households a minute
(``--processes`` at once, households read beforehand), and the gap of each plan to the best known
bound. Bounds are those of ``benchmarks/household/best_known``, and of plans that
``benchmarks/household/run.py`` kept in ``DIR``; without any the gap is that to the plan's own
bound, which is weaker, and the row says so. For each planner of
``benchmarks/household/adapters.py`` the share of households is printed on which the fast plan costs
no more than theirs.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import os
import platform
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

# One thread a process: several are compared by the cores that they have, not by idle threads.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
sys.path.insert(0, str(Path(__file__).parent / "household"))

import best_known  # noqa: E402
from adapters import ADAPTERS  # noqa: E402
from frozen import SETS, documents  # noqa: E402

from jeoul.household.planning.fast import plan_fast  # noqa: E402
from jeoul.household.problem.document import from_document  # noqa: E402
from jeoul.household.problem.evaluate import evaluate  # noqa: E402
from jeoul.household.problem.records import Household, HouseholdPlan, PlanStatus  # noqa: E402

TARGETS = {"5x12": {"p99_ms": 50.0, "gap_p50": 1.0, "gap_p90": 4.0, "a_minute": 4_000.0}}


@dataclass(frozen=True)
class Row:
    """The figures of a set; milliseconds of the clock and of the processor, gaps in per cent."""

    set: str
    households: int
    p50_ms: float
    p99_ms: float
    p50_cpu_ms: float
    p99_cpu_ms: float
    a_minute: float
    processes: int
    gap_to: str
    gap_p50: float
    gap_p90: float
    gap_most: float
    no_worse: dict[str, float]


def timed(households: Sequence[Household]) -> tuple[list[HouseholdPlan], list[float], list[float]]:
    plan_fast(households[0])
    plans, clock, processor = [], [], []
    for household in households:
        began, used = time.perf_counter(), time.process_time()
        plans.append(plan_fast(household))
        clock.append(1e3 * (time.perf_counter() - began))
        processor.append(1e3 * (time.process_time() - used))
    return plans, clock, processor


def work(households: Sequence[Household]) -> float:
    """Return the seconds that a process takes for its households, once it has begun."""
    plan_fast(households[0])
    began = time.perf_counter()
    for household in households:
        plan_fast(household)
    return time.perf_counter() - began


def throughput(households: Sequence[Household], processes: int) -> float:
    """Return households a minute, by the slowest of the processes."""
    shares = [households[first::processes] for first in range(processes)]
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        seconds = pool.map(work, shares, chunksize=1)
    return 60.0 * len(households) / max(seconds)


def bounds(folder: Path | None, name: str) -> dict[str, float]:
    """Return the best bound that is kept of each household, in the repository or in a folder."""
    found = {label: float(kept["bound"]) for label, kept in best_known.known(name).items()}
    for _, result in best_known.results(folder) if folder else ():
        label, bound = result["id"], float(result["plan"].get("bound", -math.inf))
        if label.startswith(f"{name}/") and math.isfinite(bound):
            found[label] = max(bound, found.get(label, bound))
    return found


def no_worse(households: Sequence[Household], plans: Sequence[HouseholdPlan]) -> dict[str, float]:
    """Return the share of households on which each other planner is not better by a won."""
    found = {}
    for name, planner in ADAPTERS.items():
        won = 0
        for household, plan in zip(households, plans, strict=True):
            theirs = evaluate(household, planner(household))
            won += bool(theirs.violations) or plan.cost.total <= theirs.cost.total + 1.0
        found[name] = won / len(plans)
    return found


def measured(name: str, every: int, processes: int, folder: Path | None) -> Row:
    labels, households = [], []
    for label, document in islice(documents(name), 0, None, every):
        labels.append(label)
        households.append(from_document(document, label))
    plans, clock, processor = timed(households)
    kept = bounds(folder, name)
    known = [kept.get(label) for label in labels]
    exact = bool(kept)
    gaps = [
        100.0 * max(0.0, plan.cost.total - (plan.bound if bound is None else bound))
        / plan.cost.total
        for plan, bound in zip(plans, known, strict=True)
        if plan.status is not PlanStatus.INFEASIBLE and (bound is not None or not exact)
    ]  # fmt: skip
    return Row(
        set=name,
        households=len(plans),
        p50_ms=quantile(clock, 50),
        p99_ms=quantile(clock, 99),
        p50_cpu_ms=quantile(processor, 50),
        p99_cpu_ms=quantile(processor, 99),
        a_minute=throughput(households, processes),
        processes=processes,
        gap_to=f"best known bounds ({len(gaps)})" if exact else "its own bound",
        gap_p50=quantile(gaps, 50),
        gap_p90=quantile(gaps, 90),
        gap_most=max(gaps),
        no_worse=no_worse(households, plans),
    )


def quantile(values: Sequence[float], per_cent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[per_cent - 1]


def shown(row: Row) -> str:
    wins = ", ".join(f"{name} {100 * share:.1f} %" for name, share in row.no_worse.items())
    lines = [
        f"{row.set}: {row.households} households",
        f"  one plan        p50 {row.p50_ms:.1f} ms, p99 {row.p99_ms:.1f} ms"
        f" (processor {row.p50_cpu_ms:.1f}, {row.p99_cpu_ms:.1f})",
        f"  throughput      {row.a_minute:,.0f} a minute, {row.processes} processes",
        f"  gap             p50 {row.gap_p50:.2f} %, p90 {row.gap_p90:.2f} %,"
        f" most {row.gap_most:.2f} %, to {row.gap_to}",
        f"  no worse than   {wins}",
    ]
    for key, most in TARGETS.get(row.set, {}).items():
        value = float(getattr(row, key))
        met = value >= most if key == "a_minute" else value <= most
        lines.append(f"  {key:<16}{value:,.2f}, target {most:,.0f}: {'met' if met else 'missed'}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="*", default=["2x8", "5x12", "6x20"], metavar="SET")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--best", type=Path)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if unknown := set(given.sets) - set(SETS):
        parser.error(f"unknown set: {', '.join(sorted(unknown))}")
    rows = [measured(name, given.every, given.processes, given.best) for name in given.sets]
    if given.json:
        load: list[Any] = list(os.getloadavg())
        machine = {"cpu": platform.processor(), "cores": os.cpu_count(), "load": load}
        print(json.dumps({"machine": machine, "rows": [asdict(row) for row in rows]}, indent=1))
        return
    print(f"load of the machine when this began to be counted: {os.getloadavg()[0]:.1f}")
    print("\n".join(shown(row) for row in rows))


if __name__ == "__main__":
    main()
