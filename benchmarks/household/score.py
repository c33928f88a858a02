"""How good the plans in a folder of results are: violations, gap, share of improvement, time."""

from __future__ import annotations

from collections import defaultdict
from math import inf
from pathlib import Path
from typing import Any, NamedTuple

import check
import numpy as np
from best_known import gap_of, known, results
from frozen import documents

COMPARED = ("nothing", "account_by_account", "greedy")
WON = 1.0
POINTS = (50, 90, 99, 100)


def rows(name: str, folder: Path) -> list[dict[str, Any]]:
    """Return a row for every planner that planned households of a set.

    The gap of a plan is its distance from the best bound known for that household, as a share of
    its cost; 0 for one that does nothing where the bound proves that nothing saves ``min_gain``.
    The share of improvement is how much of what the best known plan saves against doing nothing it
    saves too; households where that is less than ``min_gain`` are left out of it.
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
    small = {label: house["policy"]["min_gain"] for label, house in houses.items()}
    measured = {
        label: Measure(each["total"], each["bound"], small[label]) for label, each in best.items()
    }
    return [
        {
            "set": name,
            "by": by,
            "households": len(totals[by]),
            "broken": broken[by],
            **_quality(totals[by], totals.get("nothing", {}), measured),
            "seconds": _quantiles(list(seconds[by].values())),
            **_compared(by, totals),
        }
        for by in sorted(totals)
    ]


class Measure(NamedTuple):
    """What is known of a household: its best cost, the bound, and what is worth a trade."""

    best: float
    bound: float
    min_gain: float


def _quality(
    mine: dict[str, float], nothing: dict[str, float], measured: dict[str, Measure]
) -> dict[str, Any]:
    gaps, saved = [], []
    for label in mine.keys() & measured.keys():
        best, bound, min_gain = measured[label]
        idle = nothing.get(label, inf)
        rests = mine[label] > idle - WON and idle - bound < min_gain
        gaps.append(0.0 if rests else gap_of(mine[label], bound))
        if min_gain <= idle - best < inf:
            saved.append((idle - mine[label]) / (idle - best))
    return {
        "gap": _quantiles(gaps),
        "within_1_percent": float(np.mean(np.array(gaps) <= 0.01)) if gaps else None,
        "improvement": float(np.mean(saved)) if saved else None,
    }


def _compared(by: str, totals: dict[str, dict[str, float]]) -> dict[str, float]:
    """Return on which share of households a planner costs no more than a simple one."""
    found = {}
    for other in COMPARED:
        shared = totals[by].keys() & totals.get(other, {}).keys()
        if shared and other != by:
            not_worse = sum(totals[by][each] <= totals[other][each] + WON for each in shared)
            found[f"not_worse_than_{other}"] = not_worse / len(shared)
    return found


def _quantiles(values: list[float]) -> dict[str, float]:
    if not values:
        return {}
    found = np.percentile(values, POINTS)
    return {f"p{point}": float(value) for point, value in zip(POINTS, found, strict=True)}


def table(found: list[dict[str, Any]]) -> str:
    """Return rows as a table in Markdown."""
    lines = [
        "| set | planner | households | break a rule | gap p50 / p90 / p99 / max, % | share of "
        "improvement | costs no more than doing nothing / account by account / greedy, % "
        "| seconds p50 / p99 / max |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in found:
        gap = " / ".join(f"{100 * each:.2f}" for each in row["gap"].values()) or "-"
        took = row["seconds"]
        time = " / ".join(f"{took[key]:.3f}" for key in ("p50", "p99", "p100"))
        saved = "-" if row["improvement"] is None else f"{row['improvement']:.3f}"
        beats = (row.get(f"not_worse_than_{other}") for other in COMPARED)
        shares = " / ".join("-" if each is None else f"{100 * each:.1f}" for each in beats)
        lines.append(
            f"| {row['set']} | {row['by']} | {row['households']} | {row['broken']} | {gap} "
            f"| {saved} | {shares} | {time} |"
        )
    return "\n".join(lines)
