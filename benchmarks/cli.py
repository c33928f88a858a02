"""Whole processes, as a user starts them: the main job on the sample, and the help page.

    python benchmarks/cli.py [--json] [--runs N]

Every run is a fresh process; the median of the wall-clock time counts, and of the processor time
for a decision on real prices, which ``JEOUL_MARKET`` adds: with the market and the model's memory
kept by an earlier process, and with nothing kept. There is no peer that does the whole way, so the
rows have targets alone.
"""

from __future__ import annotations

import argparse
import json
import os
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


DECIDE = "decide managed --profile balanced --as-of 2024-06-28 --deposit 10000000 --data"
REAL = (
    ("decide, real prices, kept: processor time", None, 0.7),
    ("decide, real prices, nothing kept: processor time", "off", None),
)


def median_cpu_seconds(arguments: list[str], cache: str | None, runs: int) -> float:
    """Return the median processor time of fresh processes, after one that fills the cache."""
    command = [sys.executable, "-m", "jeoul", *arguments]
    environment = os.environ | ({} if cache is None else {"JEOUL_CACHE": cache})
    seconds = []
    for run in range(runs + 1):
        begun = os.times()
        subprocess.run(command, check=True, capture_output=True, env=environment)
        ended = os.times()
        if run:
            user = ended.children_user - begun.children_user
            seconds.append(user + ended.children_system - begun.children_system)
    return statistics.median(seconds)


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


def row(name: str, seconds: float, target: float | None) -> dict[str, object]:
    return {
        "row": name,
        "ours_ms": round(seconds * 1000.0, 1),
        "target": None if target is None else f"<= {target} s",
        "met": None if target is None else seconds <= target,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    rows = [row(name, median_seconds(words, given.runs), most) for name, words, most in ROWS]
    if folder := os.environ.get("JEOUL_MARKET"):
        words = [*DECIDE.split(), folder]
        rows += [
            row(name, median_cpu_seconds(words, c, given.runs), most) for name, c, most in REAL
        ]
    if given.json:
        print(json.dumps(rows, indent=2))
        return
    for found in rows:
        met = {True: "met", False: "NOT met", None: ""}[found["met"]]
        print(f"{found['row']:<52}{found['ours_ms']:>10.1f} ms  {found['target'] or '':<10}{met}")


if __name__ == "__main__":
    main()
