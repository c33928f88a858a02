"""Whole processes, as a user starts them: the main job on the sample, and the help page.

    python benchmarks/cli.py [--json] [--runs N]

Every run is a fresh process, and the table has the medians of its wall-clock time and of its
processor time, after one run that fills the cache. Bytecode is kept, as it is in a package that pip
installed. ``JEOUL_MARKET`` adds real prices: a decision
and a report, with what an earlier process kept and with nothing kept. ``--evidence`` adds that
command, which takes a minute. There is no peer that does the whole way: the rows have targets, and
beside them the processor time of a bare Python.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple


class Row(NamedTuple):
    """A command, the most that it may take, and whether that is of the processor or of the wall."""

    name: str
    words: str
    most: float | None = None
    processor: bool = False
    cache: str | None = None


MARKET = os.environ.get("JEOUL_MARKET", "")
DECIDE = f"decide managed --profile balanced --as-of 2024-06-28 --deposit 10000000 --data {MARKET}"
REPORT = f"report managed --as-of 2024-06-28 --json --data {MARKET}"
ACCOUNT = "backtest managed --profile balanced --account-file configs/account-example.toml --json"

ROWS = (
    Row("jeoul --help", "--help", 0.06),
    Row("report, three profiles with backtests, JSON", "report managed --json", 1.5),
    Row("decide, one account", "decide managed --profile growth --deposit 100000"),
    Row("check a strategy", "check managed"),
    Row("backtest with an account of 30 years", ACCOUNT, 2.0),
)
REAL = (
    Row("decide, real prices, kept", DECIDE, 0.7, True),
    Row("decide, real prices, nothing kept", DECIDE, None, True, "off"),
    Row("report, real prices, kept", REPORT, 1.5),
    Row("report, real prices, nothing kept", REPORT, None, True, "off"),
)
EVIDENCE = (Row("evidence, real prices", f"evidence --json --data {MARKET}", 5.0),)


def median_seconds(command: list[str], cache: str | None, runs: int) -> tuple[float, float]:
    """Return the median wall-clock and processor time of fresh processes, after one of them."""
    environment = os.environ | ({} if cache is None else {"JEOUL_CACHE": cache})
    wall, processor = [], []
    for run in range(runs + 1):
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, env=environment)
        ended, after = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        if run:
            wall.append(ended - begun)
            used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            processor.append(used)
    return statistics.median(wall), statistics.median(processor)


def measured(row: Row, runs: int) -> dict[str, object]:
    command = [sys.executable, "-m", "jeoul", *row.words.split()]
    wall, processor = median_seconds(command, row.cache, runs)
    counted = processor if row.processor else wall
    clock = "processor" if row.processor else "wall"
    return {
        "row": row.name,
        "ours_ms": round(wall * 1000.0, 1),
        "processor_ms": round(processor * 1000.0, 1),
        "target": None if row.most is None else f"<= {row.most} s ({clock})",
        "met": None if row.most is None else counted <= row.most,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--evidence", action="store_true", help="measure `jeoul evidence` too")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="jeoul-bytecode-") as bytecode:
        os.environ |= {"PYTHONPYCACHEPREFIX": bytecode, "PYTHONDONTWRITEBYTECODE": ""}
        rows = all_rows(given)
    show(rows, as_json=given.json)


def all_rows(given: argparse.Namespace) -> list[dict[str, object]]:
    chosen = [*ROWS, *(REAL if MARKET else ()), *(EVIDENCE if MARKET and given.evidence else ())]
    _, bare = median_seconds([sys.executable, "-c", "pass"], None, max(5, given.runs))
    floor = {"row": "python -c pass, for comparison", "processor_ms": round(bare * 1000.0, 1)}
    return [floor, *(measured(row, given.runs) for row in chosen)]


def show(rows: list[dict[str, object]], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(rows, indent=2))
        return
    print(f"{'row':<46}{'wall':>10}{'processor':>12}")
    for found in rows:
        met = {True: "met", False: "NOT met", None: ""}[found.get("met")]
        wall = f"{found['ours_ms']:.0f} ms" if "ours_ms" in found else ""
        processor = f"{found['processor_ms']:.0f} ms"
        target = found.get("target") or ""
        print(f"{found['row']:<46}{wall:>10}{processor:>12}  {target:<20}{met}")


if __name__ == "__main__":
    main()
