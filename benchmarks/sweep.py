"""A thousand whole backtests with their solves, as ``jeoul sweep`` runs them.

    python benchmarks/sweep.py [--variants N] [--executor processes:2] [--in-process N] [--json]

Every variant changes what an allocation is, so that each makes all of its own: some 250 solves over
20 years of months, the overlay, the simulation and its figures. ``shared`` variants differ in keys
that leave the estimates as they are (docs/cluster.md lists them), ``alone`` in the length of the
estimate itself. ``JEOUL_MARKET`` names a market folder; without it the sample is taken. The table
has seconds of the wall and of the processor, of a process as a person starts it, workers included.
``--in-process`` measures so many variants inside this process instead, without opening the market.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

MOST = {"shared": 20.0, "alone": 45.0}


def grids(variants: int) -> dict[str, list[str]]:
    """Return the grids of a thousand variants, or of as many as ten times some number."""
    tenth = variants // 10
    pulls = [round(0.03 + 0.0004 * step, 4) for step in range(tenth)]
    widest = [round(0.30 + 0.02 * step, 2) for step in range(10)]
    return {
        "shared": [f"allocate.pull={_listed(pulls)}", f"allocate.max_weight={_listed(widest)}"],
        "alone": [f"estimate.lookback={_listed(range(400, 400 + 10 * tenth))}"],
    }


def _listed(values: object) -> str:
    return ",".join(map(str, values))  # type: ignore[call-overload]


def measured(kind: str, grid: list[str], executor: str) -> dict[str, object]:
    market = os.environ.get("JEOUL_MARKET")
    with TemporaryDirectory() as place:
        words = [
            *(sys.executable, "-m", "jeoul", "sweep", "managed", "--profile", "balanced", "--json"),
            *(word for each in grid for word in ("--grid", each)),
            *(("--data", market) if market else ()),
            *("--executor", executor, "--out", str(Path(place) / "sweep.sqlite")),
            *("--trials", str(Path(place) / "trials.sqlite")),
        ]
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(words, check=True, capture_output=True, text=True)
        ended, after = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    found = json.loads(done.stdout)
    count = found["variants"]
    wall = ended - begun
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    most = MOST[kind] * count / 1000.0
    return {
        "row": f"{count:,} variants, estimates {kind}",
        "ours_ms": round(1000.0 * wall, 1),
        "processor_ms": round(1000.0 * used, 1),
        "processor_ms_per_variant": round(1000.0 * used / count, 1),
        "refused": found["refused"],
        "target": f"<= {most:g} s (wall, two cores)",
        "met": wall <= most,
    }


def in_process(kind: str, grid: list[str], count: int) -> dict[str, object]:
    """Return the processor time of one variant after another, the first left out."""
    from jeoul import api
    from jeoul.research.grid import parse_grid, variants
    from jeoul.research.measure import PreparedVariants, measure

    strategy, folder = api.load_strategy("managed"), os.environ.get("JEOUL_MARKET")
    market = api.open_market(Path(folder) if folder else None)
    snapshot = market.as_of(market.last_session(strategy.calendar), strategy.calendar)
    history, seen, taken = api.history(strategy, snapshot), PreparedVariants(), []
    every = list(variants(parse_grid(grid)))
    chosen = every[:: max(1, len(every) // (count + 1))][: count + 1]
    for values in chosen:
        begun = time.process_time()
        list(
            measure(
                strategy,
                history,
                snapshot.digest,
                [values],
                lambda variant: api.mandate(variant, "balanced"),
                seen=seen,
            )
        )
        taken.append(1000.0 * (time.process_time() - begun))
    most = 2.0 * MOST[kind]
    found = statistics.median(taken[1:])
    return {
        "row": f"a variant, estimates {kind}",
        "ours_ms": round(found, 1),
        "processor_ms": round(found, 1),
        "processor_ms_per_variant": round(found, 1),
        "target": f"<= {most:g} ms (processor)",
        "met": found <= most,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variants", type=int, default=1000)
    parser.add_argument("--executor", default="processes:2")
    parser.add_argument("--in-process", type=int, metavar="N", default=0)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.in_process:
        found = [in_process(kind, each, given.in_process) for kind, each in grids(1000).items()]
        print(json.dumps(found, indent=2))
        return
    rows = [measured(kind, grid, given.executor) for kind, grid in grids(given.variants).items()]
    if given.json:
        print(json.dumps(rows, indent=2))
        return
    print(f"{'row':<40}{'wall':>10}{'processor':>12}{'a variant':>12}")
    for found in rows:
        met = "met" if found["met"] else "NOT met"
        wall, used = (float(str(found[key])) / 1000.0 for key in ("ours_ms", "processor_ms"))
        each = found["processor_ms_per_variant"]
        print(
            f"{found['row']:<40}{wall:>8.1f} s{used:>10.1f} s{each:>9} ms  {found['target']} {met}"
        )


if __name__ == "__main__":
    main()
