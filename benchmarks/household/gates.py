"""How long the exact plan takes on the frozen households, and how good it is proven to be.

    python benchmarks/household/gates.py 5x12 FOLDER [--gap 0.01] [--limit 60]

One file a household is written to FOLDER, and those that are there are not solved again. The
search may take ``limit`` seconds by the clock; what counts are the seconds of one processor, so
that a busy machine gives the same figures as an idle one.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path
from typing import Any

from frozen import SETS, documents

from jeoul.household.planning.exact import plan_exactly
from jeoul.household.problem.document import from_document
from jeoul.household.problem.evaluate import evaluate


def measured(document: dict[str, Any], gap: float, limit: float) -> dict[str, Any]:
    household = from_document(document)
    wall, processor = time.perf_counter(), time.process_time()
    plan = plan_exactly(household, gap=gap, seconds=limit)
    processor, wall = time.process_time() - processor, time.perf_counter() - wall
    return {
        "seconds": processor,
        "wall": wall,
        "status": plan.status.value,
        "total": plan.cost.total,
        "bound": plan.bound,
        "gap": plan.gap,
        "saved": plan.nothing.total - plan.cost.total,
        "trades": plan.moves.count,
        "violations": [each.rule for each in evaluate(household, plan.moves).violations],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("set", choices=sorted(SETS))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--gap", type=float, default=0.01)
    parser.add_argument("--limit", type=float, default=60.0)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    found = []
    for name, document in documents(asked.set):
        path = asked.folder / f"{name.replace('/', '-')}.json"
        if not path.exists():
            path.write_text(json.dumps(measured(document, asked.gap, asked.limit)), "utf-8")
        found.append(json.loads(path.read_text("utf-8")))
    seconds = sorted(each["seconds"] for each in found)
    proven = [each for each in found if each["gap"] is None or each["gap"] <= asked.gap]
    print(f"{len(found)} households, {len(proven)} within {asked.gap:.2%}")
    for most in (0.5, 1, 2, 4, 8):
        count = sum(each["seconds"] <= most for each in proven)
        print(f"  in {most:g} s of one processor: {count / len(found):.1%}")
    print(f"  median {statistics.median(seconds):.2f} s, longest {seconds[-1]:.2f} s")
    print(f"  plans that break a rule: {sum(bool(each['violations']) for each in found)}")


if __name__ == "__main__":
    main()
