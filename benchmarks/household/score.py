"""How good the plans in a folder of results are: violations, gap, share of improvement, time."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import check
import numpy as np
from best_known import gap_of, known, results
from frozen import documents

COMPARED = ("nothing", "account_by_account", "greedy")
WON = 1.0


def rows(name: str, folder: Path) -> list[dict[str, Any]]:
    """Return a row for every planner that planned households of a set.

    The gap of a plan is its distance from the best bound known for that household, as a share of
    its cost. The share of improvement is how much of what the best known plan saves against doing
    nothing it saves too; households where there is nothing to save are left out of it.
    """
    houses, best = dict(documents(name)), known(name)
    totals: dict[str, dict[str, float]] = defaultdict(dict)
    seconds: dict[str, dict[str, float]] = defaultdict(dict)
    broken: dict[str, int] = defaultdict(int)
    for by, found in results(folder):
        label = found["id"]
        if label in houses:
            cost, faults = check.judge(houses[label], found["plan"])
            broken[by] += bool(faults)
            totals[by][label], seconds[by][label] = cost["total"], found["seconds"]
    return [_row(by, name, totals, seconds[by], best, broken[by]) for by in sorted(totals)]


def _row(
    by: str,
    name: str,
    totals: dict[str, dict[str, float]],
    seconds: dict[str, float],
    best: dict[str, dict[str, Any]],
    broken: int,
) -> dict[str, Any]:
    mine, nothing = totals[by], totals.get("nothing", {})
    both = [label for label in mine if label in best]
    gaps = [gap_of(mine[label], best[label]["bound"]) for label in both]
    saved = [
        (nothing[label] - mine[label]) / (nothing[label] - best[label]["total"])
        for label in both
        if label in nothing and nothing[label] - best[label]["total"] > WON
    ]
    found: dict[str, Any] = {
        "set": name,
        "by": by,
        "households": len(mine),
        "broken": broken,
        "gap": _quantiles(gaps, (50, 90, 99, 100)),
        "improvement": float(np.mean(saved)) if saved else None,
        "seconds": _quantiles(list(seconds.values()), (50, 90, 99, 100)),
    }
    for other in COMPARED:
        shared = [label for label in mine if label in totals.get(other, {}) and other != by]
        if shared:
            not_worse = sum(mine[each] <= totals[other][each] + WON for each in shared)
            found[f"not_worse_than_{other}"] = not_worse / len(shared)
    return found


def _quantiles(values: list[float], points: tuple[int, ...]) -> dict[str, float]:
    if not values:
        return {}
    found = np.percentile(values, points)
    return {f"p{point}": float(value) for point, value in zip(points, found, strict=True)}


def table(found: list[dict[str, Any]]) -> str:
    """Return rows as a table in Markdown."""
    lines = [
        "| set | planner | households | plans that break a rule | gap p50 / p90 / p99 / max, % "
        "| share of improvement | seconds p50 / p99 / max |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in found:
        gap = " / ".join(f"{100 * each:.2f}" for each in row["gap"].values()) or "-"
        took = row["seconds"]
        time = " / ".join(f"{took[key]:.3f}" for key in ("p50", "p99", "p100"))
        better = "-" if row["improvement"] is None else f"{row['improvement']:.3f}"
        lines.append(
            f"| {row['set']} | {row['by']} | {row['households']} | {row['broken']} "
            f"| {gap} | {better} | {time} |"
        )
    return "\n".join(lines)
