"""Live many lives of an account in a simulated world, and look for rules that were broken.

``python tests/simulator/simulate.py --seed 1 --sessions 1000000 --resume`` goes on where it was
stopped; every life is a line of JSON in the file of its seed. ``--life N`` replays one life alone.
``--write`` puts the result into docs/operations.md.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import json
import os
import platform
import re
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from simulator.cells import BROKERS, EVENTS, PHASES, Cell, all_cells
from simulator.life import SESSIONS, Life

from jeoul import __version__

ROOT = Path(__file__).parents[2]
MARKED = re.compile(r"(<!-- simulator -->\n).*?(<!-- /simulator -->)", re.DOTALL)
COVERED = ("engine/jeoul/operations", "engine/jeoul/account", "tests/simulator")
APART = ("engine/jeoul/operations/household/", "engine/jeoul/operations/firm/")  # in no life
MEMORY = Path("/dev/shm")  # a file system in memory, where there is one


def live(seed: int, number: int) -> dict[str, Any]:
    """Return what one life came to, as JSON values."""
    place = MEMORY if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=place) as folder:
        return vars(Life(seed, number, Path(folder)).lived())


def lives(seed: int, first: int, sessions: int, *, jobs: int) -> Iterator[dict[str, Any]]:
    """Yield the lives of a seed from ``first`` on, until they hold so many sessions."""
    left, number = sessions, first
    # What is imported by now lasts: the collector need not look through it again and again.
    with ProcessPoolExecutor(jobs, initializer=gc.freeze) as pool:
        waiting: list[Any] = []
        while left > 0 or waiting:
            while left > 0 and len(waiting) < 2 * jobs:
                waiting.append(pool.submit(live, seed, number))
                number += 1
                left -= SESSIONS
            yield waiting.pop(0).result()


def summed(found: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return the results of many lives as one."""
    total: dict[str, Any] = {"lives": 0, "sessions": 0, "runs": 0, "seconds": 0.0}
    faults: list[str] = []
    by_cell: Counter[str] = Counter()
    stuck: Counter[str] = Counter()
    for one in found:
        total["lives"] += 1
        for name in ("sessions", "runs", "seconds"):
            total[name] += one[name]
        faults += one["faults"]
        by_cell.update(one["cells"])
        stuck.update(one["stuck"])
    return {**total, "faults": faults, "cells": dict(by_cell), "stuck": dict(stuck)}


def sources() -> str:
    """Return the SHA-256 of the sources that a result speaks of."""
    digest = hashlib.sha256()
    for folder in COVERED:
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith(APART):
                digest.update(name.encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def as_markdown(result: dict[str, Any]) -> str:
    """Return a result as tables for the documentation."""
    rate = 1000 * result["seconds"] / max(result["sessions"], 1)
    covered = sum(str(cell) in result["cells"] for cell in all_cells())
    rows = [
        ("account-sessions", f"{result['sessions']:,} in {result['lives']:,} lives"),
        ("runs of the engine", f"{result['runs']:,}"),
        ("processor time of an account-session", f"{rate:.1f} ms"),
        ("scenarios that occurred", f"{covered} of {len(list(all_cells()))}"),
        ("rules broken", len(result["faults"])),
        ("states without a way out", sum(result["stuck"].values())),
        ("seed", result["seed"]),
        ("date, version", f"{result['date']}, jeoul {__version__}"),
        (
            "machine",
            f"{platform.system()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
            f"SQLite {sqlite3.sqlite_version}",
        ),
        ("SHA-256 of the sources covered", f"`{result['sources'][:16]}`"),
    ]
    lines = ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows), ""]
    lines += [f"| scenario ({', '.join(BROKERS)}) | " + " | ".join(PHASES) + " |"]
    lines += ["|---|" + "---|" * len(PHASES)]
    lines += [f"| {event} | " + " | ".join(_counts(result, event)) + " |" for event in EVENTS]
    return "\n".join(lines) + "\n"


def _counts(result: dict[str, Any], event: str) -> Iterator[str]:
    for phase in PHASES:
        cells = [Cell(event, phase, broker) for broker in BROKERS]
        yield ", ".join(f"{result['cells'].get(str(cell), 0):,}" for cell in cells)


def _known(file: Path) -> list[dict[str, Any]]:
    """Return the lives that a stopped run has written; a line cut off by its end is not one."""
    if not file.exists():
        return []
    whole = file.read_text("utf-8")
    kept = whole[: whole.rfind("\n") + 1]
    file.write_text(kept, "utf-8")
    return [json.loads(line) for line in kept.splitlines()]


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Live what is asked for, each life one line of the file, and return the sum."""
    file = options.file or Path(tempfile.gettempdir()) / f"simulator-{options.seed}.jsonl"
    known = _known(file) if options.resume else []
    if not options.resume:
        file.write_text("", "utf-8")
    left = options.sessions - SESSIONS * len(known)
    began = time.perf_counter()
    with file.open("a", encoding="utf-8") as target:
        for one in lives(options.seed, len(known), left, jobs=options.jobs):
            known.append(one)
            target.write(json.dumps(one, ensure_ascii=False) + "\n")
            target.flush()
            for fault in one["faults"]:
                sys.stderr.write(f"{fault}\n")
    result = summed(known)
    elapsed = round(time.perf_counter() - began, 1)
    date = datetime.now(UTC).date().isoformat()  # noqa: TID251
    more = {"seed": options.seed, "elapsed": elapsed, "date": date, "sources": sources()}
    return {**result, **more}


def main() -> int:
    """Run the script."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sessions", type=int, default=6000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--file", type=Path, help="where each life becomes a line of JSON")
    parser.add_argument("--resume", action="store_true", help="go on with the lives of that file")
    parser.add_argument("--life", type=int, help="replay this life alone")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", action="store_true", help="write the result into docs/")
    options = parser.parse_args()
    if options.life is not None:
        one = live(options.seed, options.life)
        sys.stdout.write(json.dumps(one, ensure_ascii=False, indent=2) + "\n")
        return 1 if one["faults"] or one["stuck"] else 0
    result = run(options)
    sys.stdout.write(json.dumps(result, indent=2) if options.json else as_markdown(result))
    for state, count in result["stuck"].items():
        sys.stderr.write(f"no way out, {count} times: {state}\n")
    if options.write:
        page = ROOT / "docs" / "operations.md"
        text = MARKED.sub(
            lambda found: found[1] + as_markdown(result) + found[2], page.read_text("utf-8")
        )
        page.write_text(text, "utf-8")
    return 1 if result["faults"] or result["stuck"] else 0


if __name__ == "__main__":
    sys.exit(main())
