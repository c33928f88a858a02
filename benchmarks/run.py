"""A scheduled run in a fresh process, and the ledger underneath it.

    python benchmarks/run.py [--json] [--runs N]

The run has a session before it, so that the model's memory is cached as in daily life; without it
a run replays all of history. ``JEOUL_MARKET`` adds rows over real prices. No peer goes from
decision to frozen plan; the ledger stands beside a bare commit of SQLite with the same durability.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from jeoul.operations.ledger import open_ledger

PROGRAM = (
    "import sys\nfrom jeoul.cli.main import run\nfrom jeoul.cli.run import run as command\n"
    "run(lambda: command.main(args=sys.argv[1:], standalone_mode=False))"
)
CONFIG = """schema = 1
name = "bench"
strategy = "managed"
profile = "balanced"
state = "state"
[data]
{folder}
[broker]
kind = "paper"
"""


def seconds_of(arguments: list[str]) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", PROGRAM, *arguments], check=True, capture_output=True)
    return time.perf_counter() - begun


def run_rows(name: str, folder: str | None, first: str, second: str, runs: int) -> list[dict]:
    with tempfile.TemporaryDirectory() as place:
        config = Path(place) / "config.toml"
        line = "" if folder is None else f"folder = {json.dumps(str(Path(folder).resolve()))}"
        config.write_text(CONFIG.format(folder=line), "utf-8")
        whole = seconds_of([str(config), "--as-of", first, "--execute"])
        dry = [seconds_of([str(config), "--as-of", second]) for _ in range(runs)]
        placed = seconds_of([str(config), "--as-of", second, "--execute"])
    median = statistics.median(dry)
    return [
        row(f"{name}: first run ever, orders placed and archived", whole * 1e3),
        row(f"{name}: decision to plan, data and memory cached", median * 1e3, 3000.0),
        row(f"{name}: the same with --execute", placed * 1e3),
    ]


def ledger_rows(commits: int = 300) -> list[dict]:
    with tempfile.TemporaryDirectory() as place:
        ledger = open_ledger(Path(place) / "ledger.sqlite3")
        ours = []
        for number in range(commits):
            begun = time.perf_counter()
            with ledger.transaction():
                ledger.append(
                    "run_events", number, run_id="r", event="tick", detail=f'{{"n": {number}}}'
                )
            ours.append(time.perf_counter() - begun)
        ledger.close()
        bare = sqlite3.connect(Path(place) / "bare.sqlite3", isolation_level=None)
        bare.execute("PRAGMA journal_mode=WAL")
        bare.execute("PRAGMA synchronous=FULL")
        bare.execute("CREATE TABLE t (a TEXT)")
        floor = []
        for number in range(commits):
            begun = time.perf_counter()
            bare.execute("INSERT INTO t VALUES (?)", (str(number),))
            floor.append(time.perf_counter() - begun)
        bare.close()
    mine, theirs = statistics.median(ours) * 1e3, statistics.median(floor) * 1e3
    return [
        {
            **row("ledger: one row, chained and committed", mine),
            "peer": "sqlite3, one bare row, the floor",
            "peer_ms": theirs,
            "ratio": theirs / mine,
        }
    ]


def row(name: str, milliseconds: float, target: float | None = None) -> dict:
    found = {"row": name, "ours_ms": milliseconds}
    if target is not None:
        found |= {"target": f"<= {target:.0f} ms", "met": milliseconds <= target}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    rows = run_rows("sample", None, "2026-06-29", "2026-06-30", given.runs)
    if folder := os.environ.get("JEOUL_MARKET"):
        rows += run_rows("real prices", folder, "2023-11-29", "2023-11-30", given.runs)
    rows += ledger_rows()
    if given.json:
        print(json.dumps(rows, indent=2))
        return
    for found in rows:
        print(f"{found['row']:55} {found['ours_ms']:10.2f} ms  {found.get('target', '')}")


if __name__ == "__main__":
    main()
