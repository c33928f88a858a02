"""Plan the frozen households, keep each plan in a file of its own, and say how good they are.

    python benchmarks/household/run.py plan SET --by PLANNER --folder DIR [--every N] [--from N]
    python benchmarks/household/run.py freeze SET --folder DIR
    python benchmarks/household/run.py score SET --folder DIR [--json]

``SET`` is 2x8, 5x12, 6x20 or edges. ``PLANNER`` is nothing, account_by_account, greedy, fast, exact
(2 s, or a gap of 1 % and no other plan that saves min_gain more), best (60 s or 0.1 %), or
FILE.py:FUNCTION, a foreign planner that maps a household's document to a document of moves.

``plan`` skips what DIR has already, so that it can be stopped and started again; processes with
different ``--from`` and the same ``--every`` share a set. ``freeze`` writes the best known plan and
bound of every household beside the households; a plan that the checker refuses is never taken.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

from best_known import freeze
from frozen import SETS, documents
from planners import planner
from score import rows, table


def plan(name: str, by: str, folder: Path, every: int, first: int) -> None:
    """Plan every household of a set that has no result yet; the first one warms up, unmeasured."""
    run = planner(by)
    warm = True
    for place, (label, document) in enumerate(documents(name)):
        path = result_path(folder, by, label)
        if place % every != first or path.exists():
            continue
        if warm:
            run(document, label)
            warm = False
        begun = time.perf_counter()
        found: dict[str, Any] = run(document, label)
        seconds = time.perf_counter() - begun
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = path.with_suffix(".part")
        kept.write_text(json.dumps({"id": label, "seconds": seconds, "plan": found}), "utf-8")
        os.replace(kept, path)
        print(label, f"{seconds:.2f} s", found.get("status", ""), flush=True)


def result_path(folder: Path, by: str, label: str) -> Path:
    return folder / Path(by.replace(":", "-")).name / f"{label}.json"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=["plan", "freeze", "score"])
    parser.add_argument("set", choices=list(SETS))
    parser.add_argument("--by", default="exact")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.command == "plan":
        plan(given.set, given.by, given.folder, given.every, given.first)
    elif given.command == "freeze":
        print(freeze(given.set, given.folder))
    else:
        found = rows(given.set, given.folder)
        print(json.dumps(found, indent=1) if given.json else table(found))


if __name__ == "__main__":
    main()
