"""Whole processes, as a user starts them: the main job on the sample, and the help page.

    python benchmarks/cli.py [--json] [--runs N]

Every run is a fresh process; the median of the wall-clock time counts. There is no peer that does
the whole way, so the rows have targets alone.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time

ROWS = (
    ("jeoul --help", ["--help"], 0.2),
    ("report, three profiles with backtests, JSON", ["report", "managed", "--json"], 8.0),
    (
        "decide, one account",
        ["decide", "managed", "--profile", "growth", "--deposit", "100000"],
        None,
    ),
    ("check a strategy", ["check", "managed"], None),
)


def median_seconds(arguments: list[str], runs: int) -> float:
    """Return the median wall-clock time of fresh processes, after one that warms the file cache."""
    command = [sys.executable, "-m", "jeoul", *arguments]
    seconds = []
    for run in range(runs + 1):
        begun = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        if run:
            seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    rows = []
    for name, arguments, target in ROWS:
        seconds = median_seconds(arguments, given.runs)
        rows.append(
            {
                "row": name,
                "ours_ms": round(seconds * 1000.0, 1),
                "target": None if target is None else f"<= {target} s",
                "met": None if target is None else seconds <= target,
            }
        )
    if given.json:
        print(json.dumps(rows, indent=2))
        return
    for row in rows:
        met = {True: "met", False: "NOT met", None: ""}[row["met"]]
        print(f"{row['row']:<46}{row['ours_ms']:>10.1f} ms  {row['target'] or '':<10}{met}")


if __name__ == "__main__":
    main()
