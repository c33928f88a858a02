"""Two workers of a Dask cluster beside one: a batch and a sweep, as paired ratios.

    python benchmarks/cluster.py [--data FOLDER] [--accounts N] [--rounds N] [--json]

Both commands run as a person runs them, in a process of their own, against a cluster on this
machine: scheduler and workers are processes that talk over TCP. In every round one worker and two
do the same work, one behind the other, and the ratio is that of the pair; so what else the machine
does counts for both. The last run of each loses a worker in the middle. All answers are compared.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic

from crowd_file import write
from distributed import LocalCluster

TARGET = 1.6
GRID = ["allocate.class_band=0.02,0.04,0.06,0.08", "estimate.lookback=500,750"]


def batch(folder, data, out):
    return [
        "batch", str(folder / "accounts.csv"), "managed", "--out", str(out), "--json", *data,
    ]  # fmt: skip


def sweep(_, data, out):
    grid = [word for each in GRID for word in ("--grid", each)]
    return [
        "sweep", "managed", "--profile", "balanced", *data, *grid, "--chunk", "1",
        "--out", str(out), "--trials", str(out.with_suffix(".trials")), "--json",
    ]  # fmt: skip


def run(words, address):
    """Return the seconds of a command and what it printed, without the names of its files."""
    start = monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "jeoul", *words, "--executor", address],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stderr)
    found = json.loads(done.stdout)
    for name in ("out", "refused_out", "results"):
        found.pop(name, None)
    return monotonic() - start, found


def on(workers, words, lose=0.0):
    """Return what a command came to on a fresh cluster; ``lose`` seconds on a worker is killed."""
    with LocalCluster(
        n_workers=workers, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        if lose:
            victim = cluster.workers[0].process.pid
            threading.Timer(lose, os.kill, (victim, signal.SIGKILL)).start()
        return run(words, cluster.scheduler_address)


def measured(make, folder, data, rounds):
    """Return the seconds of each pair, and whether all answers were the same, lost worker too."""
    pairs, answers, number = [], [], 0
    for _ in range(rounds):
        seconds = []
        for workers in (1, 2):
            number += 1
            out = folder / f"{make.__name__}-{number}{'.csv' if make is batch else '.sqlite'}"
            took, found = on(workers, make(folder, data, out))
            seconds.append(took)
            answers.append((found, out.read_bytes() if make is batch else b""))
        pairs.append(seconds)
    out = folder / f"{make.__name__}-lost{'.csv' if make is batch else '.sqlite'}"
    _, found = on(2, make(folder, data, out), lose=0.5 * pairs[-1][1])
    answers.append((found, out.read_bytes() if make is batch else b""))
    return pairs, all(each == answers[0] for each in answers)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, help="a market folder; default: the sample")
    parser.add_argument("--accounts", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    rows = []
    with TemporaryDirectory() as place:
        folder = Path(place)
        write(folder / "accounts.csv", given.accounts, given.data)
        data = ["--data", str(given.data)] if given.data else []
        for make in (batch, sweep):
            pairs, same = measured(make, folder, data, given.rounds)
            ratio = median(one / two for one, two in pairs)
            rows.append(
                {
                    "row": make.__name__,
                    "one_worker_s": round(median(one for one, _ in pairs), 1),
                    "two_workers_s": round(median(two for _, two in pairs), 1),
                    "ratio": round(ratio, 2),
                    "ratios": [round(one / two, 2) for one, two in pairs],
                    "target": TARGET,
                    "met": ratio >= TARGET,
                    "same_answers": same,
                }
            )
    if given.json:
        print(json.dumps(rows, indent=2))
        return
    print("| work | one worker | two workers | ratio (pairs) | target | same answers |")
    print("|---|---|---|---|---|---|")
    for row in rows:
        print(
            f"| {row['row']} | {row['one_worker_s']} s | {row['two_workers_s']} s | {row['ratio']} "
            f"({', '.join(map(str, row['ratios']))}) | {row['target']} | {row['same_answers']} |"
        )


if __name__ == "__main__":
    main()
